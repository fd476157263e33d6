"""The inbox's tables, as numbered lists of statements applied in order.

The inbox lives apart from the application's tables (a file of its own on SQLite, a schema of its own on PostgreSQL), so it keeps
its own version. It is one table that changes rarely: a list of statements survives upgrades as well as a second Alembic
environment would, and opens in a millisecond. The list is only ever appended to: what was released has been applied somewhere.
"""

from sqlalchemy import Connection, text

SCHEMA = "inbox"

VERSIONS: tuple[tuple[str, ...], ...] = (
    (
        """
        CREATE TABLE {schema}delivery (
            guid TEXT PRIMARY KEY,
            event TEXT NOT NULL,
            action TEXT NOT NULL,
            installation_id BIGINT,
            repository_id BIGINT,
            account_login TEXT NOT NULL,
            body {bytes},
            received_at DOUBLE PRECISION NOT NULL,
            state TEXT NOT NULL,
            reason TEXT NOT NULL,
            runs INTEGER NOT NULL,
            redelivered INTEGER NOT NULL,
            taken_until DOUBLE PRECISION NOT NULL,
            finished_at DOUBLE PRECISION
        )
        """,
        "CREATE INDEX delivery_by_state ON {schema}delivery (state, received_at)",
        "CREATE INDEX delivery_finished ON {schema}delivery (finished_at) WHERE finished_at IS NOT NULL",
    ),
)

_LOCK = 5_106_947_201  # any number, the same in every process


def migrate(connection: Connection) -> None:
    """Bring the inbox's tables to this code's version, one process at a time; refuse those of a newer version."""
    postgresql = connection.dialect.name == "postgresql"
    names = {"schema": f"{SCHEMA}.", "bytes": "BYTEA"} if postgresql else {"schema": "", "bytes": "BLOB"}
    if postgresql:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
    else:
        connection.execute(text("BEGIN IMMEDIATE"))  # its driver begins by itself only before it changes rows
    connection.execute(text("CREATE TABLE IF NOT EXISTS {schema}inbox_version (version INTEGER NOT NULL)".format(**names)))
    current = connection.execute(text("SELECT max(version) FROM {schema}inbox_version".format(**names))).scalar() or 0  # noqa: S608 - our own schema's name
    if current > len(VERSIONS):
        raise RuntimeError(f"The inbox is of version {current}, newer than this program's {len(VERSIONS)}")
    for version, statements in enumerate(VERSIONS[current:], start=current + 1):
        for statement in statements:
            connection.execute(text(statement.format(**names)))
        connection.execute(text("INSERT INTO {schema}inbox_version VALUES (:version)".format(**names)), {"version": version})  # noqa: S608 - as above
