"""The server is killed, as hard as ``kill -9`` does, between any two stages of a repair; the end is the same as without."""

import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest

from app.bootstrap import DRAIN_SECONDS
from app.domain.ids import is_our_branch
from app.domain.task import TaskStatus
from app.emulator.faults import Asked, Kill
from app.emulator.github import GitHub
from app.emulator.repo import Repo
from app.repair.publish import withdraw
from app.repair.verify import HANDS_OFF
from app.wording.check_run import QUIET
from tests.flows.language import CLEAN, FILES, UNUSED, Server
from tests.flows.processes import Process, come_to_rest, nothing_was_done_twice
from tests.flows.test_main_job import a_repository, our_branches
from tests.flows.test_reruns import network

REPAIR = (
    "POST access_tokens",
    "GET actions/runs/N/jobs",
    "GET actions/jobs/N/logs",
    "GET check-runs/N/annotations",
    "POST Surroundings",
    "GET tarball/SHA",
    "POST CreateBranchAndCommit",
    "POST Checks",
    "POST pulls",
    "GET pulls/N",
    "DELETE git/refs/heads/ours",
)
"""What a repair asks of GitHub, one after the other: the merge of the fix comes before the last two."""

PROVING = "PATCH check-runs/N: Proving a fix for lint: CI is running on it"

REPORTS = (
    "POST check-runs",
    "PATCH check-runs/N: Fix proposed: #N, proven green",
    "POST issues/N/comments",
    "PATCH check-runs/N: Fixed by #N",
    "PATCH issues/comments/N",
)
"""What is reported meanwhile, beside the repair; a report in between is left out where the next one has overtaken it."""

When = Literal["before", "after"]
Point = tuple[str, When]


def points(requests: tuple[str, ...], when: When) -> list[Point]:
    return [(request, when) for request in requests]


FINDING_ITS_COMMIT = ("POST CreateBranchAndCommit", "GET git/ref/heads/ours", "POST pulls", "GET pulls")
FINDING_ITS_REPORT = ("POST check-runs", "GET commits/SHA/check-runs", "POST issues/N/comments", "GET issues/N/comments")


def finding(requests: tuple[str, ...], when: When) -> list[Point]:
    """Killed behind each write, and killed again around each look for what it wrote."""
    return [(request, "after" if request.startswith("POST") else when) for request in requests]


_NAMES = (
    (r"^/app/installations/\d+/access_tokens$", "access_tokens"),
    (r"^/repos/acme/web/", ""),
    (r"attempts/\d+/", ""),
    (r"heads/devflowfix/[\w/-]+", "heads/ours"),
    (r"\b[0-9a-f]{40}\b", "SHA"),
    (r"/\d+", "/N"),
)


def called(asked: Asked) -> str:
    """Name a request by what it asks, without the numbers that differ from run to run; a report by its title."""
    path = asked.operation or asked.path
    for pattern, name in _NAMES:
        path = re.sub(pattern, name, path)
    title = asked.body.get("output", {}).get("title", "") if asked.method == "PATCH" and isinstance(asked.body, dict) else ""
    return f"{asked.method} {path}" + (f": {re.sub('#[0-9]+', '#N', title)}" if title else "")


@dataclass(slots=True, kw_only=True)
class Scene:
    """A contributor's pull request that turns red, and the server that repairs it."""

    github: GitHub
    server: Process
    repo: Repo
    asked: list[str]
    sha: str = ""

    def kill_at(self, name: str, when: When) -> Kill:
        """Kill the server at its first request of a name; no answer arrives."""
        return self.github.kill_on(lambda asked: called(asked) == name, when=when, callback=self.server.kill, cut=True)

    async def turns_red(self) -> None:
        self.sha = await self.repo.push("feature", {"web/a.py": UNUSED})

    async def merged(self) -> None:
        [ours] = [pull for pull in self.repo.pull_requests if is_our_branch(pull.head_ref)]
        await self.repo.merge(ours.number)
        await come_to_rest(self.server)

    async def ends_well(self) -> None:
        """Done, fixed, tidied up, and nothing twice."""
        nothing_was_done_twice(self.github, self.repo, self.sha)
        task = await self.server.task_of(self.repo, self.sha)
        assert task is not None
        assert task.status is TaskStatus.DONE
        assert [name for name in await self.repo.branches() if is_our_branch(name)] == []
        assert await self.repo.file("feature", "web/a.py") == CLEAN.encode()
        assert self.repo.check_runs(self.sha, app=self.github.app_slug)[0].conclusion == "success"
        assert (await self.server.counts())["failed"] == 0


