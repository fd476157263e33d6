"""A commit status of another CI system came in: where it is about a candidate, that is worth a look."""

from gidgethub.routing import Router
from gidgethub.sansio import Event

from app.engine import Run
from app.github import schema
from app.repair.poke import poke_branch
from app.services import Services

router = Router()


@router.register("status")
async def on_status(event: Event, services: Services, run: Run) -> None:
    """Have the candidates of the branches that the status' commit is on looked at."""
    repository = schema.repository(event.data, services.github.host)
    for branch in event.data["branches"]:
        await poke_branch(services, run, repository, branch["name"])
