"""A check suite completed on our own branch: its candidate is worth a look. One that GitHub made for us is ended."""

from gidgethub.routing import Router
from gidgethub.sansio import Event

from app.engine import Run
from app.github import schema
from app.repair.poke import poke_branch
from app.repair.suites import ask_to_end_suite
from app.services import Services

router = Router()


@router.register("check_suite", action="completed")
async def on_completed(event: Event, services: Services, run: Run) -> None:
    """Have the candidate of the suite's branch looked at."""
    repository = schema.repository(event.data, services.github.host)
    await poke_branch(services, run, repository, event.data["check_suite"]["head_branch"] or "")


@router.register("check_suite", action="requested")
async def on_requested(event: Event, services: Services, run: Run) -> None:
    """End the suite that GitHub made for us on a pushed commit, and ask it to make no more."""
    suite = event.data["check_suite"]
    repository = schema.repository(event.data, services.github.host)
    if suite["app"]["id"] == services.app_id:
        await ask_to_end_suite(services, run, repository, suite["head_sha"])
