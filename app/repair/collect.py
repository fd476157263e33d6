"""Stage 1, collect: the failed jobs of the run attempt, their logs and annotations, and what surrounds the failing commit.

Logs are redacted before they are kept: nothing later ever sees a secret that a log held.
"""

from app.domain.ci import Annotation, Job
from app.domain.incident import JobEvidence, Surroundings
from app.domain.log.redact import redact
from app.domain.retry import RetryLater
from app.github import jobs, logs
from app.github.errors import NotThere
from app.github.surroundings import surroundings
from app.repair.kept import keep, kept, needed
from app.repair.stored import load
from app.services import Services

MAX_JOBS = 5  # logs read of one run; a broken commit fails a whole matrix in the same way


async def collect_jobs(services: Services, incident_id: str) -> list[int]:
    """Find the failed jobs of the run attempt, keep them all, and give the ids of those whose logs are worth reading."""
    known = await kept(services, incident_id, "jobs", tuple[Job, ...])
    if known is not None:
        return [job.id for job in known[:MAX_JOBS]]
    incident = await load(services, incident_id)
    client = services.github.installation(incident.repository, purpose=f"repair:{incident_id}")
    failed = await jobs.failed_jobs(client, incident.repository, incident.run.id, incident.run.attempt)
    await keep(services, incident_id, "jobs", failed)
    return [job.id for job in failed[:MAX_JOBS]]


async def failed_jobs(services: Services, incident_id: str) -> tuple[Job, ...]:
    """Read the failed jobs that were kept; empty before they are collected."""
    return await kept(services, incident_id, "jobs", tuple[Job, ...]) or ()


async def collect_log(services: Services, incident_id: str, job_id: int) -> None:
    """Fetch one failed job's log and annotations, redact them, keep them."""
    if await kept(services, incident_id, "evidence", JobEvidence, name=str(job_id)) is not None:
        return
    incident = await load(services, incident_id)
    job = next(job for job in await failed_jobs(services, incident_id) if job.id == job_id)
    client = services.github.installation(incident.repository, purpose=f"repair:{incident_id}")
    log, missing, size = None, "", 0
    try:
        download = await logs.job_log(client, incident.repository, job_id)
        log, size = redact(download.text), download.bytes
    except NotThere as error:
        await _once_more(services, incident_id, job_id, error)
        missing = "expired" if error.gone else "not found"
    annotations = await jobs.annotations(client, incident.repository, job_id)
    evidence = JobEvidence(
        job=job,
        annotations=tuple(_redacted(note) for note in annotations),
        log=log,
        log_missing=missing,
        log_bytes=size,
    )
    await keep(services, incident_id, "evidence", evidence, name=str(job_id))


async def _once_more(services: Services, incident_id: str, job_id: int, error: NotThere) -> None:
    """Ask for a log that is not there a second time, later: GitHub may need a moment after the run's end. 410 is final."""
    if error.gone or await kept(services, incident_id, "log_asked", bool, name=str(job_id)):
        return
    await keep(services, incident_id, "log_asked", value=True, name=str(job_id))
    raise RetryLater(services.log_retry_seconds, "the log is not there yet")


async def collect_surroundings(services: Services, incident_id: str) -> None:
    """Ask, in one query, for everything about the failing commit that is not in a log, and keep it."""
    if await kept(services, incident_id, "surroundings", Surroundings) is not None:
        return
    incident = await load(services, incident_id)
    client = services.github.installation(incident.repository, purpose=f"repair:{incident_id}")
    await keep(services, incident_id, "surroundings", await surroundings(client, incident.repository, incident.run))


async def collected(services: Services, incident_id: str) -> tuple[tuple[JobEvidence, ...], Surroundings]:
    """Read back everything that was collected."""
    jobs_read = (await failed_jobs(services, incident_id))[:MAX_JOBS]
    evidence = [await needed(services, incident_id, "evidence", JobEvidence, name=str(job.id)) for job in jobs_read]
    return tuple(evidence), await needed(services, incident_id, "surroundings", Surroundings)


def _redacted(note: Annotation) -> Annotation:
    return Annotation(
        path=note.path,
        start_line=note.start_line,
        end_line=note.end_line,
        level=note.level,
        title=redact(note.title),
        message=redact(note.message),
    )
