"""The words in which the flows are told: a GitHub, a server of ours, a clock that both look at."""

import socket
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiohttp import web

from app.bootstrap import Running, running
from app.domain.diagnosis import Diagnosis
from app.domain.ids import incident_id, task_id
from app.domain.task import FixPullRequest, Task
from app.emulator.github import GitHub
from app.settings import Settings, load
from app.web.server import serve
from storage import fixes, incidents, tasks

SECRET = "a word that both sides know"
CLEAN = '"""A module."""\n\nANSWER = 42\n'
UNUSED = '"""A module."""\n\nimport os\n\nANSWER = 42\n'
MESSY = '"""A module."""\n\nANSWER   =  { "a":42 }\n'

WORKFLOW = """\
name: CI
on: [push]
jobs:
  lint:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: ruff check --output-format concise .
      - if: ${{ !cancelled() }}
        run: ruff format --check .
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: test -f web/a.py
"""

FILES = {
    ".github/workflows/ci.yml": WORKFLOW,
    ".github/devflowfix.yml": "mode: ready\n",
    "pyproject.toml": '[tool.ruff.lint]\nselect = ["F", "I"]\n',
    "web/a.py": CLEAN,
}


class Clock:
    """The time on both sides; it runs, and can be pushed forward."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def forward(self, seconds: float) -> None:
        self._ahead += timedelta(seconds=seconds)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def settings_for(github: GitHub, folder: Path, port: int, **changes: str) -> Settings:
    """The environment of a server that works for this GitHub."""
    return load(environment_for(github, folder, port) | changes)


def environment_for(github: GitHub, folder: Path, port: int) -> dict[str, str]:
    return {
        "DEVFLOWFIX_GITHUB_APP_ID": str(github.app_id),
        "DEVFLOWFIX_GITHUB_PRIVATE_KEY": github.private_key_pem,
        "DEVFLOWFIX_WEBHOOK_SECRET": SECRET,
        "DEVFLOWFIX_GITHUB_API_URL": github.api_url,
        "DEVFLOWFIX_DATA_DIR": str(folder),
        "DEVFLOWFIX_PORT": str(port),
        "DEVFLOWFIX_LOG_LEVEL": "WARNING",
    }


class Server:
    """Our server in this process; it can be stopped, crashed and started again on the same data."""

    def __init__(self, github: GitHub, settings: Settings, clock: Clock) -> None:
        self.github, self.settings, self.clock = github, settings, clock
        self._stack: AsyncExitStack | None = None
        self._running: Running | None = None

    @property
    def up(self) -> Running:
        assert self._running is not None, "the server is not running"
        return self._running

    async def start(self) -> None:
        self._stack = AsyncExitStack()
        self._running = await self._stack.enter_async_context(running(self.settings, clock=self.clock, polling=0.02))
        runner: web.AppRunner = await serve(self._running.app, self.settings.host, self.settings.port)
        self._stack.push_async_callback(runner.cleanup)

    async def stop(self) -> None:
        if self._stack is not None:
            await self._stack.aclose()
        self._stack = self._running = None

    async def settles(self, rounds: int = 60) -> None:
        """Wait until GitHub has nothing more to tell and we have nothing more to do; what waits for later has its time come."""
        for _ in range(rounds):
            await self.github.idle()
            await self.up.drain.settled(60)
            await self.github.idle()
            await self.up.drain.settled(60)
            if not await self._time_passes():
                return
        raise AssertionError("it never came to rest")

    async def _time_passes(self) -> bool:
        counts = await self.up.engine.state()
        if not counts.delayed:
            return False
        self.clock.forward(61)
        await self.up.engine.later_is_now()
        return True

    async def task_of(self, run_id: int, repository_id: int, attempt: int = 1) -> Task:
        name = incident_id(self.up.services.github.host, repository_id, run_id, attempt)
        async with self.up.services.db.read() as tx:
            task = await tasks.get_task(tx, task_id(name))
        assert task is not None, f"no task for run {run_id}"
        return task

    async def diagnosis_of(self, task: Task) -> Diagnosis:
        async with self.up.services.db.read() as tx:
            diagnosis = await incidents.get_diagnosis(tx, task.incident_id)
        assert diagnosis is not None
        return diagnosis

    async def fix_of(self, task: Task) -> FixPullRequest | None:
        async with self.up.services.db.read() as tx:
            return await fixes.fix_of_task(tx, task.id)
