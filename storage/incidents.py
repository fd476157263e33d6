"""Incidents and their diagnoses."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.ci import WorkflowRun
from app.domain.diagnosis import Diagnosis, JobReading
from app.domain.failure.types import Attribution, FailureType
from app.domain.incident import Incident
from app.domain.repository import Repository
from storage import installations
from storage.encoding import from_json, to_json
from storage.errors import Missing
from storage.models import diagnosis as diagnoses
from storage.models import incident as table
from storage.models import repository as repositories
from storage.upsert import insert_new, upsert


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a row belongs; its fields are the columns that every such row carries."""

    host: str
    installation_id: int
    repository_id: int

    def columns(self) -> dict[str, Any]:
        """As columns of a row."""
        return {"host": self.host, "installation_id": self.installation_id, "repository_id": self.repository_id}


async def add_incident(tx: AsyncConnection, incident: Incident) -> bool:
    """Store an incident and, if it is new too, its repository; False when this run attempt is known."""
    await installations.add_repository(tx, incident.repository)
    row = {
        "id": incident.id,
        "host": incident.repository.host,
        "installation_id": incident.repository.installation_id,
        "repository_id": incident.repository.id,
        "run_id": incident.run.id,
        "run_attempt": incident.run.attempt,
        "head_sha": incident.run.head_sha,
        "run": to_json(incident.run),
        "delivery": incident.delivery,
        "created_at": incident.created_at,
    }
    return await insert_new(tx, table, row)


async def get_incident(tx: AsyncConnection, incident_id: str) -> Incident | None:
    """Find an incident; its repository is the one of today, with today's name."""
    return await _one(tx, table.c.id == incident_id)


async def incident_of_run(tx: AsyncConnection, host: str, repository_id: int, run_id: int, run_attempt: int) -> Incident | None:
    """Find the incident of a workflow run attempt."""
    return await _one(
        tx,
        and_(
            table.c.host == host,
            table.c.repository_id == repository_id,
            table.c.run_id == run_id,
            table.c.run_attempt == run_attempt,
        ),
    )


async def incidents_with_fingerprint(
    tx: AsyncConnection, host: str, repository_id: int, fingerprint: str, limit: int = 20
) -> tuple[Incident, ...]:
    """Give the incidents of a repository that failed in the same way, newest first."""
    same = and_(diagnoses.c.host == host, diagnoses.c.repository_id == repository_id, diagnoses.c.fingerprint == fingerprint)
    query = _with_repository().join(diagnoses, diagnoses.c.incident_id == table.c.id).where(same)
    newest = query.order_by(table.c.created_at.desc(), table.c.id).limit(limit)
    return tuple(_incident(row) for row in await tx.execute(newest))


async def incidents_of_commit(tx: AsyncConnection, host: str, repository_id: int, sha: str) -> tuple[str, ...]:
    """Give the ids of a commit's incidents, oldest first."""
    of_commit = and_(table.c.host == host, table.c.repository_id == repository_id, table.c.head_sha == sha)
    rows = await tx.execute(select(table.c.id).where(of_commit).order_by(table.c.created_at, table.c.id))
    return tuple(rows.scalars())


async def address_of(tx: AsyncConnection, incident_id: str) -> Address:
    """Tell where an incident belongs.

    Raises:
        Missing: if there is no such incident.
    """
    query = select(table.c.host, table.c.installation_id, table.c.repository_id).where(table.c.id == incident_id)
    row = (await tx.execute(query)).one_or_none()
    if row is None:
        raise Missing(f"there is no incident {incident_id}")
    return Address(host=row.host, installation_id=row.installation_id, repository_id=row.repository_id)


async def save_diagnosis(tx: AsyncConnection, diagnosis: Diagnosis) -> None:
    """Store the diagnosis of an incident in place of an earlier one.

    Raises:
        Missing: if there is no such incident.
    """
    row = (await address_of(tx, diagnosis.incident_id)).columns() | {
        "incident_id": diagnosis.incident_id,
        "failure_type": diagnosis.failure_type.value,
        "confidence": diagnosis.confidence,
        "attribution": diagnosis.attribution.value,
        "fingerprint": diagnosis.fingerprint,
        "root_cause": diagnosis.root_cause,
        "evidence": to_json(diagnosis.evidence),
        "readings": to_json(diagnosis.readings),
    }
    await upsert(tx, diagnoses, [row])


async def get_diagnosis(tx: AsyncConnection, incident_id: str) -> Diagnosis | None:
    """Find the diagnosis of an incident."""
    row = (await tx.execute(select(diagnoses).where(diagnoses.c.incident_id == incident_id))).one_or_none()
    if row is None:
        return None
    return Diagnosis(
        incident_id=row.incident_id,
        failure_type=FailureType(row.failure_type),
        confidence=row.confidence,
        attribution=Attribution(row.attribution),
        evidence=from_json(tuple[str, ...], row.evidence),
        root_cause=row.root_cause,
        fingerprint=row.fingerprint,
        readings=from_json(tuple[JobReading, ...], row.readings),
    )


def _with_repository() -> Select[*tuple[Any, ...]]:
    return select(
        *table.c["id", "run", "delivery", "created_at", "host", "repository_id"],
        *repositories.c["installation_id", "full_name", "private", "default_branch"],
    ).join(repositories, and_(repositories.c.host == table.c.host, repositories.c.id == table.c.repository_id))


async def _one(tx: AsyncConnection, condition: ColumnElement[bool]) -> Incident | None:
    row = (await tx.execute(_with_repository().where(condition))).one_or_none()
    return None if row is None else _incident(row)


def _incident(row: Row[*tuple[Any, ...]]) -> Incident:
    return Incident(
        id=row.id,
        repository=Repository(
            host=row.host,
            installation_id=row.installation_id,
            id=row.repository_id,
            full_name=row.full_name,
            private=row.private,
            default_branch=row.default_branch,
        ),
        run=from_json(WorkflowRun, row.run),
        created_at=row.created_at,
        delivery=row.delivery,
    )
