"""Other people's text stays text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from app.wording import markdown

ANY = st.text(max_size=200)
HOSTILE = st.text(alphabet="`@#<>[]()!*_\\~|\n ab1\u202e\u200b", max_size=60)


@given(ANY | HOSTILE)
def test_a_fence_cannot_be_left(text: str) -> None:
    tokens = MarkdownIt("commonmark").parse(markdown.fence(text) + "\n\nafter")
    assert [token.type for token in tokens] == ["fence", "paragraph_open", "inline", "paragraph_close"]


@given(HOSTILE)
def test_inline_code_is_one_piece_of_code(text: str) -> None:
    inline = MarkdownIt("commonmark").parse("x " + markdown.code(text) + " y")[1]
    kinds = [child.type for child in inline.children or []]
    assert kinds in (["text", "code_inline", "text"], ["text"])


@given(HOSTILE)
def test_plain_text_has_no_markup_and_no_mention(text: str) -> None:
    said = markdown.plain(text)
    inline = MarkdownIt("commonmark").parse("x " + said)[1]
    assert all(child.type in {"text", "text_special"} for child in inline.children or [])
    assert "@a" not in said
    assert "\n" not in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ping @alice", "ping @\u2060alice"),
        ("<img src=x>", r"\<img src=x\>"),
        ("a\u202eb", "ab"),
        ("see #12", r"see \#12"),
    ],
)
def test_plain_by_example(text: str, said: str) -> None:
    assert markdown.plain(text) == said


@given(ANY, st.integers(20, 100))
def test_cutting_keeps_within_the_limit(text: str, limit: int) -> None:
    assert len(markdown.cut(text, limit)) <= limit
    assert markdown.cut(text, 1000) == text
