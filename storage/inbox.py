"""The inbox: every delivery is stored here before it is acknowledged, and stays until it is done.

All access goes through one thread with one connection. What callers ask for while a transaction runs is gathered and becomes the
next transaction (group commit): the disk is flushed once per batch, and nobody is answered before the batch is committed. A batch
that fails fails for everybody in it, so that GitHub records a failed delivery and nothing is lost silently.

"Seen" means done: a GUID that comes again runs again unless it has finished.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Self, TypeAlias, TypeVar, cast

import sqlalchemy as sa

from storage.delivery import Delivery, State, Stored, column, names, store, table
from storage.inbox_schema import SCHEMA, migrate

__all__ = ["Delivery", "Inbox", "InboxCounts", "InboxFullError", "State", "Stored"]

T = TypeVar("T")
Work: TypeAlias = Callable[[sa.Connection], Any]

MOST_AT_ONCE = 512
"""Deliveries and other work in one transaction at most."""

MOST_WAITING_BYTES = 256 * 1024 * 1024
"""Bodies that may wait for their transaction; beyond it the inbox refuses, and GitHub records a failed delivery."""

LEASE_SECONDS = 15.0
"""How long a delivery that was taken is left alone before it is offered again, should its taker have died."""


class InboxFullError(Exception):
    """Raised where more waits to be written than memory should hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxCounts:
    """Deliveries by state, and the age in seconds of the oldest that is neither finished nor given up."""

    states: dict[State, int]
    oldest_open: float


