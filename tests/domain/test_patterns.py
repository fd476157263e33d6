import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.patterns import covers, matches


@pytest.mark.parametrize(
    ("pattern", "text", "does"),
    [
        ("*.py", "a.py", True),
        ("*.py", "src/a.py", False),
        ("**.py", "src/a.py", True),
        ("**/*.py", "a.py", True),
        ("**/*.py", "src/deep/a.py", True),
        ("**/x", "ax", False),
        ("src/**", "src/a/b.py", True),
        ("src/**", "src", False),
        ("src/", "src/a", True),
        ("src/**/test_*.py", "src/test_a.py", True),
        ("src/**/test_*.py", "src/a/b/test_a.py", True),
        ("src/**/test_*.py", "src/a/b/xtest_a.py", False),
        ("release/*", "release/1.0", True),
        ("release/*", "release/1.0/fix", False),
        ("release/**", "release/1.0/fix", True),
        ("v?", "v1", True),
        ("v?", "v/", False),
        ("v?", "v", False),
        ("a.b", "axb", False),
        ("[ab]", "a", False),  # brackets mean themselves
        ("", "", True),
        ("", "a", False),
    ],
)
def test_patterns_match_as_workflow_filters_do(pattern: str, text: str, *, does: bool) -> None:
    assert matches(pattern, text) is does


@pytest.mark.parametrize(
    ("pattern", "path", "does"),
    [
        ("docs", "docs/a/b.md", True),
        ("/docs", "docs/a.md", True),
        ("docs", "docs", True),
        ("docs", "docs2/a.md", False),
        ("docs", "src/docs/a.md", False),
        ("**/docs", "src/docs/a.md", True),
    ],
)
def test_a_folder_s_name_covers_what_lies_in_it(pattern: str, path: str, *, does: bool) -> None:
    assert covers(pattern, path) is does


def as_expression(pattern: str) -> str:
    words = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    parts = re.findall(r"(?:(?<=/)|(?<![^\0]))\*\*/|\*\*+|\*|\?|.", pattern, re.DOTALL)
    return "".join(words.get(part, ".*" if part.startswith("**") else re.escape(part)) for part in parts)


@given(st.text("ab*?/", max_size=8).filter(lambda p: "***" not in p and not p.endswith("/")), st.text("ab/", max_size=8))
def test_matching_agrees_with_a_regular_expression(pattern: str, text: str) -> None:
    assert matches(pattern, text) is bool(re.fullmatch(as_expression(pattern), text, re.DOTALL))


def test_a_pattern_made_to_keep_a_matcher_busy_is_answered_at_once() -> None:
    started = time.monotonic()
    assert not matches("**a" * 60, "a" * 59 + "b" * 2000)
    assert time.monotonic() - started < 5
