"""Stage 5, gates: code decides whether a candidate may be committed. Works from kept artifacts alone."""

from app.domain.incident import Surroundings
from app.domain.patch.gates import GateFacts, run_gates
from app.domain.plan import Plan
from app.domain.policy import effective, parse_policy
from app.domain.task import CandidateStatus
from app.repair.fix import diagnosed, evidence_files
from app.repair.kept import needed
from app.repair.source import Snapshot
from app.services import Services
from storage import candidates


async def gate(services: Services, incident_id: str, candidate_id: str) -> str:
    """Run every gate on a candidate, store what they say, and give the first refusal's sentence; empty when all passed."""
    async with services.db.read() as tx:
        candidate = await candidates.get_candidate(tx, candidate_id)
    if candidate is None:
        raise LookupError(f"no candidate {candidate_id}")
    facts = await _facts(services, incident_id)
    results = run_gates(candidate.edits, facts)
    refused = [result for result in results if not result.passed]
    status = CandidateStatus.REFUSED if refused else CandidateStatus.PROPOSED
    async with services.db.begin() as tx:
        await candidates.set_gates(tx, candidate_id, results, status)
    plan = await needed(services, incident_id, "plan", Plan)
    if refused:
        return refused[0].sentence
    if candidate.confidence < plan.min_confidence:
        return f"The fix's confidence of {candidate.confidence:.2f} is below the {plan.min_confidence:.2f} that a fix needs."
    return ""


async def _facts(services: Services, incident_id: str) -> GateFacts:
    around = await needed(services, incident_id, "surroundings", Surroundings)
    source = await needed(services, incident_id, "source", Snapshot)
    diagnosis = await diagnosed(services, incident_id)
    policy = effective(parse_policy(around.policy_text).policy if around.policy_text else None, services.ceilings)
    return GateFacts(
        modes=source.modes,
        read=source.files.get,
        allow=policy.paths_allow,
        deny=policy.paths_deny,
        max_files=policy.max_files,
        max_lines=policy.max_lines,
        evidence_files=evidence_files(diagnosis),
    )
