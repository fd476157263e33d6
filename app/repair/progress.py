"""Moving a task along. A step that is repeated may come too late to move anything; then it moves nothing."""

from app.domain.ids import task_id
from app.domain.task import TaskStatus, may_move
from app.services import Services
from storage import tasks


async def advance(services: Services, incident_id: str, status: str, reason: str = "", *, pr_trigger: str | None = None) -> bool:
    """Move an incident's task where the state machine allows it, with the sentence that people see; tells whether it moved."""
    task, new = task_id(incident_id), TaskStatus(status)
    async with services.db.begin() as tx:
        known = await tasks.get_task(tx, task)
        if known is None or not may_move(known.status, new):
            return False
        await tasks.move_task(tx, task, new, reason=reason, at=services.clock(), pr_trigger=pr_trigger)
    return True
