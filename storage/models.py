"""Every table of the application, as SQLAlchemy sees it; the migrations make them (a test holds the two equal).

On PostgreSQL they live in the schema ``devflowfix`` (by search path), on SQLite in one file of their own. A row that belongs to
an installation carries host and installation id. Ids of GitHub are 64 bits wide. What is only read as a whole is a JSON document.
"""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    UniqueConstraint,
    text,
)

from storage.types import Amount, Big, Document, Moment, Words

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

OPEN_FIX_CONDITION = text("status IN ('created', 'open', 'approved')")


def _belongs_to_repository() -> tuple[Column[str], Column[int], Column[int]]:
    """Host, installation and repository of a row. No foreign key: deliveries name installations before we have met them."""
    return (
        Column("host", Words, nullable=False),
        Column("installation_id", Big, nullable=False),
        Column("repository_id", Big, nullable=False),
    )


installation = Table(
    "installation",
    metadata,
    Column("host", Words, primary_key=True),
    Column("id", Big, primary_key=True, autoincrement=False),
    Column("account_id", Big, nullable=False),
    Column("account_login", Words, nullable=False),
    Column("account_type", Words, nullable=False),
    Column("repository_selection", Words, nullable=False),
    Column("permissions", Document, nullable=False),
    Column("suspended", Boolean, nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("removed_at", Moment),
)

repository = Table(
    "repository",
    metadata,
    Column("host", Words, primary_key=True),
    Column("id", Big, primary_key=True, autoincrement=False),
    Column("installation_id", Big, nullable=False),
    Column("full_name", Words, nullable=False),
    Column("private", Boolean, nullable=False),
    Column("default_branch", Words, nullable=False),
    Column("is_active", Boolean, nullable=False),
    Index(None, "host", "installation_id"),
)

incident = Table(
    "incident",
    metadata,
    Column("id", Words, primary_key=True),
    *_belongs_to_repository(),
    Column("run_id", Big, nullable=False),
    Column("run_attempt", Integer, nullable=False),
    Column("head_sha", Words, nullable=False),
    Column("run", Document, nullable=False),
    Column("delivery", Words, nullable=False),
    Column("created_at", Moment, nullable=False),
    UniqueConstraint("host", "repository_id", "run_id", "run_attempt"),
    Index(None, "host", "repository_id", "head_sha"),
)

diagnosis = Table(
    "diagnosis",
    metadata,
    Column("incident_id", Words, ForeignKey("incident.id"), primary_key=True),
    *_belongs_to_repository(),
    Column("failure_type", Words, nullable=False),
    Column("confidence", Float, nullable=False),
    Column("attribution", Words, nullable=False),
    Column("fingerprint", Words, nullable=False),
    Column("root_cause", Words, nullable=False),
    Column("evidence", Document, nullable=False),
    Column("readings", Document, nullable=False),
    Index(None, "host", "repository_id", "fingerprint"),
)

task = Table(
    "task",
    metadata,
    Column("id", Words, primary_key=True),
    *_belongs_to_repository(),
    Column("incident_id", Words, ForeignKey("incident.id"), nullable=False, unique=True),
    Column("status", Words, nullable=False),
    Column("reason", Words, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Index(None, "status", "created_at"),
)

candidate = Table(
    "candidate",
    metadata,
    Column("id", Words, primary_key=True),
    *_belongs_to_repository(),
    Column("task_id", Words, ForeignKey("task.id"), nullable=False),
    Column("incident_id", Words, ForeignKey("incident.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("origin", Words, nullable=False),
    Column("status", Words, nullable=False),
    Column("base_sha", Words, nullable=False),
    Column("branch", Words, nullable=False),
    Column("title", Words, nullable=False),
    Column("explanation", Words, nullable=False),
    Column("confidence", Float, nullable=False),
    Column("edits", Document, nullable=False),
    Column("gates", Document, nullable=False),
    Column("commit_sha", Words),
    Column("checks", Document, nullable=False),
    Column("verdict", Words, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("committed_at", Moment),
    UniqueConstraint("task_id", "number"),
    Index(None, "host", "repository_id", "branch"),
)

fix_pull_request = Table(
    "fix_pull_request",
    metadata,
    Column("id", Words, primary_key=True),
    *_belongs_to_repository(),
    Column("task_id", Words, ForeignKey("task.id"), nullable=False),
    Column("incident_id", Words, ForeignKey("incident.id"), nullable=False),
    Column("candidate_id", Words, ForeignKey("candidate.id"), nullable=False),
    Column("fingerprint", Words, nullable=False),
    Column("base_branch", Words, nullable=False),
    Column("branch", Words, nullable=False),
    Column("status", Words, nullable=False),
    Column("number", Big),
    Column("url", Words, nullable=False),
    Column("title", Words, nullable=False),
    Column("created_at", Moment),
    Column("updated_at", Moment),
    UniqueConstraint("host", "repository_id", "number"),
    Index(None, "task_id"),
    Index(None, "candidate_id"),
    Index(None, "host", "repository_id", "status"),
    Index(None, "host", "repository_id", "fingerprint"),
    # One failure, one fix.
    Index(
        "uq_fix_pull_request_open",
        "host",
        "repository_id",
        "fingerprint",
        "base_branch",
        unique=True,
        sqlite_where=OPEN_FIX_CONDITION,
        postgresql_where=OPEN_FIX_CONDITION,
    ),
)

artifact = Table(
    "artifact",
    metadata,
    Column("incident_id", Words, ForeignKey("incident.id"), primary_key=True),
    Column("kind", Words, primary_key=True),
    Column("name", Words, primary_key=True),
    *_belongs_to_repository(),
    Column("body", LargeBinary, nullable=False),  # compressed by zlib
    Column("size", Big, nullable=False),  # bytes before compression
    Column("stored_at", Moment, nullable=False),
)

activity = Table(
    "activity",
    metadata,
    Column("seq", Big, primary_key=True),
    Column("kind", Words, nullable=False),
    Column("host", Words, nullable=False),
    Column("installation_id", Big, nullable=False),
    Column("repository_id", Big),
    Column("data", Document, nullable=False),
    Column("at", Moment, nullable=False),
    sqlite_autoincrement=True,  # a number is never given twice, even after the newest rows were purged
)

audit = Table(
    "audit",
    metadata,
    Column("id", Big, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("who", Words, nullable=False),
    Column("what", Words, nullable=False),
    Column("result", Words, nullable=False),
    Column("host", Words),
    Column("installation_id", Big),
    Column("repository_id", Big),
    Column("incident_id", Words),  # no foreign key: the trail outlives what it tells of
    Column("details", Document, nullable=False),
    Index(None, "incident_id"),
    sqlite_autoincrement=True,
)

budget_ledger = Table(
    "budget_ledger",
    metadata,
    Column("entry", Words, primary_key=True),
    Column("host", Words, primary_key=True),
    Column("scope_kind", Words, primary_key=True),
    Column("scope_key", Words, primary_key=True),
    Column("unit", Words, primary_key=True),
    Column("installation_id", Big, nullable=False),
    Column("day", Date, nullable=False),  # UTC
    Column("amount", Amount, nullable=False),
    Index(None, "host", "scope_kind", "scope_key", "unit", "day"),
)

executor = Table(
    "executor",
    metadata,
    Column("id", Words, primary_key=True),
    Column("host_name", Words, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("beat_at", Moment, nullable=False),
    Column("stopped_at", Moment),
)

external_write = Table(
    "external_write",
    metadata,
    Column("key", Words, primary_key=True),
    Column("kind", Words, nullable=False),
    Column("state", Words, nullable=False),
    Column("host", Words),
    Column("installation_id", Big),
    Column("remote", Document),
    Column("intended_at", Moment, nullable=False),
    Column("done_at", Moment),
)

github_call = Table(
    "github_call",
    metadata,
    Column("host", Words, primary_key=True),
    Column("installation_id", Big, primary_key=True, autoincrement=False),
    Column("purpose", Words, primary_key=True),
    Column("resource", Words, primary_key=True),
    Column("hour", Moment, primary_key=True),
    Column("count", Big, nullable=False),
    Column("points", Big, nullable=False),
    Index(None, "purpose"),
)
