"""What the demo looks for on the stand-in, as a person would look at GitHub's pages."""

from collections.abc import Awaitable, Callable, Sequence

from app.domain.ids import is_our_branch
from app.emulator.ci_state import CheckRun, WorkflowRun
from app.emulator.github import GitHub
from app.emulator.repo import Repo
from app.emulator.server import Exchange
from app.emulator.state import Pull


def completed(repo: Repo, sha: str) -> Callable[[], Awaitable[WorkflowRun | None]]:
    """Look for a run on a commit that has ended."""

    async def look() -> WorkflowRun | None:
        return next((run for run in repo.runs(sha) if run.latest.status == "completed"), None)

    return look


def fix_commit(repo: Repo, base: str, tried: Sequence[str] = ()) -> Callable[[], Awaitable[tuple[str, str] | None]]:
    """Look for a branch of ours with a commit of ours on it, besides those seen before; gives branch and commit."""

    async def look() -> tuple[str, str] | None:
        found = {name: head for name, head in (await repo.branches()).items() if is_our_branch(name)}
        return next(((name, head) for name, head in found.items() if head != base and name not in tried), None)

    return look


def our_pull(repo: Repo, *, ready: bool = True) -> Callable[[], Awaitable[Pull | None]]:
    """Look for our open pull request, ready for review unless a draft will do."""

    async def look() -> Pull | None:
        ours = [pull for pull in repo.pull_requests if is_our_branch(pull.head_ref) and pull.state == "open"]
        return next((pull for pull in ours if not (ready and pull.draft)), None)

    return look


def report(repo: Repo, sha: str, app: str, conclusion: str | None = None) -> Callable[[], Awaitable[CheckRun | None]]:
    """Look for our check run on a commit once it is completed, and with a conclusion if one is asked for."""

    async def look() -> CheckRun | None:
        found = next(iter(repo.check_runs(sha, app=app)), None)
        fits = found is not None and found.conclusion is not None and conclusion in {None, found.conclusion}
        return found if fits else None

    return look


def our_comment(repo: Repo, number: int) -> Callable[[], Awaitable[str | None]]:
    """Look for the App's comment on a pull request; gives its text."""

    async def look() -> str | None:
        return next((one.body for one in repo.comments(number) if one.by_app), None)

    return look


def no_branch_of_ours(repo: Repo) -> Callable[[], Awaitable[bool | None]]:
    """Look whether all branches of ours are gone."""

    async def look() -> bool | None:
        return None if any(is_our_branch(name) for name in await repo.branches()) else True

    return look


def told(github: GitHub, repo: Repo) -> Callable[[], Awaitable[str | None]]:
    """Look for the newest answered delivery of a completed run of a repository."""

    async def look() -> str | None:
        wanted = ("workflow_run", "completed", repo.id)
        for one in reversed(github.deliveries):
            if (one.event, one.action, one.repository_id) == wanted and one.status_code:
                return f"delivery {one.guid}, answered {one.status_code}"
        return None

    return look


def jobs_of(run: WorkflowRun) -> str:
    """Name a run's jobs with their results."""
    return ", ".join(f"{job.name}: {job.check.conclusion}" for job in run.latest.jobs)


def failing_lines(run: WorkflowRun, *telling: str) -> str:
    """Give the lines of a run's failed jobs that hold one of the telling words, without their timestamps."""
    logs = [job.log.decode("utf-8", "replace") for job in run.latest.jobs if job.check.conclusion == "failure" and job.log]
    lines = [line[29:] for log in logs for line in log.splitlines() if any(word in line for word in telling)]
    return "\n".join(lines[:6])


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
