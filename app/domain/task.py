"""Task and fix pull request: their states, and what may follow what.

A task is the repair of one incident and carries the status shown to people; a fix pull request drives its task once it exists.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class TaskStatus(StrEnum):
    """Where a repair stands."""

    QUEUED = "queued"
    ANALYZING = "analyzing"
    IMPLEMENTING = "implementing"
    VERIFYING = "verifying"
    CODE_REVIEWING = "code_reviewing"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"
    OBSERVED = "observed"  # looked at, not acted on; the reason says why


class FixStatus(StrEnum):
    """Where a fix pull request stands."""

    CREATED = "created"  # draft, or not yet proven
    OPEN = "open"
    APPROVED = "approved"
    MERGED = "merged"
    CLOSED = "closed"
    FAILED = "failed"  # could not be opened: it has no number


class CandidateStatus(StrEnum):
    """Where one proposed fix stands."""

    PROPOSED = "proposed"  # has edits, gates not run
    REFUSED = "refused"  # by a gate
    COMMITTED = "committed"  # on its branch, CI not settled
    GREEN = "green"  # proven
    RED = "red"  # CI says no
    UNVERIFIED = "unverified"  # no check appeared
    WITHDRAWN = "withdrawn"  # branch deleted without a pull request


ENDED_TASK = frozenset({TaskStatus.DONE, TaskStatus.CANCELLED, TaskStatus.FAILED, TaskStatus.OBSERVED})
OPEN_FIX = frozenset({FixStatus.CREATED, FixStatus.OPEN, FixStatus.APPROVED})

_FORWARD = (TaskStatus.QUEUED, TaskStatus.ANALYZING, TaskStatus.IMPLEMENTING, TaskStatus.VERIFYING, TaskStatus.CODE_REVIEWING)


def may_move(old: TaskStatus, new: TaskStatus) -> bool:
    """Tell whether a task may go from one status to another.

    Forward along the repair, back from verifying to implementing for the next candidate, to any end; and from an end back to
    review (a person reopened the pull request) or to the queue (a person asked for a retry).
    """
    if old == new:
        return False
    if old in ENDED_TASK:
        return new in {TaskStatus.CODE_REVIEWING, TaskStatus.QUEUED} or (old, new) == (TaskStatus.CANCELLED, TaskStatus.DONE)
    if new in ENDED_TASK:
        return True
    return _FORWARD.index(new) > _FORWARD.index(old) or (old, new) == (TaskStatus.VERIFYING, TaskStatus.IMPLEMENTING)


_IMPOSED = {
    FixStatus.OPEN: TaskStatus.CODE_REVIEWING,
    FixStatus.APPROVED: TaskStatus.CODE_REVIEWING,
    FixStatus.MERGED: TaskStatus.DONE,
    FixStatus.CLOSED: TaskStatus.CANCELLED,
    FixStatus.FAILED: TaskStatus.FAILED,
}


def task_status_for(fix: FixStatus) -> TaskStatus | None:
    """Give the status that a fix pull request's status imposes on its task; null where it imposes none."""
    if fix in {FixStatus.OPEN, FixStatus.APPROVED}:
        return TaskStatus.CODE_REVIEWING
    return {FixStatus.MERGED: TaskStatus.DONE, FixStatus.CLOSED: TaskStatus.CANCELLED, FixStatus.FAILED: TaskStatus.FAILED}.get(
        fix
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """The repair of one incident."""

    id: str
    incident_id: str
    status: TaskStatus
    reason: str  # one sentence for people; empty while under way
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FixPullRequest:
    """A pull request that DevFlowFix opened, or is about to: the row exists before the branch does."""

    id: str
    task_id: str
    incident_id: str
    candidate_id: str
    host: str
    installation_id: int
    repository_id: int
    fingerprint: str
    base_branch: str
    branch: str
    status: FixStatus
    number: int | None = None
    url: str = ""
    title: str = ""
    created_at: datetime | None = None
    updated_at: datetime | None = None
