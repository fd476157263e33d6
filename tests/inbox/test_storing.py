"""Deliveries in and out of the inbox, on both databases."""

import asyncio
import time
from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from storage.inbox import Delivery, Inbox, InboxFullError, State, Stored
from storage.inbox_schema import VERSIONS, migrate
from tests.inbox.conftest import Open

PUSH = Delivery(
    guid="1-2", event="push", action="", installation_id=7, repository_id=2**40, account_login="octo", body=b'{"a": 1}'
)
DROPPED = replace(PUSH, body=None, state=State.DROPPED, reason="nobody handles it")


async def test_a_delivery_is_read_as_it_was_stored(inbox: Inbox) -> None:
    assert await inbox.store(PUSH) is Stored.NEW
    assert await inbox.read("1-2") == PUSH
    assert await inbox.read("unknown") is None


async def _untouched(_inbox: Inbox) -> None:
    pass


async def _queued(inbox: Inbox) -> None:
    await inbox.queued([PUSH.guid])


async def _failed(inbox: Inbox) -> None:
    await inbox.failed(PUSH.guid, "gave up")


async def _done(inbox: Inbox) -> None:
    await inbox.done(PUSH.guid)


@pytest.mark.parametrize(
    ("between", "stored", "state"),
    [
        (_untouched, Stored.UNFINISHED, State.RECEIVED),
        (_queued, Stored.UNFINISHED, State.RECEIVED),
        (_failed, Stored.UNFINISHED, State.RECEIVED),
        (_done, Stored.FINISHED, State.DONE),
    ],
)
async def test_a_redelivered_guid_runs_again_unless_it_is_done(
    inbox: Inbox, between: object, stored: Stored, state: State
) -> None:
    await inbox.store(PUSH)
    await between(inbox)  # type: ignore[operator]  # one of the functions above
    assert await inbox.store(PUSH) is stored
    seen = await inbox.read(PUSH.guid)
    assert seen is not None
    assert (seen.state, seen.redelivered, seen.reason) == (state, 1, "")
    assert bool(await inbox.take()) is (state is State.RECEIVED)


async def test_a_guid_twice_in_one_batch_is_stored_once(inbox: Inbox) -> None:
    other = replace(PUSH, guid="3")
    answers = await asyncio.gather(inbox.store(PUSH), inbox.store(other), inbox.store(PUSH))
    assert list(answers) == [Stored.NEW, Stored.NEW, Stored.UNFINISHED]
    assert (await inbox.counts()).states == {State.RECEIVED: 2}


async def test_a_dropped_delivery_keeps_no_body_and_is_finished(inbox: Inbox) -> None:
    assert await inbox.store(DROPPED) is Stored.NEW
    assert await inbox.store(DROPPED) is Stored.FINISHED
    assert await inbox.take() == []
    seen = await inbox.read(PUSH.guid)
    assert seen is not None
    assert (seen.body, seen.reason, seen.redelivered) == (None, "nobody handles it", 1)


async def test_what_was_dropped_runs_when_it_comes_again_and_is_wanted_by_then(inbox: Inbox) -> None:
    await inbox.store(DROPPED)
    assert await inbox.store(PUSH) is Stored.UNFINISHED
    assert await inbox.take() == [PUSH.guid]
    seen = await inbox.read(PUSH.guid)
    assert seen is not None
    assert (seen.body, seen.reason) == (PUSH.body, "")


async def test_what_is_under_way_is_not_dropped_when_it_comes_again_and_is_unwanted_by_then(inbox: Inbox) -> None:
    await inbox.store(PUSH)
    assert await inbox.store(DROPPED) is Stored.UNFINISHED
    seen = await inbox.read(PUSH.guid)
    assert seen is not None
    assert (seen.body, seen.state) == (PUSH.body, State.RECEIVED)


async def test_many_deliveries_share_few_commits(inbox: Inbox) -> None:
    commits: list[object] = []
    sa.event.listen(inbox._database, "commit", commits.append)
    answers = await asyncio.gather(*(inbox.store(replace(PUSH, guid=f"{number}")) for number in range(300)))
    assert set(answers) == {Stored.NEW}
    assert 1 <= len(commits) <= 5


async def test_a_batch_that_cannot_be_written_fails_for_everybody_in_it_and_later_ones_do_not(inbox: Inbox) -> None:
    await inbox._do(lambda connection: connection.execute(sa.text(f"DROP TABLE {_table(connection)}")))
    answers = await asyncio.gather(*(inbox.store(replace(PUSH, guid=f"{n}")) for n in range(3)), return_exceptions=True)
    assert [isinstance(answer, SQLAlchemyError) for answer in answers] == [True, True, True]
    await inbox._do(lambda connection: connection.execute(sa.text(f"DROP TABLE {_table(connection)[:-8]}inbox_version")))
    await inbox._do(migrate)
    assert await inbox.store(PUSH) is Stored.NEW


def _table(connection: sa.Connection) -> str:
    return "inbox.delivery" if connection.dialect.name == "postgresql" else "delivery"


