"""Stage 8, pull request: a proven candidate is proposed; one that stayed red is withdrawn and its branch deleted."""

from app.domain.candidate import Candidate
from app.domain.ci import Check
from app.domain.incident import Incident
from app.domain.plan import Plan
from app.domain.task import CandidateStatus, FixPullRequest, FixStatus, TaskStatus
from app.github.branches import delete_branch
from app.github.client import Client
from app.github.pulls import open_pull_request
from app.repair.collect import load
from app.repair.commit import stored
from app.repair.kept import needed
from app.repair.story import story_of
from app.services import Services
from app.wording import fix_pull_request as words
from storage import candidates, fixes, tasks


async def publish(services: Services, candidate_id: str) -> None:
    """Open the fix pull request of a judged candidate, once, and put its task under review."""
    candidate = await stored(services, candidate_id)
    fix = await fix_of(services, candidate)
    if fix.number is not None:
        return
    incident = await load(services, candidate.incident_id)
    plan = await needed(services, incident.id, "plan", Plan)
    story = await story_of(services, incident.id)
    unproven = candidate.status is not CandidateStatus.GREEN
    title = words.title(story)
    pull = await open_pull_request(
        await _client(services, incident),
        incident.repository,
        head=candidate.branch,
        base=plan.base_branch,
        title=title,
        body=words.body(story, _verifying_run(candidate, incident)),
        draft=plan.draft or unproven,
    )
    status = FixStatus.CREATED if pull.draft else FixStatus.OPEN
    async with services.db.begin() as tx:
        now = services.clock()
        await fixes.set_fix_status(tx, fix.id, status, number=pull.number, url=pull.url, title=title, at=now, source="worker")
        await tasks.move_task(tx, candidate.task_id, TaskStatus.CODE_REVIEWING, at=now, pr_trigger="opened")


async def withdraw(services: Services, candidate_id: str, reason: str) -> None:
    """Take a candidate back: delete its branch unless a person was there, free the claim, end the task with the reason."""
    candidate = await stored(services, candidate_id)
    incident = await load(services, candidate.incident_id)
    fix = await fix_of(services, candidate)
    untouched = candidate.status is CandidateStatus.RED
    if untouched:
        await delete_branch(await _client(services, incident), incident.repository, candidate.branch)
    async with services.db.begin() as tx:
        now = services.clock()
        await candidates.set_verdict(tx, candidate_id, CandidateStatus.WITHDRAWN, candidate.checks, reason)
        await fixes.set_fix_status(tx, fix.id, FixStatus.FAILED, at=now, source="worker")
        await tasks.move_task(tx, candidate.task_id, TaskStatus.FAILED, reason=_withdrawn(reason, untouched=untouched), at=now)


async def fix_of(services: Services, candidate: Candidate) -> FixPullRequest:
    """Read the fix pull request that a committed candidate has claimed."""
    async with services.db.read() as tx:
        fix = await fixes.fix_of_candidate(tx, candidate.id)
    if fix is None:
        raise LookupError(f"candidate {candidate.id} holds no fix pull request")
    return fix


def _withdrawn(reason: str, *, untouched: bool) -> str:
    return f"Withdrawn: {reason}" + (" Its branch is deleted." if untouched else "")


async def _client(services: Services, incident: Incident) -> Client:
    return await services.github.installation(incident.repository, purpose=f"repair:{incident.id}")


def _verifying_run(candidate: Candidate, incident: Incident) -> str:
    """Give the address of the run that verified a candidate: of the failed workflow where it ran, else of any check."""
    same = [check for check in candidate.checks if check.workflow_path == incident.run.path]
    return _run_url((same or list(candidate.checks) or [None])[0])


def _run_url(check: Check | None) -> str:
    return check.url.partition("/job/")[0] if check else ""
