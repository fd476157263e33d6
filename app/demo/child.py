"""The server of the demo: ``devflowfix serve`` as a process of its own, with an environment of its own."""

import asyncio
import os
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import aiohttp

START_SECONDS = 30.0


class DidNotStart(Exception):  # noqa: N818 - it says what happened
    """The server ended, or never said that it is ready."""


def free_port() -> int:
    """Find a port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A running ``devflowfix serve``."""

    process: asyncio.subprocess.Process
    url: str
    log: Path

    async def stop(self) -> None:
        """End it in good order; a server that does not end in time is killed."""
        if self.process.returncode is not None:
            return
        self.process.terminate()
        try:
            await asyncio.wait_for(self.process.wait(), 30)
        except TimeoutError:
            self.process.kill()
            await self.process.wait()


async def start(settings: Mapping[str, str], port: int, log: Path) -> Server:
    """Start a server and wait until it says that it is ready.

    Args:
        settings: ``DEVFLOWFIX_…`` variables; nothing else of this process's environment but PATH and HOME is handed on.
        port: to listen on, on loopback.
        log: the file that takes what it logs.

    Raises:
        DidNotStart: with the end of its log.
    """
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    environment |= dict(settings) | {"DEVFLOWFIX_HOST": "127.0.0.1", "DEVFLOWFIX_PORT": str(port)}
    with log.open("ab") as out:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "app", "serve", env=environment, stdout=out, stderr=out
        )
    server = Server(process=process, url=f"http://127.0.0.1:{port}", log=log)
    await _ready(server)
    return server


async def _ready(server: Server) -> None:
    end = asyncio.get_running_loop().time() + START_SECONDS
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
        while not await _answers(session, server.url):
            if server.process.returncode is not None or asyncio.get_running_loop().time() > end:
                raise DidNotStart(f"The server did not start:\n{tail(server.log)}")
            await asyncio.sleep(0.1)


async def _answers(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(f"{url}/health/ready") as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False


def tail(log: Path, lines: int = 20) -> str:
    """Give the last lines of a log."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) if log.exists() else "(no log)"
