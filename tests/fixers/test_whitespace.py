"""Whitespace as pre-commit's hooks mend it, for the files and the faults that a log names."""

from collections.abc import Callable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.failure.types import Failure
from app.fixers.proposal import FixFacts
from app.fixers.whitespace import ended, propose, same_endings, trimmed
from tests.fixers.projects import Project, reading

Make = Callable[[Mapping[str, str]], Project]
NOTHING = FixFacts()

LOG = """\
trim trailing whitespace.................................................Failed
- hook id: trailing-whitespace
- exit code: 1
- files were modified by this hook

Fixing a.txt
Fixing docs/b c.md

fix end of files.........................................................Failed
- hook id: end-of-file-fixer
- exit code: 1
- files were modified by this hook

Fixing a.txt

check yaml...............................................................Passed
mixed line ending........................................................Failed
- hook id: mixed-line-ending
- exit code: 1

mixed.txt: fixed mixed line endings
isort....................................................................Failed
- hook id: isort
- files were modified by this hook

Fixing d.txt
"""


async def test_each_file_is_mended_in_what_its_hook_says(project: Make) -> None:
    files = {
        "a.txt": "x \n\n\n",
        "docs/b c.md": "y  \nz\t\n\n",
        "mixed.txt": "a\r\nb\r\nc\n",
        "d.txt": "x \n",
        "other.txt": "x \n",
    }
    proposal = await propose(project(files), (reading(lines=LOG),), NOTHING)
    assert proposal is not None
    assert {edit.path: edit.after for edit in proposal.edits} == {
        "a.txt": "x\n",
        "docs/b c.md": "y\nz\n\n",
        "mixed.txt": "a\r\nb\r\nc\r\n",
    }
    assert proposal.title == "mend whitespace in 3 files"
    assert proposal.jobs == {1}


@pytest.mark.parametrize(
    ("lines", "before", "after"),
    [
        ("a.txt:1: trailing whitespace.\n+x ", "x \n", "x\n"),  # git diff --check
        ("a.txt:2: new blank line at EOF.", "x\n\n", "x\n"),
        ("a.txt:\n\t1: Trailing whitespace", "x \n", "x\n"),  # editorconfig-checker
        ("a.txt:\n\tWrong line endings or no final newline", "x", "x\n"),
    ],
)
async def test_other_checkers_are_understood(project: Make, lines: str, before: str, after: str) -> None:
    proposal = await propose(project({"a.txt": before}), (reading(lines=lines),), NOTHING)
    assert proposal is not None
    assert [edit.after for edit in proposal.edits] == [after]


@pytest.mark.parametrize(
    ("config", "after"),
    [("", "a\nb\n"), ("args: [--markdown-linebreak-ext=md]", "a  \nb\n"), ("args: [--markdown-linebreak-ext=txt]", "a\nb\n")],
)
async def test_line_breaks_of_markdown_stay_where_the_hook_is_told_so(project: Make, config: str, after: str) -> None:
    log = "- hook id: trailing-whitespace\n\nFixing a.md"
    proposal = await propose(project({"a.md": "a   \nb \n", ".pre-commit-config.yaml": config}), (reading(lines=log),), NOTHING)
    assert proposal is not None
    assert proposal.edits[0].after == after


async def test_where_a_gap_hides_the_hook_those_of_the_configuration_are_taken(project: Make) -> None:
    files = {"a.txt": "x \n\n", ".pre-commit-config.yaml": "repos:\n  - hooks:\n      - id: end-of-file-fixer\n"}
    proposal = await propose(project(files), (reading(lines="Fixing a.txt"),), NOTHING)
    assert proposal is not None
    assert proposal.edits[0].after == "x \n"
    assert await propose(project({**files, ".pre-commit-config.yaml": ""}), (reading(lines="Fixing a.txt"),), NOTHING) is None


@pytest.mark.parametrize("path", ["gone.txt", "../a.txt", "binary.txt"])
async def test_what_is_no_text_file_of_the_commit_is_not_mended(project: Make, path: str) -> None:
    source = project({"a.txt": "x\n", "binary.txt": "x \0\n"})
    assert await propose(source, (reading(lines=f"- hook id: trailing-whitespace\n\nFixing {path}"),), NOTHING) is None


async def test_a_link_is_neither_followed_nor_mended(project: Make) -> None:
    source = project({"a.txt": "x \n"})
    (source.folder / "link.txt").symlink_to("a.txt")
    source.modes["link.txt"] = "120000"
    named = reading(lines="- hook id: trailing-whitespace\n\nFixing link.txt")
    assert await propose(source, (named,), NOTHING) is None
    source.modes["link.txt"] = "100644"
    assert await propose(source, (named,), NOTHING) is None


async def test_the_hook_s_own_failures_are_cleared_and_no_others(project: Make) -> None:
    named = Failure(tool="pre-commit", message="changed by the hook", file="a.txt")
    hook = Failure(tool="pre-commit", message="files were modified by this hook", rule="trailing-whitespace")
    other = Failure(tool="pre-commit", message="files were modified by this hook", rule="isort")
    test = Failure(tool="pytest", message="x", file="a.txt")
    proposal = await propose(project({"a.txt": "x \n"}), (reading(named, hook, other, test, lines=LOG),), NOTHING)
    assert proposal is not None
    assert proposal.cleared == {named, hook}


TEXT = st.lists(st.sampled_from(["a", " ", "\t", "\n", "\r\n", "\r", "ü", "\x0c"]), max_size=12).map("".join)


@given(TEXT, st.booleans())
def test_trimming_changes_only_ends_of_lines_and_nothing_twice(text: str, markdown: bool) -> None:  # noqa: FBT001 - hypothesis gives arguments by position
    once = trimmed(text, keep_linebreaks=markdown)
    assert trimmed(once, keep_linebreaks=markdown) == once
    assert once.split() == text.split()
    assert once.count("\n") == text.count("\n")
    assert " \n" not in once.replace("  \n", "") if markdown else " \n" not in once


@given(TEXT)
def test_a_text_ends_in_exactly_one_line_end_or_is_empty(text: str) -> None:
    once = ended(text)
    assert ended(once) == once
    body = once.rstrip("\r\n")
    assert once[len(body) :] in ({"\n", "\r\n", "\r"} if body else {""})
    assert body == text.rstrip("\r\n")


@pytest.mark.parametrize(
    ("text", "forced", "after"),
    [
        ("a\nb\r\n", "", "a\nb\n"),  # as many of each: line feeds
        ("a\r\nb\r\nc\n", "", "a\r\nb\r\nc\r\n"),
        ("a\rb\rc\n", "", "a\rb\rc\r"),
        ("a\r\nb\r\n", "", "a\r\nb\r\n"),  # not mixed
        ("a\r\nb\r\n", "\n", "a\nb\n"),
        ("a", "", "a"),
    ],
)
def test_mixed_line_endings_become_the_most_frequent_one(text: str, forced: str, after: str) -> None:
    assert same_endings(text, forced) == after


def test_an_empty_line_of_markdown_holds_no_line_break() -> None:
    assert trimmed("a   \n   \nb \n", keep_linebreaks=True) == "a  \n\nb\n"
