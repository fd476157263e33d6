"""How a candidate can be proven in a repository: which event on our branch makes the failed workflow run.

In this order (PRODUCT.md section 2.7): a push to our branch; a draft pull request into the branch that failed; where that branch
is a contributor's and the filters name only its base, a draft into that base, retargeted once it is green; else nothing runs, and
the candidate stays unverified.
"""

from dataclasses import dataclass
from enum import StrEnum

from app.domain.workflow_file import Event, applies


class Way(StrEnum):
    """What makes CI run on a candidate."""

    PUSH = "push"
    DRAFT = "draft"  # a draft pull request into the branch that it is for
    DRAFT_ELSEWHERE = "draft_elsewhere"  # a draft into the contributor's base, retargeted on green
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proving:
    """The way, and the base of the draft where there is one."""

    way: Way
    base: str = ""

    @property
    def needs_draft(self) -> bool:
        """Whether a draft pull request has to be open before CI runs."""
        return self.way in {Way.DRAFT, Way.DRAFT_ELSEWHERE}


def choose(workflow: str | None, *, branch: str, base: str, beyond: str | None, paths: tuple[str, ...]) -> Proving:
    """Choose how to prove a candidate.

    Args:
        workflow: text of the failed workflow's file; null where it could not be read: then a push is tried.
        branch: our branch.
        base: the branch that the pull request is for.
        beyond: where ``base`` is a contributor's branch, the base of its pull request.
        paths: the files that the candidate changes.
    """
    on_push = applies(workflow, Event(name="push", branch=branch, paths=paths))
    if on_push or on_push is None:
        return Proving(way=Way.PUSH)
    if applies(workflow, Event(name="pull_request", branch=base, paths=paths)):
        return Proving(way=Way.DRAFT, base=base)
    if beyond and applies(workflow, Event(name="pull_request", branch=beyond, paths=paths)):
        return Proving(way=Way.DRAFT_ELSEWHERE, base=beyond)
    return Proving(way=Way.NOTHING)
