"""Values that storage tests store, and how to store what they rest on."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain import ids
from app.domain.candidate import Candidate
from app.domain.ci import WorkflowRun
from app.domain.diagnosis import Diagnosis, ExcerptLine, JobReading
from app.domain.failure.types import Attribution, Failure, FailureType
from app.domain.incident import Incident
from app.domain.patch.edit import Edit
from app.domain.repository import Account, Installation, Repository
from app.domain.task import CandidateStatus, FixPullRequest, FixStatus, Task, TaskStatus
from storage import candidates, incidents, tasks

HOST = "github.com"
NOW = datetime(2026, 3, 1, 12, 30, 15, 123456, UTC)
LATER = NOW + timedelta(minutes=5)
BIG = 2**53 + 1  # does not fit a float, nor 32 bits

INSTALLATION = Installation(
    host=HOST,
    id=BIG,
    account=Account(id=BIG + 1, login="acme", type="Organization"),
    permissions=(("checks", "write"), ("contents", "write")),
)
REPOSITORY = Repository(host=HOST, installation_id=BIG, id=BIG + 2, full_name="acme/shop", default_branch="main")
EDIT = Edit(path="shop/cart.py", before="import os\r\n", after=None, explanation="unused \x00 \ud83d")


def incident(run_id: int = BIG, attempt: int = 1, repository: Repository = REPOSITORY) -> Incident:
    run = WorkflowRun(
        id=run_id,
        attempt=attempt,
        workflow_id=7,
        workflow_name="CI",
        path=".github/workflows/ci.yml",
        event="push",
        status="completed",
        conclusion="failure",
        head_sha="a" * 40,
        head_branch="topic",
        head_repository_id=repository.id,
        actor_login="mona",
        actor_type="User",
        created_at=NOW,
        head_commit_message="Tidy \u2028 the cart \x00",
        pull_requests=(3, 5),
    )
    name = ids.incident_id(repository.host, repository.id, run_id, attempt)
    return Incident(id=name, repository=repository, run=run, created_at=NOW, delivery="a-guid")


def task(of: Incident) -> Task:
    return Task(id=ids.task_id(of.id), incident_id=of.id, status=TaskStatus.QUEUED, reason="", created_at=NOW, updated_at=NOW)


def candidate(of: Task, number: int = 1) -> Candidate:
    name = ids.candidate_id(of.id, number)
    return Candidate(
        id=name,
        task_id=of.id,
        incident_id=of.incident_id,
        number=number,
        origin="ruff",
        status=CandidateStatus.PROPOSED,
        base_sha="a" * 40,
        branch=ids.branch_name("lint", name),
        title="Remove an unused import",
        explanation="",
        confidence=0.95,
        edits=(EDIT,),
        created_at=NOW,
    )


def diagnosis(of: Incident, fingerprint: str = "f1") -> Diagnosis:
    failure = Failure(tool="ruff", message="unused import", rule="F401", file="shop/cart.py", line=1)
    reading = JobReading(
        job_id=BIG,
        job_name="lint",
        failure_type=FailureType.LINT,
        confidence=0.99,
        failures=(failure,),
        excerpt=(ExcerptLine(number=12, text="F401 `os` imported but unused"),),
    )
    return Diagnosis(
        incident_id=of.id,
        failure_type=FailureType.LINT,
        confidence=0.9,
        attribution=Attribution.CAUSED_BY_CHANGE,
        evidence=("main passed an hour ago.",),
        root_cause="`os` is imported and not used.",
        fingerprint=fingerprint,
        readings=(reading,),
    )


def fix(of: Candidate, fingerprint: str = "f1", base: str = "topic") -> FixPullRequest:
    return FixPullRequest(
        id=ids.fix_id(of.id, of.task_id),
        task_id=of.task_id,
        incident_id=of.incident_id,
        candidate_id=of.id,
        host=HOST,
        installation_id=BIG,
        repository_id=REPOSITORY.id,
        fingerprint=fingerprint,
        base_branch=base,
        branch=of.branch,
        status=FixStatus.CREATED,
        created_at=NOW,
        updated_at=NOW,
    )


async def stored_task(tx: AsyncConnection, run_id: int = BIG) -> Task:
    """Store an incident with its task."""
    failed = incident(run_id)
    await incidents.add_incident(tx, failed)
    await tasks.add_task(tx, task(failed))
    return task(failed)


async def stored_candidate(tx: AsyncConnection, run_id: int = BIG) -> Candidate:
    """Store an incident with its task and first candidate."""
    proposed = candidate(await stored_task(tx, run_id))
    await candidates.add_candidate(tx, proposed)
    return proposed


def renamed(repository: Repository, full_name: str) -> Repository:
    return replace(repository, full_name=full_name)
