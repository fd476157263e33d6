"""The child process: clean, limited in time, and never left behind."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from app.fixers.ruff_tool import RuffFailed, _child

SLEEPER = "import os, time; open('pid', 'w').write(str(os.getpid())); time.sleep(60)"


def is_running(folder: Path) -> bool:
    try:
        os.kill(int((folder / "pid").read_text()), 0)
    except ProcessLookupError:
        return False
    return True


async def test_a_child_that_does_not_end_is_ended(tmp_path: Path) -> None:
    with pytest.raises(RuffFailed, match="did not end within 1 seconds"):
        await _child([sys.executable, "-c", SLEEPER], tmp_path, tmp_path, limit=1.0)
    assert not is_running(tmp_path)


async def test_a_child_does_not_outlive_us_when_we_are_stopped(tmp_path: Path) -> None:
    ours = asyncio.create_task(_child([sys.executable, "-c", SLEEPER], tmp_path, tmp_path))
    await asyncio.sleep(1.0)  # time to start
    assert is_running(tmp_path)
    ours.cancel()
    with pytest.raises(asyncio.CancelledError):
        await ours
    assert not is_running(tmp_path)


async def test_nothing_of_our_environment_reaches_a_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEVFLOWFIX_WEBHOOK_SECRET", "tell-nobody")
    status, printed, _ = await _child([sys.executable, "-c", "import os; print(sorted(os.environ))"], tmp_path, tmp_path)
    assert status == 0
    assert "DEVFLOWFIX" not in printed
    assert "PATH" not in printed
