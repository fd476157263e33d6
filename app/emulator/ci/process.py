"""Running one command of a step: fenced off from the network, limited in time, its output read as it comes.

The fence is made of Linux namespaces by util-linux's ``unshare`` where the machine allows that, as root or not; it also holds the
processes that a command leaves behind. Where it is not allowed, the proxy variables point nowhere, which stops only tools that
honour them.
"""

import asyncio
import contextlib
import functools
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_INSIDE = Path(__file__).with_name("inside.py")
_WAYS = (
    ("--net", "--pid", "--fork", "--kill-child", "--mount-proc"),
    ("--map-root-user", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"),
    ("--net",),
    ("--map-root-user", "--net"),
)
_NOWHERE = "http://127.0.0.1:9"  # discard: nothing listens there
_PROXIES = {
    **{name: _NOWHERE for base in ("http_proxy", "https_proxy", "all_proxy") for name in (base, base.upper())},
    **dict.fromkeys(("no_proxy", "NO_PROXY"), "localhost,127.0.0.1"),
}
_PROBE_SECONDS = 5
_LAST_WORDS_SECONDS = 1.0  # for output that is still in the pipe when the command has ended
_LONGEST_LINE = 1 << 20
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Fence:
    """What is put before a command, and what its environment gets instead where nothing can be put before it."""

    prefix: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()

    @property
    def isolates(self) -> bool:
        """Whether the network is really out of reach."""
        return bool(self.prefix)


OPEN = Fence(environment=tuple(_PROXIES.items()))


@functools.cache
def find_fence() -> Fence:
    """Find out, once, what this machine allows. Starts a few short processes."""
    unshare = shutil.which("unshare")
    for way in _WAYS if unshare else ():
        prefix = (str(unshare), *way, sys.executable, "-I", "-S", str(_INSIDE))
        if _works([*prefix, "/bin/sh", "-c", "exit 7"]):
            return Fence(prefix=prefix)
    return OPEN


def _works(command: Sequence[str]) -> bool:
    try:
        done = subprocess.run(  # noqa: S603 - no shell; the words are ours
            command, env={}, capture_output=True, timeout=_PROBE_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 7


@dataclass(frozen=True, slots=True)
class Ending:
    """How a command ended: ``why`` is ``exited``, ``timed_out`` or ``cancelled``; the code counts for the first only."""

    why: str
    code: int


async def execute(
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    folder: Path,
    on_line: Callable[[str], None],
    fence: Fence,
    seconds: float,
    cancel: asyncio.Event,
) -> Ending:
    """Run a command to its end, to the end of its time or until it is cancelled; nothing of it is left running.

    Standard output and error are one stream, given line by line without the line ends.
    """
    async with _started([*fence.prefix, *command], {**environment, **dict(fence.environment)}, folder, on_line) as process:
        return await _ending(process, seconds, cancel)


async def _ending(process: asyncio.subprocess.Process, seconds: float, cancel: asyncio.Event) -> Ending:
    ended, cancelled = asyncio.ensure_future(process.wait()), asyncio.ensure_future(cancel.wait())
    try:
        await asyncio.wait({ended, cancelled}, timeout=max(seconds, 0.0), return_when=asyncio.FIRST_COMPLETED)
        if ended.done():
            code = ended.result()
            return Ending("exited", code if code >= 0 else 128 - code)
        return Ending("cancelled" if cancelled.done() else "timed_out", -1)
    finally:
        cancelled.cancel()
        ended.cancel()


@contextlib.asynccontextmanager
async def _started(
    command: Sequence[str], environment: Mapping[str, str], folder: Path, on_line: Callable[[str], None]
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Start a command in a process group of its own, and end the whole group afterwards."""
    readable, writable = os.pipe()
    pump = asyncio.create_task(_pump(readable, on_line))
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            env=environment,
            cwd=folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=writable,
            stderr=writable,
            start_new_session=True,
        )
    except BaseException:
        os.close(writable)
        await pump
        raise
    os.close(writable)
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):  # all of it ended by itself
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
        await asyncio.wait({pump}, timeout=_LAST_WORDS_SECONDS)
        pump.cancel()
        (outcome,) = await asyncio.gather(pump, return_exceptions=True)
        if isinstance(outcome, Exception):  # of on_line
            raise outcome


async def _pump(readable: int, on_line: Callable[[str], None]) -> None:
    """Hand on every line as it comes; a line that never ends is cut."""
    reader = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(readable, "rb", buffering=0)
    )
    rest = b""
    try:
        while chunk := await reader.read(_CHUNK):
            *lines, rest = (rest + chunk).split(b"\n")
            if len(rest) > _LONGEST_LINE:
                lines, rest = [*lines, rest], b""
            for line in lines:
                on_line(_text(line))
        if rest:
            on_line(_text(rest))
    finally:
        transport.close()


def _text(line: bytes) -> str:
    """Decode a line, tolerating bytes that are no UTF-8."""
    return line.removesuffix(b"\r").decode(errors="replace")
