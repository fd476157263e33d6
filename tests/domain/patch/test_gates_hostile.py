"""Text made to break a parser or to take for ever is judged like any other: by every gate, in a moment, without an exception."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.patch.gates import GATES, run_gates
from tests.domain.patch.changes import change, facts

N = 2000
DEEP = {
    "tests/test_a.py": [
        "(" * N,
        "a()." * N + "b",
        f"def test_a():\n    assert {'(a or ' * N}b{')' * N}",
        f"def test_a():\n    assert f() == {'(' * N}1{')' * N}",
        "@pytest.mark.skipif(sys.platform == " * N,
    ],
    "a.test.ts": ["expect(a).not" * N, "it('a', () => {" * N, "// eslint-disable " + " " * N + "(", "try{" * N],
    "src/a.rs": ["#[a]\n" * N + "fn a() {}", "#[test]\nfn a() {}\n" * N],
    "src/test/ATest.java": ["@Disabled( " * N],
    "spec/a_spec.rb": ['it "a" do ' * N],
    "run.sh": ["{ " * N, "a || " * N + "true", "$(" * N],
    "ci/a.yml": ["{" * N, "- " * N, "a:\n" * N],
    "Makefile": ["\t" + "-" * N, "\\\n" * N],
    "package.json": ['"\\' * N, '{"a":' * N],
    ".eslintrc.json": ["[" * N],
    ".flake8": ["[flake8]\nignore=" + "a," * N],
}


@pytest.mark.parametrize(("path", "text"), [(path, text) for path, texts in DEEP.items() for text in texts])
def test_a_text_made_to_break_a_parser_is_judged_in_a_moment(path: str, text: str) -> None:
    edit = change(path, "x\n", text)
    start = time.process_time()
    assert len(run_gates((edit,), facts(edit))) == len(GATES)
    assert time.process_time() - start < 5


PIECES = st.sampled_from(
    [
        *("def test_a():\n", "    assert ", "a == 1", " or ", "@pytest.mark.skip", "# noqa", "\n", "except:\n", "try:\n"),
        *("it('a', () => {", "expect(a)", ".toBe(", "})", "#[test]\n", "fn a() {", "}", "func TestA(t *testing.T) {"),
        *("t.Error()", "if x != ", "return", "@Test void a() {", "do\n", "end\n", "|| true", "; ", "'", '"', "\x00", "é"),
        *("[lint]\n", "ignore = ", "a: ", "- ", "rules", "{", "]"),
    ]
)  # fmt: skip
TEXTS = st.none() | st.lists(PIECES, max_size=12).map("".join)

PATHS = st.sampled_from(
    [*DEEP, "a_test.go", "pyproject.toml", "tox.ini", ".rubocop.yml", "eslint.config.js", "a.bats", "noxfile.py"]
)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(
        [*DEEP, "a_test.go", "pyproject.toml", "tox.ini", ".rubocop.yml", "eslint.config.js", "a.bats", "noxfile.py"]
    ),
    TEXTS,
    TEXTS,
)
def test_no_arrangement_makes_a_gate_raise_and_no_change_is_no_cheat(path: str, before: str | None, after: str | None) -> None:
    edit = change(path, before, after)
    assert len(run_gates((edit,), facts(edit))) == len(GATES)
    same = change(path, before, before)
    assert {r.code for r in run_gates((same,), facts(same)) if not r.passed} <= {"changes_something", "binaries"}
