"""Stage 4, fix: propose a candidate. Deterministic fixers first: no model, no cost; then the model, if there is one to ask."""

from typing import Any

from app.domain.candidate import Candidate
from app.domain.diagnosis import Diagnosis
from app.domain.ids import branch_name, candidate_id, task_id
from app.domain.incident import Incident, Surroundings
from app.domain.plan import Plan
from app.domain.retry import RetryLater
from app.domain.task import CandidateStatus, TaskStatus
from app.fixers.proposal import FixFacts, Proposal
from app.fixers.registry import propose_all
from app.github.source import Source
from app.repair.ask_model import ask
from app.repair.evidence import evidence_files
from app.repair.kept import keep, needed
from app.repair.policies import policy_of
from app.repair.progress import advance
from app.repair.source import snapshot, unpacked
from app.repair.stored import diagnosed, load
from app.repair.trail import entry
from app.services import Services
from storage import audit, candidates

NO_FIXER = "no fixer without a model fits this failure, and no model is configured."
MODEL_OFF = "no fixer without a model fits this failure, and the policy says `model: off`."
_MODEL_RETRY = 60.0  # seconds until a model that was out of reach is asked again, unless it says otherwise


async def propose(services: Services, incident_id: str, number: int) -> dict[str, Any]:
    """Propose the candidate of this number: its id as ``candidate``, or null and ``why`` as a sentence.

    Raises:
        RetryLater: the model cannot be asked just now.
    """
    incident, diagnosis = await load(services, incident_id), await diagnosed(services, incident_id)
    plan = await needed(services, incident_id, "plan", Plan)
    await advance(services, incident_id, TaskStatus.IMPLEMENTING)
    async with unpacked(services, incident, plan.base_sha) as source:
        proposal = await _proposed(services, incident, diagnosis, source, number)
        if isinstance(proposal, str):
            return {"candidate": None, "why": proposal}
        kept = snapshot(source, plan.base_sha, _looked_at(source, proposal, diagnosis), proposal.targets)
        await keep(services, incident_id, "source", kept, name=str(number))
    candidate = _candidate(services, incident, diagnosis, plan, proposal, number)
    async with services.db.begin() as tx:
        if await candidates.add_candidate(tx, candidate):
            told = {"candidate": candidate.id, "origin": candidate.origin, "files": [edit.path for edit in candidate.edits]}
            await audit.write(tx, entry(services, incident, "candidate", "proposed", told))
    return {"candidate": candidate.id, "why": ""}


async def _proposed(services: Services, incident: Incident, diagnosis: Diagnosis, source: Source, number: int) -> Proposal | str:
    """Give a proposal, or the sentence that says why there is none. Deterministic fixers would only repeat themselves."""
    if number == 1:
        around = await needed(services, incident.id, "surroundings", Surroundings)
        proposal = await propose_all(source, diagnosis.readings, FixFacts(workflow_text=around.workflow_text or ""))
        if proposal is not None and not (proposal.remaining and services.model is not None):
            return proposal
    if services.model is None:
        return NO_FIXER
    if not (await policy_of(services, incident.id)).model:
        return MODEL_OFF
    answer = await ask(services, services.model, incident, diagnosis, source, number)
    if isinstance(answer, Proposal):
        return answer
    if answer.passing:
        raise RetryLater(answer.retry_after or _MODEL_RETRY, answer.sentence)
    return answer.sentence


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


def _candidate(
    services: Services, incident: Incident, diagnosis: Diagnosis, plan: Plan, proposal: Proposal, number: int
) -> Candidate:
    task = task_id(incident.id)
    name = candidate_id(task, number)
    return Candidate(
        id=name,
        task_id=task,
        incident_id=incident.id,
        number=number,
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
