"""Processes that end in the middle of work: killed, closed, or gone while others live on."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

import pytest

from app.engine import Engine, Run
from tests.engine.conftest import Make
from tests.engine.kinds import Diary

ROOT = Path(__file__).parents[2]


def _victim(url: Path | str, journal: Path, *executors: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, str(ROOT / "tests" / "engine" / "victim.py"), str(url), str(journal), *executors]
    return subprocess.Popen(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)})  # noqa: S603 - our own file


def _kill_when(process: subprocess.Popen[bytes], journal: Path, lines: int) -> None:
    """Kill -9 once the journal has so many lines."""
    end = time.monotonic() + 30
    while not journal.exists() or len(journal.read_text().splitlines()) < lines:
        assert time.monotonic() < end, "the victim does not work"
        assert process.poll() is None, "the victim ended by itself"
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()


def _steps(journal: Path) -> dict[str, list[int]]:
    steps: dict[str, list[int]] = defaultdict(list)
    for line in journal.read_text().splitlines():
        run_id, _, number = line.rpartition(" ")
        steps[run_id].append(int(number))
    return steps


def _assert_all_done_and_no_finished_step_repeated(journal: Path) -> None:
    steps = _steps(journal)
    assert sorted(steps) == [f"work/{number}:1" for number in range(6)]
    for begun in steps.values():
        # a step that began when the process was killed begins again; one whose successor had begun was finished, and does not
        assert begun == sorted(begun)
        assert sorted(set(begun)) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("lines", [3, 14])
def test_a_killed_process_continues_behind_the_last_finished_step(engine_file: Path, tmp_path: Path, lines: int) -> None:
    journal = tmp_path / "journal"
    _kill_when(_victim(engine_file, journal, "a"), journal, lines)
    assert _victim(engine_file, journal, "a").wait(timeout=30) == 0
    _assert_all_done_and_no_finished_step_repeated(journal)


def test_another_process_takes_over_what_a_killed_one_was_running(engine_file: Path, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    _kill_when(_victim(engine_file, journal, "a"), journal, 8)
    assert _victim(engine_file, journal, "b", "a").wait(timeout=30) == 0
    _assert_all_done_and_no_finished_step_repeated(journal)


def test_on_postgresql_too_another_process_takes_over(empty_postgresql_url: str, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    killed = _victim(empty_postgresql_url, journal, "a")
    _kill_when(killed, journal, 8)
    assert _victim(empty_postgresql_url, journal, "b", "a").wait(timeout=30) == 0
    _assert_all_done_and_no_finished_step_repeated(journal)


async def test_closing_lets_running_work_finish(make: Make) -> None:
    diary = Diary()

    async def slow(run: Run) -> None:
        diary.begun.set()
        await asyncio.sleep(0.1)
        diary.lines.append(run.id)

    engine = make()
    engine.register("slow", slow)
    await engine.launch()
    await engine.start("slow", "a")
    await diary.begun.wait()
    await engine.close(drain_seconds=5)
    assert diary.lines == ["slow/a:1"]
    again = make()
    again.register("slow", slow)
    await again.launch()
    await again.settled()
    assert diary.lines == ["slow/a:1"]


async def test_what_is_ordered_while_an_engine_closes_does_not_begin(make: Make) -> None:
    diary = Diary()
    engine = make()
    engine.register("wait", diary.wait)
    await engine.launch()
    await engine.start("wait", "a")
    await diary.begun.wait()
    closing = asyncio.create_task(engine.close(drain_seconds=0.3))
    await asyncio.sleep(0.05)
    await engine.start("wait", "b")
    await closing
    assert diary.lines == ["wait/a:1"]


async def test_a_process_does_not_take_over_its_own_runs(make: Make) -> None:
    diary = Diary()
    engine = make()
    engine.register("wait", diary.wait)
    await engine.launch()
    await engine.start("wait", "a")
    await diary.begun.wait()
    await engine.resume_dead(["one"])
    await asyncio.sleep(0.1)
    diary.gate.set()
    await engine.settled()
    assert diary.lines == ["wait/a:1"]


async def test_closing_takes_no_more_work_and_gives_back_what_it_cuts_off(make: Make) -> None:
    diary = Diary()
    engine = make(concurrency=1)
    engine.register("wait", diary.wait)
    await engine.launch()
    await engine.start("wait", "a")
    await diary.begun.wait()
    await engine.start("wait", "b")
    before = time.monotonic()
    await engine.close(drain_seconds=0.1)
    assert time.monotonic() - before < 2
    assert diary.lines == ["wait/a:1"]
    diary.gate.set()
    other = make("other")  # an executor that need not be told of the first one's end
    other.register("wait", diary.wait)
    await other.launch()
    await other.settled()
    assert diary.lines == ["wait/a:1", "wait/a:1", "wait/b:1"]


async def test_a_process_launches_closes_and_launches_again(make: Make) -> None:
    diary = Diary()
    engine = make()
    engine.register("note", diary.note)
    for number in range(3):
        await engine.launch()
        await engine.start("note", f"{number}")
        await engine.settled()
        await engine.close()
        await engine.close()  # once more does no harm
    assert diary.lines == ["note/0:1", "note/1:1", "note/2:1"]


async def test_threads_can_be_used_after_the_engine_was_closed(make: Make) -> None:
    engine = make()
    engine.register("note", Diary().note)
    await engine.launch()
    await engine.settled()
    await engine.close()
    assert await asyncio.to_thread(lambda: 5) == 5


async def test_a_living_process_takes_over_those_that_stopped_beating(make: Make) -> None:
    diary = Diary()
    engine = make()
    engine.register("wait", diary.wait)
    await engine.launch()
    await engine.start("wait", "a")
    await diary.begun.wait()
    _forge_owner(engine, "wait/a:1", "dead")
    diary.gate.set()
    beats: list[str] = []
    all_buried = asyncio.Event()
    silent = ["one", "dead"]  # itself among them: a process does not take over its own runs

    async def beat() -> None:
        beats.append("beat")
        if len(beats) == 1:
            raise ConnectionError("the database is away for a moment")

    async def dead() -> list[str]:
        return silent

    async def buried(executor: str) -> None:
        silent.remove(executor)
        if not silent:
            all_buried.set()

    engine.live(beat=beat, dead=dead, buried=buried, seconds=0.02)
    await all_buried.wait()
    await engine.settled()
    assert diary.lines == ["wait/a:1", "wait/a:1"]
    assert len(beats) >= 2


def _forge_owner(engine: Engine, run_id: str, executor_id: str) -> None:
    """Let a run look as if another process, now gone, had begun it."""
    assert engine._database is not None
    with engine._database.begin() as connection:
        sql = "UPDATE workflow_status SET executor_id = ?, owner_xid = 'other' WHERE workflow_uuid = ?"
        connection.exec_driver_sql(sql, (executor_id, run_id))
