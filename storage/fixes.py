"""Fix pull requests: claimed before the branch exists, one open one per fingerprint and base."""

from collections.abc import Collection
from dataclasses import fields
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Row, and_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.task import OPEN_FIX, FixPullRequest, FixStatus
from storage import activity, order
from storage.errors import Missing, NotAllowed
from storage.models import fix_pull_request as table
from storage.upsert import insert_new

Source = Literal["webhook", "worker", "monitor", "command", "api"]
_OPEN = sorted(status.value for status in OPEN_FIX)


async def claim_fix(tx: AsyncConnection, fix: FixPullRequest) -> FixPullRequest:
    """Claim the right to fix this fingerprint on this base.

    Returns:
        The stored fix pull request of this id, whether it is new or was there; or, with another id, the open one that holds
        the fingerprint and base, for the caller to link to.
    """
    await order.hold(tx)
    row = {field.name: getattr(fix, field.name) for field in fields(fix)} | {"status": fix.status.value}
    await insert_new(tx, table, row)
    stored = await get_fix(tx, fix.id) or await _holder(tx, fix)
    if stored is None:
        raise NotAllowed(f"another fix pull request of this repository has the number {fix.number}")
    return stored


async def get_fix(tx: AsyncConnection, fix_id: str) -> FixPullRequest | None:
    """Find a fix pull request."""
    return await _newest(tx, table.c.id == fix_id)


async def fix_of_number(tx: AsyncConnection, host: str, repository_id: int, number: int) -> FixPullRequest | None:
    """Find a fix pull request by its number on the host."""
    return await _newest(tx, and_(_in_repository(host, repository_id), table.c.number == number))


async def fix_of_candidate(tx: AsyncConnection, candidate_id: str) -> FixPullRequest | None:
    """Find the fix pull request that carries a candidate."""
    return await _newest(tx, table.c.candidate_id == candidate_id)


async def fix_of_task(tx: AsyncConnection, task_id: str) -> FixPullRequest | None:
    """Find a task's newest fix pull request."""
    return await _newest(tx, table.c.task_id == task_id)


async def open_fixes(tx: AsyncConnection, host: str, repository_id: int) -> tuple[FixPullRequest, ...]:
    """Give the open fix pull requests of a repository, oldest first."""
    return await _all(tx, and_(_in_repository(host, repository_id), table.c.status.in_(_OPEN)))


async def fixes_with_fingerprint(
    tx: AsyncConnection, host: str, repository_id: int, fingerprint: str, statuses: Collection[FixStatus] = tuple(FixStatus)
) -> tuple[FixPullRequest, ...]:
    """Give the fix pull requests of a repository for one failure, at some statuses, oldest first."""
    wanted = table.c.status.in_([status.value for status in statuses])
    return await _all(tx, and_(_in_repository(host, repository_id), table.c.fingerprint == fingerprint, wanted))


async def set_fix_status(
    tx: AsyncConnection,
    fix_id: str,
    status: FixStatus,
    *,
    number: int | None = None,
    url: str | None = None,
    title: str | None = None,
    at: datetime,
    source: Source,
) -> FixPullRequest:
    """Store where a fix pull request stands, with what else became known, and record ``pr_status_change`` if that is new.

    A status that is not open frees fingerprint and base for others.

    Raises:
        Missing: if there is no such fix pull request.
        NotAllowed: if it would be open again beside another one for the same fingerprint and base.
    """
    await order.hold(tx)
    old = await _existing(tx, fix_id)
    if status in OPEN_FIX and old.status not in OPEN_FIX and (holder := await _holder(tx, old)):
        raise NotAllowed(f"fix pull request {holder.id} is open for the failure and base of {fix_id}")
    given = {name: value for name, value in (("number", number), ("url", url), ("title", title)) if value is not None}
    values = given | {"status": status.value}
    if all(getattr(old, name) == value for name, value in values.items()):
        return old
    await tx.execute(update(table).where(table.c.id == fix_id).values(**values, updated_at=at))
    new = await _existing(tx, fix_id)
    if new.status != old.status:
        await _record(tx, old, new, at, source)
    return new


async def release(tx: AsyncConnection, fix_id: str, *, at: datetime, source: Source = "worker") -> FixPullRequest:
    """Let go of fingerprint and base: ``failed`` if it never got a number, else ``closed``. What has ended stays so."""
    fix = await _existing(tx, fix_id)
    if fix.status not in OPEN_FIX:
        return fix
    return await set_fix_status(tx, fix_id, FixStatus.FAILED if fix.number is None else FixStatus.CLOSED, at=at, source=source)


async def _record(tx: AsyncConnection, old: FixPullRequest, new: FixPullRequest, at: datetime, source: Source) -> None:
    data = {
        "pr_id": new.id,
        "pr_number": new.number,
        "task_id": new.task_id,
        "old_status": old.status,
        "new_status": new.status,
        "sync_source": source,
    }
    await activity.record(
        tx, "pr_status_change", data, host=new.host, installation_id=new.installation_id, repository_id=new.repository_id, at=at
    )


async def _holder(tx: AsyncConnection, fix: FixPullRequest) -> FixPullRequest | None:
    """Find the other open fix pull request for the same fingerprint and base."""
    same = and_(table.c.fingerprint == fix.fingerprint, table.c.base_branch == fix.base_branch, table.c.id != fix.id)
    return await _newest(tx, and_(_in_repository(fix.host, fix.repository_id), same, table.c.status.in_(_OPEN)))


def _in_repository(host: str, repository_id: int) -> ColumnElement[bool]:
    return and_(table.c.host == host, table.c.repository_id == repository_id)


async def _existing(tx: AsyncConnection, fix_id: str) -> FixPullRequest:
    fix = await get_fix(tx, fix_id)
    if fix is None:
        raise Missing(f"there is no fix pull request {fix_id}")
    return fix


async def _newest(tx: AsyncConnection, condition: ColumnElement[bool]) -> FixPullRequest | None:
    found = await _all(tx, condition)
    return found[-1] if found else None


async def _all(tx: AsyncConnection, condition: ColumnElement[bool]) -> tuple[FixPullRequest, ...]:
    rows = await tx.execute(select(table).where(condition).order_by(table.c.created_at, table.c.id))
    return tuple(_fix(row) for row in rows)


def _fix(row: Row[Any]) -> FixPullRequest:
    columns = {field.name: getattr(row, field.name) for field in fields(FixPullRequest)}
    return FixPullRequest(**columns | {"status": FixStatus(row.status)})
