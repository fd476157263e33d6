"""After a candidate stayed red: what the logs of its own CI run say, for the next candidate."""

from app.domain.candidate import Candidate
from app.domain.ci import Check, Job
from app.domain.diagnosis import JobReading
from app.domain.failure.read import read_job
from app.domain.incident import Incident
from app.domain.log.redact import redact
from app.github import jobs, logs
from app.github.client import Client
from app.github.errors import NotThere
from app.repair.ask_model import NEW_LOG
from app.repair.kept import keep
from app.repair.stored import load, stored
from app.services import Services

MAX_JOBS = 3  # logs read of one red candidate


async def learn(services: Services, candidate_id: str) -> None:
    """Read the logs of the jobs that failed on a candidate, and keep what they say."""
    candidate = await stored(services, candidate_id)
    incident = await load(services, candidate.incident_id)
    client = services.github.installation(incident.repository, purpose=f"repair:{incident.id}")
    readings = tuple([await _read(client, incident, check) for check in _failed(candidate)])
    await keep(services, incident.id, NEW_LOG, readings, name=candidate_id)


def _failed(candidate: Candidate) -> list[Check]:
    """Choose the failed jobs of GitHub Actions; other systems' logs cannot be read."""
    return [check for check in candidate.checks if check.failed and check.id is not None and check.workflow_path][:MAX_JOBS]


async def _read(client: Client, incident: Incident, check: Check) -> JobReading:
    number = check.id or 0
    job = Job(id=number, name=check.name, status=check.status, conclusion=check.conclusion, html_url=check.url)
    try:
        text = redact((await logs.job_log(client, incident.repository, number)).text)
    except NotThere:
        text = None
    notes = await jobs.annotations(client, incident.repository, number) if text is None else ()
    return read_job(job, text, notes)
