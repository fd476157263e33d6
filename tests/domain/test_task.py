"""What may follow what, for tasks and fix pull requests."""

import pytest

from app.domain.task import ENDED_TASK, FixStatus, TaskStatus, may_move, task_status_for

S = TaskStatus


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (S.QUEUED, S.ANALYZING),
        (S.QUEUED, S.VERIFYING),
        (S.ANALYZING, S.IMPLEMENTING),
        (S.IMPLEMENTING, S.VERIFYING),
        (S.VERIFYING, S.IMPLEMENTING),
        (S.VERIFYING, S.CODE_REVIEWING),
        (S.CODE_REVIEWING, S.DONE),
        (S.CODE_REVIEWING, S.CANCELLED),
        (S.CANCELLED, S.CODE_REVIEWING),
        (S.CANCELLED, S.DONE),
        (S.OBSERVED, S.QUEUED),
        (S.ANALYZING, S.FAILED),
    ],
)
def test_a_task_may_go_there(old: TaskStatus, new: TaskStatus) -> None:
    assert may_move(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (S.ANALYZING, S.QUEUED),
        (S.CODE_REVIEWING, S.IMPLEMENTING),
        (S.DONE, S.CANCELLED),
        (S.DONE, S.FAILED),
        (S.OBSERVED, S.DONE),
        (S.FAILED, S.VERIFYING),
        (S.IMPLEMENTING, S.ANALYZING),
    ],
)
def test_a_task_may_not_go_there(old: TaskStatus, new: TaskStatus) -> None:
    assert not may_move(old, new)


@pytest.mark.parametrize("status", list(TaskStatus))
def test_staying_is_no_move(status: TaskStatus) -> None:
    assert not may_move(status, status)


@pytest.mark.parametrize("end", sorted(ENDED_TASK))
def test_every_task_under_way_may_end(end: TaskStatus) -> None:
    assert all(may_move(old, end) for old in TaskStatus if old not in ENDED_TASK)


def test_a_fix_pull_request_drives_its_task() -> None:
    assert {status.value: task_status_for(status) for status in FixStatus} == {
        "created": None,
        "open": S.CODE_REVIEWING,
        "approved": S.CODE_REVIEWING,
        "merged": S.DONE,
        "closed": S.CANCELLED,
        "failed": S.FAILED,
    }
