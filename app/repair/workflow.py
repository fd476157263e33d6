"""The repair of one incident, from the failed run to a decision. Reads like PRODUCT.md section 2.

Each stage is a step of a durable workflow: a process that is killed takes up after the last finished step. Stages pass ids; what
they find lies in our own tables. Fixing goes on candidate by candidate in ``app.repair.attempt``, proving in
``app.repair.verify``.
"""

from app.domain.plan import Action
from app.domain.task import TaskStatus
from app.engine import Run
from app.repair.attempt import start_attempt
from app.repair.collect import collect_jobs, collect_log, collect_surroundings
from app.repair.decide import decide
from app.repair.progress import advance
from app.repair.read import diagnose
from app.repair.reporting import ask_for_report
from app.repair.rerun import rerun
from app.repair.stored import load
from app.services import Services

READS = 3  # tries of a step that only reads


async def repair(services: Services, run: Run, incident_id: str) -> None:
    """Take an incident as far as the decision, and begin what was decided."""
    incident = await load(services, incident_id)
    await run.step("start", advance, services, incident_id, TaskStatus.ANALYZING.value)
    for job_id in await run.step("jobs", collect_jobs, services, incident_id, attempts=READS):
        await run.step("log", collect_log, services, incident_id, job_id, attempts=READS)
    await run.step("surroundings", collect_surroundings, services, incident_id, attempts=READS)
    await run.step("diagnose", diagnose, services, incident_id)
    action = await run.step("decide", decide, services, incident_id)
    if action == Action.RERUN:
        await run.step("rerun", rerun, services, incident_id, attempts=READS)
    if action in {Action.FIX, Action.SUGGEST}:
        await start_attempt(run, incident_id, 1)
    if action != Action.OBSERVE:
        await ask_for_report(run, incident)
