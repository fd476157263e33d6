"""People do things meanwhile: they push, delete, close, merge. DevFlowFix gives way."""

from app.domain.task import TaskStatus
from app.emulator.github import GitHub
from tests.flows.language import CLEAN, UNUSED, Server
from tests.flows.test_main_job import a_repository, our_branches


async def test_a_fix_that_a_person_closed_is_not_offered_again(github: GitHub, server: Server) -> None:
    repo = await a_repository(github)
    await repo.push("main", {"web/a.py": UNUSED})
    await server.settles()
    await repo.close(repo.pull_requests[0].number)
    await server.settles()
    again = await repo.push("main", {"README.md": "More words.\n"})
    await server.settles()
    assert len(repo.pull_requests) == 1
    assert await our_branches(repo) == []
    [check] = repo.check_runs(again, app=github.app_slug)
    assert f"#{repo.pull_requests[0].number}, a fix of the same failure, was closed" in (check.summary or "")


async def test_a_branch_that_moved_on_before_the_decision_is_left_to_its_next_run(github: GitHub, server: Server) -> None:
    repo = await a_repository(github)
    github.hold_deliveries()
    red = await repo.push("main", {"web/a.py": UNUSED})
    await _runs_end(server, github)
    await repo.push("main", {"web/a.py": CLEAN})
    github.release()
    await server.settles()
    assert repo.pull_requests == []
    assert "has moved on" in (await server.task_of(repo.runs(red)[0].id, repo.id)).reason


async def test_the_base_moves_during_the_proof_and_the_fix_is_still_offered(github: GitHub, server: Server) -> None:
    repo = await a_repository(github)

    async def somebody_pushes() -> None:
        await repo.push("main", {"README.md": "More words.\n"}, run_ci=False)

    github.kill_on(path_contains="CreateBranchAndCommit", when="after", callback=somebody_pushes)
    await repo.push("main", {"web/a.py": UNUSED})
    await server.settles()
    assert [pull.state for pull in repo.pull_requests] == ["open"]


async def test_a_person_deletes_the_fix_branch_and_that_is_that(github: GitHub, server: Server) -> None:
    repo = await a_repository(github)

    async def somebody_deletes() -> None:
        [branch] = await our_branches(repo)
        await repo.delete_branch(branch)

    github.kill_on(path_contains="CreateBranchAndCommit", when="after", callback=somebody_deletes)
    sha = await repo.push("main", {"web/a.py": UNUSED})
    await server.settles()
    assert repo.pull_requests == []
    task = await server.task_of(repo.runs(sha)[0].id, repo.id)
    assert (task.status, "keeps its hands off" in task.reason) == (TaskStatus.FAILED, True)


async def test_a_closed_fix_that_is_reopened_is_under_review_again(github: GitHub, server: Server) -> None:
    repo = await a_repository(github)
    sha = await repo.push("main", {"web/a.py": UNUSED})
    await server.settles()
    number = repo.pull_requests[0].number
    github.hold_deliveries()
    await repo.close(number)
    await repo.reopen(number)
    github.release()
    await server.settles()
    assert (await server.task_of(repo.runs(sha)[0].id, repo.id)).status is TaskStatus.CODE_REVIEWING


async def _runs_end(server: Server, github: GitHub) -> None:
    while github.world.tasks:
        await server.up.engine.settled()
