"""The book of runs: placing orders under free numbers, finding what was ordered before, counting and forgetting."""

import asyncio
import contextvars
import time
from collections import Counter
from collections.abc import Coroutine, Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar, cast

from dbos import DBOS, EnqueueOptions, WorkflowStatus
from dbos import error as dbos_error

from app.domain.work import Order, WorkCounts, number_of

T = TypeVar("T")

FAILED = ["ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]
FINISHED = ["SUCCESS", *FAILED]
WINDOW = 64  # numbers of one key looked up at a time


class Book:
    """Places orders for workflows of one application version, each on the queue of its workflow."""

    def __init__(self, queues: Mapping[str, str], version: str) -> None:
        self._queues = queues
        self._version = version

    async def place(self, order: Order, delay: float, again: bool) -> str:  # noqa: FBT001 - steps pass arguments by position
        """Do what :meth:`app.engine.Engine.start` says and give the run's id."""
        return await outside(self._poke(order, delay) if again else self._once(order, delay))

    async def follow(self, run_id: str, order: Order, delay: float) -> str:
        """Order the same work once more, after the run that ended early."""
        return await outside(self._enqueue_next(order, number_of(run_id) + 1, delay))

    async def _once(self, order: Order, delay: float) -> str:
        number = 1
        while True:
            if started := await self._enqueue(order, number, delay):
                return started
            latest = await _latest(order)
            if latest is not None and latest.status not in FAILED:
                return latest.workflow_id
            number = 1 if latest is None else number_of(latest.workflow_id) + 1

    async def _poke(self, order: Order, delay: float) -> str:
        runs = await DBOS.list_workflows_async(
            status=["ENQUEUED", "DELAYED", "PENDING"], name=order.name, workflow_id_prefix=f"{order.base}:", load_output=False
        )
        for run in runs:
            if _same_cause(run, order):
                return run.workflow_id
        for run in runs:
            if run.status != "PENDING":
                await _hurry(run, delay)
                return run.workflow_id
        return await self._enqueue_next(order, int(time.time() * 1000), delay)

    async def _enqueue_next(self, order: Order, number: int, delay: float) -> str:
        """Enqueue under the first free number; what the same cause has ordered before counts as done."""
        while True:
            if started := await self._enqueue(order, number, delay):
                return started
            for run in await DBOS.list_workflows_async(workflow_ids=[order.run_id(number)], load_output=False):
                if _same_cause(run, order):
                    return run.workflow_id
            number += 1

    async def _enqueue(self, order: Order, number: int, delay: float) -> str | None:
        """Put an order on its queue; null where the number is taken."""
        queue = self._queues[order.name]
        options: EnqueueOptions = {
            "workflow_name": order.name,
            "workflow_id": order.run_id(number),
            "workflow_id_reuse_policy": "reject",
            "queue_name": queue if order.partition is None else ordered(queue),
            "app_version": self._version,
        }
        if order.partition is not None:
            options["queue_partition_key"] = order.partition
        if delay > 0:
            options["delay_seconds"] = delay
        try:
            handle = await DBOS.enqueue_workflow_with_options_async(options, asdict(order))
        except dbos_error.DBOSWorkflowIDInUseError:
            return None
        return handle.workflow_id


def ordered(queue: str) -> str:
    """Name the queue beside this one whose partitions run one at a time; DBOS takes no order without a partition there."""
    return f"{queue}_ordered"


async def outside(work: Coroutine[Any, Any, T]) -> T:
    """Await something in an empty context, because DBOS refuses or records what is called within its workflows and steps."""
    return await asyncio.create_task(work, context=contextvars.Context())


async def settled(timeout: float) -> None:  # noqa: ASYNC109 - the error names what is left
    """Wait until nothing runs or is queued."""
    end = time.monotonic() + timeout
    while left := await _list(["PENDING", "ENQUEUED"]):
        if time.monotonic() > end:
            raise TimeoutError(f"still at work after {timeout:.0f} s: {', '.join(run.workflow_id for run in left)}")
        await asyncio.sleep(0.01)


async def hurry_all() -> int:
    """Queue all delayed runs and tell how many those were."""
    delayed = await _list(["DELAYED"])
    for run in delayed:
        await outside(DBOS.resume_workflow_async(run.workflow_id, queue_name=run.queue_name))
    return len(delayed)


async def forget(older_than_seconds: float) -> int:
    """Delete runs that finished longer ago, and tell how many those were."""
    before = (datetime.now(UTC) - timedelta(seconds=older_than_seconds)).isoformat()
    gone = 0
    while old := await _list(FINISHED, completed_before=before, limit=500):
        await outside(DBOS.delete_workflows_async([run.workflow_id for run in old]))
        gone += len(old)
    return gone


async def counts() -> WorkCounts:
    """Count runs by state."""
    active = await _list(["PENDING", "ENQUEUED", "DELAYED"])
    states = Counter(run.status for run in active)
    queued = [run.created_at or 0 for run in active if run.status == "ENQUEUED"]
    return WorkCounts(
        running=states["PENDING"],
        queued=states["ENQUEUED"],
        delayed=states["DELAYED"],
        failed=len(await _list(FAILED, limit=1000)),
        oldest_queued=max(0.0, time.time() - min(queued) / 1000) if queued else 0.0,
    )


async def _latest(order: Order) -> WorkflowStatus | None:
    """Find the counted run with the highest number."""
    latest: WorkflowStatus | None = None
    first = 1
    while True:
        ids = [order.run_id(number) for number in range(first, first + WINDOW)]
        runs = await DBOS.list_workflows_async(workflow_ids=ids, load_input=False, load_output=False)
        if not runs:
            return latest
        latest = max(runs, key=lambda run: number_of(run.workflow_id))
        first += WINDOW


async def _hurry(run: WorkflowStatus, delay: float) -> None:
    due = (run.delay_until_epoch_ms or 0) / 1000
    if run.status == "DELAYED" and due > time.time() + delay and not _order_of(run).put_off:
        await DBOS.set_workflow_delay_async(run.workflow_id, delay_seconds=delay)


async def _list(status: list[str], **more: Any) -> list[WorkflowStatus]:  # noqa: ANN401 - DBOS's own filters, passed on
    return await outside(DBOS.list_workflows_async(status=status, load_input=False, load_output=False, **more))


def _order_of(run: WorkflowStatus) -> Order:
    """Read the order a run was started with."""
    return Order(**cast("Any", run.input)["args"][0])


def _same_cause(run: WorkflowStatus, order: Order) -> bool:
    return bool(order.cause) and _order_of(run).cause == order.cause
