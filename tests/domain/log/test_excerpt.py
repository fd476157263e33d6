import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.log.excerpt import excerpt, fit, important_lines
from app.domain.log.signals import Weight, weigh

T = "2025-07-04T14:32:14.5612144Z "


def github(*output: str, command: str = "make test") -> str:
    """A job's log in GitHub's form: set-up, one step that fails with this output, and what comes after."""
    lines = [
        "Current runner version: '2.328.0'",
        "##[group]Run actions/checkout@v4",
        "##[endgroup]",
        "Fetching the repository",
        "warning: redirecting to elsewhere",
        f"##[group]Run {command}",
        f"\x1b[36;1m{command} || echo 'error: it failed'\x1b[0m",
        "##[endgroup]",
        *output,
        "##[error]Process completed with exit code 1.",
        "Post job cleanup.",
        "[command]/usr/bin/git version",
    ]
    return "\n".join(T + line for line in lines)


NOISE = [f"Downloading package-{n}.whl ({n} kB)" for n in range(200)] + [f"tests/test_{n}.py::test PASSED" for n in range(200)]
TRACE = [
    "Traceback (most recent call last):",
    '  File "app/main.py", line 3, in <module>',
    "    run()",
    '  File "app/main.py", line 2, in run',
    '    raise ValueError("bad")',
    "ValueError: bad",
]


def quoted(log: str, budget: int = 60) -> list[str]:
    return [line.text for line in excerpt(log, budget)]


def test_a_stack_trace_is_quoted_whole_and_the_noise_is_not() -> None:
    words = quoted(github(*NOISE, *TRACE))
    assert words == [*TRACE, "Process completed with exit code 1."]


def test_a_diff_is_quoted_whole() -> None:
    diff = ["diff --git a/x.py b/x.py", "--- a/x.py", "+++ b/x.py", "@@ -1,2 +1,2 @@", " import os", "-x=1", "+x = 1"]
    assert quoted(github(*NOISE, *diff))[:7] == diff


def test_a_lint_message_brings_its_source_along() -> None:
    full = [
        "F401 [*] `os` imported but unused",
        " --> a.py:1:8",
        "  |",
        "1 | import os",
        "  |        ^^",
        "help: Remove unused import",
    ]
    assert quoted(github(*NOISE, *full))[:6] == full


def test_file_headings_above_indented_messages_are_kept() -> None:
    eslint = ["src/a.js", "  1:1  error  Unexpected var  no-var", "  2:5  error  'x' is not defined  no-undef"]
    words = quoted(github("> lint", "", *eslint))
    assert words[:3] == eslint


def test_the_step_that_failed_speaks_and_not_the_one_before() -> None:
    log = github("E   AssertionError: numbers")
    assert "warning: redirecting to elsewhere" not in quoted(log)
    assert "error: it failed" not in " ".join(quoted(log))


def test_the_first_cause_stands_before_what_follows_from_it() -> None:
    log = github("a.c:1:2: error: unknown type name 'foo'", *["ok"] * 30, "make: *** [all] Error 1")
    text = log.split("\n")
    assert "unknown type name" in text[important_lines(log)[0] - 1]


def test_the_numbers_are_those_of_the_whole_text() -> None:
    log = github(*NOISE, *TRACE)
    for line in excerpt(log):
        assert log.split("\n")[line.number - 1].endswith(line.text)


TRAVIS = """\
travis_time:start:0a\r\x1b[0K$ bundle install
error: this one was only loud
travis_time:end:0a\r\x1b[0K\x1b[32;1mThe command "bundle install" exited with 0.\x1b[0m
travis_time:start:0b\r\x1b[0K$ rake
rake aborted!
No Rakefile found
travis_time:end:0b\r\x1b[0K\x1b[31;1mThe command "rake" exited with 1.\x1b[0m"""


def test_a_failing_travis_command_is_found_between_passing_ones() -> None:
    assert important_lines(TRAVIS)[:2] == [5, 6]
    assert 2 not in important_lines(TRAVIS)


def test_a_step_that_failed_without_a_word_is_quoted_by_its_end() -> None:
    assert "all quiet 99" in quoted(github(*[f"all quiet {n}" for n in range(100)]))


def test_half_of_the_budget_goes_to_the_first_cause_and_the_rest_is_shared() -> None:
    first, second, third = list(range(100, 180)), list(range(300, 380)), list(range(500, 580))
    chosen = fit([*first, *second, *third], 40)
    assert chosen[:20] == first[:20]
    assert set(second[:5]) <= set(chosen)
    assert set(third[:5]) <= set(chosen)
    assert len(chosen) == 40


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("--- FAIL: TestX (0.00s)", Weight.NAMED),
        ("FAILED tests/test_a.py::test_b - assert 1 == 2", Weight.NAMED),
        ("src/lib.rs:3:4: error: expected `;`", Weight.NAMED),
        ("error[E0308]: mismatched types", Weight.NAMED),
        ("would reformat a.py", Weight.NAMED),
        ("[info] - does it *** FAILED ***", Weight.NAMED),
        ("Traceback (most recent call last):", Weight.CAUSE),
        ("java.lang.NullPointerException: x", Weight.CAUSE),
        ("bash: foo: command not found", Weight.CLEAR),
        ("the upload was rejected", Weight.WORD),
        ("make: *** [all] Error 2", Weight.AFTERMATH),
        ("npm ERR! Test failed.  See above for more details.", Weight.AFTERMATH),
        ("src/a.c:1:2: warning: unused variable", Weight.HINT),
        ("0 errors, 0 warnings", Weight.HINT),
        ("Compiling error.c with -Werror", Weight.HINT),
        ("test_errors.py::test PASSED", Weight.NOISE),
        ("Get:1 http://archive libgpg-error0", Weight.NOISE),
        ("hello", Weight.NOTHING),
        ("", Weight.NOTHING),
    ],
)
def test_lines_weigh_what_they_say(text: str, weight: Weight) -> None:
    assert weigh(text) is weight


@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from('\n\r :#[]"error$'))))
def test_any_text_gives_true_line_numbers_each_once(text: str) -> None:
    found = important_lines(text)
    assert len(found) == len(set(found))
    assert all(1 <= number <= len(text.split("\n")) for number in found)
    assert [line.number for line in excerpt(text, 5)] == sorted(line.number for line in excerpt(text, 5))
    assert len(excerpt(text, 5)) <= 5


@pytest.mark.parametrize(
    "bait", ["error: ", "at x\n", "  \n", "E   x\n", '$ a\nThe command "a', "a.py:1:1: E501 x\n", "[ERROR] ", "(" * 9, "1) \n"]
)
def test_time_is_linear_on_text_made_to_be_slow(bait: str) -> None:
    started = time.perf_counter()
    important_lines(bait * (200_000 // len(bait)))
    assert time.perf_counter() - started < 10  # about 2 s at most on a free machine; quadratic would be minutes
