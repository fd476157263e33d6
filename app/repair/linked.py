"""Incidents that wait for another incident's fix: the same failure on the same base is fixed once, the others link to it."""

from app.domain.incident import Incident
from app.engine import Run
from app.repair.commit import LINKED
from app.repair.kept import kept
from app.repair.reporting import ask_for_report
from app.repair.stored import load
from app.services import Services
from storage import fixes, incidents


async def report_all(services: Services, run: Run, incident: Incident) -> None:
    """Have the commit of an incident reported on, and those of the incidents that are linked to its fix."""
    await ask_for_report(run, incident)
    for name in await run.step("linked", linked_to_fix_of, services, incident.id):
        await ask_for_report(run, await load(services, name))


async def linked_to_fix_of(services: Services, incident_id: str) -> list[str]:
    """Give the incidents that are linked to an incident's fix, newest first."""
    incident = await load(services, incident_id)
    async with services.db.read() as tx:
        diagnosis = await incidents.get_diagnosis(tx, incident_id)
        if diagnosis is None:
            return []
        where = (incident.repository.host, incident.repository.id, diagnosis.fingerprint)
        own = {fix.id for fix in await fixes.fixes_with_fingerprint(tx, *where) if fix.incident_id == incident_id}
        same = await incidents.incidents_with_fingerprint(tx, *where)
    return [other.id for other in same if other.id != incident_id and await kept(services, other.id, LINKED, str) in own]
