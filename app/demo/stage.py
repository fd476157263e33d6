"""The stage: progress a person can follow, and waiting that ends."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from typing import TypeVar

from rich.console import Console
from rich.status import Status

T = TypeVar("T")

WAIT_SECONDS = 60.0
LOOK_SECONDS = 0.1


class NeverHappened(Exception):  # noqa: N818 - it says what is the matter
    """What the demo waits for did not come."""


class Stage:
    """Prints each step when it has happened, with the time since the curtain rose."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        """Time since the curtain rose."""
        return time.monotonic() - self._began

    def scene(self, title: str) -> None:
        """Begin a new part."""
        self.console.print(f"\n[bold]{title}[/bold]")

    def happened(self, text: str) -> None:
        """Tell a step."""
        self.console.print(f"  [dim]{self.seconds:5.1f} s[/dim]  [green]✓[/green] {text}", highlight=False, soft_wrap=True)

    def detail(self, text: str) -> None:
        """Tell something about the step before; the text is shown as it is."""
        for line in text.splitlines():
            self.console.print(f"             {line}", style="dim", markup=False, highlight=False, soft_wrap=True)

    async def until(self, what: str, look: Callable[[], Awaitable[T | None]], seconds: float = WAIT_SECONDS) -> T:
        """Wait until something is there to see, showing what is waited for.

        Raises:
            NeverHappened: it did not come in time.
        """
        end = time.monotonic() + seconds
        with self._waiting(what):
            while (found := await look()) is None:
                if time.monotonic() > end:
                    raise NeverHappened(f"{what}: not within {seconds:.0f} s")
                await asyncio.sleep(LOOK_SECONDS)
        return found

    def _waiting(self, what: str) -> AbstractContextManager[Status]:
        return self.console.status(f"[dim]waiting: {what}[/dim]", spinner="dots")
