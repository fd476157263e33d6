"""Two servers on one PostgreSQL: what one leaves behind the other finishes, and neither does what the other has done."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import psycopg
import pytest

from app.domain.ids import is_our_branch
from app.domain.task import TaskStatus
from app.emulator.github import GitHub
from app.emulator.repo import Repo
from tests.flows.language import FILES, UNUSED
from tests.flows.processes import PATIENCE, Process, come_to_rest, nothing_was_done_twice
from tests.postgres import empty_postgresql_url, postgresql_server

__all__ = ["empty_postgresql_url", "postgresql_server"]

TAKEN_OVER_WITHIN = 30.0  # seconds from the death of one to the pull request of the other
LINT_ONLY = FILES[".github/workflows/ci.yml"].partition("  test:\n")[0]


@dataclass(slots=True, kw_only=True)
class Pair:
    """Two servers, and the database that they share."""

    github: GitHub
    database: str
    one: Process
    two: Process

    def at_work_on(self, *workflows: str) -> tuple[Process, Process]:
        """The one that runs such a workflow now, and the other one."""
        asked = "SELECT executor_id FROM engine.workflow_status WHERE status = 'PENDING' AND name = ANY(%s)"
        with psycopg.connect(self.database) as connection:
            [(name,)] = connection.execute(asked, [list(workflows)]).fetchall()
        return (self.one, self.two) if name == self.one.name else (self.two, self.one)

    def shares(self) -> dict[str, int]:
        """How many runs each of them has carried out."""
        asked = "SELECT executor_id, count(*) FROM engine.workflow_status WHERE status = 'SUCCESS' GROUP BY 1"
        with psycopg.connect(self.database) as connection:
            return dict(connection.execute(asked).fetchall())


@pytest.fixture
async def pair(
    github: GitHub,
    tmp_path: Path,
    empty_postgresql_url: str,
) -> AsyncIterator[Pair]:
    """Both are started at the same moment, on an empty database."""
    url = empty_postgresql_url
    one, two = (Process(github, tmp_path / name / "data", name, DEVFLOWFIX_DATABASE_URL=url) for name in ("one", "two"))
    for process in (one, two):
        process.log.parent.mkdir()
    await asyncio.gather(one.start(), two.start())
    github.webhook_url = one.url
    await github.install("acme")
    yield Pair(github=github, database=url, one=one, two=two)
    await one.close()
    await two.close()


async def a_red_repository(github: GitHub, name: str = "web") -> tuple[Repo, str]:
    repo = await github.create_repository(f"acme/{name}", FILES | {".github/workflows/ci.yml": LINT_ONLY})
    repo.state.auto_suites = False
    return repo, await repo.push("main", {"web/a.py": UNUSED})


async def a_pull_request_of(repo: Repo) -> None:
    async with asyncio.timeout(PATIENCE):
        while not repo.pull_requests:  # noqa: ASYNC110 - the stand-in has nothing that could be waited for
            await asyncio.sleep(0.05)


async def merged(repo: Repo, sha: str, process: Process) -> None:
    """Merge the fix, and see that it has ended well."""
    await repo.merge(repo.pull_requests[0].number)
    await come_to_rest(process)
    task = await process.task_of(repo, sha)
    assert task is not None
    assert task.status is TaskStatus.DONE
    assert [name for name in await repo.branches() if is_our_branch(name)] == []
    nothing_was_done_twice(process.github, repo, sha)
    assert (await process.counts())["failed"] == 0


@dataclass(slots=True)
class Death:
    """Who died when, and who is left."""

    survivor: Process
    at: float

    async def is_made_up_for(self, repo: Repo) -> None:
        await a_pull_request_of(repo)
        took = asyncio.get_running_loop().time() - self.at
        print(f"taken over and finished in {took:.1f} s")  # noqa: T201 - shown where the test fails
        assert took < TAKEN_OVER_WITHIN
        await come_to_rest(self.survivor)


def dies(pair: Pair, deaths: list[Death], how: Callable[[Process], None] = Process.kill) -> Callable[[], None]:
    """What happens at a request of a candidate's attempt: the one that asks dies, and GitHub then talks to the other one."""

    def act() -> None:
        victim, survivor = pair.at_work_on("attempt")
        how(victim)
        pair.github.webhook_url = survivor.url
        deaths.append(Death(survivor, asyncio.get_running_loop().time()))

    return act


@pytest.mark.parametrize("request_name", ["/tarball/", "CreateBranchAndCommit"])
async def test_one_is_killed_in_the_middle_of_a_repair_and_the_other_finishes_it(pair: Pair, request_name: str) -> None:
    deaths: list[Death] = []
    pair.github.kill_on(path_contains=request_name, when="after", callback=dies(pair, deaths), cut=True)
    repo, sha = await a_red_repository(pair.github)
    await a_pull_request_of(repo)
    [death] = deaths
    await death.is_made_up_for(repo)
    await merged(repo, sha, death.survivor)


async def test_one_is_killed_while_it_finishes_its_work_in_order_to_stop(pair: Pair) -> None:
    deaths: list[Death] = []
    pair.github.fail_next(1, None, path_contains="/tarball/", delay=60)
    pair.github.kill_on(path_contains="/tarball/", when="before", callback=dies(pair, deaths, Process.terminate))
    repo, sha = await a_red_repository(pair.github)
    async with asyncio.timeout(PATIENCE):
        while not deaths:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.05)
    [death] = deaths
    victim = pair.one if death.survivor is pair.two else pair.two
    await asyncio.sleep(2)
    victim.kill()
    death.at = asyncio.get_running_loop().time()
    await death.is_made_up_for(repo)
    await merged(repo, sha, death.survivor)


async def test_ten_repositories_at_once_are_each_repaired_once(pair: Pair) -> None:
    async with _balanced(pair):
        red = await asyncio.gather(*(a_red_repository(pair.github, f"web{number}") for number in range(10)))
        await come_to_rest(pair.one, pair.two)
    for repo, sha in red:
        nothing_was_done_twice(pair.github, repo, sha)
        [pull] = repo.pull_requests
        assert pull.state == "open"
    shares = pair.shares()
    assert set(shares) == {"one", "two"}
    assert min(shares.values()) > 10, shares


@asynccontextmanager
async def _balanced(pair: Pair) -> AsyncIterator[None]:
    """Let deliveries go to the one and the other by turns, as behind a load balancer."""

    async def turn() -> None:
        for process in cycle((pair.one, pair.two)):
            pair.github.webhook_url = process.url
            await asyncio.sleep(0.02)

    task = asyncio.create_task(turn())
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
