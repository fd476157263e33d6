"""What a change may contain: each row is refused, or is the honest look-alike of one that is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.candidate import GateResult
from app.domain.patch.edit import Edit
from app.domain.patch.gate.grammar import language_of
from app.domain.patch.gate.hidden import hidden_characters, no_hidden_characters
from app.domain.patch.gate.protected import binaries
from app.domain.patch.gate.scope import changes_something, within_size
from app.domain.patch.gate.syntax import errors, still_parses
from app.domain.patch.gates import GateFacts


def facts(files: dict[str, str | None] | None = None, languages: dict[str, str] | None = None) -> GateFacts:
    files = files or {}
    return GateFacts(
        read=files.get,
        modes=dict.fromkeys(files, "100644"),
        evidence_files=frozenset(files),
        max_files=2,
        max_lines=4,
        languages=languages or {},
    )


def parsing(path: str, before: str | None, after: str | None, languages: dict[str, str] | None = None) -> GateResult:
    return still_parses((Edit(path=path, before=before, after=after),), facts(languages=languages))


@pytest.mark.parametrize(
    ("path", "good", "broken"),
    [
        ("a.py", "def f(x: int) -> int:\n    return x\n", "def f(x: int -> int:\n    return x\n"),
        ("a.pyi", "x: int\n", "x: int = = 1\n"),
        ("a.js", "const f = (a) => a?.b;\n", "const f = (a => a?.b;\n"),
        ("a.jsx", "const a = <b>x</b>;\n", "const a = <b>x</c\n"),
        ("a.mjs", "export const a = 1;\n", "export const a = ;\n"),
        ("a.ts", "const a: number = <number>1;\n", "const a: = 1;\n"),
        ("a.tsx", "const a: X = <b>x</b>;\n", "const a: X = <b>x<b>;\n"),
        ("a.go", 'package a\n\nfunc f() string { return "a" }\n', 'package a\n\nfunc f( string { return "a" }\n'),
        ("a.rs", "fn f<'a>(x: &'a str) -> &'a str { x }\n", "fn f<'a>(x: &'a str) -> { x \n"),
        ("A.java", "class A { int f() { return 1; } }\n", "class A { int f( { return 1; } }\n"),
        ("a.rb", "def f(a)\n  a\nend\n", "def f(a\n  a\nend end\n"),
        ("Gemfile", "gem 'a'\n", "gem 'a' do do\n"),
        ("a.sh", 'if true; then echo "a"; fi\n', 'if true; then echo "a"; done\n'),
        ("a.json", '{"a": [1]}', '{"a": [1,]}'),
        ("a.toml", "a = 1\n", "a = \n"),
        ("a.yml", "a:\n  - b: !Ref c\n", "a:\n  - b: [c\n"),
        ("a.yaml", "a: 1\n---\nb: 2\n", "a: 1\n b: 2\n"),
    ],
)
def test_what_parsed_before_must_still_parse(path: str, good: str, broken: str) -> None:
    assert parsing(path, good, good + "\n").passed
    assert parsing(path, None, good).passed
    assert not parsing(path, good, broken).passed
    assert not parsing(path, None, broken).passed
    assert parsing(path, broken, good).passed
    assert parsing(path, broken, broken + "\n").passed  # it had errors before: they are not the fix's
    assert parsing(path, good, None).passed


@pytest.mark.parametrize("path", ["a.txt", "Makefile", "a.unknown", ".py", "json"])
def test_a_file_of_an_unknown_language_is_not_judged(path: str) -> None:
    assert language_of(path) is None
    assert parsing(path, "a", "((((").passed


def test_a_file_whose_name_does_not_tell_its_language_can_be_judged_by_a_hint() -> None:
    assert parsing("bin/run", "true\n", "if true; then\n").passed
    assert not parsing("bin/run", "true\n", "if true; then\n", {"bin/run": "bash"}).passed


@pytest.mark.parametrize(("language", "text"), [("json", "[" * 100_000), ("yaml", "[" * 20_000), ("toml", "a = " + "[" * 20_000)])
def test_a_file_made_to_break_a_parser_only_counts_as_broken(language: str, text: str) -> None:
    assert errors(language, text) == 1


@pytest.mark.parametrize(
    ("added", "passes"),
    [
        ("plain\ttext\r\n\x0c", True),
        ("“quotes” – … é ß 日本 🎉", True),
        ("👩\u200d💻 ❤\ufe0f 1\ufe0f\u20e3", True),  # a joined emoji, coloured ones
        ("می\u200cخواهم", True),  # Persian needs the joiner
        ("क्\u200dष", True),
        ("non\u00a0breaking", True),
        ("a\u202eb", False),  # right-to-left override
        ("a\u2066b\u2069", False),  # isolates
        ("a\u200bb", False),  # zero-width space
        ("a\u200db", False),  # a joiner between Latin letters
        ("pass\u2060word", False),
        ("\ufeff# not at the start", False),
        ("a\u00adb", False),  # soft hyphen
        ("x\U000e0041\U000e0042", False),  # tags
        ("x\ufe00\ufe01", False),  # variation selectors as a payload
        ("x\U000e0100", False),
        ("\u3164 = 1", False),  # an invisible letter
        ("\u2800", False),
        ("a\u2028b", False),  # a line end that only some see
        ("a\x1b[31mb", False),  # terminal escapes
        ("a\x00b", False),
        ("\ue000", False),  # private use
    ],
)
def test_a_character_that_cannot_be_seen_may_not_be_added(added: str, *, passes: bool) -> None:
    result = no_hidden_characters((Edit(path="a", before="x\n", after=f"x\n{added}\n"),), facts())
    assert result.passed is passes, result.sentence


def test_what_stood_there_before_may_stay_and_move_but_not_grow() -> None:
    def passes(before: str, after: str) -> bool:
        return no_hidden_characters((Edit(path="a", before=before, after=after),), facts()).passed

    assert passes("\ufeffx = 1\n", "\ufeffx = 2\n")
    assert passes("a = 'x\u200by'\n", "a = (\n    'x\u200by'\n)\n")
    assert not passes("a = 'x\u200by'\n", "a = 'x\u200b\u200by'\n")


@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"])))
def test_plain_ascii_hides_nothing(text: str) -> None:
    assert hidden_characters(text) == ()


@pytest.mark.parametrize(
    ("before", "after", "now", "passes"),
    [
        ("x", "y", "x", True),
        (None, "new", None, True),
        ("x", "a\0b", "x", False),
        ("a\0b", "x", "a\0b", False),
        ("x", "\udc80", "x", False),  # bytes that are no UTF-8
        ("x", "y", None, False),  # there, but not readable as text
    ],
)
def test_only_text_is_changed(before: str | None, after: str, now: str | None, *, passes: bool) -> None:
    there: dict[str, str | None] = {} if before is None else {"f": now}
    assert binaries((Edit(path="f", before=before, after=after),), facts(there)).passed is passes


@pytest.mark.parametrize(
    ("edits", "passes"),
    [
        ([("a", "1\n2\n", "3\n4\n")], True),  # two lines out, two in: the limit of four
        ([("a", "1\n2\n", "3\n4\n5\n")], False),
        ([("a", "1\n", "2\n"), ("b", "1\n", "2\n")], True),
        ([("a", None, "\n"), ("b", None, "\n"), ("c", None, "\n")], False),
    ],
)
def test_a_change_is_no_larger_than_the_limits(edits: list[tuple[str, str | None, str]], *, passes: bool) -> None:
    made = tuple(Edit(path=path, before=before, after=after) for path, before, after in edits)
    assert within_size(made, facts()).passed is passes


@pytest.mark.parametrize(
    ("edits", "passes"), [([], False), ([("a", "x", "x")], False), ([("a", "x", "x\n")], True), ([("a", None, "")], True)]
)
def test_a_change_changes_something(edits: list[tuple[str, str | None, str]], *, passes: bool) -> None:
    made = tuple(Edit(path=path, before=before, after=after) for path, before, after in edits)
    assert changes_something(made, facts()).passed is passes


def test_many_problems_are_told_in_few_words() -> None:
    made = tuple(Edit(path=f"{n}.json", before="{}", after="{") for n in range(9))
    sentence = still_parses(made, facts()).sentence
    assert "`0.json` would no longer parse as json." in sentence
    assert sentence.endswith("And 4 more.")
