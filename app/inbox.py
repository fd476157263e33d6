"""From the inbox to the handlers: stored deliveries become durable work, in which each handler runs apart from the others.

A delivery is taken, given to the engine under its GUID, and then noted as queued; a crash in between gives it to the engine a
second time, which knows it already. In its workflow every handler is a step of its own: one that fails does not stop the others,
and only those that failed run again. The delivery is done when all of them are.
"""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeAlias

import structlog
from gidgethub.routing import Router
from gidgethub.sansio import Event

from app.domain.retry import RetryLater
from app.domain.work import JSON
from app.engine import TRANSIENT, Engine, Run
from storage.inbox import Inbox, State

Handler: TypeAlias = Callable[[Event, Any, Run], Awaitable[None]]

DELIVER = "deliver"
"""The workflow that hands one delivery to its handlers; its key is the GUID."""

AT_ONCE = 64

log = structlog.stdlib.get_logger(__name__)


def handled(router: Router, event: str, payload: Mapping[str, Any]) -> bool:
    """Tell whether any handler is registered for an event with this payload."""
    return bool(router.fetch(Event(payload, event=event, delivery_id="")))


class Drain:
    """Moves deliveries from the inbox into the engine, and hands them to the router's handlers there."""

    def __init__(self, *, inbox: Inbox, engine: Engine, router: Router, services: object, poll_seconds: float = 1.0) -> None:
        """Register the workflow; make it before the engine is launched.

        Args:
            inbox: the open inbox.
            engine: the engine that is to run the handlers.
            router: decorated handlers ``async def on_completed(event, services, run) -> None``.
            services: handed to every handler.
            poll_seconds: how often to look although nobody called :meth:`wake`.
        """
        self._inbox, self._engine, self._router, self._services = inbox, engine, router, services
        self._poll_seconds = poll_seconds
        self._awake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        engine.register(DELIVER, self._deliver, queue="inbox")  # a queue of its own: long repairs must not hold up deliveries

    def wake(self) -> None:
        """Look into the inbox now; called when something was stored."""
        self._awake.set()

    async def start(self) -> None:
        """Begin to drain, with what an earlier process left open; after the engine was launched."""
        await self._inbox.requeue()
        self._task = asyncio.create_task(self._run(), name="inbox drain")

    async def close(self) -> None:
        """Stop draining; before the engine and the inbox are closed."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def on_failure(self, name: str, key: str, _args: Sequence[JSON], error: Exception) -> None:
        """Note a delivery that was given up; for :attr:`Engine.on_failure`."""
        if name == DELIVER:
            await self._inbox.failed(key, f"{type(error).__name__}: {error}"[:500])

    async def settled(self, timeout: float = 10.0) -> None:  # noqa: ASYNC109 - the error names what is left
        """Wait until the engine has every delivery and no work that may begin. For tests and the demo."""
        async with asyncio.timeout(timeout):
            while (await self._inbox.counts()).states.get(State.RECEIVED):
                self.wake()
                await asyncio.sleep(0.01)
        await self._engine.settled(timeout)

    async def drain(self) -> int:
        """Give the engine what was received, and tell how many that were."""
        guids = await self._inbox.take(AT_ONCE)
        if guids:
            await asyncio.gather(*(self._engine.start(DELIVER, guid, guid) for guid in guids))
            await self._inbox.queued(guids)
        return len(guids)

    async def _run(self) -> None:
        while True:
            self._awake.clear()
            try:
                while await self.drain():
                    pass
            except Exception as error:  # noqa: BLE001 - a database that is away for a while must not end the drain
                log.warning("drain failed, once more in a moment", error=repr(error))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._awake.wait(), self._poll_seconds)

    async def _deliver(self, run: Run, guid: str) -> None:
        delivery = await self._inbox.read(guid)
        if delivery is None or delivery.body is None or delivery.state is State.DONE:
            log.info("nothing to deliver", guid=guid)
            return
        event = Event(json.loads(delivery.body), event=delivery.event, delivery_id=guid)
        handlers = {f"{handler.__module__}.{handler.__qualname__}": handler for handler in self._router.fetch(event)}
        with structlog.contextvars.bound_contextvars(delivery=guid, event_name=delivery.event):
            errors = [error for name in sorted(handlers) if (error := await self._hand(run, name, handlers[name], event))]
        if errors:
            raise _what_to_do(errors)
        await run.step("done", self._inbox.done, guid)

    async def _hand(self, run: Run, name: str, handler: Handler, event: Event) -> Exception | None:
        try:
            await run.step(name, handler, event, self._services, run, keep=True)
        except Exception as error:  # noqa: BLE001 - the other handlers come first; it is raised after them
            log.warning("handler failed", handler=name, error=repr(error))
            return error
        return None


def _what_to_do(errors: Sequence[Exception]) -> Exception:
    """Choose the error that keeps the delivery alive the longest: a wish to wait, one that usually passes, any other."""
    for kind in (RetryLater, TRANSIENT):
        for error in errors:
            if isinstance(error, kind):
                return error
    return errors[0]
