"""Workflows that note what they do, for the engine's tests."""

import asyncio

from app.domain.retry import RetryLater
from app.engine import Run


class Diary:
    """What ran, in order, and how much of it at once."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.gate = asyncio.Event()
        self.begun = asyncio.Event()
        self.at_once = self.most_at_once = 0

    async def note(self, run: Run) -> None:
        self.lines.append(run.id)

    async def wait(self, run: Run, *_args: str) -> None:
        """Note the run, and stay until the gate opens."""
        self.lines.append(run.id)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.begun.set()
        await self.gate.wait()
        self.at_once -= 1

    async def short(self, run: Run) -> None:
        """Take a moment, so that others would show up beside it if they could."""
        self.lines.append(run.id)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0.03)
        self.at_once -= 1

    async def fail(self, run: Run) -> None:
        self.lines.append(run.id)
        raise ValueError("no good")

    async def put_off(self, run: Run) -> None:
        self.lines.append(run.id)
        raise RetryLater(600, "not yet")
