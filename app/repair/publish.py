"""Stage 8, pull request: a proven candidate is proposed; one that stayed red is withdrawn and its branch deleted."""

from app.domain.candidate import Candidate
from app.domain.incident import Incident
from app.domain.plan import Plan
from app.domain.task import CandidateStatus, FixStatus, TaskStatus
from app.github.branches import delete_branch
from app.github.client import Client
from app.github.pulls import NewPullRequest, open_pull_request
from app.repair.kept import needed
from app.repair.progress import advance
from app.repair.stored import fix_of, load, stored
from app.repair.story import story_of
from app.repair.trail import entry
from app.services import Services
from app.wording import fix_pull_request as words
from storage import audit, candidates, fixes


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
        _client(services, incident),
        incident.repository,
        NewPullRequest(
            head=candidate.branch,
            base=plan.base_branch,
            title=title,
            body=words.body(story, _verifying_run(candidate, incident)),
            draft=plan.draft or unproven,
        ),
    )
    status = FixStatus.CREATED if pull.is_draft else FixStatus.OPEN
    async with services.db.begin() as tx:
        now = services.clock()
        await fixes.set_fix_status(tx, fix.id, status, number=pull.number, url=pull.url, title=title, at=now, source="worker")
        told = {"candidate": candidate_id, "number": pull.number, "draft": pull.is_draft}
        await audit.write(tx, entry(services, incident, "pull_request", "opened", told))
    await advance(services, incident.id, TaskStatus.CODE_REVIEWING, pr_trigger=fix.id)


async def withdraw(services: Services, candidate_id: str, reason: str) -> None:
    """Take a candidate back: delete its branch unless a person was there, free the claim, end the task with the reason."""
    candidate = await stored(services, candidate_id)
    incident = await load(services, candidate.incident_id)
    fix = await fix_of(services, candidate)
    untouched = candidate.status is CandidateStatus.RED
    if untouched:
        await delete_branch(_client(services, incident), incident.repository, candidate.branch)
    async with services.db.begin() as tx:
        now = services.clock()
        await candidates.set_verdict(tx, candidate_id, CandidateStatus.WITHDRAWN, candidate.checks, reason)
        await fixes.set_fix_status(tx, fix.id, FixStatus.FAILED, at=now, source="worker")
        await audit.write(tx, entry(services, incident, "candidate", "withdrawn", {"candidate": candidate_id, "reason": reason}))
    await advance(services, incident.id, TaskStatus.FAILED, _withdrawn(reason, untouched=untouched))


def _withdrawn(reason: str, *, untouched: bool) -> str:
    return f"Withdrawn: {reason}" + (" Its branch is deleted." if untouched else "")


def _client(services: Services, incident: Incident) -> Client:
    return services.github.installation(incident.repository, purpose=f"repair:{incident.id}")


def _verifying_run(candidate: Candidate, incident: Incident) -> str:
    """Give the address of the run that verified a candidate: of the failed workflow where it ran, else of any check."""
    of_workflow = [check for check in candidate.checks if check.workflow_path == incident.run.path]
    shown = of_workflow or candidate.checks
    return shown[0].url.partition("/job/")[0] if shown else ""
