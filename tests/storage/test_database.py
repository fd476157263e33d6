import asyncio
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from storage import executors
from storage.database import Database
from storage.errors import Unreachable
from tests.storage.conftest import Open
from tests.storage.samples import NOW


async def _names(db: Database) -> list[str]:
    async with db.read() as tx:
        return list((await tx.execute(text("SELECT id FROM executor ORDER BY id"))).scalars())


async def test_what_a_transaction_wrote_is_there_after_it(db: Database) -> None:
    async with db.begin() as tx:
        await executors.beat(tx, "one", "here", NOW)
    assert await _names(db) == ["one"]


async def test_an_error_rolls_back(db: Database) -> None:
    async def fail() -> None:
        async with db.begin() as tx:
            await executors.beat(tx, "one", "here", NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await _names(db) == []


async def test_reading_cannot_write(db: Database) -> None:
    with pytest.raises(DBAPIError, match=r"read-?only"):
        async with db.read() as tx:
            await executors.beat(tx, "one", "here", NOW)
    async with db.begin() as tx:
        await executors.beat(tx, "two", "here", NOW)
    assert await _names(db) == ["two"]


async def test_a_reader_sees_one_state_while_others_write(db: Database) -> None:
    async with db.read() as tx:
        before = (await tx.execute(text("SELECT count(*) FROM executor"))).scalar_one()
        async with db.begin() as other:
            await executors.beat(other, "one", "here", NOW)
        assert (await tx.execute(text("SELECT count(*) FROM executor"))).scalar_one() == before
    assert await _names(db) == ["one"]


async def test_writers_of_several_processes_wait_for_each_other(db: Database, open_again: Open) -> None:
    everybody = [db, await open_again(), await open_again()]

    async def write(number: int) -> None:
        async with everybody[number % 3].begin() as tx:
            await executors.beat(tx, f"{number:02}", "here", NOW)
            await asyncio.sleep(0.001)

    await asyncio.gather(*(write(number) for number in range(24)))
    assert await _names(db) == [f"{number:02}" for number in range(24)]


async def test_a_row_cannot_name_a_parent_that_is_not_there(db: Database) -> None:
    with pytest.raises(DBAPIError, match=r"(?i)foreign key"):
        async with db.begin() as tx:
            await tx.execute(text("INSERT INTO artifact VALUES ('inc_x', 'k', 'n', 'h', 1, 1, :b, 1, :t)"), {"b": b"", "t": NOW})


async def test_sqlite_keeps_what_it_committed_through_a_power_cut(tmp_path: Path) -> None:
    db = await Database.open(f"sqlite:///{tmp_path}/new folder/devflowfix.db")
    async with db.begin() as tx:
        settings = [(await tx.execute(text(f"PRAGMA {name}"))).scalar_one() for name in ("journal_mode", "synchronous")]
    await db.close()
    assert settings == ["wal", 2]


async def test_a_database_that_answers_passes_the_check(db: Database) -> None:
    await db.check()


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("sqlite:////proc/none/devflowfix.db", "The database folder /proc/none cannot be made"),
        ("postgresql://me:hushhush@127.0.0.1:1/app", r"me:\*\*\*@127\.0\.0\.1:1/app does not answer: .*refused"),
        ("postgres://me@/app?host=/nowhere", "does not answer"),
    ],
)
async def test_an_unreachable_database_is_one_sentence_without_its_password(url: str, sentence: str) -> None:
    with pytest.raises(Unreachable, match=sentence) as raised:
        await (await Database.open(url)).check()
    assert "hushhush" not in str(raised.value)
    assert "\n" not in str(raised.value)


async def test_a_file_that_is_no_database_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("Remember the milk. " * 100)
    db = await Database.open(f"sqlite:///{tmp_path}/notes.txt")
    with pytest.raises(Unreachable, match="file is not a database"):
        await db.check()
    await db.close()


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("mysql://root@localhost/app", "mysql is no database"),
        ("devflowfix.db", "not a URL"),
        ("sqlite://", "needs a file"),
        ("sqlite:///:memory:", "needs a file"),
    ],
)
async def test_an_address_of_another_kind_is_refused(url: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        await Database.open(url)


@pytest.mark.parametrize(
    ("url", "dialect"),
    [
        ("sqlite:///{}/a.db", "sqlite"),
        ("sqlite+aiosqlite:///{}/a.db", "sqlite"),
        ("postgres://h/a", "postgresql"),
        ("postgresql://h/a", "postgresql"),
        ("postgresql+psycopg://h/a", "postgresql"),
    ],
)
async def test_every_spelling_of_an_address_is_understood(url: str, dialect: str, tmp_path: Path) -> None:
    assert (await Database.open(url.format(tmp_path))).dialect == dialect


async def test_options_in_an_address_stay_beside_ours(postgresql_url: str) -> None:
    db = await Database.open(postgresql_url + "&options=-c%20work_mem%3D5MB&application_name=mine")
    async with db.read() as tx:
        said = [
            (await tx.execute(text(f"SHOW {name}"))).scalar_one()
            for name in ("work_mem", "search_path", "timezone", "application_name")
        ]
    await db.close()
    assert said == ["5MB", "devflowfix", "UTC", "mine"]