@pytest.fixture
async def scene(github: GitHub, tmp_path: Path, migrated_data: Path) -> AsyncIterator[Scene]:
    """Everything is green, and the server has just been started: it has no token yet."""
    github.webhook_url = None  # nobody listens yet
    repo = await github.create_repository("acme/web", FILES, run_ci=True)
    repo.state.auto_suites = False
    await repo.push("feature", {"web/b.py": CLEAN})
    await repo.open_pull_request("feature", title="A feature")
    server = Process(github, shutil.copytree(migrated_data, tmp_path / "data"))
    await github.install("acme")
    await github.idle()
    github.webhook_url = server.url
    await server.start()
    asked: list[str] = []
    github.kill_on(_noted(asked), when="before", callback=lambda: None)  # listens only: it matches nothing
    yield Scene(github=github, server=server, repo=repo, asked=asked)
    await server.close()


def _noted(asked: list[str]) -> Callable[[Asked], bool]:
    def note(one: Asked) -> bool:
        asked.append(called(one))
        return False

    return note


async def test_these_are_all_the_requests_of_a_repair(scene: Scene) -> None:
    await scene.turns_red()
    await come_to_rest(scene.server)
    await scene.merged()
    assert set(scene.asked) == {*REPAIR, PROVING, *REPORTS}
    await scene.ends_well()
    assert scene.server.kills == 0


@pytest.mark.parametrize(
    "kills",
    [
        pytest.param(points(REPAIR[::2], "before"), id="before every second request"),
        pytest.param(points(REPAIR[1::2], "before"), id="before the others"),
        pytest.param(points(REPAIR[::2], "after"), id="after every second request"),
        pytest.param(points(REPAIR[1::2], "after"), id="after the others"),
        pytest.param(points(REPORTS, "before"), id="before each report"),
        pytest.param(points(REPORTS, "after"), id="after each report"),
        pytest.param([(PROVING, "before")], id="before the report in between"),
        pytest.param([(PROVING, "after")], id="after the report in between"),
        pytest.param(finding(FINDING_ITS_COMMIT, "before"), id="before it has found its commit"),
        pytest.param(finding(FINDING_ITS_COMMIT, "after"), id="after it has found its commit"),
        pytest.param(finding(FINDING_ITS_REPORT, "before"), id="before it has found its report"),
        pytest.param(finding(FINDING_ITS_REPORT, "after"), id="after it has found its report"),
    ],
)
async def test_killed_at_any_request_it_ends_as_if_nothing_had_happened(scene: Scene, kills: list[Point]) -> None:
    armed = {point: scene.kill_at(*point) for point in kills}
    await scene.turns_red()
    await come_to_rest(scene.server)
    await scene.merged()
    assert [point for point, kill in armed.items() if not kill.fired] == []
    assert 1 <= scene.server.kills <= len(kills)  # requests that are under way side by side may fall into one death
    await scene.ends_well()


@pytest.mark.parametrize("when", ["before", "after"])
async def test_killed_while_it_ends_the_empty_suite_that_github_made_for_a_green_commit(scene: Scene, when: When) -> None:
    scene.repo.state.auto_suites = scene.repo.state.locked_suites = True
    kills = [scene.kill_at(name, when) for name in ("PATCH check-suites/preferences", "POST check-runs")]
    sha = await scene.repo.push("feature", {"web/c.py": CLEAN})
    await come_to_rest(scene.server)
    assert all(kill.fired for kill in kills)
    assert [(run.suite.head_sha, run.title) for run in scene.repo.all_check_runs(app=scene.github.app_slug)] == [
        (sha, QUIET.title)
    ]
    assert {suite.status for suite in scene.repo.state.suites.values() if suite.app.slug == scene.github.app_slug} == {
        "completed"
    }


async def test_killed_whenever_its_task_has_moved_on(scene: Scene) -> None:
    await scene.turns_red()
    for status in (TaskStatus.ANALYZING, TaskStatus.IMPLEMENTING, TaskStatus.VERIFYING, TaskStatus.CODE_REVIEWING):
        assert await scene.server.killed_at(scene.repo, scene.sha, status)
        await scene.server.start()
    await come_to_rest(scene.server)
    await scene.merged()
    await scene.ends_well()


