"""Work orders: what durable work is called, what is stored of it, and what follows when a run of it ends early."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from app.domain.retry import MOST_LATERS, may_put_off, wait_after_error

JSON: TypeAlias = Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is asked of the engine, as stored with the run."""

    name: str
    key: str
    args: Sequence[JSON] = ()
    partition: str | None = None  # orders of one partition run one after the other
    cause: str = ""  # what gave the order: a starter that starts again finds its own run by this
    laters: int = 0  # how often this work has put itself off
    errors: int = 0  # how many errors have ended a run of it
    kept: dict[str, JSON] = field(default_factory=dict)  # results that earlier runs of the same work handed on

    @property
    def base(self) -> str:
        """The part that all runs of the same work share in their ids."""
        return f"{self.name}/{self.key}"

    def run_id(self, number: int) -> str:
        """Name the run with this number: ``name/key:number``."""
        return f"{self.base}:{number}"

    @property
    def put_off(self) -> bool:
        """Tell whether it waits for a reason of its own, so that a poke must not hurry it."""
        return bool(self.laters or self.errors)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkCounts:
    """Runs by state, and how long the oldest queued one has waited, in seconds; ``failed`` counts to 1,000."""

    running: int
    queued: int
    delayed: int
    failed: int
    oldest_queued: float


def number_of(run_id: str) -> int:
    """Read a run's number from its id."""
    return int(run_id.rpartition(":")[2])


def after_later(order: Order, run_id: str, kept: dict[str, JSON], most: int = MOST_LATERS) -> Order | None:
    """Give the order that follows work putting itself off; null where it has done so too often."""
    if not may_put_off(order.laters, most):
        return None
    return replace(order, cause=run_id, kept=kept, laters=order.laters + 1)


def after_error(order: Order, run_id: str, kept: dict[str, JSON], *, transient: bool) -> tuple[float, Order] | None:
    """Give the seconds to wait and the order that follows an error; null where the work is given up."""
    seconds = wait_after_error(order.errors, transient=transient)
    return None if seconds is None else (seconds, replace(order, cause=run_id, kept=kept, errors=order.errors + 1))
