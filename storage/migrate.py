"""Bring the database to the tables that this version of DevFlowFix needs. Alembic, without its command line and its file."""

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from storage import order
from storage.database import SCHEMA, Database
from storage.errors import TooNew
from storage.models import metadata


async def upgrade(db: Database, to: str = "head") -> None:
    """Migrate to the newest revision, or to an older one that is still ahead; all or nothing.

    Of several processes that start at once one migrates and the others wait: for the advisory lock on PostgreSQL, for the write
    lock of the file on SQLite.

    Raises:
        TooNew: if a newer DevFlowFix has migrated this database.
    """
    async with db.begin() as tx:
        await order.hold_migration(tx)
        if db.dialect == "postgresql":
            await tx.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
        await tx.run_sync(_upgrade, to)


async def current(db: Database) -> str | None:
    """Give the revision that the database stands at; null for an empty one."""
    async with db.read() as tx:
        return await tx.run_sync(_current)


def head() -> str:
    """Give the newest revision there is."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    if revision is None:
        raise LookupError("this installation of DevFlowFix holds no migrations")
    return revision


def revisions() -> tuple[str, ...]:
    """Give every revision, oldest first."""
    walked = ScriptDirectory.from_config(_config()).walk_revisions()
    return tuple(reversed([script.revision for script in walked]))


async def difference(db: Database) -> list[str]:
    """Say where the database differs from the models; empty when it does not."""
    async with db.read() as tx:
        return await tx.run_sync(_difference)


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", "storage:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection, to: str) -> None:
    stands_at = _current(connection)
    if stands_at is not None and stands_at not in revisions():
        raise TooNew(f"The database stands at revision {stands_at}, which a newer DevFlowFix made; this one knows up to {head()}")
    command.upgrade(_config(connection), to)


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _difference(connection: Connection) -> list[str]:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    return [str(change) for change in compare_metadata(context, metadata)]
