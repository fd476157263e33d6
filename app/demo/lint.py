"""The first scene: a lint and format failure on the default branch, repaired without any model."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.demo import scenes
from app.demo.stage import Stage
from app.domain.ids import is_our_branch
from app.emulator.github import GitHub
from app.emulator.repo import Repo
from app.emulator.server import Exchange
from app.emulator.state import CheckRun, Pull, WorkflowRun


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the scene showed, for the table at the end."""

    repository: str
    failed_sha: str
    run_url: str
    pull: Pull
    pull_url: str
    calls: int
    seconds: float  # from the push that broke it to the open pull request


async def broken_and_repaired(stage: Stage, github: GitHub) -> Seen:
    """Play the scene: break the build, watch the repair, merge it."""
    stage.scene("A commit breaks the build")
    repo = github.repository(scenes.REPOSITORY)
    began, before = stage.seconds, len(github.requests)
    sha = await repo.push("main", scenes.BROKEN, author=scenes.CONTRIBUTOR, message=scenes.MESSAGE)
    stage.happened(f"{scenes.CONTRIBUTOR} pushes “{scenes.MESSAGE}” ({sha[:10]}) to main")
    run = await _failed(stage, repo, sha)
    await _told(stage, github, run)
    stage.scene("DevFlowFix repairs it")
    branch = await stage.until("a fix on a branch of its own", lambda: _our_branch(repo))
    await _show_commit(stage, repo, branch)
    await _proven(stage, repo, branch)
    pull = await stage.until("the pull request", lambda: _pull(repo))
    calls = calls_to_open_pull_request(github.requests[before:])
    seconds = stage.seconds - began
    stage.happened(f"pull request #{pull.number} is open: “{pull.title}”, {'draft' if pull.draft else 'ready for review'}")
    check = await stage.until("the report on the failing commit", lambda: _report(repo, sha, github.app_slug, None))
    stage.happened(f"the check run on {sha[:10]} says: “{check.title}” ({check.conclusion})")
    await _merged(stage, github, repo, pull, branch, sha)
    return Seen(
        repository=repo.full_name,
        failed_sha=sha,
        run_url=f"{github.api_url}/{repo.full_name}/actions/runs/{run.id}",
        pull=pull,
        pull_url=f"{github.api_url}/repos/{repo.full_name}/pulls/{pull.number}",
        calls=calls,
        seconds=seconds,
    )


async def _failed(stage: Stage, repo: Repo, sha: str) -> WorkflowRun:
    async def look() -> WorkflowRun | None:
        return next((run for run in repo.runs(sha) if run.latest.status == "completed"), None)

    run = await stage.until("CI", look)
    jobs = ", ".join(f"{job.name}: {job.check.conclusion}" for job in run.latest.jobs)
    stage.happened(f"CI really runs and ends in [red]{run.latest.conclusion}[/red] ({jobs})")
    log = next((job.log for job in run.latest.jobs if job.check.conclusion == "failure"), b"") or b""
    lines = log.decode("utf-8", "replace").splitlines()
    stage.detail("\n".join(line[29:] for line in lines if "F401" in line or "Would reformat" in line))
    return run


async def _told(stage: Stage, github: GitHub, run: WorkflowRun) -> None:
    async def look() -> str | None:
        for one in github.deliveries:
            if (one.event, one.action) == ("workflow_run", "completed") and f'"id":{run.id},' in one.body.decode().replace(
                " ", ""
            ):
                return f"delivery {one.guid}, answered {one.status_code}" if one.status_code else None
        return None

    answer = await stage.until("the webhook", look)
    stage.happened(f"GitHub sends the signed webhook workflow_run/completed ({answer})")


async def _our_branch(repo: Repo) -> str | None:
    return next((name for name in await repo.branches() if is_our_branch(name)), None)


async def _show_commit(stage: Stage, repo: Repo, branch: str) -> None:
    stage.happened(f"a fix is committed on {branch}")
    stage.detail((await repo.log(branch, 1))[0])


async def _proven(stage: Stage, repo: Repo, branch: str) -> None:
    head = await repo.head(branch) or ""

    async def look() -> WorkflowRun | None:
        return next((run for run in repo.runs(head) if run.latest.status == "completed"), None)

    run = await stage.until("CI on the fix", look)
    jobs = ", ".join(f"{job.name}: {job.check.conclusion}" for job in run.latest.jobs)
    stage.happened(f"CI runs on the fix and ends in [green]{run.latest.conclusion}[/green] ({jobs})")


async def _pull(repo: Repo) -> Pull | None:
    return next((pull for pull in repo.pull_requests if is_our_branch(pull.head_ref)), None)


async def _report(repo: Repo, sha: str, app: str, conclusion: str | None) -> CheckRun | None:
    """Find our check run once it is completed, and with a conclusion if one is asked for."""
    found = next(iter(repo.check_runs(sha, app=app)), None)
    fits = found is not None and found.conclusion is not None and conclusion in {None, found.conclusion}
    return found if fits else None


async def _merged(stage: Stage, github: GitHub, repo: Repo, pull: Pull, branch: str, sha: str) -> None:
    stage.scene("A maintainer agrees")
    await repo.merge(pull.number, by=scenes.MAINTAINER, method="squash")
    stage.happened(f"{scenes.MAINTAINER} merges #{pull.number}")

    async def gone() -> bool | None:
        return True if await repo.head(branch) is None else None

    await stage.until("the branch to go", gone)
    stage.happened("the fix branch is deleted")
    check = await stage.until("the last word", lambda: _report(repo, sha, github.app_slug, "success"))
    stage.happened(f"the check run on {sha[:10]} says: “{check.title}” ({check.conclusion})")

    async def green() -> WorkflowRun | None:
        head = await repo.head("main")
        return next((run for run in repo.runs(head) if run.latest.conclusion == "success"), None)

    await stage.until("CI on main", green)
    stage.happened("main is green again")


def calls_to_open_pull_request(requests: Sequence[Exchange]) -> int:
    """Count the calls of the repair up to and with the one that opened the pull request.

    Minting the token, downloads from the second origin and reading the verifying run are apart, as in the budget of nine.
    """
    count = 0
    for exchange in requests:
        if exchange.installation_id is None or exchange.operation == "Checks":
            continue
        count += 1
        if exchange.method == "POST" and exchange.path.endswith("/pulls"):
            break
    return count
