"""A re-run for what the code did not cause: flaky tests, the runner, the network. Once per run, on a budget of its own.

A re-run tests the same commit with the same rights; jobs whose name says that they deploy, publish, release or migrate are never
run again, because doing those twice is not harmless.
"""

from datetime import datetime
from decimal import Decimal

from app.domain.diagnosis import Diagnosis
from app.domain.incident import Incident
from app.domain.reruns import PER_DAY, forbidden
from app.domain.task import TaskStatus
from app.github.errors import MissingPermission, NotThere, Refused
from app.github.jobs import newest_attempt, rerun_failed_jobs
from app.repair.collect import failed_jobs
from app.repair.kept import keep
from app.repair.progress import advance
from app.repair.stored import diagnosed, load
from app.repair.trail import entry
from app.services import Services
from storage import audit, ledger, writes

KIND = "rerun"  # the artifact that says that a run was run again


async def rerun(services: Services, incident_id: str) -> bool:
    """Run an incident's failed jobs again if that is allowed; its task then waits for the next attempt of the run."""
    incident, diagnosis = await load(services, incident_id), await diagnosed(services, incident_id)
    reason = await _refusal(services, incident, diagnosis)
    if not reason:
        reason = await _asked(services, incident)
    if reason:
        await advance(services, incident_id, TaskStatus.OBSERVED, f"Explained, not run again: {reason}")
        return False
    async with services.db.begin() as tx:
        told = {"run": incident.run.id, "attempt": incident.run.attempt}
        await audit.write(tx, entry(services, incident, "rerun", "ok", told))
    await advance(services, incident_id, TaskStatus.VERIFYING, "The failed jobs run again.")
    return True


async def _refusal(services: Services, incident: Incident, diagnosis: Diagnosis) -> str:
    """Say why a run is not run again; empty when it may be, and then it is paid for."""
    if incident.run.attempt > 1:
        return "it was run again before, and failed in the same way."
    named = forbidden([job.name for job in await failed_jobs(services, incident.id)])
    if named:
        return f"`{named}` looks like a job that must not run twice."
    now = services.clock()
    paid = await _paid(services, incident, diagnosis.fingerprint, now)
    return "" if paid else f"this failure was run again {PER_DAY} times today, which is the limit; it resumes tomorrow (UTC)."


async def _paid(services: Services, incident: Incident, fingerprint: str, now: datetime) -> bool:
    repository = incident.repository
    scope = ledger.Scope(
        host=repository.host,
        installation_id=repository.installation_id,
        kind="fingerprint",
        key=f"{repository.id}/{fingerprint}",
    )
    async with services.db.begin() as tx:
        return await ledger.spend_within(
            tx, f"rerun:{incident.id}", scope, day=now.date(), unit="reruns", amount=1, limit=Decimal(PER_DAY)
        )


async def _asked(services: Services, incident: Incident) -> str:
    """Ask GitHub for the re-run, once; gives its refusal, such as for a run of more than a month ago."""
    await keep(services, incident.id, KIND, value=True)  # before: its end may be told before we come to store anything
    async with services.db.begin() as tx:
        known = await writes.intend(tx, f"rerun:{incident.id}", "rerun", services.clock())
    client = services.github.installation(incident.repository, purpose=f"repair:{incident.id}")
    try:
        if known is not None and await newest_attempt(client, incident.repository, incident.run.id) > incident.run.attempt:
            return ""  # asked by an earlier try; GitHub would refuse it now, because it is under way
        await rerun_failed_jobs(client, incident.repository, incident.run.id)
    except (Refused, NotThere, MissingPermission) as error:
        return f"GitHub refuses ({error})."
    return ""
