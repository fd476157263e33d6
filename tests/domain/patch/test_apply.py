from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.patch.apply import CodeChange, apply_changes, check_applies
from app.domain.patch.edit import Edit


def reading(**files: str) -> Callable[[str], str | None]:
    return files.get


def change(path: str, current: str, fixed: str | None) -> CodeChange:
    return CodeChange(file_path=path, current_code=current, fixed_code=fixed, explanation="because")


@pytest.mark.parametrize(
    ("current", "fixed", "after"),
    [
        ("b = 2", "b = 3", "a = 1\nb = 3\nc = 1\n"),
        ("b = 2\n", "", "a = 1\nc = 1\n"),
        ("", "all\n", "all\n"),  # a whole file
        ("", None, None),  # its removal
    ],
)
def test_code_that_stands_once_is_replaced(current: str, fixed: str | None, after: str | None) -> None:
    applied = apply_changes([change("f", current, fixed)], reading(f="a = 1\nb = 2\nc = 1\n"))
    assert [(edit.before, edit.after, edit.explanation) for edit in applied.edits] == [
        ("a = 1\nb = 2\nc = 1\n", after, "because")
    ]
    assert applied.refusals == ()


@pytest.mark.parametrize(
    ("text", "current", "said"),
    [
        ("a = 1\na = 1\n", "a = 1", "stands 2 times"),
        ("aaa", "aa", "stands 2 times"),  # overlapping places are two places
        ("a = 1\n", "a  = 1", "is not in"),  # nothing is guessed, not even a space
        ("a = 1\n", "A = 1", "is not in"),
    ],
)
def test_code_that_stands_nowhere_or_twice_is_refused(text: str, current: str, said: str) -> None:
    applied = apply_changes([change("f", current, "x")], reading(f=text))
    assert applied.edits == ()
    assert said in applied.refusals[0].sentence


def test_a_file_that_is_not_there_can_be_made_but_not_searched() -> None:
    assert apply_changes([change("new", "", "x\n")], reading()).edits == (
        Edit(path="new", before=None, after="x\n", explanation="because"),
    )
    assert "no text file" in apply_changes([change("new", "a", "b")], reading()).refusals[0].sentence


def test_changes_of_one_file_build_on_each_other_and_are_one_edit() -> None:
    applied = apply_changes([change("f", "a", "b"), change("f", "b", "c")], reading(f="a\n"))
    assert [(edit.before, edit.after) for edit in applied.edits] == [("a\n", "c\n")]


def test_an_answer_in_line_feeds_fits_a_file_in_cr_lf_and_leaves_no_line_of_another_kind() -> None:
    applied = apply_changes([change("f", "a\nb", "a\nnew\nb")], reading(f="x\r\na\r\nb\r\n"))
    assert applied.edits[0].after == "x\r\na\r\nnew\r\nb\r\n"


def test_line_endings_of_a_mixed_file_are_not_touched() -> None:
    applied = apply_changes([change("f", "b", "c\nd")], reading(f="a\r\nb\n"))
    assert applied.edits[0].after == "a\r\nc\nd\n"


@given(st.text(), st.text(min_size=1), st.text(), st.text())
def test_a_replacement_changes_nothing_around_it(head: str, current: str, tail: str, fixed: str) -> None:
    text = head + current + tail
    applied = apply_changes([change("f", current, fixed)], reading(f=text))
    if applied.edits and "\r" not in text:
        assert applied.edits[0].after == head + fixed + tail
    else:
        assert applied.edits or applied.refusals


@pytest.mark.parametrize(
    ("edits", "fits"),
    [
        ([Edit(path="f", before="now\n", after="x")], True),
        ([Edit(path="new", before=None, after="x")], True),
        ([Edit(path="f", before="now\n", after=None)], True),
        ([Edit(path="f", before="then\n", after="x")], False),
        ([Edit(path="f", before="now\r\n", after="x")], False),
        ([Edit(path="f", before=None, after="x")], False),
        ([Edit(path="gone", before="now\n", after="x")], False),
        ([Edit(path="f", before="now\n", after="x"), Edit(path="f", before="now\n", after="y")], False),
    ],
)
def test_edits_apply_only_to_the_very_text_they_start_from(edits: list[Edit], *, fits: bool) -> None:
    result = check_applies(edits, reading(f="now\n"))
    assert result.passed is fits
    assert result.code == "applies"
    assert result.sentence
