"""Stage 0, the door: a failed run becomes an incident with a task, once, whatever is delivered how often."""

from datetime import datetime

from app.domain.ci import WorkflowRun
from app.domain.ids import incident_id, task_id
from app.domain.incident import Incident
from app.domain.repository import Repository
from app.domain.task import Task, TaskStatus
from app.services import Services
from storage import incidents, installations, tasks


async def begin(services: Services, repository: Repository, run: WorkflowRun, delivery: str, observed: str) -> str:
    """Record the incident of a failed run and give its id. ``observed`` says why it is only looked at; empty to repair it."""
    now = services.clock()
    name = incident_id(repository.host, repository.id, run.id, run.attempt)
    incident = Incident(id=name, repository=repository, run=run, created_at=now, delivery=delivery)
    async with services.db.begin() as tx:
        await installations.save_repository(tx, repository)
        await incidents.add_incident(tx, incident)
        await tasks.add_task(tx, new_task(incident, observed, now))
    return name


def new_task(incident: Incident, observed: str, now: datetime) -> Task:
    """Make the task of an incident: queued for repair, or observed with the reason."""
    status = TaskStatus.OBSERVED if observed else TaskStatus.QUEUED
    return Task(
        id=task_id(incident.id),
        incident_id=incident.id,
        status=status,
        reason=observed,
        created_at=now,
        updated_at=now,
    )
