"""From the inbox through the engine to the handlers, each apart from the others."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import pytest
from gidgethub.routing import Router
from gidgethub.sansio import Event

from app.domain.retry import RetryLater
from app.engine import Engine, Run
from app.inbox import DELIVER, Drain, handled
from storage.inbox import Delivery, Inbox, State, Stored
from tests.engine.conftest import Make
from tests.inbox.conftest import Open

OPENED = Delivery(guid="g-1", event="pull_request", action="opened", body=json.dumps({"action": "opened", "number": 5}).encode())


class Handlers:
    """Handlers that note what they are given, and do what a test tells them to."""

    def __init__(self) -> None:
        self.router = Router()
        self.seen: list[str] = []
        self.events: list[Event] = []
        self.services: list[object] = []
        self.troubles: dict[str, list[Exception]] = {}
        for function in (self.first, self.second, self.third):
            self.router.add(function, "pull_request", action="opened")
        self.router.add(self.closed, "pull_request", action="closed")

    async def first(self, event: Event, services: object, run: Run) -> None:
        self.events.append(event)
        self.services.append(services)
        self._do("first")
        await run.start("follow", event.delivery_id)

    async def second(self, _event: Event, _services: object, _run: Run) -> None:
        self._do("second")

    async def third(self, _event: Event, _services: object, _run: Run) -> None:
        self._do("third")

    async def closed(self, _event: Event, _services: object, _run: Run) -> None:
        self._do("closed")

    async def follow(self, run: Run) -> None:
        self.seen.append(run.id)

    def _do(self, name: str) -> None:
        self.seen.append(name)
        if troubles := self.troubles.get(name):
            raise troubles.pop(0)


@pytest.fixture
def handlers() -> Handlers:
    return Handlers()


@pytest.fixture
async def open_inbox(open_inbox: Open, make: Make) -> Open:
    """Ask for the engines first, so that they end first."""
    return open_inbox


Begin = Callable[..., Any]


@pytest.fixture
async def begin(handlers: Handlers, make: Make) -> AsyncIterator[Begin]:
    """Begin to drain an inbox with the test's handlers."""
    drains: list[Drain] = []

    async def one(inbox: Inbox, poll_seconds: float = 0.02) -> tuple[Drain, Engine]:
        engine = make()
        engine.register("follow", handlers.follow)
        drain = Drain(inbox=inbox, engine=engine, router=handlers.router, services="services", poll_seconds=poll_seconds)
        engine.on_failure = drain.on_failure
        drains.append(drain)
        await engine.launch()
        await drain.start()
        return drain, engine

    yield one
    for drain in drains:
        await drain.close()


async def _state(inbox: Inbox, guid: str = OPENED.guid) -> State:
    delivery = await inbox.read(guid)
    assert delivery is not None
    return delivery.state


async def test_a_delivery_reaches_every_handler_of_its_event_and_is_done(inbox: Inbox, handlers: Handlers, begin: Begin) -> None:
    await inbox.store(OPENED)
    drain, _ = await begin(inbox)
    await drain.settled()
    assert sorted(handlers.seen) == ["first", "follow/g-1:1", "second", "third"]
    assert [(event.event, event.delivery_id, event.data) for event in handlers.events] == [
        ("pull_request", "g-1", {"action": "opened", "number": 5})
    ]
    assert handlers.services == ["services"]
    assert await _state(inbox) is State.DONE


async def test_storing_wakes_the_drain(inbox: Inbox, handlers: Handlers, begin: Begin) -> None:
    drain, _ = await begin(inbox, poll_seconds=60)
    await asyncio.sleep(0.05)
    await inbox.store(OPENED)
    drain.wake()
    for _ in range(200):
        if await _state(inbox) is State.DONE:
            break
        await asyncio.sleep(0.01)
    assert await _state(inbox) is State.DONE


async def test_a_handler_that_fails_does_not_stop_the_others_and_runs_again_alone(
    inbox: Inbox, handlers: Handlers, begin: Begin
) -> None:
    handlers.troubles["first"] = [TimeoutError("slow"), TimeoutError("slow")]
    handlers.troubles["third"] = [ValueError("odd")]
    await inbox.store(OPENED)
    drain, engine = await begin(inbox)
    await drain.settled()
    assert handlers.seen == ["first", "second", "third"]
    assert await _state(inbox) is State.QUEUED
    await engine.later_is_now()
    await drain.settled()
    assert handlers.seen == ["first", "second", "third", "first", "third"]
    await engine.later_is_now()
    await drain.settled()
    assert handlers.seen == ["first", "second", "third", "first", "third", "first", "follow/g-1:1"]
    assert await _state(inbox) is State.DONE


