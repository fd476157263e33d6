"""The audit trail: who did what, when, to which incident, with what result.

It only grows: the database refuses change and removal.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.encoding import to_json
from storage.models import audit as table


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the trail."""

    at: datetime
    who: str  # a login, "devflowfix", "cli"
    what: str  # token_minted, candidate_refused, …
    result: str  # ok, refused, failed, …
    host: str | None = None
    installation_id: int | None = None
    repository_id: int | None = None
    incident_id: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    id: int | None = None  # given when it is stored


async def write(tx: AsyncConnection, entry: Entry) -> int:
    """Add a line and give its id."""
    row = {
        "at": entry.at,
        "who": entry.who,
        "what": entry.what,
        "result": entry.result,
        "host": entry.host,
        "installation_id": entry.installation_id,
        "repository_id": entry.repository_id,
        "incident_id": entry.incident_id,
        "details": to_json(entry.details),
    }
    number: int = (await tx.execute(insert(table).values(row).returning(table.c.id))).scalar_one()
    return number


async def of_incident(tx: AsyncConnection, incident_id: str) -> tuple[Entry, ...]:
    """Give what was done about an incident, oldest first."""
    rows = await tx.execute(select(table).where(table.c.incident_id == incident_id).order_by(table.c.id))
    return tuple(Entry(**row._mapping) for row in rows)  # noqa: SLF001 - public in SQLAlchemy, by its documentation


async def latest(tx: AsyncConnection, limit: int = 100, before: int | None = None) -> tuple[Entry, ...]:
    """Give the newest lines, newest first; ``before`` is the id from which to go on."""
    query = select(table).order_by(table.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(table.c.id < before)
    return tuple(Entry(**row._mapping) for row in await tx.execute(query))  # noqa: SLF001 - as above
