"""One candidate, from the proposal to its branch: propose, gates, commit, and whatever makes CI run on it.

A candidate that a gate refuses, or that CI does not turn green, is followed by the next, up to the limit; what went wrong is told
to it. The first is the deterministic fixers' if they have one; the others are the model's.
"""

from app.domain.task import TaskStatus
from app.engine import Run
from app.repair.commit import commit
from app.repair.draft import open_draft
from app.repair.fix import propose
from app.repair.gate import gate
from app.repair.policies import policy_of
from app.repair.progress import advance
from app.repair.reporting import ask_for_report
from app.repair.stored import load
from app.repair.verify import look_again
from app.services import Services

READS = 3  # tries of a step that only reads, or that finds its own work


async def start_attempt(run: Run, incident_id: str, number: int) -> None:
    """Have the candidate of this number attempted, once."""
    await run.start("attempt", f"{incident_id}/{number}", incident_id, number)


async def attempt(services: Services, run: Run, incident_id: str, number: int) -> None:
    """Attempt one candidate as far as it goes without waiting for CI."""
    if number > (await policy_of(services, incident_id)).max_candidates:
        await _end(
            services,
            run,
            incident_id,
            TaskStatus.FAILED,
            f"{number - 1} candidates were tried, and CI stayed red; their branches are deleted.",
        )
        return
    proposed = await run.step("propose", propose, services, incident_id, number, attempts=READS)
    if proposed["candidate"] is None:
        await _nothing_proposed(services, run, incident_id, number, proposed["why"])
        return
    gated = await run.step("gate", gate, services, incident_id, proposed["candidate"])
    if gated["refused"]:
        await _refused(services, run, incident_id, number, gated["refused"])
    elif not gated["push"]:
        await _end(services, run, incident_id, TaskStatus.OBSERVED, SUGGESTED)
    else:
        await _commit(services, run, incident_id, proposed["candidate"])


async def _commit(services: Services, run: Run, incident_id: str, candidate: str) -> None:
    """Put a candidate on its branch, open a draft where CI needs one, and have it looked at."""
    if await run.step("commit", commit, services, incident_id, candidate, attempts=READS):
        await run.step("draft", open_draft, services, candidate, attempts=READS)
        await look_again(run, candidate, services.patience.settle)
    await ask_for_report(run, await load(services, incident_id))


async def _refused(services: Services, run: Run, incident_id: str, number: int, why: str) -> None:
    """Let the next candidate know better; without a model there is none."""
    if services.model is not None:
        await start_attempt(run, incident_id, number + 1)
    else:
        await _end(services, run, incident_id, TaskStatus.FAILED, f"The candidate was refused: {why}")


async def _nothing_proposed(services: Services, run: Run, incident_id: str, number: int, why: str) -> None:
    if number == 1:
        await _end(services, run, incident_id, TaskStatus.OBSERVED, f"Explained, not fixed: {why}")
    else:
        await _end(
            services,
            run,
            incident_id,
            TaskStatus.FAILED,
            f"CI stayed red, and there is no further candidate: {why}",
        )


async def _end(services: Services, run: Run, incident_id: str, status: TaskStatus, reason: str) -> None:
    await run.step("end", advance, services, incident_id, status.value, reason)
    await ask_for_report(run, await load(services, incident_id))


SUGGESTED = "The change that would fix it is shown below; nothing was pushed."
