"""The decision between attributing and fixing: what the policy, the attribution and the server's own limits allow."""

from app.domain.incident import Surroundings
from app.domain.plan import Action, Plan, make_plan
from app.domain.policy import effective, parse_policy
from app.domain.task import TaskStatus
from app.repair.kept import keep, needed
from app.repair.progress import advance
from app.repair.stored import diagnosed, load
from app.services import Services


async def decide(services: Services, incident_id: str) -> str:
    """Decide how far this repair goes, keep the plan, end the task where it ends here, and give the action."""
    incident = await load(services, incident_id)
    around = await needed(services, incident_id, "surroundings", Surroundings)
    diagnosis = await diagnosed(services, incident_id)
    read = parse_policy(around.policy_text) if around.policy_text is not None else None
    policy = effective(read.policy if read else None, services.ceilings)
    plan = make_plan(incident, around, diagnosis, policy, may_push=services.auto_pull_requests)
    if read is not None and read.problems:
        plan = _with_invalid_policy(plan, str(read.problems[0].line), read.problems[0].message)
    await keep(services, incident_id, "plan", plan)
    if plan.action in {Action.OBSERVE, Action.EXPLAIN}:
        await advance(services, incident_id, TaskStatus.OBSERVED, plan.reason)
    return plan.action.value


def _with_invalid_policy(plan: Plan, line: str, message: str) -> Plan:
    return Plan(
        action=Action.EXPLAIN,
        reason=f"Explained, not fixed: `.github/devflowfix.yml` is not valid (line {line}: {message}).",
        base_branch=plan.base_branch,
        base_sha=plan.base_sha,
    )
