"""The first tables: everything from the delivery to the merged fix."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
OPEN = sa.text("status IN ('created', 'open', 'approved')")

APPEND_ONLY = {
    "sqlite": (
        "CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit trail only grows'); END",
        "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit trail only grows'); END",
    ),
    "postgresql": (
        (
            "CREATE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'the audit trail only grows'; END $$"
        ),
        (
            "CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows()"
        ),
    ),
}


def upgrade() -> None:
    """Make every table of the first version. There is no way down: restore the backup."""
    _known()
    _incidents()
    _tasks()
    _candidates()
    _fixes()
    _records()
    _budgets()
    _processes()
    for statement in APPEND_ONLY[op.get_bind().dialect.name]:
        op.execute(statement)


def _belongs_to_repository() -> tuple[sa.Column[str], sa.Column[int], sa.Column[int]]:
    return (
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("installation_id", BIG, nullable=False),
        sa.Column("repository_id", BIG, nullable=False),
    )


def _known() -> None:
    """Installations and repositories."""
    op.create_table(
        "installation",
        sa.Column("host", sa.Text, primary_key=True),
        sa.Column("id", BIG, primary_key=True, autoincrement=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("account_login", sa.Text, nullable=False),
        sa.Column("account_type", sa.Text, nullable=False),
        sa.Column("repository_selection", sa.Text, nullable=False),
        sa.Column("permissions", sa.JSON, nullable=False),
        sa.Column("suspended", sa.Boolean, nullable=False),
        sa.Column("is_active", sa.Boolean, nullable=False),
        sa.Column("removed_at", MOMENT),
    )
    op.create_table(
        "repository",
        sa.Column("host", sa.Text, primary_key=True),
        sa.Column("id", BIG, primary_key=True, autoincrement=False),
        sa.Column("installation_id", BIG, nullable=False),
        sa.Column("full_name", sa.Text, nullable=False),
        sa.Column("private", sa.Boolean, nullable=False),
        sa.Column("default_branch", sa.Text, nullable=False),
        sa.Column("is_active", sa.Boolean, nullable=False),
        sa.Index("ix_repository_host_installation_id", "host", "installation_id"),
    )


def _incidents() -> None:
    """Incidents, diagnoses and artifacts."""
    op.create_table(
        "incident",
        sa.Column("id", sa.Text, primary_key=True),
        *_belongs_to_repository(),
        sa.Column("run_id", BIG, nullable=False),
        sa.Column("run_attempt", sa.Integer, nullable=False),
        sa.Column("head_sha", sa.Text, nullable=False),
        sa.Column("run", sa.JSON, nullable=False),
        sa.Column("delivery", sa.Text, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.UniqueConstraint("host", "repository_id", "run_id", "run_attempt"),
        sa.Index("ix_incident_host_repository_id_head_sha", "host", "repository_id", "head_sha"),
    )
    op.create_table(
        "diagnosis",
        sa.Column("incident_id", sa.Text, sa.ForeignKey("incident.id"), primary_key=True),
        *_belongs_to_repository(),
        sa.Column("failure_type", sa.Text, nullable=False),
        sa.Column("confidence", sa.Float, nullable=False),
        sa.Column("attribution", sa.Text, nullable=False),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("root_cause", sa.Text, nullable=False),
        sa.Column("evidence", sa.JSON, nullable=False),
        sa.Column("readings", sa.JSON, nullable=False),
        sa.Index("ix_diagnosis_host_repository_id_fingerprint", "host", "repository_id", "fingerprint"),
    )
    op.create_table(
        "artifact",
        sa.Column("incident_id", sa.Text, sa.ForeignKey("incident.id"), primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        *_belongs_to_repository(),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("size", BIG, nullable=False),
        sa.Column("stored_at", MOMENT, nullable=False),
    )


def _tasks() -> None:
    """Tasks."""
    op.create_table(
        "task",
        sa.Column("id", sa.Text, primary_key=True),
        *_belongs_to_repository(),
        sa.Column("incident_id", sa.Text, sa.ForeignKey("incident.id"), nullable=False, unique=True),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Index("ix_task_status_created_at", "status", "created_at"),
    )


def _candidates() -> None:
    """Candidates."""
    op.create_table(
        "candidate",
        sa.Column("id", sa.Text, primary_key=True),
        *_belongs_to_repository(),
        sa.Column("task_id", sa.Text, sa.ForeignKey("task.id"), nullable=False),
        sa.Column("incident_id", sa.Text, sa.ForeignKey("incident.id"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("base_sha", sa.Text, nullable=False),
        sa.Column("branch", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("explanation", sa.Text, nullable=False),
        sa.Column("confidence", sa.Float, nullable=False),
        sa.Column("edits", sa.JSON, nullable=False),
        sa.Column("gates", sa.JSON, nullable=False),
        sa.Column("commit_sha", sa.Text),
        sa.Column("checks", sa.JSON, nullable=False),
        sa.Column("verdict", sa.Text, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("committed_at", MOMENT),
        sa.UniqueConstraint("task_id", "number"),
        sa.Index("ix_candidate_host_repository_id_branch", "host", "repository_id", "branch"),
    )


def _fixes() -> None:
    """Fix pull requests, at most one open per failure and base."""
    op.create_table(
        "fix_pull_request",
        sa.Column("id", sa.Text, primary_key=True),
        *_belongs_to_repository(),
        sa.Column("task_id", sa.Text, sa.ForeignKey("task.id"), nullable=False),
        sa.Column("incident_id", sa.Text, sa.ForeignKey("incident.id"), nullable=False),
        sa.Column("candidate_id", sa.Text, sa.ForeignKey("candidate.id"), nullable=False),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("base_branch", sa.Text, nullable=False),
        sa.Column("branch", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("number", BIG),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("created_at", MOMENT),
        sa.Column("updated_at", MOMENT),
        sa.UniqueConstraint("host", "repository_id", "number"),
        sa.Index("ix_fix_pull_request_task_id", "task_id"),
        sa.Index("ix_fix_pull_request_candidate_id", "candidate_id"),
        sa.Index("ix_fix_pull_request_host_repository_id_status", "host", "repository_id", "status"),
        sa.Index("ix_fix_pull_request_host_repository_id_fingerprint", "host", "repository_id", "fingerprint"),
        sa.Index(
            "uq_fix_pull_request_open",
            "host",
            "repository_id",
            "fingerprint",
            "base_branch",
            unique=True,
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        ),
    )


def _records() -> None:
    """Activity, and the audit trail that only grows."""
    op.create_table(
        "activity",
        sa.Column("seq", BIG, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("installation_id", BIG, nullable=False),
        sa.Column("repository_id", BIG),
        sa.Column("data", sa.JSON, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "audit",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("result", sa.Text, nullable=False),
        sa.Column("host", sa.Text),
        sa.Column("installation_id", BIG),
        sa.Column("repository_id", BIG),
        sa.Column("incident_id", sa.Text),
        sa.Column("details", sa.JSON, nullable=False),
        sa.Index("ix_audit_incident_id", "incident_id"),
        sqlite_autoincrement=True,
    )


def _budgets() -> None:
    """The budget ledger, and the calls to GitHub."""
    op.create_table(
        "budget_ledger",
        sa.Column("entry", sa.Text, primary_key=True),
        sa.Column("host", sa.Text, primary_key=True),
        sa.Column("scope_kind", sa.Text, primary_key=True),
        sa.Column("scope_key", sa.Text, primary_key=True),
        sa.Column("unit", sa.Text, primary_key=True),
        sa.Column("installation_id", BIG, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Index("ix_budget_ledger_host_scope_kind_scope_key_unit_day", "host", "scope_kind", "scope_key", "unit", "day"),
    )
    op.create_table(
        "github_call",
        sa.Column("host", sa.Text, primary_key=True),
        sa.Column("installation_id", BIG, primary_key=True, autoincrement=False),
        sa.Column("purpose", sa.Text, primary_key=True),
        sa.Column("resource", sa.Text, primary_key=True),
        sa.Column("hour", MOMENT, primary_key=True),
        sa.Column("count", BIG, nullable=False),
        sa.Column("points", BIG, nullable=False),
        sa.Index("ix_github_call_purpose", "purpose"),
    )


def _processes() -> None:
    """Heartbeats of processes, and writes to the outside."""
    op.create_table(
        "executor",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("host_name", sa.Text, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("beat_at", MOMENT, nullable=False),
        sa.Column("stopped_at", MOMENT),
    )
    op.create_table(
        "external_write",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("host", sa.Text),
        sa.Column("installation_id", BIG),
        sa.Column("remote", sa.JSON),
        sa.Column("intended_at", MOMENT, nullable=False),
        sa.Column("done_at", MOMENT),
    )
