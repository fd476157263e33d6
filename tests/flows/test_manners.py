"""What a repository has not asked for does not happen."""

import pytest

from app.domain.task import TaskStatus
from app.emulator.github import GitHub
from app.emulator.repo import Repo
from tests.flows.language import CLEAN, FILES, UNUSED, Server
from tests.flows.test_main_job import a_repository, our_branches


async def test_without_a_policy_file_it_explains_only(github: GitHub, server: Server) -> None:
    repo = await a_repository(github, **{".github/devflowfix.yml": None})
    sha = await repo.push("main", {"web/a.py": UNUSED})
    await server.settles()
    assert (repo.pull_requests, await our_branches(repo)) == ([], [])
    [check] = repo.check_runs(sha, app=github.app_slug)
    assert (check.title, check.conclusion) == ("Why lint failed", "neutral")
    assert "there is no `.github/devflowfix.yml`" in (check.summary or "")


async def test_observe_publishes_nothing(github: GitHub, server: Server) -> None:
    repo = await a_repository(github, **{".github/devflowfix.yml": "mode: observe\n"})
    await server.settles()
    sha = await repo.push("main", {"web/a.py": UNUSED})
    await server.settles()
    assert repo.all_check_runs(app=github.app_slug) == []
    assert (await server.task_of(repo.runs(sha)[0].id, repo.id)).status is TaskStatus.OBSERVED


async def test_suggest_shows_the_change_and_pushes_nothing(github: GitHub, server: Server) -> None:
    repo = await a_repository(github, **{".github/devflowfix.yml": "mode: suggest\n"})
    sha = await repo.push("main", {"web/a.py": UNUSED})
    await server.settles()
    assert (repo.pull_requests, await our_branches(repo)) == ([], [])
    [check] = repo.check_runs(sha, app=github.app_slug)
    assert "-import os" in (check.text or "")


async def test_draft_opens_a_draft(github: GitHub, server: Server) -> None:
    repo = await a_repository(github, **{".github/devflowfix.yml": "mode: draft\n"})
    await repo.push("main", {"web/a.py": UNUSED})
    await server.settles()
    assert [pull.draft for pull in repo.pull_requests] == [True]


async def test_an_invalid_policy_is_said_and_nothing_is_pushed(github: GitHub, server: Server) -> None:
    repo = await a_repository(github, **{".github/devflowfix.yml": "mode: ready\nfailure_typs: [lint]\n"})
    sha = await repo.push("main", {"web/a.py": UNUSED})
    await server.settles()
    assert await our_branches(repo) == []
    assert "is not valid (line 2" in (repo.check_runs(sha, app=github.app_slug)[0].summary or "")


async def test_a_policy_on_the_failing_branch_counts_for_nothing(github: GitHub, server: Server) -> None:
    repo = await a_repository(github, **{".github/devflowfix.yml": "mode: explain\n"})
    await repo.push("feature", {"web/a.py": UNUSED, ".github/devflowfix.yml": "mode: ready\n"})
    await server.settles()
    assert (repo.pull_requests, await our_branches(repo)) == ([], [])


async def test_a_failure_in_a_denied_path_is_not_touched(github: GitHub, server: Server) -> None:
    repo = await a_repository(github, **{".github/devflowfix.yml": "mode: ready\npaths: {deny: ['web/**']}\n"})
    sha = await repo.push("main", {"web/a.py": UNUSED})
    await server.settles()
    assert await our_branches(repo) == []
    assert (await server.task_of(repo.runs(sha)[0].id, repo.id)).status is TaskStatus.FAILED


@pytest.mark.parametrize("event", ["workflow_dispatch"])
async def test_a_run_started_by_hand_is_only_looked_at(github: GitHub, server: Server, event: str) -> None:
    workflow = FILES[".github/workflows/ci.yml"].replace("on: [push]", f"on: [{event}]")
    repo = await a_repository(github, **{".github/workflows/ci.yml": workflow, "web/a.py": UNUSED})
    assert repo.runs() == []
    await server.settles()
    assert repo.all_check_runs(app=github.app_slug) == []


async def test_a_dependency_bots_branch_is_left_to_the_bot(github: GitHub, server: Server) -> None:
    repo = await a_repository(github)
    sha = await repo.push("dependabot/pip/x-2", {"web/a.py": UNUSED}, author="dependabot[bot]")
    await server.settles()
    assert await our_branches(repo) == []
    task = await server.task_of(repo.runs(sha)[0].id, repo.id)
    assert (task.status, "dependency bot" in task.reason) == (TaskStatus.OBSERVED, True)


def suites_of_ours(github: GitHub, repo: Repo, sha: str) -> list[str]:
    return [suite.status for suite in repo.state.suites_of(sha) if suite.app.slug == github.app_slug]


async def test_github_makes_no_empty_suite_of_ours_for_a_push(github: GitHub, server: Server) -> None:
    repo = await a_repository(github)
    await server.settles()
    sha = await repo.push("main", {"web/c.py": CLEAN})
    await server.settles()
    assert suites_of_ours(github, repo, sha) == []


async def test_where_github_keeps_making_suites_none_stays_pending(github: GitHub, server: Server) -> None:
    repo = await github.create_repository("acme/web", FILES)
    repo.state.locked_suites = True
    await github.install("acme")
    green = await repo.push("main", {"web/c.py": CLEAN})
    red = await repo.push("main", {"web/a.py": UNUSED})
    await server.settles()
    assert suites_of_ours(github, repo, green) == ["completed"]
    assert suites_of_ours(github, repo, red) == ["completed"]
    [check] = [run for run in repo.all_check_runs(app=github.app_slug) if run.suite.head_sha == red]
    assert check.title == f"Fix proposed: #{repo.pull_requests[0].number}, proven green"
    assert {suite.status for suite in repo.state.suites.values()} == {"completed"}


async def test_a_green_run_asks_for_nothing(github: GitHub, server: Server) -> None:
    repo = await a_repository(github)
    await server.settles()
    before = len(github.requests)
    await repo.push("main", {"web/c.py": CLEAN})
    await server.settles()
    assert [exchange.path for exchange in github.requests[before:]] == []


async def test_the_same_failure_pushed_again_is_linked_not_fixed_twice(github: GitHub, server: Server) -> None:
    repo = await a_repository(github)
    await repo.push("main", {"web/a.py": UNUSED})
    await server.settles()
    again = await repo.push("main", {"README.md": "More words.\n"})
    await server.settles()
    assert len(repo.pull_requests) == 1
    [check] = repo.check_runs(again, app=github.app_slug)
    assert check.title == f"lint failed; #{repo.pull_requests[0].number} fixes it"
