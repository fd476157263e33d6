"""A check suite completed on our own branch: its candidate is worth a look."""

from gidgethub.routing import Router
from gidgethub.sansio import Event

from app.engine import Run
from app.github import schema
from app.repair.poke import poke_branch
from app.services import Services

router = Router()


@router.register("check_suite", action="completed")
async def on_completed(event: Event, services: Services, run: Run) -> None:
    """Have the candidate of the suite's branch looked at."""
    repository = schema.repository(event.data, services.github.host)
    await poke_branch(services, run, repository, event.data["check_suite"]["head_branch"] or "")
