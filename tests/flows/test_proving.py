"""Every way to prove a candidate: pushes, drafts, drafts elsewhere, other systems' statuses, and nothing at all."""

import pytest

from app.domain.ids import is_our_branch
from app.domain.task import TaskStatus
from app.emulator.github import GitHub
from app.emulator.repo import Repo
from app.emulator.state import Pull
from tests.flows.language import FILES, UNUSED, Server
from tests.flows.test_main_job import a_repository, our_branches

CI = ".github/workflows/ci.yml"


def triggered_by(on: str) -> dict[str, str | None]:
    return {CI: FILES[CI].replace("on: [push]", f"on: {on}")}


def ours(repo: Repo) -> list[Pull]:
    return [pull for pull in repo.pull_requests if is_our_branch(pull.head_ref)]


async def test_where_only_pull_requests_run_ci_a_draft_proves_it(github: GitHub, server: Server) -> None:
    repo = await a_repository(github, **triggered_by("[pull_request]"))
    await repo.push("feature", {"web/a.py": UNUSED})
    await repo.open_pull_request("feature")
    await server.settles()
    [pull] = ours(repo)
    assert (pull.base_ref, pull.draft, pull.title.endswith("(being proven)")) == ("feature", False, False)
    assert {run.event for run in repo.runs(pull.head_sha)} == {"pull_request"}


async def test_where_filters_name_only_main_a_draft_into_main_proves_it(github: GitHub, server: Server) -> None:
    repo = await a_repository(github, **triggered_by("{push: {branches: [main]}, pull_request: {branches: [main]}}"))
    await repo.push("feature", {"web/a.py": UNUSED})
    theirs = await repo.open_pull_request("feature")
    await server.settles()
    [pull] = ours(repo)
    assert (pull.base_ref, pull.draft, pull.state) == ("feature", False, "open")
    assert f"#{pull.number}" in repo.comments(theirs.number)[0].body


async def test_a_draft_that_stays_red_is_closed_and_its_branch_deleted(github: GitHub, server: Server) -> None:
    files = triggered_by("[pull_request]")
    files[CI] = str(files[CI]).replace("test -f web/a.py", "test ! -f web/b.py || grep -q 'import os' web/b.py")
    repo = await a_repository(github, **files)
    await repo.push("feature", {"web/b.py": UNUSED})
    await repo.open_pull_request("feature")
    await server.settles()
    assert [pull.state for pull in ours(repo)] == ["closed"]
    assert await our_branches(repo) == []
    [run] = [run for run in repo.runs() if run.head_branch == "feature"]
    assert (await server.task_of(run.id, repo.id)).status is TaskStatus.FAILED


async def test_where_nothing_runs_on_our_branch_the_title_says_unverified(github: GitHub, server: Server) -> None:
    repo = await a_repository(github, **triggered_by("{push: {branches: [main]}}"))
    await repo.push("main", {"web/a.py": UNUSED})
    await server.settles()
    [pull] = ours(repo)
    assert (pull.draft, pull.title.endswith("(unverified)")) == (True, True)
    assert "**Not proven:** No check appeared within 10 minutes." in (pull.body or "")


@pytest.mark.parametrize(("state", "opened"), [("success", 1), ("failure", 0)])
async def test_another_systems_status_counts(github: GitHub, server: Server, state: str, opened: int) -> None:
    repo = await a_repository(github)

    async def jenkins_speaks() -> None:
        [branch] = await our_branches(repo)
        await repo.status(await repo.head(branch) or "", state, "jenkins")

    github.kill_on(path_contains="CreateBranchAndCommit", when="after", callback=jenkins_speaks)
    github.hold_deliveries()
    sha = await repo.push("main", {"web/a.py": UNUSED})
    await repo.status(sha, "success", "jenkins")
    github.release()
    await server.settles()
    assert len(ours(repo)) == opened


async def test_a_matrix_is_one_incident_and_every_leg_has_to_pass(github: GitHub, server: Server) -> None:
    matrix = FILES[CI].replace(
        "  lint:\n    runs-on: ubuntu-latest\n",
        "  lint:\n    runs-on: ubuntu-latest\n    strategy:\n      fail-fast: false\n"
        "      matrix:\n        python: ['3.11', '3.12']\n",
    )
    repo = await a_repository(github, **{CI: matrix})
    sha = await repo.push("main", {"web/a.py": UNUSED})
    await server.settles()
    assert len(ours(repo)) == 1
    assert {job.name for job in repo.runs(ours(repo)[0].head_sha)[0].latest.jobs} >= {"lint (3.11)", "lint (3.12)"}
    assert len(repo.check_runs(sha, app=github.app_slug)) == 1


async def test_two_failed_workflows_of_one_commit_make_one_picture(github: GitHub, server: Server) -> None:
    second = FILES[CI].replace("name: CI", "name: Style").replace("  lint:", "  style:")
    repo = await a_repository(github, **{".github/workflows/style.yml": second})
    sha = await repo.push("feature", {"web/a.py": UNUSED})
    theirs = await repo.open_pull_request("feature")
    await server.settles()
    assert len(repo.check_runs(sha, app=github.app_slug)) == 1
    assert len(repo.comments(theirs.number)) == 1
    assert len([run for run in repo.all_check_runs(app=github.app_slug) if run.suite.head_sha == sha]) == 1
