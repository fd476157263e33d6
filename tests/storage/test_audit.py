from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from storage import audit
from storage.audit import Entry
from storage.database import Database
from tests.storage.samples import BIG, HOST, NOW, REPOSITORY

ENTRY = Entry(
    at=NOW,
    who="mona",
    what="candidate_refused",
    result="refused",
    host=HOST,
    installation_id=BIG,
    repository_id=REPOSITORY.id,
    incident_id="inc_1",
    details={"gate": "paths", "files": ["a"]},
)


async def test_an_entry_comes_back_as_it_was_written(db: Database) -> None:
    async with db.begin() as tx:
        number = await audit.write(tx, ENTRY)
        await audit.write(tx, replace(ENTRY, incident_id="inc_2"))
        assert await audit.of_incident(tx, "inc_1") == (replace(ENTRY, id=number),)


async def test_an_entry_needs_no_installation_and_no_incident(db: Database) -> None:
    entry = Entry(at=NOW, who="cli", what="token_made", result="ok")
    async with db.begin() as tx:
        number = await audit.write(tx, entry)
        assert await audit.latest(tx) == (replace(entry, id=number),)


async def test_the_newest_come_first_page_by_page(db: Database) -> None:
    async with db.begin() as tx:
        numbers = [await audit.write(tx, replace(ENTRY, what=str(number))) for number in range(5)]
        page = await audit.latest(tx, 3)
        rest = await audit.latest(tx, 3, before=page[-1].id)
    assert [entry.id for entry in page + rest] == numbers[::-1]


@pytest.mark.parametrize("statement", ["UPDATE audit SET who = 'nobody'", "DELETE FROM audit"])
async def test_the_database_refuses_to_change_the_trail(db: Database, statement: str) -> None:
    async with db.begin() as tx:
        await audit.write(tx, ENTRY)
    with pytest.raises(DBAPIError, match="only grows"):
        await _run(db, statement)
    async with db.read() as tx:
        assert [entry.who for entry in await audit.latest(tx)] == ["mona"]


async def test_postgresql_refuses_to_empty_the_trail(postgresql_url: str) -> None:
    db = await Database.open(postgresql_url)
    with pytest.raises(DBAPIError, match="only grows"):
        await _run(db, "TRUNCATE audit")
    await db.close()


async def _run(db: Database, statement: str) -> None:
    async with db.begin() as tx:
        await tx.execute(text(statement))
