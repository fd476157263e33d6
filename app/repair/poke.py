"""Hints about our own branches: something happened there, so its candidate is worth a look. The look itself reads the truth."""

from app.domain.ci import WorkflowRun
from app.domain.ids import incident_id, is_our_branch
from app.domain.repository import Repository
from app.domain.task import CandidateStatus, TaskStatus
from app.engine import Run
from app.repair.kept import kept
from app.repair.progress import advance
from app.repair.reporting import ask_for_report
from app.repair.rerun import KIND as RERUN
from app.repair.stored import load
from app.repair.verify import look_again
from app.services import Services
from storage import candidates, fixes

_SOON = 1.0  # seconds: several deliveries of one ending run come within a moment


async def poke_branch(services: Services, run: Run, repository: Repository, branch: str) -> None:
    """Have the candidate on a branch looked at soon, if the branch is ours and its candidate is still being proven."""
    if not is_our_branch(branch):
        return
    async with services.db.read() as tx:
        candidate = await candidates.candidate_of_branch(tx, repository.host, repository.id, branch)
    if candidate is None or candidate.status is not CandidateStatus.COMMITTED:
        return
    await look_again(run, candidate.id, _SOON)


async def poke_pull_request(services: Services, run: Run, repository: Repository, number: int) -> None:
    """Have a fix pull request followed, if the number is one of ours."""
    async with services.db.read() as tx:
        fix = await fixes.fix_of_number(tx, repository.host, repository.id, number)
    if fix is not None:
        await run.start("follow", fix.id, fix.id, partition=fix.id, again=True)


async def poke_rerun(services: Services, run: Run, repository: Repository, completed: WorkflowRun) -> None:
    """Where a run was run again because of us, tell the incident of the attempt before how it ended."""
    before = incident_id(repository.host, repository.id, completed.id, completed.attempt - 1)
    if completed.attempt < 2 or not await kept(services, before, RERUN, bool):
        return
    if completed.conclusion == "success":
        moved = await advance(services, before, TaskStatus.DONE, f"Run again, green: attempt {completed.attempt} passed.")
    else:
        moved = await advance(services, before, TaskStatus.OBSERVED, f"Run again; attempt {completed.attempt} failed too.")
    if moved:
        await ask_for_report(run, await load(services, before))
