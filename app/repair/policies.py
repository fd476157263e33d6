"""The policy in force for an incident: the repository's file, as it stood when the incident was collected, under our ceilings."""

from app.domain.incident import Surroundings
from app.domain.policy import Effective, effective, parse_policy
from app.repair.kept import needed
from app.services import Services


async def policy_of(services: Services, incident_id: str) -> Effective:
    """Give the effective policy; a file that is not valid counts as none."""
    around = await needed(services, incident_id, "surroundings", Surroundings)
    said = parse_policy(around.policy_text).policy if around.policy_text is not None else None
    return effective(said, services.ceilings)
