"""Our server as a process of its own, to be killed, stopped and started again on the same data."""

import asyncio
import os
import signal
from pathlib import Path

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from app.bootstrap import application_url
from app.demo import child
from app.domain.ids import incident_id, is_our_branch, task_id
from app.domain.task import Task, TaskStatus
from app.emulator.github import GitHub
from app.emulator.repo import Repo
from storage import tasks
from storage.database import Database
from tests.flows.language import environment_for, free_port, settings_for

PATIENCE = 60.0  # seconds for anything to happen at all
RESTS = 3  # looks in a row that find nothing to do, because a delivery may be on its way between two of them


class Process:
    """``devflowfix serve`` on a port of its own. Whoever shares its data shares its folder or its ``DATABASE_URL``."""

    def __init__(self, github: GitHub, folder: Path, name: str = "one", **changes: str) -> None:
        self.github, self.name, self.port = github, name, free_port()
        self.url = f"http://127.0.0.1:{self.port}/api/v1/webhooks/github"
        self.log = folder.with_name(f"{name}.log")
        own = {"DEVFLOWFIX_EXECUTOR_ID": name, "DEVFLOWFIX_SETTLE_SECONDS": "1"}
        self._environment = environment_for(github, folder, self.port) | own | changes
        self._settings = settings_for(github, folder, self.port, **changes)
        self._child: child.Server | None = None
        self.kills = 0

    @property
    def up(self) -> child.Server:
        assert self._child is not None, "the process was never started"
        return self._child

    @property
    def dead(self) -> bool:
        return self.up.process.returncode is not None

    async def start(self) -> None:
        self._child = await child.start(self._environment, self.port, self.log)

    @property
    def pid(self) -> int:
        return self.up.process.pid

    def kill(self) -> None:
        """Kill it as hard as ``kill -9`` does, wherever it stands."""
        if not self.dead:
            self.kills += 1
            os.kill(self.pid, signal.SIGKILL)

    async def ended(self, seconds: float = PATIENCE) -> int:
        """Wait for its end and give its exit status."""
        return await asyncio.wait_for(self.up.process.wait(), seconds)

    def terminate(self) -> None:
        """Ask it to stop in good order."""
        self.up.process.terminate()

    async def close(self) -> None:
        if self._child is not None and not self.dead:
            self.up.process.kill()
            await self.up.process.wait()

    async def counts(self) -> dict[str, float]:
        """What it has to do, by state, as its metrics say: ``received`` deliveries, ``running`` runs, and so on."""
        async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{self.port}/metrics") as answer:
            families = text_string_to_metric_families(await answer.text())
            samples = [sample for family in families for sample in family.samples]
        runs = {one.labels["state"]: one.value for one in samples if one.name == "devflowfix_runs"}
        inbox = {f"inbox {one.labels['state']}": one.value for one in samples if one.name == "devflowfix_inbox_deliveries"}
        return runs | inbox

    async def at_rest(self) -> bool:
        """Whether neither GitHub nor the server has anything more to do. Raises when it is not there to be asked."""
        await self.github.idle()
        counts = await self.counts()
        busy = sum(counts[state] for state in ("running", "queued", "delayed", "inbox received", "inbox queued"))
        return not busy and not self.github.world.outbox.pending and not self.github.world.tasks

    async def killed_at(self, repo: Repo, sha: str, status: TaskStatus) -> bool:
        """Kill it when the task of the failed run on a commit turns to a status; tells whether it stood there at the end."""
        task: Task | None = None
        async with asyncio.timeout(PATIENCE):
            while task is None or task.status is not status:
                await asyncio.sleep(0.002)
                task = await self.task_of(repo, sha)
        self.kill()
        await self.ended()
        left = await self.task_of(repo, sha)
        return left is not None and left.status is status

    async def task_of(self, repo: Repo, sha: str) -> Task | None:
        """Read the task of the failed run on a commit from the database; null before there is one."""
        runs = repo.runs(sha)
        db = await Database.open(application_url(self._settings))
        try:
            async with db.read() as tx:
                known = [incident_id(self._settings.github_host, repo.id, run.id, 1) for run in runs]
                return await tasks.get_task(tx, task_id(known[0])) if known else None
        finally:
            await db.close()


async def come_to_rest(*processes: Process, revive: bool = True) -> None:
    """Wait for rest. Who was killed is started again, and deliveries that found nobody are redelivered, as a sweep would."""
    github, still, end = processes[0].github, 0, asyncio.get_running_loop().time() + PATIENCE
    while still < RESTS:
        assert asyncio.get_running_loop().time() < end, f"no rest: {await processes[0].counts()}\n{child.tail(processes[0].log)}"
        for process in processes:
            if revive and process.dead:
                assert process.up.process.returncode == -signal.SIGKILL, child.tail(process.log)
                await process.start()
                end = asyncio.get_running_loop().time() + PATIENCE
        await redeliver_failed(github)
        still = still + 1 if await _all_at_rest(processes) else 0
        await asyncio.sleep(0.05)


async def _all_at_rest(processes: tuple[Process, ...]) -> bool:
    try:
        return all([await process.at_rest() for process in processes if not process.dead])
    except (aiohttp.ClientError, ConnectionError):
        return False  # killed while it was asked


async def redeliver_failed(github: GitHub) -> None:
    """Deliver once more what nobody accepted: GitHub does not do that by itself."""
    for delivery in github.deliveries:
        if delivery.attempts and not any(attempt.accepted for attempt in delivery.attempts):
            await github.redeliver(delivery.guid)
    await github.idle()


def nothing_was_done_twice(github: GitHub, repo: Repo, sha: str) -> None:
    """One branch and one commit of ours ever, one fix pull request, one check run, at most one comment in each conversation."""
    on_ours = [run for run in repo.runs() if is_our_branch(run.head_branch)]  # whatever was pushed to it has made a run
    assert len({run.head_branch for run in on_ours}) == 1
    assert len({run.head_sha for run in on_ours} - {sha}) == 1
    ours = [pull for pull in repo.pull_requests if is_our_branch(pull.head_ref)]
    assert len(ours) == 1
    assert [run.name for run in repo.all_check_runs(app=github.app_slug) if run.suite.head_sha == sha] == ["DevFlowFix"]
    assert all(len(repo.comments(pull.number)) <= 1 for pull in repo.pull_requests)
    assert github.unknown_requests == []
