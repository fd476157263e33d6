"""Writes to the outside, by natural key: intended before, done after.

One that was intended and never done has to be looked for before it is tried again.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.encoding import to_json
from storage.errors import Missing
from storage.models import external_write as table
from storage.upsert import insert_new


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """What is known of an external write; ``remote`` is what the other side answered, null until it is done."""

    state: Literal["intended", "done"]
    remote: Any


async def intend(
    tx: AsyncConnection,
    key: str,
    kind: str,
    at: datetime,
    *,
    host: str | None = None,
    installation_id: int | None = None,
) -> Write | None:
    """Announce a write. Null means it is new: write at once. Else it is what an earlier attempt left."""
    row = {
        "key": key,
        "kind": kind,
        "state": "intended",
        "host": host,
        "installation_id": installation_id,
        "intended_at": at,
    }
    if await insert_new(tx, table, row):
        return None
    return await get(tx, key)


async def get(tx: AsyncConnection, key: str) -> Write | None:
    """Find a write by its key."""
    row = (await tx.execute(select(table.c.state, table.c.remote).where(table.c.key == key))).one_or_none()
    return None if row is None else Write(state=row.state, remote=row.remote)


async def done(tx: AsyncConnection, key: str, remote: object, at: datetime) -> None:
    """Store that a write is done, and what the other side answered.

    Raises:
        Missing: if nobody intended it.
    """
    values = {"state": "done", "remote": to_json(remote), "done_at": at}
    if (await tx.execute(update(table).where(table.c.key == key).values(values))).rowcount == 0:
        raise Missing(f"nobody intended the write {key}")
