"""The database: SQLite in one file, or PostgreSQL, behind the same two doors, ``begin`` to write and ``read`` to read.

SQLite runs in WAL mode with ``synchronous=FULL``: the engine records a step as done after our rows say so, and a power cut must
not take back what the engine builds on. Writing goes through one connection, so that the writers of this process queue fairly
instead of spinning on the file's lock; other processes wait by ``busy_timeout``. PostgreSQL keeps the tables in the schema
``devflowfix``. Reading gets a snapshot and cannot write, on both.
"""

import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

from sqlalchemy import URL, Connection, event, make_url, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from storage.encoding import to_text
from storage.errors import Unreachable

SCHEMA = "devflowfix"
_BUSY_SECONDS = 30.0
_SQLITE_READERS = 4
_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}


class Database:
    """One database. Functions of ``storage`` take the connection that ``begin`` or ``read`` gives."""

    def __init__(self, url: URL, writer: AsyncEngine, reader: AsyncEngine) -> None:
        self._url = url
        self._writer = writer
        self._reader = reader

    @classmethod
    async def open(cls, url: str) -> Self:
        """Prepare the connections to a database; nothing is asked of it yet (see ``check``).

        Args:
            url: ``sqlite+aiosqlite:///data/devflowfix.db`` or ``postgresql+psycopg://user:password@host/name``;
                ``sqlite:``, ``postgresql:`` and ``postgres:`` mean the same.

        Raises:
            ValueError: if the address is of neither kind.
            Unreachable: if the folder of a SQLite file cannot be made.
        """
        parsed = _parse(url)
        if parsed.get_backend_name() == "sqlite":
            _make_folder(parsed)
            return cls(parsed, _sqlite(parsed, writing=True), _sqlite(parsed, writing=False))
        engine = _postgresql(parsed)
        reader = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        return cls(parsed, engine, reader)

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self._url.get_backend_name()

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that may write; it commits at the end and rolls back on an error. Do not nest it."""
        async with self._writer.begin() as connection:
            yield connection

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that sees one state of the database and cannot write."""
        async with self._reader.begin() as connection:
            yield connection

    async def check(self) -> None:
        """Ask the database for a sign of life.

        Raises:
            Unreachable: with one sentence for the person who runs the server.
        """
        try:
            async with self.read() as connection:
                await connection.execute(text("SELECT 1 FROM sqlite_master" if self.dialect == "sqlite" else "SELECT 1"))
        except (SQLAlchemyError, OSError) as error:
            said = str(getattr(error, "orig", None) or error).strip().splitlines() or [type(error).__name__]
            raise Unreachable(f"The database {self._url.render_as_string()} does not answer: {said[0]}") from error

    async def close(self) -> None:
        """Close every connection."""
        await self._reader.dispose()
        await self._writer.dispose()


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise ValueError("The database address is not a URL like postgresql://user:password@host/name") from error
    driver = _DRIVERS.get(parsed.drivername)
    if driver is None:
        raise ValueError(f"{parsed.drivername} is no database that DevFlowFix runs on; SQLite and PostgreSQL are")
    if driver.startswith("sqlite") and parsed.database in {None, "", ":memory:"}:
        raise ValueError("SQLite needs a file: readers and the writer have connections of their own")
    return parsed.set(drivername=driver)


def _make_folder(url: URL) -> None:
    folder = Path(url.database or "").parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unreachable(f"The database folder {folder} cannot be made: {error.strerror}") from error


def _sqlite(url: URL, *, writing: bool) -> AsyncEngine:
    engine = create_async_engine(
        url,
        connect_args={"timeout": _BUSY_SECONDS, "isolation_level": None},  # we say BEGIN ourselves
        json_serializer=to_text,
        pool_size=1 if writing else _SQLITE_READERS,
        max_overflow=0,
    )
    pragmas = ["PRAGMA foreign_keys = ON"]
    pragmas += ["PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL"] if writing else ["PRAGMA query_only = ON"]

    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(pragma)
        cursor.close()

    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    event.listen(engine.sync_engine, "connect", prepare)
    event.listen(engine.sync_engine, "begin", begin)
    return engine


def _postgresql(url: URL) -> AsyncEngine:
    return create_async_engine(
        url,
        connect_args=_postgresql_arguments(url.query),
        isolation_level="READ COMMITTED",  # storage.order relies on a fresh snapshot after its lock
        json_serializer=to_text,
        pool_size=10,
        max_overflow=10,
        pool_pre_ping=True,
        pool_recycle=1800,
    )


def _postgresql_arguments(query: Mapping[str, Any]) -> dict[str, Any]:
    """Add our search path to the options that the address may carry; what it says of timeout and name stays."""
    options = f"{query.get('options', '')} -c search_path={SCHEMA} -c timezone=UTC".strip()
    defaults = {"connect_timeout": "10", "application_name": "devflowfix"}
    return {"options": options} | {name: value for name, value in defaults.items() if name not in query}
