"""A workflow run completed: a failed one begins a repair, one on our own branch asks for a look at its candidate."""

from gidgethub.routing import Router
from gidgethub.sansio import Event

from app.domain.triggers import about_run
from app.engine import Run
from app.github import schema
from app.repair.begin import begin
from app.repair.poke import poke_branch, poke_rerun
from app.services import Services

router = Router()


@router.register("workflow_run", action="completed")
async def on_completed(event: Event, services: Services, run: Run) -> None:
    """Begin the repair of a failed run, or have the candidate of our own branch looked at."""
    workflow_run = schema.workflow_run(event.data)
    repository = schema.repository(event.data, services.github.host)
    decision = about_run(workflow_run, repository)
    await poke_rerun(services, run, repository, workflow_run)
    if decision.action == "verify":
        await poke_branch(services, run, repository, workflow_run.head_branch or "")
    elif decision.action in {"repair", "observe"}:
        incident = await begin(services, repository, workflow_run, event.delivery_id, decision.reason)
        if decision.action == "repair":
            await run.start("repair", incident, incident)
