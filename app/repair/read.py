"""Stages 2 and 3, read and attribute: what the logs say, of what kind it is, and who caused it. Pure work on kept artifacts."""

from app.domain.ci import Job
from app.domain.diagnosis import Diagnosis, JobReading
from app.domain.failure.attribute import Attributed, Facts, attribute
from app.domain.failure.fingerprint import fingerprint
from app.domain.failure.read import read_job
from app.domain.failure.types import FailureType
from app.domain.incident import Incident, JobEvidence, Surroundings
from app.repair.collect import collected
from app.repair.stored import load
from app.services import Services
from storage import incidents


async def diagnose(services: Services, incident_id: str) -> str:
    """Read what was collected, attribute it, store the diagnosis, and give its fingerprint."""
    incident = await load(services, incident_id)
    evidence, around = await collected(services, incident_id)
    diagnosis = understand(incident, evidence, around)
    async with services.db.begin() as tx:
        await incidents.save_diagnosis(tx, diagnosis)
    return diagnosis.fingerprint


def understand(incident: Incident, evidence: tuple[JobEvidence, ...], around: Surroundings) -> Diagnosis:
    """Make the diagnosis of an incident from what was collected. The reading with the surest cause leads."""
    readings = tuple(read_job(item.job, item.log, item.annotations) for item in evidence) or (_without_jobs(incident),)
    attributed = attribute(Facts(incident=incident, surroundings=around, readings=readings))
    lead = max(readings, key=lambda reading: reading.confidence)
    return _diagnosis(incident, readings, lead, attributed)


def _diagnosis(incident: Incident, readings: tuple[JobReading, ...], lead: JobReading, attributed: Attributed) -> Diagnosis:
    return Diagnosis(
        incident_id=incident.id,
        failure_type=lead.failure_type,
        confidence=min(lead.confidence, attributed.confidence),
        attribution=attributed.attribution,
        evidence=attributed.evidence,
        root_cause=lead.root_cause,
        fingerprint=fingerprint(readings),
        readings=readings,
    )


def _without_jobs(incident: Incident) -> JobReading:
    """Read a run without any failed job: GitHub could not start it (an unusable workflow file), or tells no more of it."""
    unusable = incident.run.conclusion == "startup_failure"
    cause = (
        f"GitHub could not start {incident.run.path}: the workflow file is not usable."
        if unusable
        else "The run names no failed job."
    )
    job = Job(id=0, name=incident.run.workflow_name or incident.run.path, status="completed", conclusion=incident.run.conclusion)
    return JobReading(
        job_id=job.id,
        job_name=job.name,
        failure_type=FailureType.CONFIG if unusable else FailureType.UNKNOWN,
        confidence=0.9 if unusable else 0.0,
        failures=(),
        excerpt=(),
        root_cause=cause,
    )
