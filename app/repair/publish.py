"""Stage 8, pull request: a judged candidate is proposed; one that stayed red is withdrawn and its branch deleted."""

from app.domain.candidate import Candidate
from app.domain.incident import Incident
from app.domain.plan import Plan
from app.domain.pull_request import PullRequest
from app.domain.task import OPEN_FIX, CandidateStatus, FixPullRequest, FixStatus, TaskStatus
from app.github import pulls
from app.github.branches import delete_branch
from app.github.client import Client
from app.repair.kept import needed
from app.repair.opening import open_once, record_opened
from app.repair.progress import advance
from app.repair.stored import fix_of, load, stored
from app.repair.story import story_of
from app.repair.trail import entry
from app.services import Services
from app.wording import fix_pull_request as words
from storage import audit, candidates, fixes


async def publish(services: Services, candidate_id: str) -> str | None:
    """Propose a judged candidate: open its pull request, or complete the draft through which it was proven.

    Gives the fix to follow where a person was quicker and has merged or closed the pull request meanwhile; else null.
    """
    candidate = await stored(services, candidate_id)
    incident, fix = await load(services, candidate.incident_id), await fix_of(services, candidate)
    if fix.status not in OPEN_FIX:
        return fix.id
    plan = await needed(services, incident.id, "plan", Plan)
    new = await _wanted(services, incident, candidate, plan)
    client = _client(services, incident)
    if fix.number is None:
        pull = await open_once(services, client, incident, fix, new)
    else:
        pull = await _completed(client, incident, fix.number, new)
    status = FixStatus.CREATED if pull.is_draft else FixStatus.OPEN
    await record_opened(services, incident, fix, pull, status, new.title)
    await advance(services, incident.id, TaskStatus.CODE_REVIEWING, pr_trigger=fix.id)
    return None if pull.state == "open" else fix.id


async def _wanted(services: Services, incident: Incident, candidate: Candidate, plan: Plan) -> pulls.NewPullRequest:
    story = await story_of(services, incident.id)
    return pulls.NewPullRequest(
        head=candidate.branch,
        base=plan.base_branch,
        title=words.title(story),
        body=words.body(story, _verifying_run(candidate, incident)),
        draft=plan.draft or candidate.status is not CandidateStatus.GREEN,
    )


async def _completed(client: Client, incident: Incident, number: int, new: pulls.NewPullRequest) -> PullRequest:
    """Give a draft its base, title and proof, and take it out of draft where it is proven and the policy wants it ready."""
    pull = await pulls.get(client, incident.repository, number)
    if pull.state != "open":
        return pull
    pull = await pulls.edit(client, incident.repository, number, base=new.base, title=new.title, body=new.body)
    if new.draft or not pull.is_draft:
        return pull
    await pulls.mark_ready(client, pull.node_id)
    return await pulls.get(client, incident.repository, number)


async def withdraw(services: Services, candidate_id: str, reason: str, untouched: bool) -> None:  # noqa: FBT001 - steps pass arguments by position
    """Take a candidate back: free the claim, close its draft, delete its branch. Where a person was on it, it stays."""
    candidate = await stored(services, candidate_id)
    incident, fix = await load(services, candidate.incident_id), await fix_of(services, candidate)
    async with services.db.begin() as tx:  # first: the deliveries that the rest causes must find it done
        now = services.clock()
        await fixes.release(tx, fix.id, at=now)
        await candidates.set_verdict(tx, candidate_id, CandidateStatus.WITHDRAWN, candidate.checks, reason)
        await audit.write(tx, entry(services, incident, "candidate", "withdrawn", {"candidate": candidate_id, "reason": reason}))
    if untouched:
        await _clear_away(_client(services, incident), incident, candidate, fix)


async def _clear_away(client: Client, incident: Incident, candidate: Candidate, fix: FixPullRequest) -> None:
    if fix.number is not None:
        await pulls.close(client, incident.repository, fix.number)
    await delete_branch(client, incident.repository, candidate.branch)


def _client(services: Services, incident: Incident) -> Client:
    return services.github.installation(incident.repository, purpose=f"repair:{incident.id}")


def _verifying_run(candidate: Candidate, incident: Incident) -> str:
    """Give the address of the run that verified a candidate: of the failed workflow where it ran, else of any check."""
    of_workflow = [check for check in candidate.checks if check.workflow_path == incident.run.path]
    shown = of_workflow or candidate.checks
    return shown[0].url.partition("/job/")[0] if shown else ""
