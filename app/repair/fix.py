"""Stage 4, fix: the fixers look at the source and propose a candidate. Deterministic ones only need the log and the source."""

from app.domain.candidate import Candidate
from app.domain.diagnosis import Diagnosis
from app.domain.ids import branch_name, candidate_id, task_id
from app.domain.incident import Incident, Surroundings
from app.domain.plan import Plan
from app.domain.task import CandidateStatus, TaskStatus
from app.fixers.proposal import FixFacts, Proposal
from app.fixers.registry import propose_all
from app.github.source import Source
from app.repair.kept import keep, needed
from app.repair.progress import advance
from app.repair.source import snapshot, unpacked
from app.repair.stored import diagnosed, load
from app.repair.trail import entry
from app.services import Services
from storage import audit, candidates


async def propose(services: Services, incident_id: str) -> str | None:
    """Have the fixers propose a candidate; gives its id, or null when none of them fits."""
    incident = await load(services, incident_id)
    around = await needed(services, incident_id, "surroundings", Surroundings)
    diagnosis, plan = await diagnosed(services, incident_id), await needed(services, incident_id, "plan", Plan)
    await advance(services, incident_id, TaskStatus.IMPLEMENTING)
    async with unpacked(services, incident, plan.base_sha) as source:
        proposal = await propose_all(source, diagnosis.readings, FixFacts(workflow_text=around.workflow_text or ""))
        if proposal is None:
            return None
        kept = snapshot(source, plan.base_sha, _looked_at(source, proposal, diagnosis), proposal.targets)
        await keep(services, incident_id, "source", kept)
    candidate = _candidate(services, incident, diagnosis, plan, proposal)
    async with services.db.begin() as tx:
        if await candidates.add_candidate(tx, candidate):
            told = {"candidate": candidate.id, "origin": candidate.origin, "files": [edit.path for edit in candidate.edits]}
            await audit.write(tx, entry(services, incident, "candidate", "proposed", told))
    return candidate.id


def evidence_files(diagnosis: Diagnosis) -> frozenset[str]:
    """Name the files that the failures name."""
    return frozenset(failure.file for reading in diagnosis.readings for failure in reading.failures if failure.file)


_CONFIGURATION = (
    "pyproject.toml",
    "ruff.toml",
    ".ruff.toml",
    "setup.cfg",
    ".isort.cfg",
    ".editorconfig",
    ".pre-commit-config.yaml",
)


def _looked_at(source: Source, proposal: Proposal, diagnosis: Diagnosis) -> frozenset[str]:
    edited = frozenset(edit.path for edit in proposal.edits)
    named = frozenset(path for path in source.modes if path.rpartition("/")[2] in _CONFIGURATION)
    return edited | named | evidence_files(diagnosis) | proposal.targets


def _candidate(services: Services, incident: Incident, diagnosis: Diagnosis, plan: Plan, proposal: Proposal) -> Candidate:
    task = task_id(incident.id)
    name = candidate_id(task, 1)
    return Candidate(
        id=name,
        task_id=task,
        incident_id=incident.id,
        number=1,
        origin=proposal.origin,
        status=CandidateStatus.PROPOSED,
        base_sha=plan.base_sha,
        branch=branch_name(diagnosis.failure_type.value, name),
        title=proposal.title,
        explanation=proposal.explanation,
        confidence=min(diagnosis.confidence, proposal.confidence),
        edits=proposal.edits,
        created_at=services.clock(),
    )
