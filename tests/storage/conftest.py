"""One ``db`` for every storage test, on both databases."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from storage import migrate
from storage.database import Database
from tests.postgres import Server, empty_postgresql_url, postgresql_server, postgresql_url

__all__ = ["empty_postgresql_url", "postgresql_server", "postgresql_url"]

BOTH = ["sqlite", "postgresql"]
Open = Callable[[], Awaitable[Database]]


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "devflowfix.db"

    async def make() -> None:
        db = await Database.open(f"sqlite:///{path}")
        await migrate.upgrade(db)
        await db.close()

    asyncio.run(make())
    return path


@pytest.fixture(scope="session")
def shared_database(postgresql_server: Server) -> str:
    return postgresql_server.clone()


@pytest.fixture
def shared_postgresql_url(postgresql_server: Server, shared_database: str) -> Iterator[str]:
    """The address of a migrated database that is emptied after the test: for tests that leave its tables as they are."""
    yield postgresql_server.url(shared_database)
    postgresql_server.empty(shared_database)


@pytest.fixture(params=BOTH)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a migrated database."""
    if request.param == "postgresql":
        address: str = request.getfixturevalue("shared_postgresql_url")
        return address
    shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "devflowfix.db")
    return f"sqlite:///{tmp_path / 'devflowfix.db'}"


@pytest.fixture(params=BOTH)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without tables."""
    if request.param == "postgresql":
        address: str = request.getfixturevalue("empty_postgresql_url")
        return address
    return f"sqlite:///{tmp_path / 'new' / 'devflowfix.db'}"


@pytest.fixture
async def db(url: str) -> AsyncIterator[Database]:
    opened = await Database.open(url)
    yield opened
    await opened.close()


@pytest.fixture
async def open_again(url: str) -> AsyncIterator[Open]:
    """Open the same database as another process would: with connections of its own."""
    opened: list[Database] = []

    async def open_one() -> Database:
        opened.append(await Database.open(url))
        return opened[-1]

    yield open_one
    for one in opened:
        await one.close()
