"""The decision between attributing and fixing: what the policy, the attribution and the server's own limits allow."""

from dataclasses import replace

from app.domain.diagnosis import Diagnosis
from app.domain.incident import Incident, Surroundings
from app.domain.plan import Action, Plan, make_plan
from app.domain.policy import effective, parse_policy
from app.domain.task import CandidateStatus, FixStatus, TaskStatus
from app.repair.kept import keep, needed
from app.repair.progress import advance
from app.repair.stored import diagnosed, load
from app.services import Services
from storage import candidates, fixes


async def decide(services: Services, incident_id: str) -> str:
    """Decide how far this repair goes, keep the plan, end the task where it ends here, and give the action."""
    incident = await load(services, incident_id)
    around = await needed(services, incident_id, "surroundings", Surroundings)
    diagnosis = await diagnosed(services, incident_id)
    read = parse_policy(around.policy_text) if around.policy_text is not None else None
    policy = effective(read.policy if read else None, services.ceilings)
    plan = make_plan(incident, around, diagnosis, policy, may_push=services.auto_pull_requests)
    closed = await _closed_by_a_person(services, incident, diagnosis)
    if closed and plan.action is Action.FIX:
        plan = replace(
            plan, action=Action.EXPLAIN, reason=f"Explained, not fixed: #{closed}, a fix of the same failure, was closed."
        )
    if read is not None and read.problems:
        plan = _with_invalid_policy(plan, str(read.problems[0].line), read.problems[0].message)
    await keep(services, incident_id, "plan", plan)
    if plan.action in {Action.OBSERVE, Action.EXPLAIN}:
        await advance(services, incident_id, TaskStatus.OBSERVED, plan.reason)
    return plan.action.value


async def _closed_by_a_person(services: Services, incident: Incident, diagnosis: Diagnosis) -> int | None:
    """Find a fix of the same failure that a person closed: not again. What we withdrew ourselves does not count."""
    repository = incident.repository
    async with services.db.read() as tx:
        closed = await fixes.fixes_with_fingerprint(
            tx, repository.host, repository.id, diagnosis.fingerprint, (FixStatus.CLOSED,)
        )
        for fix in closed:
            candidate = await candidates.get_candidate(tx, fix.candidate_id)
            if candidate is not None and candidate.status is not CandidateStatus.WITHDRAWN:
                return fix.number
    return None


def _with_invalid_policy(plan: Plan, line: str, message: str) -> Plan:
    return Plan(
        action=Action.EXPLAIN,
        reason=f"Explained, not fixed: `.github/devflowfix.yml` is not valid (line {line}: {message}).",
        base_branch=plan.base_branch,
        base_sha=plan.base_sha,
    )
