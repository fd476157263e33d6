"""How a candidate can be proven, by the triggers of the failed workflow."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.proving import Proving, Way, choose
from app.domain.workflow_file import Event, applies

OURS = "devflowfix/auto-fix-lint-failure-abc2345"


def way(on: str, *, base: str = "feature", beyond: str | None = "main", paths: tuple[str, ...] = ("web/a.py",)) -> Proving:
    return choose(f"on: {on}\njobs: {{}}\n", branch=OURS, base=base, beyond=beyond, paths=paths)


@pytest.mark.parametrize(
    ("on", "expected", "base"),
    [
        ("push", Way.PUSH, ""),
        ("[push, pull_request]", Way.PUSH, ""),
        ("{push: {branches: ['**']}}", Way.PUSH, ""),
        ("{push: {branches: ['devflowfix/**']}}", Way.PUSH, ""),
        ("{push: {branches: [main]}, pull_request: {}}", Way.DRAFT, "feature"),
        ("pull_request", Way.DRAFT, "feature"),
        ("{push: {branches: ['**', '!devflowfix/**']}, pull_request: null}", Way.DRAFT, "feature"),
        ("{push: {branches: [main]}, pull_request: {branches: [main]}}", Way.DRAFT_ELSEWHERE, "main"),
        ("{pull_request: {branches-ignore: [feature]}}", Way.DRAFT_ELSEWHERE, "main"),
        ("{push: {tags: ['v*']}}", Way.NOTHING, ""),
        ("schedule", Way.NOTHING, ""),
        ("{push: {branches: [main]}}", Way.NOTHING, ""),
        ("{push: {paths: ['docs/**']}}", Way.NOTHING, ""),
        ("{push: {paths: ['**.py']}}", Way.PUSH, ""),
        ("{push: {paths-ignore: ['web/**']}}", Way.NOTHING, ""),
        ("{push: {paths-ignore: ['docs/**']}}", Way.PUSH, ""),
        ("{pull_request: {types: [closed]}}", Way.NOTHING, ""),
        ("{pull_request: {types: [opened, labeled]}}", Way.DRAFT, "feature"),
    ],
)
def test_the_way(on: str, expected: Way, base: str) -> None:
    assert way(on) == Proving(way=expected, base=base)


def test_without_a_contributor_there_is_no_base_beyond() -> None:
    assert way("{pull_request: {branches: [main]}}", base="release", beyond=None).way is Way.NOTHING


@pytest.mark.parametrize("text", [None, "", "on: [", "jobs: {}\n", "- a\n", "x" * 300_000])
def test_a_workflow_that_cannot_be_read_is_tried_by_a_push(text: str | None) -> None:
    assert choose(text, branch=OURS, base="main", beyond=None, paths=()).way is Way.PUSH


@given(st.text(max_size=200))
def test_any_text_is_survived(text: str) -> None:
    assert applies(text, Event(name="push", branch="main", paths=())) in {True, False, None}
