"""Where only pull requests make CI run, a candidate is proven through a draft pull request (PRODUCT.md section 2.7)."""

from app.domain.candidate import Candidate
from app.domain.incident import Incident, Surroundings
from app.domain.plan import Plan
from app.domain.proving import Proving, choose
from app.domain.task import FixStatus
from app.github.pulls import NewPullRequest
from app.repair.kept import keep, kept, needed
from app.repair.opening import open_once, record_opened
from app.repair.stored import fix_of, load, stored
from app.repair.story import story_of
from app.services import Services
from app.wording import fix_pull_request as words

KIND = "proving"  # the artifact that says how a candidate is proven, by its id


async def open_draft(services: Services, candidate_id: str) -> None:
    """Decide how a candidate is proven, and open a draft pull request if that is how."""
    candidate = await stored(services, candidate_id)
    incident = await load(services, candidate.incident_id)
    proving = await _proving(services, incident, candidate)
    await keep(services, incident.id, KIND, proving, name=candidate_id)
    fix = await fix_of(services, candidate)
    if not proving.needs_draft or fix.number is not None:
        return
    story = await story_of(services, incident.id)
    client = services.github.installation(incident.repository, purpose=f"repair:{incident.id}")
    new = NewPullRequest(
        head=candidate.branch,
        base=proving.base,
        title=words.draft_title(story),
        body=words.draft_body(story),
        draft=True,
    )
    pull = await open_once(services, client, incident, fix, new)
    await record_opened(services, incident, fix, pull, FixStatus.CREATED, new.title)


async def proving_of(services: Services, candidate: Candidate) -> Proving | None:
    """Tell how a committed candidate is proven; null before that was decided."""
    return await kept(services, candidate.incident_id, KIND, Proving, name=candidate.id)


async def _proving(services: Services, incident: Incident, candidate: Candidate) -> Proving:
    around = await needed(services, incident.id, "surroundings", Surroundings)
    plan = await needed(services, incident.id, "plan", Plan)
    theirs = around.pull_request
    stacked = theirs is not None and theirs.head_branch == plan.base_branch
    return choose(
        around.workflow_text,
        branch=candidate.branch,
        base=plan.base_branch,
        beyond=theirs.base_branch if theirs is not None and stacked else None,
        paths=tuple(edit.path for edit in candidate.edits),
    )
