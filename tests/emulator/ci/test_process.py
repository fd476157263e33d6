import asyncio
import os
import time
from pathlib import Path

import pytest

from app.emulator.ci.process import OPEN, Ending, Fence, execute, find_fence


def open_files() -> int:
    """How many files this process holds open."""
    return len(list(Path("/proc/self/fd").iterdir()))


FENCES = [pytest.param(OPEN, id="open"), pytest.param(None, id="fenced")]


async def run(script: str, folder: Path, fence: Fence | None, seconds: float = 20) -> tuple[Ending, list[str]]:
    lines: list[str] = []
    ending = await execute(
        ["/bin/sh", "-c", script],
        environment={"PATH": os.defpath},
        folder=folder,
        on_line=lines.append,
        fence=await asyncio.to_thread(find_fence) if fence is None else fence,
        seconds=seconds,
        cancel=asyncio.Event(),
    )
    return ending, lines


@pytest.mark.parametrize("fence", FENCES)
async def test_a_command_gives_its_lines_and_its_status(tmp_path: Path, fence: Fence | None) -> None:
    assert await run("echo a; echo b >&2; printf c; exit 3", tmp_path, fence) == (Ending("exited", 3), ["a", "b", "c"])


@pytest.mark.parametrize("fence", FENCES)
async def test_lines_arrive_while_the_command_still_runs(tmp_path: Path, fence: Fence | None) -> None:
    arrived: list[float] = []
    await execute(
        ["/bin/sh", "-c", "echo now; sleep 0.5; echo later"],
        environment={"PATH": os.defpath},
        folder=tmp_path,
        on_line=lambda _: arrived.append(time.monotonic()),
        fence=await asyncio.to_thread(find_fence) if fence is None else fence,
        seconds=20,
        cancel=asyncio.Event(),
    )
    assert arrived[1] - arrived[0] > 0.3


TICKING = "(while :; do echo x >> ticks; sleep 0.05; done)"


async def still_ticking(folder: Path) -> bool:
    """Tell whether something goes on writing after its command ended."""
    before = (folder / "ticks").stat().st_size
    await asyncio.sleep(0.3)
    return (folder / "ticks").stat().st_size > before


@pytest.mark.parametrize("fence", FENCES)
async def test_a_command_over_its_time_is_ended_with_its_children(tmp_path: Path, fence: Fence | None) -> None:
    ending, lines = await run(f"{TICKING} & echo started; sleep 600", tmp_path, fence, seconds=0.5)
    assert (ending.why, lines) == ("timed_out", ["started"])
    assert not await still_ticking(tmp_path)


@pytest.mark.parametrize("fence", FENCES)
async def test_what_a_command_leaves_in_the_background_neither_holds_it_up_nor_lives_on(
    tmp_path: Path, fence: Fence | None
) -> None:
    ending, _ = await run(f"{TICKING} & sleep 0.2; exit 4", tmp_path, fence)
    assert ending == Ending("exited", 4)
    assert not await still_ticking(tmp_path)


async def test_a_fence_also_holds_what_leaves_its_session_and_hides_every_other_process(tmp_path: Path) -> None:
    fence = await asyncio.to_thread(find_fence)
    if "--pid" not in fence.prefix:
        pytest.skip("this machine allows no process namespaces")
    _, lines = await run(f"setsid sh -c '{TICKING}' & sleep 0.2; echo /proc/[0-9]*", tmp_path, fence)
    assert not await still_ticking(tmp_path)
    assert f"/proc/{os.getpid()}" not in lines[0].split()
    assert len(lines[0].split()) < 8


async def test_a_fenced_command_reaches_itself_and_nobody_else(tmp_path: Path) -> None:
    fence = await asyncio.to_thread(find_fence)
    if not fence.isolates:
        pytest.skip("this machine allows no network namespaces")
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    knock = f"python3 -c 'import socket; socket.create_connection((\"127.0.0.1\", {port}), 2)'"
    own = (
        'python3 -c \'import socket; s = socket.create_server(("127.0.0.1", 0)); '
        'socket.create_connection(s.getsockname(), 2); print("own")\''
    )
    async with server:
        outside, _ = await run(knock, tmp_path, OPEN)
        inside, _ = await run(knock, tmp_path, fence)
        alone, lines = await run(own, tmp_path, fence)
    assert (outside.code, inside.code) == (0, 1)
    assert (alone.code, lines) == (0, ["own"])


async def test_without_a_fence_the_proxies_point_nowhere(tmp_path: Path) -> None:
    _, lines = await run("echo $https_proxy $HTTP_PROXY; echo $no_proxy", tmp_path, OPEN)
    assert lines == ["http://127.0.0.1:9 http://127.0.0.1:9", "localhost,127.0.0.1"]


@pytest.mark.parametrize("fence", FENCES)
async def test_a_broken_pipe_ends_a_command_quietly_as_in_any_shell(tmp_path: Path, fence: Fence | None) -> None:
    _, lines = await run('(while echo x; do :; done; echo "status $?" >&2) | head -1', tmp_path, fence)
    assert lines == ["x"]


async def test_a_command_that_cannot_start_leaves_nothing_open(tmp_path: Path) -> None:
    before = open_files()
    with pytest.raises(FileNotFoundError):
        await execute(
            ["/nowhere/tool"],
            environment={},
            folder=tmp_path,
            on_line=print,
            fence=OPEN,
            seconds=1,
            cancel=asyncio.Event(),
        )
    assert open_files() == before


async def test_a_cancelled_caller_ends_the_command(tmp_path: Path) -> None:
    task = asyncio.create_task(run(TICKING, tmp_path, OPEN))
    await asyncio.sleep(0.3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not await still_ticking(tmp_path)


async def test_an_error_of_the_listener_is_not_lost(tmp_path: Path) -> None:
    def refuse(line: str) -> None:
        raise LookupError(line)

    with pytest.raises(LookupError, match="hello"):
        await execute(
            ["/bin/sh", "-c", "echo hello"],
            environment={},
            folder=tmp_path,
            on_line=refuse,
            fence=OPEN,
            seconds=5,
            cancel=asyncio.Event(),
        )
