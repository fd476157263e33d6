"""Tasks and their moves; every move is an activity of the same transaction."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.task import Task, TaskStatus, may_move
from storage import activity, order
from storage.errors import Missing, NotAllowed
from storage.incidents import address_of
from storage.models import task as table
from storage.upsert import insert_new


async def add_task(tx: AsyncConnection, task: Task) -> bool:
    """Store the task of an incident; False when the incident has one.

    Raises:
        Missing: if there is no such incident.
    """
    row = (await address_of(tx, task.incident_id)).columns() | {
        "id": task.id,
        "incident_id": task.incident_id,
        "status": task.status.value,
        "reason": task.reason,
        "created_at": task.created_at,
        "updated_at": task.updated_at,
    }
    return await insert_new(tx, table, row)


async def get_task(tx: AsyncConnection, task_id: str) -> Task | None:
    """Find a task."""
    return await _one(tx, table.c.id == task_id)


async def task_of_incident(tx: AsyncConnection, incident_id: str) -> Task | None:
    """Find the task that repairs an incident."""
    return await _one(tx, table.c.incident_id == incident_id)


async def tasks_in(tx: AsyncConnection, statuses: Collection[TaskStatus], limit: int = 100) -> tuple[Task, ...]:
    """Give the tasks that stand at one of some statuses, oldest first."""
    chosen = select(table).where(table.c.status.in_([status.value for status in statuses]))
    return tuple(_task(row) for row in await tx.execute(chosen.order_by(table.c.created_at, table.c.id).limit(limit)))


async def move_task(
    tx: AsyncConnection,
    task_id: str,
    new: TaskStatus,
    *,
    reason: str = "",
    at: datetime,
    pr_trigger: str | None = None,
) -> Task | None:
    """Move a task and record ``task_status_change``; null, and nothing recorded, when it stands there already.

    Args:
        tx: a transaction of ``Database.begin``.
        task_id: of the task.
        new: where it is to stand.
        reason: one sentence for people; it takes the place of the earlier one.
        at: when.
        pr_trigger: id of the fix pull request whose status imposed the move.

    Raises:
        Missing: if there is no such task.
        NotAllowed: if no task may move so (``may_move``).
    """
    await order.hold(tx)
    row = (await tx.execute(select(table).where(table.c.id == task_id))).one_or_none()
    if row is None:
        raise Missing(f"there is no task {task_id}")
    old = TaskStatus(row.status)
    if old == new:
        return None
    if not may_move(old, new):
        raise NotAllowed(f"task {task_id} may not move from {old} to {new}")
    changed = update(table).where(table.c.id == task_id).values(status=new.value, reason=reason, updated_at=at)
    moved = (await tx.execute(changed.returning(table))).one()
    data = {"task_id": task_id, "old_status": old, "new_status": new, "pr_trigger": pr_trigger}
    await activity.record(
        tx, "task_status_change", data, host=row.host, installation_id=row.installation_id, repository_id=row.repository_id, at=at
    )
    return _task(moved)


async def _one(tx: AsyncConnection, condition: ColumnElement[bool]) -> Task | None:
    row = (await tx.execute(select(table).where(condition))).one_or_none()
    return None if row is None else _task(row)


def _task(row: Row[Any]) -> Task:
    return Task(
        id=row.id,
        incident_id=row.incident_id,
        status=TaskStatus(row.status),
        reason=row.reason,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
