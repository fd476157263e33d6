"""What the code did not cause is run again, once, on a budget; what must not run twice is not."""

from app.domain.failure.types import Attribution
from app.domain.task import TaskStatus
from app.emulator.github import GitHub
from app.emulator.repo import Repo
from tests.flows.language import CLEAN, FILES, Server
from tests.flows.test_main_job import a_repository, our_branches

CI = ".github/workflows/ci.yml"
UNREACHABLE = "echo 'curl: (6) Could not resolve host: files.example.org'; exit 6"


def network(job: str, until: int) -> dict[str, str | None]:
    """A workflow whose job cannot reach the network before the given attempt."""
    head = FILES[CI].partition("jobs:\n")[0]
    return {
        CI: f"""\
{head}jobs:
  {job}:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: |
          test ! -f web/new.py || test "$GITHUB_RUN_ATTEMPT" -ge {until} || {{ {UNREACHABLE}; }}
"""
    }


def newest(repo: Repo) -> tuple[int, int]:
    run = repo.runs()[-1]
    return run.id, len(run.attempts)


async def test_a_network_failure_is_run_again_and_goes_green_without_a_patch(github: GitHub, server: Server) -> None:
    repo = await a_repository(github, **network("fetch", until=2))
    sha = await repo.push("main", {"web/new.py": CLEAN})
    await server.settles()
    run, attempts = newest(repo)
    task = await server.task_of(run, repo.id)
    assert (await server.diagnosis_of(task)).attribution is Attribution.INFRA
    assert (attempts, task.status, task.reason) == (2, TaskStatus.DONE, "Run again, green: attempt 2 passed.")
    [check] = repo.check_runs(sha, app=github.app_slug)
    assert check.conclusion == "success"
    assert (repo.pull_requests, await our_branches(repo)) == ([], [])


async def test_it_is_run_again_only_once(github: GitHub, server: Server) -> None:
    repo = await a_repository(github, **network("fetch", until=9))
    sha = await repo.push("main", {"web/new.py": CLEAN})
    await server.settles()
    run, attempts = newest(repo)
    assert attempts == 2
    assert (await server.task_of(run, repo.id)).status is TaskStatus.OBSERVED
    second = await server.task_of(run, repo.id, attempt=2)
    assert "run again before" in second.reason
    assert repo.check_runs(sha, app=github.app_slug)[0].conclusion == "neutral"


async def test_a_job_that_deploys_is_never_run_again(github: GitHub, server: Server) -> None:
    repo = await a_repository(github, **network("deploy-docs", until=2))
    await repo.push("main", {"web/new.py": CLEAN})
    await server.settles()
    run, attempts = newest(repo)
    assert attempts == 1
    assert "must not run twice" in (await server.task_of(run, repo.id)).reason


async def test_without_a_policy_nothing_is_run_again(github: GitHub, server: Server) -> None:
    repo = await a_repository(github, **network("fetch", until=2), **{".github/devflowfix.yml": None})
    await repo.push("main", {"web/new.py": CLEAN})
    await server.settles()
    assert newest(repo)[1] == 1
