"""One execution of a workflow, and how its steps are recorded."""

import asyncio
import contextvars
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias, TypeVar, cast

import structlog
from dbos import DBOS

from app.domain.retry import RetryLater
from app.domain.work import JSON, Order

T = TypeVar("T")
Place: TypeAlias = Callable[[Order, float, bool], Awaitable[str]]

log = structlog.stdlib.get_logger(__name__)
_in_step: contextvars.ContextVar[bool] = contextvars.ContextVar("in_step", default=False)


class Run:
    """One execution of a workflow, handed to it as its first argument."""

    def __init__(self, run_id: str, order: Order, place: Place) -> None:
        self.id = run_id
        self.order = order
        self.kept = dict(order.kept)
        self._place = place
        self._seen: Counter[str] = Counter()

    async def step(
        self,
        name: str,
        function: Callable[..., Awaitable[T]],
        *args: object,
        attempts: int = 1,
        backoff: float = 1.0,
        keep: bool = False,
    ) -> T:
        """Run a function once and record what it returns; a restarted process takes the record instead of running it again.

        The result must be JSON (tuples come back as lists); the arguments are not recorded. Within a step, it is a plain call.

        Args:
            name: what the record is called; repeated names are numbered, so let the order of steps follow from results alone.
            function: the coroutine function to run.
            args: what to call it with.
            attempts: how often to try before the error is recorded and raised; ``RetryLater`` is passed on at once.
            backoff: seconds before the second attempt, doubled for each further one.
            keep: hand the result on to the next run when this one ends by ``RetryLater`` or an error.
        """
        if _in_step.get():
            return await function(*args)
        label = self._numbered(name)
        if label in self.kept:
            return cast("T", self.kept[label])
        record = await DBOS.run_step_async({"name": label}, _record, function, args, attempts, backoff)
        if "later" in record:
            raise RetryLater(*record["later"])
        if keep:
            self.kept[label] = record["value"]
        return cast("T", record["value"])

    async def start(
        self, name: str, key: str, *args: JSON, delay: float = 0, partition: str | None = None, again: bool = False
    ) -> str:
        """Start another workflow as :meth:`Engine.start` does, once for this place in this run."""
        label = f"start {name}/{key}"
        place = self._numbered(f"{'step' if _in_step.get() else 'run'} {self.id} {label}")
        order = Order(name=name, key=key, args=args, partition=partition, cause=place)
        return await self.step(label, self._place, order, delay, again)

    def _numbered(self, name: str) -> str:
        self._seen[name] += 1
        return name if self._seen[name] == 1 else f"{name} #{self._seen[name]}"


async def _record(
    function: Callable[..., Awaitable[JSON]], args: Sequence[object], attempts: int, backoff: float
) -> dict[str, JSON]:
    """Run a step's function; a result and a wish to wait are recorded alike, an error is raised after the last attempt."""
    token = _in_step.set(True)
    try:
        return {"value": json.loads(json.dumps(await _attempt(function, args, attempts, backoff)))}
    except RetryLater as later:
        return {"later": [later.seconds, later.reason]}
    finally:
        _in_step.reset(token)


async def _attempt(function: Callable[..., Awaitable[T]], args: Sequence[object], attempts: int, backoff: float) -> T:
    for attempt in range(attempts - 1):
        try:
            return await function(*args)
        except RetryLater:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it was, the last attempt raises it
            log.info("step failed, once more", error=repr(error))
        await asyncio.sleep(backoff * 2**attempt)
    return await function(*args)
