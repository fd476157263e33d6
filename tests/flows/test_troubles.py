"""Deliveries come twice or never, tokens end, logs are gone, GitHub stumbles: the end is the same."""

import pytest

from app.domain.ids import is_our_branch
from app.domain.task import TaskStatus
from app.emulator.github import GitHub
from app.emulator.repo import Repo
from tests.flows.language import UNUSED, Server
from tests.flows.test_main_job import a_repository, our_branches


def nothing_is_there_twice(github: GitHub, repo: Repo, sha: str) -> None:
    assert len([pull for pull in repo.pull_requests if is_our_branch(pull.head_ref)]) == 1
    assert len([run for run in repo.all_check_runs(app=github.app_slug) if run.suite.head_sha == sha]) == 1


async def test_every_delivery_twice(github: GitHub, server: Server) -> None:
    repo = await a_repository(github)
    github.double_next(1000)
    sha = await repo.push("main", {"web/a.py": UNUSED})
    await server.settles()
    nothing_is_there_twice(github, repo, sha)


async def test_all_deliveries_redelivered_afterwards(github: GitHub, server: Server) -> None:
    repo = await a_repository(github)
    sha = await repo.push("main", {"web/a.py": UNUSED})
    await server.settles()
    calls = len(github.requests)
    for delivery in list(github.deliveries):
        await github.redeliver(delivery.guid)
    await server.settles()
    nothing_is_there_twice(github, repo, sha)
    assert [exchange.path for exchange in github.requests[calls:]] == []


async def test_ci_on_the_fix_is_never_told_and_still_read(github: GitHub, server: Server) -> None:
    repo = await a_repository(github)
    github.kill_on(path_contains="CreateBranchAndCommit", when="after", callback=lambda: github.lose_next(1000))
    sha = await repo.push("main", {"web/a.py": UNUSED})
    await server.settles()
    nothing_is_there_twice(github, repo, sha)


async def test_a_token_that_ends_midway_is_minted_again(github: GitHub, server: Server) -> None:
    repo = await a_repository(github)
    github.kill_on(path_contains="/tarball/", when="before", callback=github.revoke_tokens)
    sha = await repo.push("main", {"web/a.py": UNUSED})
    await server.settles()
    nothing_is_there_twice(github, repo, sha)


async def test_a_log_that_is_gone_is_said(github: GitHub, server: Server) -> None:
    repo = await a_repository(github)
    github.hold_deliveries()
    sha = await repo.push("main", {"web/a.py": UNUSED})
    while not repo.runs(sha) or repo.runs(sha)[0].latest.status != "completed":
        await server.up.engine.settled()
    repo.expire_logs(repo.runs(sha)[0].id)
    github.release()
    await server.settles()
    assert await our_branches(repo) == []
    [check] = repo.check_runs(sha, app=github.app_slug)
    assert check.conclusion == "neutral"


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_github_stumbles_while_it_is_read(github: GitHub, server: Server, status: int) -> None:
    repo = await a_repository(github)
    github.fail_next(2, status, method="GET")
    sha = await repo.push("main", {"web/a.py": UNUSED})
    await server.settles()
    nothing_is_there_twice(github, repo, sha)


@pytest.mark.parametrize("path", ["CreateBranchAndCommit", "/pulls", "/check-runs"])
async def test_the_answer_to_a_write_is_lost_and_nothing_is_written_twice(github: GitHub, server: Server, path: str) -> None:
    repo = await a_repository(github)
    github.fail_next(1, 502, method="POST", path_contains=path, after=True)
    sha = await repo.push("main", {"web/a.py": UNUSED})
    await server.settles()
    nothing_is_there_twice(github, repo, sha)


async def test_a_secondary_limit_is_waited_for(github: GitHub, server: Server) -> None:
    repo = await a_repository(github)
    github.limit_next(1, retry_after=1, path_contains="/jobs")
    sha = await repo.push("main", {"web/a.py": UNUSED})
    await server.settles()
    nothing_is_there_twice(github, repo, sha)


async def test_a_person_takes_the_fix_branch_and_keeps_it(github: GitHub, server: Server) -> None:
    repo = await a_repository(github)
    sha = await repo.push("main", {"web/a.py": UNUSED})
    github.hold_deliveries()
    await _until_branch(repo, server)
    [branch] = await our_branches(repo)
    mine = await repo.push(branch, {"web/mine.py": "MINE = 1\n"}, run_ci=False)
    github.release()
    await server.settles()
    assert await repo.head(branch) == mine
    assert repo.pull_requests == []
    task = await server.task_of(repo.runs(sha)[0].id, repo.id)
    assert (task.status, "keeps its hands off" in task.reason) == (TaskStatus.FAILED, True)


async def _until_branch(repo: Repo, server: Server) -> None:
    while not await our_branches(repo):
        repo.world.outbox.release(None)
        await server.up.engine.settled()
        repo.world.outbox.hold()
