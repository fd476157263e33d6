"""Calls to GitHub, counted by installation, resource, purpose and hour."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.models import github_call as table
from storage.upsert import Columns, upsert


@dataclass(frozen=True, slots=True, kw_only=True)
class CallCount:
    """Calls that were made; ``points`` is what they cost of the hourly limit."""

    host: str
    installation_id: int
    resource: str  # core, graphql, …
    purpose: str  # an incident's id, "monitor", …
    hour: datetime  # any time within it
    count: int
    points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CallTotal:
    """All calls of a purpose to one resource."""

    purpose: str
    resource: str
    count: int
    points: int


async def add(tx: AsyncConnection, counts: Iterable[CallCount]) -> None:
    """Add calls to those that were counted before. In key order, so that two transactions cannot wait for each other."""
    summed: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0, 0])
    for one in counts:
        hour = one.hour.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        cell = summed[one.host, one.installation_id, one.purpose, one.resource, hour]
        cell[0] += one.count
        cell[1] += one.points
    names = [column.name for column in table.primary_key.columns]
    rows = [dict(zip(names, key, strict=True)) | {"count": n, "points": p} for key, (n, p) in sorted(summed.items())]

    def changes(new: Columns) -> dict[str, ColumnElement[Any]]:
        return {"count": table.c["count"] + new["count"], "points": table.c.points + new.points}

    await upsert(tx, table, rows, changes)


async def totals(tx: AsyncConnection, purpose: str) -> tuple[CallTotal, ...]:
    """Add up the calls of a purpose, by resource."""
    query = select(table.c.resource, func.sum(table.c["count"]).label("calls"), func.sum(table.c.points).label("points"))
    rows = await tx.execute(query.where(table.c.purpose == purpose).group_by(table.c.resource).order_by(table.c.resource))
    return tuple(CallTotal(purpose=purpose, resource=row.resource, count=int(row.calls), points=int(row.points)) for row in rows)
