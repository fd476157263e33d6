"""Insert what may be there already: the one place that knows the two dialects' words for it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlalchemy.sql.elements import KeyedColumnElement

Row = Mapping[str, Any]
Columns = ReadOnlyColumnCollection[str, KeyedColumnElement[Any]]
Changes = Callable[[Columns], Mapping[str, ColumnElement[Any]]]  # from the row that was refused to what it changes


def _insert(tx: AsyncConnection, table: Table) -> postgresql.Insert | sqlite.Insert:
    return postgresql.insert(table) if tx.dialect.name == "postgresql" else sqlite.insert(table)


async def insert_new(tx: AsyncConnection, table: Table, row: Row) -> bool:
    """Insert a row, and tell whether it is new; a row that breaks any uniqueness rule is left out."""
    statement = _insert(tx, table).values(dict(row)).on_conflict_do_nothing().returning(*table.primary_key.columns)
    return (await tx.execute(statement)).first() is not None


async def upsert(tx: AsyncConnection, table: Table, rows: Sequence[Row], changes: Changes | None = None) -> None:
    """Insert rows, or change those whose primary key is there: by ``changes``, else every column that is given."""
    if not rows:
        return
    statement = _insert(tx, table)
    keys = table.primary_key.columns.keys()
    changed = changes or (lambda new: {name: new[name] for name in rows[0] if name not in keys})
    complete = statement.on_conflict_do_update(index_elements=keys, set_=dict(changed(statement.excluded)))
    await tx.execute(complete, [dict(row) for row in rows])
