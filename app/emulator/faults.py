"""Faults on demand: answers that fail, answers that come late, and moments to kill whoever is asking."""

import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request, as far as a fault may look at it. ``operation`` is the GraphQL operation's name, empty elsewhere."""

    method: str
    path: str
    operation: str = ""
    body: Any = None


@dataclass(slots=True, kw_only=True)
class Failure:
    """The next ``left`` matching requests fail. ``status`` null: only the delay. ``after``: the effect happens all the same."""

    left: int
    status: int | None
    method: str | None = None
    path_contains: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    delay: float = 0.0
    after: bool = False

    def matches(self, asked: Asked) -> bool:
        """Tell whether a request meets this fault."""
        return (
            self.left > 0
            and self.method in {None, asked.method}
            and (self.path_contains is None or self.path_contains in asked.path or self.path_contains == asked.operation)
        )


@dataclass(slots=True, kw_only=True)
class Kill:
    """Act (kill a process, call something) just before or just after the effect of the n-th matching request."""

    matches: Callable[[Asked], bool]
    nth: int
    when: str  # "before" or "after"
    act: Callable[[], Awaitable[None] | None]
    cut: bool  # whether the connection is cut: whoever asked is dead
    seen: int = 0
    fired: bool = False


def kill_process(pid: int) -> Callable[[], None]:
    """Make the action that kills a process as hard as ``kill -9`` does."""

    def act() -> None:
        os.kill(pid, signal.SIGKILL)

    return act


@dataclass(slots=True)
class Faults:
    """All faults that wait to happen."""

    failures: list[Failure] = field(default_factory=list)
    kills: list[Kill] = field(default_factory=list)

    def take(self, asked: Asked) -> Failure | None:
        """Use up one failure that matches, if there is one."""
        for failure in self.failures:
            if failure.matches(asked):
                failure.left -= 1
                return failure
        return None

    def due(self, asked: Asked) -> list[Kill]:
        """Count a request and give the kills that it meets."""
        met = []
        for kill in self.kills:
            if not kill.fired and kill.matches(asked):
                kill.seen += 1
                if kill.seen == kill.nth:
                    met.append(kill)
        return met

    @staticmethod
    async def fire(kills: list[Kill], when: str) -> bool:
        """Act for the kills of this moment; tells whether the connection is to be cut."""
        fired = [kill for kill in kills if kill.when == when and not kill.fired]
        for kill in fired:
            kill.fired = True
            waiting = kill.act()
            if waiting is not None:
                await waiting
        return any(kill.cut for kill in fired)
