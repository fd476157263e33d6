"""A pull request changed: where it is one of ours, its task follows it."""

from gidgethub.routing import Router
from gidgethub.sansio import Event

from app.engine import Run
from app.github import schema
from app.repair.poke import poke_pull_request
from app.services import Services

router = Router()


@router.register("pull_request", action="closed")
@router.register("pull_request", action="reopened")
@router.register("pull_request", action="ready_for_review")
@router.register("pull_request", action="converted_to_draft")
async def on_changed(event: Event, services: Services, run: Run) -> None:
    """Have a fix pull request read again, if this is one."""
    repository = schema.repository(event.data, services.github.host)
    await poke_pull_request(services, run, repository, event.data["number"])
