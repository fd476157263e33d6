"""The smaller families: artifacts, executors, external writes, calls to GitHub."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import artifacts, calls, executors, writes
from storage.calls import CallCount, CallTotal
from storage.database import Database
from storage.errors import Missing
from storage.writes import Write
from tests.storage.conftest import Open
from tests.storage.samples import BIG, HOST, LATER, NOW, stored_task

COUNT = CallCount(host=HOST, installation_id=BIG, resource="core", purpose="inc_1", hour=NOW, count=2, points=2)


async def test_an_artifact_comes_back_byte_for_byte_and_a_new_one_takes_its_place(db: Database) -> None:
    body = bytes(range(256)) * 40
    async with db.begin() as tx:
        failed = (await stored_task(tx)).incident_id
        await artifacts.put(tx, failed, "log", "lint", b"old", NOW)
        await artifacts.put(tx, failed, "log", "lint", body, LATER)
        await artifacts.put(tx, failed, "log", "empty", b"", LATER)
        await artifacts.put(tx, failed, "jobs", "", b"[]", LATER)
    async with db.read() as tx:
        assert await artifacts.get(tx, failed, "log", "lint") == body
        assert await artifacts.get(tx, failed, "log", "empty") == b""
        assert await artifacts.get(tx, failed, "log", "other") is None
        assert await artifacts.names(tx, failed) == (("jobs", ""), ("log", "empty"), ("log", "lint"))


async def test_an_artifact_of_no_incident_is_refused(db: Database) -> None:
    async with db.begin() as tx:
        with pytest.raises(Missing, match="no incident inc_x"):
            await artifacts.put(tx, "inc_x", "log", "lint", b"", NOW)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=10)
@given(body=st.binary())
async def test_any_bytes_are_an_artifact(db: Database, body: bytes) -> None:
    async with db.begin() as tx:
        failed = (await stored_task(tx)).incident_id
        await artifacts.put(tx, failed, "blob", "any", body, NOW)
        assert await artifacts.get(tx, failed, "blob", "any") == body


async def test_a_process_is_dead_when_it_neither_beat_nor_stopped(db: Database) -> None:
    async with db.begin() as tx:
        for name, at in (("dead", NOW), ("stopped", NOW), ("alive", NOW)):
            await executors.beat(tx, name, "here", at)
        await executors.beat(tx, "alive", "here", LATER)
        assert await executors.stop(tx, "stopped", NOW)
        (dead,) = await executors.dead(tx, LATER - timedelta(seconds=30))
    assert dead == executors.Executor(id="dead", host_name="here", started_at=NOW, beat_at=NOW, stopped_at=None)


async def test_a_beat_keeps_the_start_and_ends_a_stop(db: Database) -> None:
    async with db.begin() as tx:
        await executors.beat(tx, "one", "here", NOW)
        await executors.stop(tx, "one", NOW)
        await executors.beat(tx, "one", "there", LATER)
        (found,) = await executors.dead(tx, LATER + timedelta(seconds=1))
    assert found == executors.Executor(id="one", host_name="there", started_at=NOW, beat_at=LATER, stopped_at=None)


async def test_of_two_who_take_over_only_one_stops_the_dead(db: Database, open_again: Open) -> None:
    async with db.begin() as tx:
        await executors.beat(tx, "dead", "here", NOW)

    async def take_over(by: Database) -> bool:
        async with by.begin() as tx:
            return await executors.stop(tx, "dead", LATER)

    assert sorted(await asyncio.gather(take_over(db), take_over(await open_again()))) == [False, True]


async def test_a_write_is_new_once_then_intended_then_done(db: Database) -> None:
    async with db.begin() as tx:
        assert await writes.get(tx, "pull:1") is None
        assert await writes.intend(tx, "pull:1", "pull", NOW, host=HOST, installation_id=BIG) is None
    async with db.begin() as tx:
        assert await writes.intend(tx, "pull:1", "pull", LATER) == Write(state="intended", remote=None)
        await writes.done(tx, "pull:1", {"number": 7, "sha": None}, LATER)
    async with db.begin() as tx:
        assert await writes.intend(tx, "pull:1", "pull", LATER) == Write(state="done", remote={"number": 7, "sha": None})


async def test_a_write_may_be_done_with_no_answer(db: Database) -> None:
    async with db.begin() as tx:
        await writes.intend(tx, "branch:x", "delete", NOW)
        await writes.done(tx, "branch:x", None, NOW)
        assert await writes.get(tx, "branch:x") == Write(state="done", remote=None)


async def test_a_write_that_nobody_intended_cannot_be_done(db: Database) -> None:
    async with db.begin() as tx:
        with pytest.raises(Missing, match="nobody intended the write pull:1"):
            await writes.done(tx, "pull:1", {}, NOW)


async def test_of_concurrent_intents_one_is_new(db: Database, open_again: Open) -> None:
    async def intend(by: Database) -> Write | None:
        async with by.begin() as tx:
            return await writes.intend(tx, "pull:1", "pull", NOW)

    found = await asyncio.gather(*(intend(by) for by in (db, await open_again(), await open_again())))
    assert sorted(found, key=str) == [None, Write(state="intended", remote=None), Write(state="intended", remote=None)]


async def test_calls_are_added_up_by_resource_over_hours_and_batches(db: Database) -> None:
    async with db.begin() as tx:
        await calls.add(
            tx, [COUNT, replace(COUNT, hour=NOW + timedelta(minutes=9)), replace(COUNT, resource="graphql", points=9)]
        )
    async with db.begin() as tx:
        await calls.add(tx, [replace(COUNT, hour=NOW + timedelta(hours=3)), replace(COUNT, purpose="monitor")])
        await calls.add(tx, [COUNT])
        await calls.add(tx, [])
    async with db.read() as tx:
        assert await calls.totals(tx, "inc_1") == (
            CallTotal(purpose="inc_1", resource="core", count=8, points=8),
            CallTotal(purpose="inc_1", resource="graphql", count=2, points=9),
        )
        assert await calls.totals(tx, "inc_2") == ()


async def test_calls_that_several_processes_count_are_all_counted(db: Database, open_again: Open) -> None:
    everybody = [db, await open_again(), await open_again()]
    names = ["inc_1", "inc_2", "inc_3"]

    async def count(number: int) -> None:
        async with everybody[number % 3].begin() as tx:
            await calls.add(tx, [replace(COUNT, purpose=names[(number + n) % 3]) for n in range(3)])

    await asyncio.gather(*(count(number) for number in range(9)))
    async with db.read() as tx:
        for name in names:
            assert await calls.totals(tx, name) == (CallTotal(purpose=name, resource="core", count=18, points=18),)
