import asyncio
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import JSON, Boolean, Connection, Date, DateTime, Float, Integer, LargeBinary, MetaData, Table, inspect, text
from sqlalchemy.types import TypeEngine

from storage import migrate
from storage.database import SCHEMA, Database
from storage.errors import TooNew
from storage.models import metadata
from tests.storage.samples import NOW


@pytest.fixture
async def db(empty_url: str) -> AsyncIterator[Database]:
    """A migrated database that no other test will use: these tests change tables."""
    opened = await Database.open(empty_url)
    await migrate.upgrade(opened)
    yield opened
    await opened.close()


@pytest.fixture
async def empty_db(empty_url: str) -> AsyncIterator[Database]:
    opened = await Database.open(empty_url)
    yield opened
    await opened.close()


async def test_the_migrations_make_what_the_models_say(db: Database) -> None:
    assert await migrate.difference(db) == []


async def test_a_column_that_is_missing_is_a_difference(db: Database) -> None:
    async with db.begin() as tx:
        await tx.execute(text("ALTER TABLE task DROP COLUMN reason"))
    (change,) = await migrate.difference(db)
    assert "add_column" in change
    assert "reason" in change


async def test_an_empty_database_stands_nowhere_and_then_at_the_head(empty_db: Database) -> None:
    assert await migrate.current(empty_db) is None
    await migrate.upgrade(empty_db)
    assert await migrate.current(empty_db) == migrate.head() == migrate.revisions()[-1]


async def test_processes_that_start_at_once_migrate_once(empty_url: str) -> None:
    everybody = [await Database.open(empty_url) for _ in range(3)]
    await asyncio.gather(*(migrate.upgrade(db) for db in everybody))
    assert await migrate.difference(everybody[0]) == []
    for db in everybody:
        await db.close()


async def test_a_database_of_a_newer_version_is_left_alone(db: Database) -> None:
    async with db.begin() as tx:
        await tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(TooNew, match="revision 9999, which a newer DevFlowFix made"):
        await migrate.upgrade(db)


async def test_a_migration_that_fails_leaves_nothing_behind(empty_db: Database) -> None:
    await migrate.current(empty_db)
    async with empty_db.begin() as tx:
        if empty_db.dialect == "postgresql":
            await tx.execute(text(f"CREATE SCHEMA {SCHEMA}"))
        await tx.execute(text("CREATE TABLE executor (mine INTEGER)"))
    with pytest.raises(Exception, match="already exists"):
        await migrate.upgrade(empty_db)
    async with empty_db.read() as tx:
        assert await tx.run_sync(lambda connection: inspect(connection).get_table_names()) == ["executor"]


async def test_every_migration_keeps_the_rows_that_are_there(empty_db: Database) -> None:
    for revision in migrate.revisions():
        await migrate.upgrade(empty_db, revision)
        async with empty_db.begin() as tx:
            await tx.run_sync(_fill)
    await migrate.upgrade(empty_db)
    async with empty_db.read() as tx:
        counts = {name: len((await tx.execute(table.select())).all()) for name, table in metadata.tables.items()}
    assert counts == dict.fromkeys(metadata.tables, 1)


async def test_on_postgresql_tables_of_others_are_not_in_the_way(empty_postgresql_url: str) -> None:
    db = await Database.open(empty_postgresql_url)
    async with db.begin() as tx:
        await tx.execute(text("CREATE TABLE public.alembic_version (version_num VARCHAR(32) PRIMARY KEY)"))
        await tx.execute(text("INSERT INTO public.alembic_version VALUES ('of another application')"))
    await migrate.upgrade(db)
    async with db.read() as tx:
        ours = await tx.run_sync(lambda connection: inspect(connection).get_table_names(SCHEMA))
        theirs = await tx.run_sync(lambda connection: inspect(connection).get_table_names("public"))
    await db.close()
    assert sorted(ours) == sorted([*metadata.tables, "alembic_version"])
    assert theirs == ["alembic_version"]


def _fill(connection: Connection) -> None:
    """Put one row into every table that has none, whatever its columns are."""
    present = MetaData()
    present.reflect(connection)
    for table in present.sorted_tables:
        if connection.execute(table.select().limit(1)).first() is None:
            connection.execute(table.insert().values(_row(table)))


def _row(table: Table) -> dict[str, Any]:
    return {column.name: _value(column.type) for column in table.columns}


def _value(kind: TypeEngine[Any]) -> object:
    if isinstance(kind, DateTime):
        return NOW
    values = {Boolean: True, Integer: 1, Float: 0.5, LargeBinary: b"x", JSON: [], Date: date(2026, 3, 1)}
    return next((value for of, value in values.items() if isinstance(kind, of)), "x")
