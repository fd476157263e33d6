"""Check suites that GitHub makes for us by itself, one for every push: empty, and pending for ever if nobody ends them.

They are switched off once for each repository. Where GitHub does not let us, and for the suite that came before we could, a quiet
check run ends it; it is the same check run that reports a failure of that commit later.
"""

from dataclasses import dataclass

from app.domain.repository import Repository
from app.domain.verification import OWN_CHECK
from app.engine import Run
from app.github.checks import CheckRunReport, create_check_run, find_check_run, stop_automatic_suites
from app.repair.reporting import Told, check_run_key, reports_of, tell, told
from app.services import Services
from app.wording.check_run import QUIET
from storage import installations, writes
from storage.encoding import from_json


@dataclass(frozen=True, slots=True, kw_only=True)
class Preference:
    """What GitHub said when it was asked to make no suites by itself."""

    off: bool = False


async def ask_for_quiet(run: Run, repository: Repository) -> None:
    """Have automatic suites switched off in a repository; repositories of one installation one after another."""
    where = f"{repository.host}/{repository.id}"
    await run.start("quiet", where, repository.host, repository.id, partition=f"quiet/{repository.installation_id}")


async def quiet(services: Services, run: Run, host: str, repository_id: int) -> None:
    """Switch automatic suites off in one repository, once."""
    await run.step("preference", _switch_off, services, host, repository_id, attempts=3)


async def ask_to_end_suite(services: Services, run: Run, repository: Repository, sha: str) -> None:
    """Have the suite that GitHub made for a commit ended; never beside a report of that commit, which is the same check run."""
    async with services.db.begin() as tx:
        await installations.save_repository(tx, repository)
    where = reports_of(repository, sha)
    await run.start("suite", where, repository.host, repository.id, sha, partition=where)


async def end_suite(services: Services, run: Run, host: str, repository_id: int, sha: str) -> None:
    """Switch automatic suites off in the repository, and end the one of a commit."""
    await run.step("preference", _switch_off, services, host, repository_id, attempts=3)
    await run.step("watch", _watch, services, host, repository_id, sha, attempts=3)


async def _watch(services: Services, host: str, repository_id: int, sha: str) -> None:
    """Put a quiet check run on a commit, unless one of ours is there."""
    async with services.db.read() as tx:
        repository = await installations.get_repository(tx, host, repository_id)
    if repository is None:
        return
    key = check_run_key(repository, sha)
    known = await told(services, key)
    if known is not None and known.id is not None:
        return
    client = services.github.installation(repository, purpose="suites")
    ours = await find_check_run(client, repository, sha, OWN_CHECK, sha, services.app_id) if known is not None else None
    ours = ours or await create_check_run(client, repository, _watching(sha))
    await tell(services, key, Told(id=ours.id, annotations=ours.annotations))


async def _switch_off(services: Services, host: str, repository_id: int) -> None:
    key = f"suites:{host}:{repository_id}"
    async with services.db.begin() as tx:
        repository = await installations.get_repository(tx, host, repository_id)
        known = await writes.intend(tx, key, "suites", services.clock())
    if repository is None or (known is not None and from_json(Preference, known.remote or {}).off):
        return
    client = services.github.installation(repository, purpose="suites")
    off = await stop_automatic_suites(client, repository, services.app_id)
    async with services.db.begin() as tx:
        await writes.done(tx, key, Preference(off=off), services.clock())


def _watching(sha: str) -> CheckRunReport:
    return CheckRunReport(
        name=OWN_CHECK,
        head_sha=sha,
        status="completed",
        conclusion="neutral",
        title=QUIET.title,
        summary=QUIET.summary,
        external_id=sha,
    )
