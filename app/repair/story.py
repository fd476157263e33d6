"""Gather the story of an incident from what is stored."""

from decimal import Decimal

from app.domain.incident import Incident
from app.domain.patch.diff import diff
from app.domain.plan import Action, Plan
from app.domain.story import Cost, Story
from app.repair.ask_model import KIND as ASKED
from app.repair.ask_model import Asked
from app.repair.collect import failed_jobs
from app.repair.commit import LINKED
from app.repair.kept import kept
from app.repair.stored import load
from app.services import Services
from storage import candidates, fixes, incidents, tasks


async def story_of(services: Services, incident_id: str) -> Story:
    """Read everything that is known of an incident."""
    incident = await load(services, incident_id)
    linked = await kept(services, incident_id, LINKED, str)
    async with services.db.read() as tx:
        task = await tasks.task_of_incident(tx, incident_id)
        if task is None:
            raise LookupError(f"{incident_id} has no task")
        diagnosis = await incidents.get_diagnosis(tx, incident_id)
        tried = await candidates.candidates_of(tx, task.id)
        own = await fixes.fix_of_candidate(tx, tried[-1].id) if tried else None
        fix = await fixes.get_fix(tx, linked) if linked else own
    plan = await kept(services, incident_id, "plan", Plan)
    suggested = plan is not None and plan.action is Action.SUGGEST and bool(tried)
    return Story(
        incident=incident,
        task=task,
        failed_jobs=await failed_jobs(services, incident_id),
        diagnosis=diagnosis,
        candidates=tuple(tried),
        fix=fix,
        costs=await _costs(services, incident_id, len(tried) + 1),
        shown_diff=diff(tried[-1].edits) if suggested else "",
        web_url=services.web_url,
    )


async def published_stories(services: Services, incident: Incident) -> tuple[Story, ...]:
    """Gather the stories of all incidents of a commit that may be spoken of; those that are only observed are left out."""
    async with services.db.read() as tx:
        ids = await incidents.incidents_of_commit(tx, incident.repository.host, incident.repository.id, incident.run.head_sha)
    found = []
    for name in ids:
        plan = await kept(services, name, "plan", Plan)
        if plan is not None and plan.action is not Action.OBSERVE:
            found.append(await story_of(services, name))
    return _newest_attempts(found)


def _newest_attempts(stories: list[Story]) -> tuple[Story, ...]:
    """Keep the newest attempt of each run: an earlier one has been replaced by its re-run."""
    newest: dict[int, Story] = {}
    for story in stories:
        run = story.incident.run
        if run.id not in newest or newest[run.id].incident.run.attempt < run.attempt:
            newest[run.id] = story
    return tuple(newest.values())


async def _costs(services: Services, incident_id: str, most: int) -> tuple[Cost, ...]:
    """Add up what the model was asked, candidate by candidate; the last question may have had no proposal for an answer."""
    asked = [(number, await kept(services, incident_id, ASKED, Asked, name=str(number))) for number in range(1, most + 1)]
    return tuple(
        Cost(
            number=number,
            model=one.model,
            turns=one.turns,
            tokens=one.prompt_tokens + one.completion_tokens,
            usd=Decimal(one.usd),
            priced=one.priced,
        )
        for number, one in asked
        if one is not None
    )
