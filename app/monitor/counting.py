"""Calls to GitHub, counted in memory as they happen and written down every few seconds."""

import asyncio
from collections import Counter
from datetime import datetime

import structlog

from app.github.calls import CallRecord
from app.services import Clock
from storage import calls
from storage.database import Database

log = structlog.stdlib.get_logger(__name__)

_Cell = tuple[str, int, str, str, datetime]


class CallBook:
    """Takes every call at once and the database's time seldom. What is not yet written when a process is killed is lost."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db, self._clock = db, clock
        self._counts: Counter[_Cell] = Counter()
        self._points: Counter[_Cell] = Counter()

    def note(self, record: CallRecord) -> None:
        """Count one call."""
        hour = self._clock().replace(minute=0, second=0, microsecond=0)
        cell = (record.host, record.installation_id, record.resource, record.purpose, hour)
        self._counts[cell] += 1
        self._points[cell] += record.points

    async def write(self) -> None:
        """Add what was counted to what is stored; on an error it stays counted."""
        counts, points = self._counts, self._points
        if not counts:
            return
        self._counts, self._points = Counter(), Counter()
        try:
            async with self._db.begin() as tx:
                await calls.add(tx, [_count(cell, counts[cell], points[cell]) for cell in counts])
        except Exception:
            self._counts.update(counts)
            self._points.update(points)
            raise

    async def keep_writing(self, seconds: float = 5.0) -> None:
        """Write every so many seconds, for ever; a database that is away for a while ends nothing."""
        while True:
            await asyncio.sleep(seconds)
            try:
                await self.write()
            except Exception as error:  # noqa: BLE001 - the counts are kept for the next time
                log.warning("calls not written down", error=repr(error))


def _count(cell: _Cell, count: int, points: int) -> calls.CallCount:
    host, installation_id, resource, purpose, hour = cell
    return calls.CallCount(
        host=host,
        installation_id=installation_id,
        resource=resource,
        purpose=purpose,
        hour=hour,
        count=count,
        points=points,
    )
