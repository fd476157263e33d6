"""Artifacts: what a stage of the repair collected or made, kept so that any stage can be replayed from it.

Bodies are redacted by the caller.
"""

import zlib
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.incidents import address_of
from storage.models import artifact as table
from storage.upsert import upsert


async def put(tx: AsyncConnection, incident_id: str, kind: str, name: str, body: bytes, at: datetime) -> None:
    """Store an artifact, compressed, in place of an earlier one of this kind and name.

    Raises:
        Missing: if there is no such incident.
    """
    row = (await address_of(tx, incident_id)).columns() | {
        "incident_id": incident_id,
        "kind": kind,
        "name": name,
        "body": zlib.compress(body),
        "size": len(body),
        "stored_at": at,
    }
    await upsert(tx, table, [row])


async def get(tx: AsyncConnection, incident_id: str, kind: str, name: str) -> bytes | None:
    """Give an artifact's body as it was put."""
    chosen = (table.c.incident_id == incident_id, table.c.kind == kind, table.c.name == name)
    body: bytes | None = (await tx.execute(select(table.c.body).where(*chosen))).scalar_one_or_none()
    return None if body is None else zlib.decompress(body)


async def names(tx: AsyncConnection, incident_id: str) -> tuple[tuple[str, str], ...]:
    """Give kind and name of every artifact of an incident, in order."""
    query = select(table.c.kind, table.c.name).where(table.c.incident_id == incident_id)
    rows = await tx.execute(query.order_by(table.c.kind, table.c.name))
    return tuple((row.kind, row.name) for row in rows)
