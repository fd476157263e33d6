"""Texts that fit into GitHub's limits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from app.github.fit import NOTE, fitted, fitted_line

LINES = st.lists(st.sampled_from(["text", "```python", "```", "~~~~", "````", "ä" * 20, "", "    ```", "x" * 60]), max_size=60)


@given(lines=LINES, limit=st.integers(80, 400))
def test_what_is_cut_fits_ends_at_a_line_says_so_and_leaves_no_code_block_open(lines: list[str], limit: int) -> None:
    text = "\n".join(lines)
    got = fitted(text, limit)
    assert len(got.encode()) <= limit
    if got == text:
        return
    assert len(text.encode()) > limit
    assert got.endswith(NOTE)
    last = MarkdownIt("commonmark").parse(got)[-3:]
    assert [token.type for token in last] == ["paragraph_open", "inline", "paragraph_close"]
    assert last[1].content == NOTE.strip()


@pytest.mark.parametrize("fence", ["```", "````", "~~~"])
def test_a_code_block_that_is_cut_is_closed_by_its_own_fence(fence: str) -> None:
    text = f"before\n{fence}text\n" + "```\n" * (fence == "````") + "line\n" * 100
    assert fitted(text, 200).removesuffix(NOTE).splitlines()[-1] == fence


def test_a_code_block_that_was_closed_stays_as_it_is() -> None:
    text = "```text\nline\n```\n" + "after\n" * 100
    assert fitted(text, 200).removesuffix(NOTE).splitlines()[-1] == "after"


def test_a_text_of_one_long_line_is_cut_within_it_and_never_within_a_character() -> None:
    got = fitted("ä" * 500, 101)
    assert got.removesuffix(NOTE).strip("ä") == ""
    assert len(got.encode()) <= 101


def test_a_short_text_is_left_alone() -> None:
    assert fitted("a\nb", 3) == "a\nb"


@pytest.mark.parametrize(("text", "line"), [("a\n b", "a b"), ("x" * 10, "x" * 10), ("x" * 11, "x" * 9 + "…")])
def test_a_title_is_one_line_of_at_most_its_length(text: str, line: str) -> None:
    assert fitted_line(text, 10) == line
