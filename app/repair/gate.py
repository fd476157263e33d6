"""Stage 5, gates: code decides whether a candidate may be committed. Works from kept artifacts alone."""

from dataclasses import replace
from typing import Any

from app.domain.candidate import Candidate
from app.domain.diagnosis import Diagnosis
from app.domain.patch.gates import GateFacts, refused, run_gates
from app.domain.plan import Action, Plan
from app.domain.policy import Effective, Mode, decide_mode
from app.domain.task import CandidateStatus
from app.repair.evidence import evidence_files
from app.repair.kept import keep, needed
from app.repair.policies import policy_of
from app.repair.source import Snapshot
from app.repair.stored import diagnosed, load, stored
from app.repair.trail import entry
from app.services import Services
from storage import audit, candidates


async def gate(services: Services, incident_id: str, candidate_id: str) -> dict[str, Any]:
    """Run every gate on a candidate and store what they say.

    Gives ``refused``, the first refusal's sentence (empty when all passed), and ``push``: whether the policy lets a change of
    these files be pushed.
    """
    candidate = await stored(services, candidate_id)
    diagnosis = await diagnosed(services, incident_id)
    policy = await policy_of(services, incident_id)
    results = run_gates(candidate.edits, await _facts(services, candidate, diagnosis, policy))
    against = refused(results)
    status = CandidateStatus.REFUSED if against else CandidateStatus.PROPOSED
    async with services.db.begin() as tx:
        await candidates.set_gates(tx, candidate_id, results, status)
        if against:
            told = {"candidate": candidate_id, "gates": [result.code for result in against]}
            await audit.write(tx, entry(services, await load(services, incident_id), "candidate", "refused", told))
    plan = await _narrowed(services, incident_id, candidate, diagnosis, policy)
    return {"refused": against[0].sentence if against else _unsure(candidate, plan), "push": plan.action is Action.FIX}


async def _facts(services: Services, candidate: Candidate, diagnosis: Diagnosis, policy: Effective) -> GateFacts:
    source = await needed(services, candidate.incident_id, "source", Snapshot, name=str(candidate.number))
    return GateFacts(
        modes=source.modes,
        read=source.files.get,
        allow=policy.paths_allow,
        deny=policy.paths_deny,
        max_files=policy.max_files,
        max_lines=policy.max_lines,
        evidence_files=evidence_files(diagnosis) | source.pointed_at,
    )


async def _narrowed(services: Services, incident_id: str, candidate: Candidate, diagnosis: Diagnosis, policy: Effective) -> Plan:
    """Hold the plan against what the policy says of the files that the candidate touches, now that they are known."""
    plan = await needed(services, incident_id, "plan", Plan)
    mode = decide_mode(policy, diagnosis.failure_type, [edit.path for edit in candidate.edits])
    may_push = plan.action is Action.FIX and mode in {Mode.DRAFT, Mode.READY}
    narrowed = replace(plan, action=Action.FIX if may_push else Action.SUGGEST, draft=mode is Mode.DRAFT)
    await keep(services, incident_id, "plan", narrowed)
    return narrowed


def _unsure(candidate: Candidate, plan: Plan) -> str:
    if candidate.confidence >= plan.min_confidence:
        return ""
    return f"Its confidence of {candidate.confidence:.2f} is below the {plan.min_confidence:.2f} that a fix needs."
