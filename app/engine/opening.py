"""How DBOS is set up: its options, its logger, and the SQLite connections we make for it."""

import logging
from typing import Any

import sqlalchemy
from dbos import DBOSConfig, DBOSPortableJSONSerializer

THREADS = 16
"""DBOS's database work and whatever else the loop asks a thread for share these; unlimited, it makes a thread per job."""


def options(*, url: str, database: sqlalchemy.Engine | None, executor_id: str, version: str, polling: float) -> DBOSConfig:
    """Compose DBOS's options; ``database`` is given for SQLite, else ``url`` names a PostgreSQL database."""
    config: DBOSConfig = {
        "name": "devflowfix",
        "executor_id": executor_id,
        "application_version": version,  # unset, it is a hash of the source, and a deployment strands what is queued
        "serializer": DBOSPortableJSONSerializer(),  # the default is pickle; a plain JSON one cannot store errors
        "max_executor_threads": THREADS,
        "sys_db_pool_size": THREADS,
        "dbos_system_schema": "engine",
        "use_listen_notify": False,  # it wakes readers of messages and events, of which we have none
        "notification_listener_polling_interval_sec": polling,  # it finds nothing, but closing waits for it
        "log_level": "WARNING",
    }
    if database is None:
        config["system_database_url"] = url.replace("+psycopg", "")
    else:
        config["system_database_engine"] = database
    return config


def is_sqlite(url: str) -> bool:
    """Tell whether a URL or path names a file rather than a PostgreSQL database."""
    return not url.startswith("postgres")


def open_sqlite(url: str, synchronous: str) -> sqlalchemy.Engine:
    """Make connections fit for several writing threads: a deferred transaction that turns to writing too late fails at once."""
    database = sqlalchemy.create_engine("sqlite:///" + url.removeprefix("sqlite:///"), pool_size=THREADS)

    @sqlalchemy.event.listens_for(database, "connect")
    def prepare(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own connection
        connection.isolation_level = "IMMEDIATE"
        for pragma in ("busy_timeout=30000", "journal_mode=WAL", f"synchronous={synchronous}", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    return database


def quiet_logger() -> None:
    """Let DBOS log through the root logger, without the tracebacks of failed work: the engine says that once itself."""
    logger = logging.getLogger("dbos")
    if not any(isinstance(handler, logging.NullHandler) for handler in logger.handlers):
        logger.addHandler(logging.NullHandler())  # with no handler at all it would add a console of its own
        logger.addFilter(lambda record: not str(record.msg).startswith("Exception encountered in asynchronous workflow"))
