"""A PostgreSQL server for the tests, from the binaries that Debian installs, on a socket in a folder of its own.

Import the fixtures into a conftest. Each pytest process (each worker of pytest-xdist) has one server; each test gets a database
cloned from a migrated template, which takes some ten milliseconds. PostgreSQL refuses to run as root: then an
unprivileged user runs it.
"""

import asyncio
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest

from storage import migrate
from storage.database import SCHEMA, Database
from storage.models import metadata

_TEMPLATE = "template_devflowfix"
_SETTINGS = ("listen_addresses=", "fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=60")


@dataclass(frozen=True, slots=True)
class Server:
    """A running server; databases are named by number."""

    folder: Path
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def url(self, database: str) -> str:
        """The address of one of its databases."""
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def execute(self, *statements: str, database: str = "postgres") -> None:
        """Run statements outside of any transaction."""
        with psycopg.connect(f"host={self.folder} user=postgres dbname={database}", autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def clone(self, template: str = _TEMPLATE) -> str:
        """Make a database as a copy of a template and give its name; ``template0`` for an empty one."""
        name = f"test_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return name

    def empty(self, database: str) -> None:
        """Take every row out of our tables, which is quicker than a new database; as a replica, past the audit trail's guard."""
        removals = [f"DELETE FROM {SCHEMA}.{name}" for name in metadata.tables]  # noqa: S608 - names of our own
        self.execute("SET session_replication_role = replica", "SET lock_timeout = '5s'", *removals, database=database)

    def drop(self, database: str) -> None:
        """Remove a database with whoever is connected to it."""
        self.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")


def binaries() -> Path | None:
    """Find the folder that holds ``initdb`` and ``postgres``: the newest of Debian's, else on the path."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    found = str(debian[-1]) if debian else shutil.which("initdb")
    return Path(found).resolve().parent if found else None


def _user() -> pwd.struct_passwd | None:
    """The user that runs the server; null where we are not root and can run it ourselves."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


@contextmanager
def running(programs: Path, *, durable: bool = False) -> Iterator[Server]:
    """Start a server in a new folder; stop it and remove the folder at the end. ``durable`` flushes the disk, for measuring."""
    folder = Path(tempfile.mkdtemp(prefix="dffpg"))
    user = _user()
    if user:
        os.chown(folder, user.pw_uid, user.pw_gid)
    who: dict[str, Any] = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
    try:
        process = _start(programs, folder, who, _SETTINGS[:1] if durable else _SETTINGS)
        try:
            server = Server(folder)
            _wait(server, process, folder / "log")
            yield server
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=20)
    finally:
        shutil.rmtree(folder)


def _start(programs: Path, folder: Path, who: dict[str, Any], settings: tuple[str, ...]) -> subprocess.Popen[bytes]:
    data = folder / "data"
    initdb: list[str | Path] = [
        programs / "initdb",
        "-D",
        data,
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C",
        "--no-sync",
    ]
    subprocess.run(initdb, check=True, cwd=folder, stdout=subprocess.DEVNULL, **who)  # noqa: S603 - a program of the system, no shell
    options = [part for setting in settings for part in ("-c", setting)]
    with (folder / "log").open("wb") as log:
        command: list[str | Path] = [programs / "postgres", "-D", data, "-k", folder, *options]
        return subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, **who)  # noqa: S603 - as above


def _wait(server: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end and process.poll() is None:
        with suppress(psycopg.OperationalError):
            server.execute("SELECT 1")
            return
        time.sleep(0.02)
    raise RuntimeError(f"PostgreSQL did not start: {log.read_text()}")


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Server]:
    """A server with the migrated template; skips where PostgreSQL is not installed."""
    programs = binaries()
    if programs is None:
        pytest.skip("PostgreSQL's initdb is not installed")
    with running(programs) as server:
        server.execute(f"CREATE DATABASE {_TEMPLATE}")
        asyncio.run(_migrate(server.url(_TEMPLATE)))
        yield server


async def _migrate(url: str) -> None:
    db = await Database.open(url)
    await migrate.upgrade(db)
    await db.close()


@pytest.fixture
def postgresql_url(postgresql_server: Server) -> Iterator[str]:
    """The address of a migrated database of this test's own."""
    name = postgresql_server.clone()
    yield postgresql_server.url(name)
    postgresql_server.drop(name)


@pytest.fixture
def empty_postgresql_url(postgresql_server: Server) -> Iterator[str]:
    """The address of an empty database of this test's own."""
    name = postgresql_server.clone("template0")
    yield postgresql_server.url(name)
    postgresql_server.drop(name)