class Inbox:
    """The open inbox of this process."""

    def __init__(self, database: sa.Engine, most_waiting_bytes: int = MOST_WAITING_BYTES) -> None:
        """Take a migrated database; :meth:`open` is the usual way in."""
        self._database = database
        self._most_waiting_bytes = most_waiting_bytes
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="inbox")
        self._waiting: list[tuple[Delivery | Work, asyncio.Future[Any]]] = []
        self._waiting_bytes = 0
        self._wake = asyncio.Event()
        self._writer: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, url: str, *, synchronous: str = "FULL", most_waiting_bytes: int = MOST_WAITING_BYTES) -> Self:
        """Open the inbox, and bring its tables to this code's version.

        Args:
            url: a path or ``sqlite:///path`` of its own file, or ``postgresql://…`` (schema ``inbox`` in that database).
            synchronous: SQLite's pragma; less than FULL only where losing the file does not matter.
            most_waiting_bytes: bodies that may wait for their transaction; beyond it the inbox refuses.
        """
        inbox = cls(_engine(url, synchronous), most_waiting_bytes)
        try:
            await asyncio.get_running_loop().run_in_executor(inbox._thread, inbox._begin_with, migrate)
        except BaseException:
            inbox._let_go()
            raise
        inbox._writer = asyncio.create_task(inbox._write(), name="inbox writer")
        return inbox

    async def close(self) -> None:
        """Commit what waits, and end."""
        if self._writer is not None and not self._writer.done():
            await self._do(lambda _connection: None)  # what was asked before it is committed by then
            self._writer.cancel()
            await asyncio.gather(self._writer, return_exceptions=True)
        self._let_go()

    def _let_go(self) -> None:
        self._thread.shutdown()
        self._database.dispose()

    async def store(self, delivery: Delivery) -> Stored:
        """Store a delivery; returns after its commit.

        Raises:
            InboxFullError: too much waits already.
            sqlalchemy.exc.SQLAlchemyError: the batch was not committed.
        """
        size = len(delivery.body or b"")
        if self._waiting_bytes + size > self._most_waiting_bytes:
            raise InboxFullError(f"{self._waiting_bytes} bytes wait to be written")
        self._waiting_bytes += size
        try:
            return cast("Stored", await self._ask(delivery))
        finally:
            self._waiting_bytes -= size

    async def take(self, most: int = 64) -> list[str]:
        """Take received deliveries, oldest first, and leave them to the caller for :data:`LEASE_SECONDS`."""

        def work(connection: sa.Connection) -> list[str]:
            now = time.time()
            free = (
                sa.select(column.guid)
                .where(column.state == State.RECEIVED, column.taken_until < now)
                .order_by(column.received_at)
            )
            chosen = free.limit(most).with_for_update(skip_locked=True)
            taken = sa.update(table).where(column.guid.in_(chosen)).values(taken_until=now + LEASE_SECONDS)
            rows = connection.execute(taken.returning(column.guid, column.received_at)).all()
            return [guid for guid, _ in sorted(rows, key=lambda row: row.received_at)]

        return await self._do(work)

    async def queued(self, guids: Sequence[str]) -> None:
        """Note that the engine has these deliveries; one that has finished meanwhile stays finished."""
        change = sa.update(table).where(column.guid.in_(guids), column.state == State.RECEIVED)
        await self._do(lambda connection: connection.execute(change.values(state=State.QUEUED, runs=column.runs + 1)))

    async def done(self, guid: str) -> None:
        """Note that every handler of a delivery has done its part."""
        await self._finish(guid, State.DONE, "")

    async def failed(self, guid: str, reason: str) -> None:
        """Note that a delivery was given up; a redelivery runs it again."""
        await self._finish(guid, State.FAILED, reason)

    async def _finish(self, guid: str, state: State, reason: str) -> None:
        change = sa.update(table).where(column.guid == guid).values(state=state, reason=reason, finished_at=time.time())
        await self._do(lambda connection: connection.execute(change))

    async def read(self, guid: str) -> Delivery | None:
        """Read a delivery with its body."""
        row = await self._do(
            lambda connection: connection.execute(sa.select(*(column[name] for name in names)).where(column.guid == guid)).first()
        )
        return None if row is None else Delivery(**{**row._mapping, "state": State(row.state)})  # noqa: SLF001 - SQLAlchemy's public name

    async def requeue(self) -> None:
        """Offer again, after a restart, what the engine was given: it may not have arrived, and the engine knows what it has."""
        open_ = sa.or_(column.state == State.QUEUED, column.state == State.RECEIVED)
        change = sa.update(table).where(open_).values(state=State.RECEIVED, taken_until=0.0)
        await self._do(lambda connection: connection.execute(change))

    async def counts(self) -> InboxCounts:
        """Count deliveries for the health page."""

        def work(connection: sa.Connection) -> InboxCounts:
            states = connection.execute(sa.select(column.state, sa.func.count()).group_by(column.state)).all()
            open_ = column.state.in_([State.RECEIVED, State.QUEUED])
            oldest = connection.execute(sa.select(sa.func.min(column.received_at)).where(open_)).scalar()
            age = 0.0 if oldest is None else max(0.0, time.time() - oldest)
            return InboxCounts(states={State(state): number for state, number in states}, oldest_open=age)

        return await self._do(work)

    async def purge(self, *, bodies_after: float, rows_after: float) -> int:
        """Forget the bodies, and later the rows, of deliveries that ended so many seconds ago; tell how many rows went.

        Keep rows for longer than GitHub redelivers (three days; seven on an Enterprise Server): a forgotten GUID is new again.
        """

        def work(connection: sa.Connection) -> int:
            now = time.time()
            connection.execute(sa.update(table).where(column.finished_at < now - bodies_after).values(body=None))
            return connection.execute(sa.delete(table).where(column.finished_at < now - rows_after)).rowcount

        return await self._do(work)

    async def _do(self, work: Callable[[sa.Connection], T]) -> T:
        return cast("T", await self._ask(work))

    async def _ask(self, item: Delivery | Work) -> object:
        if self._writer is None or self._writer.done():
            raise RuntimeError("the inbox is closed")
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        self._wake.set()
        return await future

    async def _write(self) -> None:
        """Turn what waits into one transaction after the other."""
        loop = asyncio.get_running_loop()
        while True:
            await self._wake.wait()
            batch, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
            if not self._waiting:
                self._wake.clear()
            try:
                results = await loop.run_in_executor(self._thread, self._transact, [item for item, _ in batch])
            except Exception as error:  # noqa: BLE001 - it is raised to everybody who waits for this batch
                _settle((future, error) for _, future in batch)
            else:
                _settle((future, result) for (_, future), result in zip(batch, results, strict=True))

    def _transact(self, items: list[Delivery | Work]) -> list[object]:
        def work(connection: sa.Connection) -> list[object]:
            stored = iter(store(connection, [item for item in items if isinstance(item, Delivery)]))
            return [next(stored) if isinstance(item, Delivery) else item(connection) for item in items]

        return self._begin_with(work)

    def _begin_with(self, work: Callable[[sa.Connection], T]) -> T:
        with self._database.begin() as connection:
            return work(connection)


def _settle(answers: Iterable[tuple[asyncio.Future[Any], object]]) -> None:
    for future, answer in answers:
        if future.done():  # whoever asked has gone
            continue
        if isinstance(answer, Exception):
            future.set_exception(answer)
        else:
            future.set_result(answer)


def _engine(url: str, synchronous: str) -> sa.Engine:
    if url.startswith("postgres"):
        return sa.create_engine(sa.make_url(url).set(drivername="postgresql+psycopg"), pool_size=1, pool_pre_ping=True)
    engine = sa.create_engine("sqlite:///" + url.removeprefix("sqlite:///"), pool_size=1)

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own connection
        connection.isolation_level = "IMMEDIATE"
        for pragma in ("busy_timeout=30000", "journal_mode=WAL", f"synchronous={synchronous}"):
            connection.execute(f"PRAGMA {pragma}")

    return engine.execution_options(schema_translate_map={SCHEMA: None})
