"""One queue for the writers of contended rows.

SQLite lets one transaction write at a time. On PostgreSQL a transaction-wide advisory lock gives the same to those functions that
read before they write, or that number rows: states are compared and changed without a race, activity is numbered in the order of
commit (PostgreSQL lets go of the lock after the commit has become visible), and as there is one lock, two cannot deadlock on it.
"""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_NAMESPACE = 0x64666678  # "dffx"
_WRITERS = 1
_MIGRATION = 2


async def hold(tx: AsyncConnection) -> None:
    """Wait until no other transaction holds the queue, then hold it to the end of this one. Holding it twice is free."""
    await _lock(tx, _WRITERS)


async def hold_migration(tx: AsyncConnection) -> None:
    """As ``hold``, for the one process that migrates."""
    await _lock(tx, _MIGRATION)


async def _lock(tx: AsyncConnection, number: int) -> None:
    if tx.dialect.name == "postgresql":
        await tx.execute(text("SELECT pg_advisory_xact_lock(:space, :number)"), {"space": _NAMESPACE, "number": number})
