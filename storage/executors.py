"""Heartbeats of the processes that run workflows: who lives, whose work is to be taken over."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.models import executor as table
from storage.upsert import Columns, upsert


@dataclass(frozen=True, slots=True, kw_only=True)
class Executor:
    """One process, by its id; ``stopped_at`` is set when it ended or its work was taken over."""

    id: str
    host_name: str
    started_at: datetime
    beat_at: datetime
    stopped_at: datetime | None


async def beat(tx: AsyncConnection, executor_id: str, host_name: str, at: datetime) -> None:
    """Show a sign of life; the first one registers the process, one after a stop starts it again."""
    row = {"id": executor_id, "host_name": host_name, "started_at": at, "beat_at": at, "stopped_at": None}

    def changes(new: Columns) -> dict[str, ColumnElement[Any]]:
        return {name: new[name] for name in ("host_name", "beat_at", "stopped_at")}

    await upsert(tx, table, [row], changes)


async def dead(tx: AsyncConnection, older_than: datetime) -> tuple[Executor, ...]:
    """Give the processes that did not stop, yet showed no sign of life since a time."""
    chosen = select(table).where(table.c.stopped_at.is_(None), table.c.beat_at < older_than)
    rows = await tx.execute(chosen.order_by(table.c.beat_at))
    return tuple(Executor(**row._mapping) for row in rows)  # noqa: SLF001 - public in SQLAlchemy, by its documentation


async def stop(tx: AsyncConnection, executor_id: str, at: datetime) -> bool:
    """Mark a process as stopped; False when it was already, so that of two who take over only one does."""
    chosen = update(table).where(table.c.id == executor_id, table.c.stopped_at.is_(None))
    return (await tx.execute(chosen.values(stopped_at=at))).rowcount == 1
