"""Reading back what an earlier stage must have stored; its absence is our own fault."""

from app.domain.candidate import Candidate
from app.domain.diagnosis import Diagnosis
from app.domain.incident import Incident
from app.domain.task import FixPullRequest
from app.services import Services
from storage import candidates, fixes, incidents


async def load(services: Services, incident_id: str) -> Incident:
    """Read an incident that must be there."""
    async with services.db.read() as tx:
        incident = await incidents.get_incident(tx, incident_id)
    if incident is None:
        raise LookupError(f"no incident {incident_id}")
    return incident


async def diagnosed(services: Services, incident_id: str) -> Diagnosis:
    """Read the diagnosis of an incident that has been read."""
    async with services.db.read() as tx:
        diagnosis = await incidents.get_diagnosis(tx, incident_id)
    if diagnosis is None:
        raise LookupError(f"{incident_id} has no diagnosis")
    return diagnosis


async def stored(services: Services, candidate_id: str) -> Candidate:
    """Read a candidate that must be there."""
    async with services.db.read() as tx:
        candidate = await candidates.get_candidate(tx, candidate_id)
    if candidate is None:
        raise LookupError(f"no candidate {candidate_id}")
    return candidate


async def fix_of(services: Services, candidate: Candidate) -> FixPullRequest:
    """Read the fix pull request that a committed candidate has claimed."""
    async with services.db.read() as tx:
        fix = await fixes.fix_of_candidate(tx, candidate.id)
    if fix is None:
        raise LookupError(f"candidate {candidate.id} holds no fix pull request")
    return fix
