"""Candidates: the proposed fixes of a task, with what gates and CI said."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.candidate import Candidate, GateResult
from app.domain.ci import Check
from app.domain.patch.edit import Edit
from app.domain.task import CandidateStatus
from storage.encoding import from_json, to_json
from storage.errors import Missing
from storage.incidents import address_of
from storage.models import candidate as table
from storage.upsert import insert_new


async def add_candidate(tx: AsyncConnection, candidate: Candidate) -> bool:
    """Store a candidate; False when the task has one of this number.

    Raises:
        Missing: if there is no such incident.
    """
    row = (await address_of(tx, candidate.incident_id)).columns() | {
        "id": candidate.id,
        "task_id": candidate.task_id,
        "incident_id": candidate.incident_id,
        "number": candidate.number,
        "origin": candidate.origin,
        "status": candidate.status.value,
        "base_sha": candidate.base_sha,
        "branch": candidate.branch,
        "title": candidate.title,
        "explanation": candidate.explanation,
        "confidence": candidate.confidence,
        "edits": to_json(candidate.edits),
        "gates": to_json(candidate.gates),
        "commit_sha": candidate.commit_sha,
        "checks": to_json(candidate.checks),
        "verdict": candidate.verdict,
        "created_at": candidate.created_at,
        "committed_at": candidate.committed_at,
    }
    return await insert_new(tx, table, row)


async def get_candidate(tx: AsyncConnection, candidate_id: str) -> Candidate | None:
    """Find a candidate."""
    row = (await tx.execute(select(table).where(table.c.id == candidate_id))).one_or_none()
    return None if row is None else _candidate(row)


async def candidates_of(tx: AsyncConnection, task_id: str) -> tuple[Candidate, ...]:
    """Give a task's candidates in the order they were proposed."""
    rows = await tx.execute(select(table).where(table.c.task_id == task_id).order_by(table.c.number))
    return tuple(_candidate(row) for row in rows)


async def candidate_of_branch(tx: AsyncConnection, host: str, repository_id: int, branch: str) -> Candidate | None:
    """Find the candidate whose commit a branch carries."""
    chosen = select(table).where(table.c.host == host, table.c.repository_id == repository_id, table.c.branch == branch)
    row = (await tx.execute(chosen.order_by(table.c.created_at.desc(), table.c.id).limit(1))).one_or_none()
    return None if row is None else _candidate(row)


async def set_gates(tx: AsyncConnection, candidate_id: str, gates: tuple[GateResult, ...], status: CandidateStatus) -> Candidate:
    """Store what the gates said. Raises ``Missing`` if there is no such candidate, as all that change one do."""
    return await _set(tx, candidate_id, gates=to_json(gates), status=status.value)


async def set_committed(tx: AsyncConnection, candidate_id: str, sha: str, at: datetime) -> Candidate:
    """Store that a candidate stands on its branch as this commit."""
    return await _set(tx, candidate_id, commit_sha=sha, committed_at=at, status=CandidateStatus.COMMITTED.value)


async def set_verdict(
    tx: AsyncConnection, candidate_id: str, status: CandidateStatus, checks: tuple[Check, ...], verdict: str
) -> Candidate:
    """Store what CI said of a candidate."""
    return await _set(tx, candidate_id, status=status.value, checks=to_json(checks), verdict=verdict)


async def _set(tx: AsyncConnection, candidate_id: str, **values: object) -> Candidate:
    changed = update(table).where(table.c.id == candidate_id).values(**values).returning(table)
    row = (await tx.execute(changed)).one_or_none()
    if row is None:
        raise Missing(f"there is no candidate {candidate_id}")
    return _candidate(row)


def _candidate(row: Row[Any]) -> Candidate:
    return Candidate(
        id=row.id,
        task_id=row.task_id,
        incident_id=row.incident_id,
        number=row.number,
        origin=row.origin,
        status=CandidateStatus(row.status),
        base_sha=row.base_sha,
        branch=row.branch,
        title=row.title,
        explanation=row.explanation,
        confidence=row.confidence,
        edits=from_json(tuple[Edit, ...], row.edits),
        created_at=row.created_at,
        gates=from_json(tuple[GateResult, ...], row.gates),
        commit_sha=row.commit_sha,
        checks=from_json(tuple[Check, ...], row.checks),
        verdict=row.verdict,
        committed_at=row.committed_at,
    )