async def test_a_handler_that_wishes_to_wait_runs_again_later_alone(inbox: Inbox, handlers: Handlers, begin: Begin) -> None:
    handlers.troubles["second"] = [RetryLater(600, "rate limit")]
    handlers.troubles["first"] = [ValueError("odd"), ValueError("odd")]  # does not use up the patience meant for the second
    await inbox.store(OPENED)
    drain, engine = await begin(inbox)
    await drain.settled()
    while await engine.later_is_now():
        await drain.settled()
    assert [name for name in handlers.seen if not name.startswith("follow")] == [
        "first",
        "second",
        "third",
        "first",
        "second",
        "first",
    ]
    assert await _state(inbox) is State.DONE


async def test_a_delivery_that_is_given_up_says_why_and_runs_again_when_it_is_redelivered(
    inbox: Inbox, handlers: Handlers, begin: Begin
) -> None:
    handlers.troubles["second"] = [ValueError("odd"), ValueError("odd")]
    await inbox.store(OPENED)
    drain, engine = await begin(inbox)
    await drain.settled()
    await engine.later_is_now()
    await drain.settled()
    given_up = await inbox.read(OPENED.guid)
    assert given_up is not None
    assert (given_up.state, given_up.reason) == (State.FAILED, "ValueError: odd")
    assert await inbox.store(OPENED) is Stored.UNFINISHED
    drain.wake()
    await drain.settled()
    assert await _state(inbox) is State.DONE


async def test_a_finished_delivery_does_nothing_when_it_is_redelivered(inbox: Inbox, handlers: Handlers, begin: Begin) -> None:
    await inbox.store(OPENED)
    drain, _ = await begin(inbox)
    await drain.settled()
    assert await inbox.store(OPENED) is Stored.FINISHED
    drain.wake()
    await drain.settled()
    assert handlers.seen.count("second") == 1


async def test_a_crash_between_the_engine_and_the_note_of_it_does_nothing_twice(
    inbox: Inbox, handlers: Handlers, begin: Begin
) -> None:
    drain, engine = await begin(inbox)
    await drain.close()
    await inbox.store(OPENED)
    assert await inbox.take() == [OPENED.guid]
    await engine.start(DELIVER, OPENED.guid, OPENED.guid)  # the engine has it, and nobody noted so
    await engine.settled()
    await drain.start()
    await drain.settled()
    assert handlers.seen.count("second") == 1
    assert await _state(inbox) is State.DONE


async def test_what_a_dead_process_had_taken_is_handed_out_at_once_after_a_restart(
    inbox: Inbox, handlers: Handlers, begin: Begin
) -> None:
    await inbox.store(OPENED)
    await inbox.take()
    drain, _ = await begin(inbox)
    await drain.settled()
    assert await _state(inbox) is State.DONE


async def test_deliveries_of_other_actions_go_to_other_handlers(inbox: Inbox, handlers: Handlers, begin: Begin) -> None:
    await inbox.store(replace(OPENED, action="closed", body=b'{"action": "closed"}'))
    drain, _ = await begin(inbox)
    await drain.settled()
    assert handlers.seen == ["closed"]


async def test_many_deliveries_are_all_done(inbox: Inbox, handlers: Handlers, begin: Begin) -> None:
    drain, _ = await begin(inbox)
    await asyncio.gather(*(inbox.store(replace(OPENED, guid=f"g-{number}")) for number in range(70)))
    await drain.settled(timeout=30)
    assert (await inbox.counts()).states == {State.DONE: 70}
    assert handlers.seen.count("second") == 70


@pytest.mark.parametrize(
    ("event", "payload", "expected"),
    [
        ("pull_request", {"action": "opened"}, True),
        ("pull_request", {"action": "labeled"}, False),
        ("pull_request", {}, False),
        ("push", {"action": "opened"}, False),
    ],
)
def test_the_router_says_whether_anybody_handles_it(
    handlers: Handlers, event: str, payload: dict[str, Any], *, expected: bool
) -> None:
    assert handled(handlers.router, event, payload) is expected