async def test_the_inbox_refuses_what_would_not_fit_into_memory(open_inbox: Open) -> None:
    inbox = await open_inbox(most_waiting_bytes=1000)
    large = replace(PUSH, body=b"x" * 600)
    first, second = await asyncio.gather(inbox.store(large), inbox.store(replace(large, guid="2")), return_exceptions=True)
    assert first is Stored.NEW
    assert isinstance(second, InboxFullError)
    assert await inbox.store(replace(large, guid="3")) is Stored.NEW


async def test_a_caller_who_leaves_does_not_disturb_the_others(inbox: Inbox) -> None:
    leaving = asyncio.create_task(inbox.store(PUSH))
    staying = asyncio.create_task(inbox.store(replace(PUSH, guid="2")))
    await asyncio.sleep(0)
    leaving.cancel()
    assert await staying is Stored.NEW


async def test_deliveries_are_taken_oldest_first_and_by_one_taker(inbox: Inbox, open_inbox: Open) -> None:
    for number in range(5):
        await inbox.store(replace(PUSH, guid=f"{number}", received_at=100.0 - number))
    assert await inbox.take(2) == ["4", "3"]
    other = await open_inbox()
    mine, theirs = await asyncio.gather(inbox.take(2), other.take(2))
    assert sorted(mine + theirs) == ["0", "1", "2"]
    assert await inbox.take() == []


async def test_what_was_taken_but_not_queued_is_offered_again_after_a_restart(inbox: Inbox, open_inbox: Open) -> None:
    for guid in ("taken", "queued", "done", "failed"):
        await inbox.store(replace(PUSH, guid=guid))
    await inbox.take()
    await inbox.queued(["queued"])
    await inbox.done("done")
    await inbox.failed("failed", "gave up")
    restarted = await open_inbox()
    assert await restarted.take() == []
    await restarted.requeue()
    assert sorted(await restarted.take()) == ["queued", "taken"]


async def test_a_delivery_that_finished_before_it_was_noted_as_queued_stays_finished(inbox: Inbox) -> None:
    await inbox.store(PUSH)
    await inbox.take()
    await inbox.done(PUSH.guid)
    await inbox.queued([PUSH.guid])
    seen = await inbox.read(PUSH.guid)
    assert seen is not None
    assert seen.state is State.DONE


async def test_runs_are_counted(inbox: Inbox) -> None:
    await inbox.store(PUSH)
    await inbox.queued([PUSH.guid])
    await inbox.failed(PUSH.guid, "gave up")
    await inbox.store(PUSH)
    await inbox.queued([PUSH.guid])
    seen = await inbox.read(PUSH.guid)
    assert seen is not None
    assert seen.runs == 2


async def test_counts_know_every_state_and_the_oldest_open_delivery(inbox: Inbox) -> None:
    assert (await inbox.counts()).oldest_open == 0.0
    for number, guid in enumerate(("done", "failed", "dropped", "queued", "received")):
        await inbox.store(replace(PUSH if guid != "dropped" else DROPPED, guid=guid, received_at=time.time() - 500 + number))
    await inbox.done("done")
    await inbox.failed("failed", "gave up")
    await inbox.queued(["queued"])
    counts = await inbox.counts()
    assert counts.states == dict.fromkeys(State, 1)
    assert 497 <= counts.oldest_open < 520


async def test_bodies_are_forgotten_before_rows_and_open_deliveries_never(inbox: Inbox) -> None:
    for guid in ("done", "open"):
        await inbox.store(replace(PUSH, guid=guid))
    await inbox.done("done")
    assert await inbox.purge(bodies_after=60, rows_after=60) == 0
    assert await inbox.purge(bodies_after=-1, rows_after=60) == 0
    done = await inbox.read("done")
    assert done is not None
    assert done.body is None
    assert await inbox.store(replace(PUSH, guid="done")) is Stored.FINISHED
    assert await inbox.purge(bodies_after=-1, rows_after=-1) == 1
    assert await inbox.read("done") is None
    open_ = await inbox.read("open")
    assert open_ is not None
    assert open_.body == PUSH.body


async def test_what_was_stored_is_there_after_closing_and_opening(open_inbox: Open) -> None:
    first = await open_inbox()
    waiting = asyncio.create_task(first.store(PUSH))
    await asyncio.sleep(0)
    await first.close()  # commits what waits
    assert await waiting is Stored.NEW
    assert await (await open_inbox()).read(PUSH.guid) == PUSH
    with pytest.raises(RuntimeError, match="closed"):
        await first.store(PUSH)


async def test_processes_that_open_a_new_inbox_together_do_not_disturb_each_other(open_inbox: Open) -> None:
    inboxes = await asyncio.gather(*(open_inbox() for _ in range(4)))
    answers = await asyncio.gather(*(inbox.store(PUSH) for inbox in inboxes))
    assert Stored.NEW in answers
    assert (await inboxes[0].counts()).states == {State.RECEIVED: 1}


async def test_an_inbox_of_a_newer_program_is_refused(inbox: Inbox, open_inbox: Open) -> None:
    def newer(connection: sa.Connection) -> None:
        table = _table(connection).replace("delivery", "inbox_version")
        connection.execute(sa.text(f"INSERT INTO {table} VALUES ({len(VERSIONS) + 1})"))  # noqa: S608 - our own names

    await inbox._do(newer)
    with pytest.raises(RuntimeError, match=f"version {len(VERSIONS) + 1}, newer than"):
        await open_inbox()
