"""After the proposal, the task follows its fix pull request: merged is done, closed is cancelled; either way the branch goes."""

from app.domain.incident import Incident
from app.domain.pull_request import PullRequest
from app.domain.task import CandidateStatus, FixPullRequest, FixStatus, task_status_for
from app.engine import Run
from app.github import pulls
from app.github.branches import delete_branch
from app.repair.linked import report_all
from app.repair.progress import advance
from app.repair.stored import load, stored
from app.repair.trail import entry
from app.services import Services
from storage import audit, fixes


async def follow(services: Services, run: Run, fix_id: str) -> None:
    """Read where a fix pull request stands on GitHub and bring its task, branch and report in line."""
    incident_id = await run.step("reconcile", reconcile, services, fix_id, attempts=3)
    await report_all(services, run, await load(services, incident_id))


async def reconcile(services: Services, fix_id: str) -> str:
    """Bring one fix pull request in line with GitHub; gives its incident's id."""
    async with services.db.read() as tx:
        fix = await fixes.get_fix(tx, fix_id)
    if fix is None or fix.number is None:
        raise LookupError(f"no fix pull request {fix_id} with a number")
    incident = await load(services, fix.incident_id)
    if (await stored(services, fix.candidate_id)).status is CandidateStatus.WITHDRAWN:
        return incident.id  # we closed it ourselves, and its task goes on with the next candidate
    client = services.github.installation(incident.repository, purpose=f"follow:{incident.id}")
    pull = await pulls.get(client, incident.repository, fix.number)
    status = fix_status(pull, fix)
    if status in {FixStatus.MERGED, FixStatus.CLOSED}:
        await delete_branch(client, incident.repository, fix.branch)
    await _record(services, fix, status, incident)
    return incident.id


def fix_status(pull: PullRequest, fix: FixPullRequest) -> FixStatus:
    """Give the status of a fix pull request from what GitHub says of it."""
    if pull.merged:
        return FixStatus.MERGED
    if pull.state == "closed":
        return FixStatus.CLOSED
    if pull.is_draft:
        return FixStatus.CREATED
    return FixStatus.APPROVED if fix.status is FixStatus.APPROVED else FixStatus.OPEN


async def _record(services: Services, fix: FixPullRequest, status: FixStatus, incident: Incident) -> None:
    now = services.clock()
    async with services.db.begin() as tx:
        if status is not fix.status:
            await fixes.set_fix_status(tx, fix.id, status, at=now, source="webhook")
            told = {"number": fix.number, "status": status.value}
            await audit.write(tx, entry(services, incident, "pull_request", status.value, told))
    imposed = task_status_for(status)
    if imposed is not None:
        await advance(services, fix.incident_id, imposed, _reason(status, fix), pr_trigger=fix.id)


def _reason(status: FixStatus, fix: FixPullRequest) -> str:
    return {
        FixStatus.MERGED: f"#{fix.number} was merged; its branch is deleted.",
        FixStatus.CLOSED: f"#{fix.number} was closed without merging; its branch is deleted.",
    }.get(status, "")