async def test_all_that_happened_while_it_was_dead_comes_at_once(scene: Scene) -> None:
    scene.repo.state.auto_suites = scene.repo.state.locked_suites = True
    scene.github.fail_next(
        1, None, method="POST", path_contains="/check-runs", delay=3
    )  # and this is not there when it is looked for
    scene.server.kill()
    await scene.server.ended()
    await scene.turns_red()
    await scene.github.idle()
    await come_to_rest(scene.server)
    await scene.merged()
    await scene.ends_well()


@pytest.mark.parametrize("when", ["before", "after"])
async def test_killed_while_it_asks_for_a_run_to_be_run_again(scene: Scene, when: When) -> None:
    kill = scene.kill_at("POST actions/runs/N/rerun-failed-jobs", when)
    scene.sha = await scene.repo.push("feature", {**network("fetch", until=2), "web/new.py": CLEAN})
    await come_to_rest(scene.server)
    assert kill.fired
    [run] = scene.repo.runs(scene.sha)
    assert len(run.attempts) == 2
    task = await scene.server.task_of(scene.repo, scene.sha)
    assert task is not None
    assert (task.status, task.reason) == (TaskStatus.DONE, "Run again, green: attempt 2 passed.")


@pytest.mark.parametrize(("act", "end"), [(Repo.merge, TaskStatus.DONE), (Repo.close, TaskStatus.CANCELLED)])
async def test_a_person_is_quicker_than_the_server_that_was_killed_while_it_opened_the_pull_request(
    scene: Scene, act: Callable[[Repo, int], Awaitable[object]], end: TaskStatus
) -> None:
    scene.kill_at("POST pulls", "after")
    await scene.turns_red()
    await scene.server.ended()
    [ours] = [pull for pull in scene.repo.pull_requests if is_our_branch(pull.head_ref)]
    await act(scene.repo, ours.number)
    await come_to_rest(scene.server)
    nothing_was_done_twice(scene.github, scene.repo, scene.sha)
    task = await scene.server.task_of(scene.repo, scene.sha)
    assert task is not None
    assert task.status is end
    assert [name for name in await scene.repo.branches() if is_our_branch(name)] == []


async def test_a_withdrawal_that_begins_anew_still_keeps_its_hands_off_a_persons_branch(github: GitHub, server: Server) -> None:
    repo = await a_repository(github)

    async def a_person_comes() -> None:
        await repo.push((await our_branches(repo))[0], {"web/mine.py": CLEAN}, run_ci=False)

    github.kill_on(path_contains="Checks", when="before", callback=a_person_comes)
    sha = await repo.push("main", {"web/a.py": UNUSED})
    await server.settles()
    fix = await server.fix_of(await server.task_of(repo.runs(sha)[0].id, repo.id))
    assert fix is not None
    await withdraw(server.up.services, fix.candidate_id, HANDS_OFF, untouched=False)
    assert await our_branches(repo) == [fix.branch]


async def test_asked_to_stop_it_finishes_what_is_under_way_and_goes_on_at_the_next_start(scene: Scene) -> None:
    scene.github.fail_next(1, None, path_contains="/tarball/", delay=2)
    scene.github.kill_on(path_contains="/tarball/", when="before", callback=scene.server.terminate)
    await scene.turns_red()
    assert await scene.server.ended(DRAIN_SECONDS) == 0
    await scene.server.start()
    await come_to_rest(scene.server)
    assert len([name for name in scene.asked if name.startswith("GET tarball")]) == 1
    await scene.merged()
    await scene.ends_well()


async def test_asked_to_stop_it_cuts_off_what_takes_too_long_and_takes_it_up_at_the_next_start(scene: Scene) -> None:
    scene.github.fail_next(1, None, path_contains="/tarball/", delay=DRAIN_SECONDS + 8)
    scene.github.kill_on(path_contains="/tarball/", when="before", callback=scene.server.terminate)
    await scene.turns_red()
    assert await scene.server.ended(DRAIN_SECONDS + 7) == 0
    await scene.server.start()
    await come_to_rest(scene.server)
    assert len([name for name in scene.asked if name.startswith("GET tarball")]) == 2
    await scene.merged()
    await scene.ends_well()
