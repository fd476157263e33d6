"""Activity: what happened, numbered in the order of commit, so that a reader who tails it by number misses nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import order
from storage.encoding import to_json
from storage.models import activity as table


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One thing that happened. ``seq`` grows in the order of commit; numbers of transactions that failed are left out."""

    seq: int
    kind: str  # task_status_change, pr_status_change, …
    data: Mapping[str, Any]
    host: str
    installation_id: int
    repository_id: int | None
    at: datetime


async def record(
    tx: AsyncConnection,
    kind: str,
    data: Mapping[str, object],
    *,
    host: str,
    installation_id: int,
    repository_id: int | None = None,
    at: datetime,
) -> int:
    """Record what this transaction does and give its number. Other recording transactions wait until this one ends."""
    await order.hold(tx)
    row = {
        "kind": kind,
        "data": to_json(data),
        "host": host,
        "installation_id": installation_id,
        "repository_id": repository_id,
        "at": at,
    }
    seq: int = (await tx.execute(insert(table).values(row).returning(table.c.seq))).scalar_one()
    return seq


async def since(tx: AsyncConnection, seq: int, limit: int = 500) -> tuple[Activity, ...]:
    """Give what happened after a number, in order."""
    query = select(table).where(table.c.seq > seq).order_by(table.c.seq).limit(limit)
    return tuple(Activity(**row._mapping) for row in await tx.execute(query))  # noqa: SLF001 - public in SQLAlchemy, by its documentation


async def last_seq(tx: AsyncConnection) -> int:
    """Give the highest number there is; 0 before anything happened."""
    seq: int = (await tx.execute(select(func.coalesce(func.max(table.c.seq), 0)))).scalar_one()
    return seq
