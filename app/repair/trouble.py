"""Our own trouble, said as ours: work that was given up ends its task with an honest sentence."""

from collections.abc import Awaitable, Callable, Sequence

from app.domain.task import TaskStatus
from app.github.errors import MissingPermission, Suspended
from app.repair.progress import advance
from app.repair.stored import stored
from app.repair.trail import entry
from app.services import Services
from storage import audit, incidents

StartReport = Callable[[str], Awaitable[None]]


async def on_given_up(services: Services, report: StartReport, name: str, args: Sequence[str], error: Exception) -> None:
    """End the task of a workflow that was given up, write it down, and have it reported."""
    incident_id = await _incident_of(services, name, args)
    if incident_id is None:
        return
    async with services.db.begin() as tx:
        incident = await incidents.get_incident(tx, incident_id)
        if incident is not None:
            told = {"workflow": name, "error": f"{type(error).__name__}: {error}"[:500]}
            await audit.write(tx, entry(services, incident, "work", "given_up", told))
    if await advance(services, incident_id, TaskStatus.FAILED, sentence(error)):
        await report(incident_id)


def sentence(error: Exception) -> str:
    """Say for people what went wrong; what only we can mend is said as ours, without details that are none of theirs."""
    if isinstance(error, MissingPermission):
        return f"DevFlowFix lacks a permission for this ({error.accepted}); an owner of the organisation can grant it."
    if isinstance(error, Suspended):
        return "The installation of DevFlowFix is suspended; an owner of the organisation can lift that."
    return f"DevFlowFix itself had trouble and gave up ({type(error).__name__}). This says nothing about your change."


async def _incident_of(services: Services, name: str, args: Sequence[str]) -> str | None:
    if name in {"repair", "attempt"}:
        return args[0]
    if name == "verify":
        return (await stored(services, args[0])).incident_id
    return None
