"""Reading a stored incident again from its artifacts: what a better reader would say today, beside what was said then."""

from rich.console import Console

from app.bootstrap import application_url
from app.domain.diagnosis import Diagnosis
from app.domain.incident import JobEvidence, Surroundings
from app.repair.read import understand
from app.settings import Settings
from app.wording.excerpts import numbered
from storage import artifacts, encoding, incidents
from storage.database import Database


async def read_again(settings: Settings, incident_id: str) -> None:
    """Print the stored diagnosis of an incident and the one that its artifacts give now.

    Raises:
        LookupError: there is no such incident, or nothing was kept of it.
    """
    db = await Database.open(application_url(settings))
    try:
        stored, fresh = await _both(db, incident_id)
    finally:
        await db.close()
    console = Console()
    if stored is not None:
        _show(console, "then", stored)
    _show(console, "now", fresh)
    same = stored is not None and stored.fingerprint == fresh.fingerprint
    console.print("The fingerprint is the same." if same else "The fingerprint has changed.")


async def _both(db: Database, incident_id: str) -> tuple[Diagnosis | None, Diagnosis]:
    async with db.read() as tx:
        incident = await incidents.get_incident(tx, incident_id)
        if incident is None:
            raise LookupError(f"There is no incident {incident_id}; its id stands in the check run and in the pull request.")
        stored = await incidents.get_diagnosis(tx, incident_id)
        around = await artifacts.get(tx, incident_id, "surroundings", "")
        kept = [name for kind, name in await artifacts.names(tx, incident_id) if kind == "evidence"]
        bodies = [await artifacts.get(tx, incident_id, "evidence", name) for name in kept]
    if around is None:
        raise LookupError(f"Nothing was kept of {incident_id}: it was only observed, or its artifacts have been purged.")
    evidence = tuple(encoding.loads(JobEvidence, body) for body in bodies if body is not None)
    return stored, understand(incident, evidence, encoding.loads(Surroundings, around))


def _show(console: Console, when: str, diagnosis: Diagnosis) -> None:
    console.rule(when)
    told = {
        "type": f"{diagnosis.failure_type.value} ({diagnosis.confidence:.2f})",
        "attribution": diagnosis.attribution.value,
        "cause": diagnosis.root_cause,
        "fingerprint": diagnosis.fingerprint,
    }
    for name, value in told.items():
        console.print(f"{name:12} {value}", markup=False, highlight=False)
    for reading in diagnosis.readings:
        console.print(f"\n{reading.job_name}", markup=False, style="bold")
        console.print(numbered(reading.excerpt), markup=False, highlight=False)
