"""The repair of one incident, from the failed run to a candidate on its branch. Reads like PRODUCT.md section 2.

Each stage is a step of a durable workflow: a process that is killed takes up after the last finished step. Stages pass ids; what
they find lies in our own tables. The workflow ends after the commit: proving is ``app.repair.verify``, woken by CI.
"""

from app.domain.plan import Action
from app.domain.task import TaskStatus
from app.engine import Run
from app.repair.collect import collect_jobs, collect_log, collect_surroundings
from app.repair.commit import commit
from app.repair.decide import decide
from app.repair.fix import propose
from app.repair.gate import gate
from app.repair.progress import advance
from app.repair.read import diagnose
from app.repair.reporting import ask_for_report
from app.repair.stored import load
from app.repair.verify import look_again
from app.services import Services

READS = 3  # tries of a step that only reads


async def repair(services: Services, run: Run, incident_id: str) -> None:
    """Take an incident as far as it goes without waiting for CI."""
    incident = await load(services, incident_id)
    await run.step("start", advance, services, incident_id, TaskStatus.ANALYZING.value)
    for job_id in await run.step("jobs", collect_jobs, services, incident_id, attempts=READS):
        await run.step("log", collect_log, services, incident_id, job_id, attempts=READS)
    await run.step("surroundings", collect_surroundings, services, incident_id, attempts=READS)
    await run.step("diagnose", diagnose, services, incident_id)
    action = await run.step("decide", decide, services, incident_id)
    if action != Action.OBSERVE:
        await ask_for_report(run, incident)
    if action in {Action.FIX, Action.SUGGEST}:
        await _fix(services, run, incident_id)
        await ask_for_report(run, incident)


async def _fix(services: Services, run: Run, incident_id: str) -> None:
    """Propose a candidate, hold it against the gates, commit it, and have it looked at."""
    candidate = await run.step("propose", propose, services, incident_id, attempts=READS)
    if candidate is None:
        await run.step("end", advance, services, incident_id, TaskStatus.OBSERVED.value, NO_FIXER)
        return
    gated = await run.step("gate", gate, services, incident_id, candidate)
    if gated["refused"]:
        reason = f"The candidate was refused: {gated['refused']}"
        await run.step("end", advance, services, incident_id, TaskStatus.FAILED.value, reason)
    elif not gated["push"]:
        await run.step("end", advance, services, incident_id, TaskStatus.OBSERVED.value, SUGGESTED)
    elif await run.step("commit", commit, services, incident_id, candidate, attempts=READS):
        await look_again(run, candidate, services.patience.settle)


NO_FIXER = "Explained, not fixed: no fixer without a model fits this failure, and no model is configured."
SUGGESTED = "The change that would fix it is shown below; nothing was pushed."
