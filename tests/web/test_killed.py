"""A server killed in the middle of taking in and working off deliveries loses none that it acknowledged."""

import asyncio
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import aiohttp
import pytest

from tests.web.conftest import NEW_SECRET, body_of, sign

ROOT = Path(__file__).parents[2]


class Server:
    """The whole intake in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.journal = folder / "journal"
        self.process: asyncio.subprocess.Process | None = None
        self.url = ""

    async def begin(self) -> None:
        names = [str(self.folder / name) for name in ("inbox.db", "engine.db", "journal")]
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(ROOT / "tests" / "web" / "whole.py"),
            *names,
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT), "SECRET": NEW_SECRET},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self.process.stdout is not None
        self.url = f"http://127.0.0.1:{int(await self.process.stdout.readline())}/webhooks/github"

    async def kill(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            await self.process.wait()
            self.process = None

    def written(self) -> Counter[str]:
        return Counter(self.journal.read_text().splitlines()) if self.journal.exists() else Counter()


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    server = Server(tmp_path)
    await server.begin()
    yield server
    await server.kill()


async def _send(url: str, names: list[str], acknowledged: list[str]) -> None:
    """Send deliveries one after the other until the server is gone."""
    body = body_of()
    async with aiohttp.ClientSession() as session:
        for name in names:
            headers = {
                "Content-Type": "application/json",
                "X-GitHub-Event": "workflow_run",
                "X-GitHub-Delivery": name,
                "X-Hub-Signature-256": sign(body),
            }
            try:
                async with session.post(url, data=body, headers=headers) as answer:
                    assert answer.status == 202
            except aiohttp.ClientError:
                return
            acknowledged.append(name)


async def _until(fulfilled: Callable[[], bool]) -> None:
    for _ in range(1000):
        if fulfilled():
            return
        await asyncio.sleep(0.02)
    raise TimeoutError("it did not happen within 20 s")


async def test_nothing_acknowledged_is_lost_and_nothing_finished_runs_again(server: Server) -> None:
    acknowledged: list[str] = []
    for life in range(2):
        clients = [
            asyncio.create_task(_send(server.url, [f"{life}-{client}-{n}" for n in range(500)], acknowledged))
            for client in range(4)
        ]
        await _until(lambda: len(acknowledged) >= 40 * (life + 1))  # noqa: B023 - asked at once
        await server.kill()
        await asyncio.gather(*clients)
        await server.begin()
    await _until(lambda: server.written().keys() >= {f"finished {name}" for name in acknowledged})
    written = server.written()
    assert {name for name in acknowledged if not written[f"finished {name}"]} == set()
    assert len(acknowledged) >= 80
    # a step cut off before its record was written runs again, so at most once per kill; nothing else does
    assert max(written.values()) <= 3
    assert sum(number > 1 for number in written.values()) <= 2 * 64
