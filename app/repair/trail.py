"""What DevFlowFix does by itself goes into the audit trail under its own name, with the incident it is about."""

from collections.abc import Mapping

from app.domain.incident import Incident
from app.services import Services
from storage.audit import Entry

WHO = "devflowfix"


def entry(services: Services, incident: Incident, what: str, result: str, details: Mapping[str, object]) -> Entry:
    """Make a line of the trail about an incident."""
    return Entry(
        at=services.clock(),
        who=WHO,
        what=what,
        result=result,
        host=incident.repository.host,
        installation_id=incident.repository.installation_id,
        repository_id=incident.repository.id,
        incident_id=incident.id,
        details=details,
    )
