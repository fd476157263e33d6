"""Durable workflows: work that survives the process, on DBOS.

A workflow is a plain coroutine ``async def repair(run, incident_id)``, registered by name. ``start`` puts it on a queue under a
key; ``run.step`` runs a function once and records its result, so that a process that was killed continues behind the last step it
finished. This package alone imports dbos, and adds what DBOS leaves open:

* Keys. A run's id is ``name/key:n``. Starting a key that waits, runs or has succeeded gives back that run; after a failure n is
  raised, because restarting a failed id would only raise its stored error again. A poke (``again=True``) takes the clock in
  milliseconds as its n, so that nobody has to count however often a key is poked.
* Retrying. ``RetryLater`` and errors end the run and order the same work once more, delayed, as the next n (app.domain.work).
* Peers. DBOS recovers only the runs of its own executor id; here every process beats and takes over the runs of silent ones.
* SQLite on connections of our own making: IMMEDIATE transactions, WAL, a busy timeout, and FULL, because a delivery counts as
  safe once the engine has it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeAlias, cast

import aiohttp
import sqlalchemy
import structlog
from dbos import DBOS

from app.domain.retry import MOST_LATERS, RetryLater
from app.domain.work import JSON, Order, WorkCounts, after_error, after_later
from app.engine import book, opening
from app.engine.run import Run

Workflow: TypeAlias = Callable[..., Awaitable[None]]
OnFailure: TypeAlias = Callable[[str, str, Sequence[JSON], Exception], Awaitable[None]]

TRANSIENT = (
    aiohttp.ClientError,
    OSError,  # and with it TimeoutError and ConnectionError
    sqlalchemy.exc.OperationalError,
    sqlalchemy.exc.InterfaceError,
    sqlalchemy.exc.TimeoutError,
)
"""Errors that usually pass by themselves: network, timeout, busy or absent database."""

MOST_RECOVERIES = 20
"""Work that the end of its process cut off this often is not tried again: it may be what ends the process."""

log = structlog.stdlib.get_logger(__name__)


class Engine:
    """Queues, workers and records of one process. DBOS is one per process, so is this: launch, close, and launch again."""

    def __init__(
        self,
        *,
        url: str,
        executor_id: str,
        application_version: str,
        concurrency: int = 32,
        polling: float = 0.1,
        most_laters: int = MOST_LATERS,
        synchronous: str = "FULL",
    ) -> None:
        """Describe the engine; nothing is opened before :meth:`launch`.

        Args:
            url: a path or ``sqlite:///path`` of its own file, or ``postgresql://…`` (schema ``engine`` in that database).
            executor_id: this process's name: unique among those alive, kept over restarts where that is possible.
            application_version: changed only when recorded steps no longer fit the code; work queued under another version
                waits for a process of that version.
            concurrency: runs at once per queue in this process.
            polling: seconds between looks at a queue; a process starts at most concurrency / polling runs a second.
            most_laters: how often a piece of work may put itself off.
            synchronous: SQLite's pragma; less than FULL only where losing the file does not matter.
        """
        self.executor_id = executor_id
        self._url, self._version, self._synchronous = url, application_version, synchronous
        self._concurrency, self._polling, self._most_laters = concurrency, polling, most_laters
        self._functions: dict[str, Workflow] = {}
        self._queues: dict[str, str] = {}
        self._book = book.Book(self._queues, application_version)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._heart: set[asyncio.Task[None]] = set()
        self._dbos: DBOS | None = None
        self._database: sqlalchemy.Engine | None = None
        self.on_failure: OnFailure | None = None  # told name, key, arguments and error of work that is given up

    def register(self, name: str, function: Workflow, *, queue: str = "work") -> None:
        """Make ``function(run, *args)`` startable by name; before launch."""
        if self._dbos is not None:
            raise RuntimeError(f"register {name!r} before the engine is launched")
        self._functions[name] = function
        self._queues[name] = queue

    async def launch(self) -> None:
        """Open the database, take up what this executor left unfinished, and begin to work."""
        opening.quiet_logger()
        self._database = opening.open_sqlite(self._url, self._synchronous) if opening.is_sqlite(self._url) else None
        self._dbos = DBOS(
            config=opening.options(
                url=self._url,
                database=self._database,
                executor_id=self.executor_id,
                version=self._version,
                polling=self._polling,
            )
        )
        for name in self._functions:
            DBOS.workflow(name=name, max_recovery_attempts=MOST_RECOVERIES)(self._workflow())
        DBOS.launch()  # in the running loop, which it takes for its workflows
        for queue in sorted(set(self._queues.values())):
            limits: dict[str, Any] = {"worker_concurrency": self._concurrency, "polling_interval_sec": self._polling}
            await DBOS.register_queue_async(queue, **limits)
            await DBOS.register_queue_async(book.ordered(queue), partition_concurrency=1, **limits)

    async def close(self, *, drain_seconds: float = 0.0) -> None:
        """Take no more work, let what runs finish for so long, and end; what is cut off goes back to its queue."""
        if self._dbos is None:
            return
        for event in self._dbos.background_thread_stop_events:
            event.set()
        if self._tasks and drain_seconds > 0:  # the heart beats on: peers must not take over what runs here
            await asyncio.wait(self._tasks, timeout=drain_seconds)
        await _cancelled(self._heart)
        await _cancelled(self._tasks)
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(1) as thread:
            await loop.run_in_executor(thread, DBOS._recover_pending_workflows, [self.executor_id])  # noqa: SLF001 - for peers, see below
            await loop.run_in_executor(thread, lambda: DBOS.destroy(destroy_registry=True))
        loop.set_default_executor(ThreadPoolExecutor())  # DBOS had put its own there, and has shut it down
        if self._database is not None:
            self._database.dispose()
        self._dbos = self._database = None

    async def start(
        self, name: str, key: str, *args: JSON, delay: float = 0, partition: str | None = None, again: bool = False
    ) -> str:
        """Order work to be done and give the id of the run that does it.

        Args:
            name: a registered workflow.
            key: what the work is about; the same name and key are the same work, done once.
            args: what to call the workflow with, behind the run.
            delay: seconds before it may begin.
            partition: runs with the same partition of one queue never run side by side, and run in the order of their start.
            again: a poke: after this call a run *begins*. One that already waits counts (a delayed one is hurried, unless it has
                put itself off); beside one that runs already, or after one that has succeeded, a further run is ordered.
        """
        return await self._book.place(Order(name=name, key=key, args=args, partition=partition), delay, again)

    def _workflow(self) -> Callable[[dict[str, JSON]], Coroutine[Any, Any, None]]:
        async def work(order: dict[str, JSON]) -> None:
            task = cast("asyncio.Task[Any]", asyncio.current_task())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            run = Run(cast("str", DBOS.workflow_id), Order(**order), self._book.place)
            with structlog.contextvars.bound_contextvars(run=run.id):
                await self._carry_out(run)

        return work

    async def _carry_out(self, run: Run) -> None:
        order = run.order
        try:
            await self._functions[order.name](run, *order.args)
        except RetryLater as later:
            following = after_later(order, run.id, run.kept, self._most_laters)
            if following is None:
                await self._give_up(run, later)
                raise
            await run.step("put off", self._book.follow, run.id, following, later.seconds)
        except Exception as error:
            retry = after_error(order, run.id, run.kept, transient=isinstance(error, TRANSIENT))
            if retry is None:
                await self._give_up(run, error)
                raise
            seconds, following = retry
            log.warning("work failed, once more", error=repr(error), seconds=seconds)
            await run.step("retry", self._book.follow, run.id, following, seconds)

    async def _give_up(self, run: Run, error: Exception) -> None:
        log.error("work given up", name=run.order.name, key=run.order.key, exc_info=error)
        if self.on_failure is not None:
            await run.step("on_failure", self.on_failure, run.order.name, run.order.key, run.order.args, error, attempts=3)

    def live(
        self,
        *,
        beat: Callable[[], Awaitable[None]],
        dead: Callable[[], Awaitable[Sequence[str]]],
        buried: Callable[[str], Awaitable[object]],
        seconds: float = 5.0,
    ) -> None:
        """From now on beat every so many seconds, and take over the runs of executors that have stopped beating.

        Args:
            beat: says that this process lives.
            dead: names the executors that were silent for too long.
            buried: told each of them after its runs were taken over, so that it is not named for ever.
            seconds: between two beats.
        """

        async def heart() -> None:
            while True:
                try:
                    await beat()
                    for executor in await dead():
                        await self.resume_dead([executor])
                        await buried(executor)
                except Exception as error:  # noqa: BLE001 - a database that is away for a while must not end the heartbeat
                    log.warning("heartbeat failed", error=repr(error))
                await asyncio.sleep(seconds)

        self._heart.add(asyncio.create_task(heart(), name="heartbeat"))

    async def resume_dead(self, executor_ids: Sequence[str]) -> None:
        """Put what these executors were running back on its queues; harmless when several processes do so at once.

        DBOS's public ``resume_workflows`` has no such guard: it would also restart what another process has just taken over.
        """
        others = [executor for executor in executor_ids if executor != self.executor_id]
        if others:
            await asyncio.to_thread(DBOS._recover_pending_workflows, others)  # noqa: SLF001 - see above

    async def settled(self, timeout: float = 10.0) -> None:  # noqa: ASYNC109 - the error names what is left
        """Wait until nothing runs or is queued; delayed work does not count. For tests and the demo."""
        await book.settled(timeout)

    async def later_is_now(self) -> int:
        """Let delayed work begin at once and tell how much that was. For tests and the demo."""
        return await book.hurry_all()

    async def purge(self, older_than_seconds: float) -> int:
        """Forget runs that finished longer ago, and tell how many; their keys may then be started anew."""
        return await book.forget(older_than_seconds)

    async def state(self) -> WorkCounts:
        """Count runs for the health page."""
        return await book.counts()


async def _cancelled(tasks: set[asyncio.Task[Any]]) -> None:
    """Cancel tasks and wait for them to end, whatever they end with."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
