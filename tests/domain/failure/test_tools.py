"""Each tool's own words, copied from its output, and what must be understood of them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.failure.normal import message_shape, repository_path
from app.domain.failure.tools.catalogue import SHAPES, recognise
from app.domain.failure.types import FailureType as T
from app.domain.log.lines import clean


def _number(text: str) -> int | None:
    return int(text) if text else None


def _cases() -> Iterator[tuple[str, T, str, tuple[object, ...]]]:
    """Read the table of outputs beside this file: its first line says how it is made."""
    text = (Path(__file__).parent / "tool_outputs.txt").read_text(encoding="utf-8")
    for case in text.split("\n== ")[1:]:
        head, _, output = case.partition("\n")
        tool, kind, rule, file, line, column, test = (part.strip() for part in f"{head} ".split(" | "))
        yield tool, T(kind), output, (rule, file, _number(line), _number(column), test)


CASES = list(_cases())


@pytest.mark.parametrize(
    ("tool", "kind", "output", "fields"), CASES, ids=[f"{case[0] or 'generic'} {n}" for n, case in enumerate(CASES)]
)
def test_what_a_tool_says_is_understood(tool: str, kind: T, output: str, fields: tuple[object, ...]) -> None:
    found = recognise(clean(output))
    first = next(one for one in found if one.failure.tool == tool)
    failure = first.failure
    assert (first.type, (failure.rule, failure.file, failure.line, failure.column, failure.test)) == (kind, fields)
    assert failure.message
    assert failure.log_line is not None


def test_the_command_tells_tools_apart_that_print_alike() -> None:
    line = clean("##[error]a.py:1:8: F401 `os` imported but unused")
    assert recognise(line, "Run ruff check --output-format github")[0].failure.tool == "ruff"
    assert recognise(line, "Run flake8")[0].failure.tool == "flake8"


def test_warnings_and_notes_are_no_failures() -> None:
    assert not recognise(
        clean("a.c:1:2: warning: unused variable 'x'\na.py:1: note: Revealed type\nsrc/a.ts\n  1:1  warning  x  no-var")
    )


def test_a_failure_printed_twice_is_one() -> None:
    assert len(recognise(clean("a.py:3: error: no  [x]\nagain\na.py:3: error: no  [x]"))) == 1


def test_a_line_that_two_tools_could_have_printed_is_the_surer_ones() -> None:
    (one,) = recognise(clean("./main.go:3:5: undefined: foo"), "go vet ./...")
    assert one.failure.tool == "go build"


def test_a_message_has_one_place_and_a_note_below_it_has_its_own() -> None:
    lines = "error[E0308]: mismatched types\n --> src/a.rs:2:5\nnote: required by this\n --> src/b.rs:9:1"
    assert [one.failure.file for one in recognise(clean(lines))] == ["src/a.rs"]


def test_a_heading_serves_all_messages_below_it() -> None:
    lines = "src/a.js\n  1:1  error  no  no-var\n  9:1  error  no  no-undef\n\nsrc/b.js\n  2:1  error  no  no-var"
    places = [(one.failure.file, one.failure.line) for one in recognise(clean(lines))]
    assert places == [("src/a.js", 1), ("src/a.js", 9), ("src/b.js", 2)]


def test_a_place_far_below_a_message_is_not_its_place() -> None:
    assert not recognise(clean("F401 [*] `os` imported but unused" + "\n." * 5 + "\n --> src/a.py:1:8"))


PYTEST = """\
=================================== FAILURES ===================================
_________________________________ TestA.test_two _______________________________

self = <t.TestA object at 0x7f3b1c>

>   def test_two(self): helper(3)

tests/t.py:6:
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _
>   raise ValueError("bad value 42")
E   ValueError: bad value 42

app/x.py:2: ValueError
________________________________ test_four[x y] ________________________________
    def test_four(a):
>       assert a == "z"
E       AssertionError: assert 'x y' == 'z'

tests/t.py:10: AssertionError
=========================== short test summary info ============================
FAILED tests/t.py::TestA::test_two - ValueError: bad value 42
FAILED tests/t.py::test_four[x y] - AssertionError: assert 'x y' == 'z'
ERROR tests/broken.py - ModuleNotFoundError: No module named 'nope'
========================= 2 failed, 1 error in 0.05s ==========================="""


def test_pytest_sections_and_summary_are_joined_by_the_test() -> None:
    two, four, broken = (one.failure for one in sorted(recognise(clean(PYTEST)), key=lambda one: one.failure.log_line or 0))
    assert (two.test, two.rule, two.file, two.line) == ("tests/t.py::TestA::test_two", "ValueError", "tests/t.py", None)
    assert two.message == "ValueError: bad value 42"
    assert (four.test, four.rule, four.line) == ("tests/t.py::test_four[x y]", "AssertionError", 10)
    assert (broken.file, broken.test, broken.rule) == ("tests/broken.py", "", "ModuleNotFoundError")


@pytest.mark.parametrize(
    ("printed", "path"),
    [
        ("/home/runner/work/x/x/src/a.py", "src/a.py"),
        ("./src/a.py", "src/a.py"),
        (".//./src/a.py", "src/a.py"),
        ("/github/workspace/a.py", "a.py"),
        ("$GITHUB_WORKSPACE/a.py", "a.py"),
        ("D:\\a\\x\\x\\src\\a.py", "src/a.py"),
        ("/__w/x/x/a.py", "a.py"),
        ("file:///home/runner/work/x/x/a.py", "a.py"),
        ("src/a.py", "src/a.py"),
        ("/usr/lib/python3/a.py", "/usr/lib/python3/a.py"),
        ("", ""),
    ],
)
def test_paths_become_repository_relative(printed: str, path: str) -> None:
    assert repository_path(printed) == path


@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from("\n :()[]-./0123456789eErRoOfFaAiIlL"))))
def test_no_text_breaks_recognition_or_normalising(text: str) -> None:
    lines = clean(text)
    assert all(1 <= (one.failure.log_line or 1) <= len(lines) for one in recognise(lines))
    assert "\n" not in message_shape(text)
    repository_path(text)


def test_every_shape_is_honest_about_its_strength_and_is_lower_case_in_its_needles() -> None:
    for shape in SHAPES:
        assert 0 < shape.strength < 1
        assert all(needle == needle.lower() for needle in (*shape.needles, *shape.unless))
