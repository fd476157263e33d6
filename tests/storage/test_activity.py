"""A reader who tails activity by number misses nothing, whoever writes at the same time."""

import asyncio
import random

from sqlalchemy.ext.asyncio import AsyncConnection

from storage import activity
from storage.database import Database
from tests.storage.conftest import Open
from tests.storage.samples import HOST, NOW

WRITERS, EACH = 4, 12


async def _record(tx: AsyncConnection, what: str) -> int:
    return await activity.record(tx, "test", {"what": what}, host=HOST, installation_id=1, repository_id=None, at=NOW)


async def _told(db: Database, seq: int = 0) -> list[tuple[int, str]]:
    async with db.read() as tx:
        return [(one.seq, one.data["what"]) for one in await activity.since(tx, seq)]


async def test_activity_comes_back_as_it_was_recorded(db: Database) -> None:
    data = {"text": "a\x00b \ud83d", "none": None, "list": [1, {"x": True}]}
    async with db.begin() as tx:
        seq = await activity.record(tx, "test", data, host=HOST, installation_id=2**40, repository_id=None, at=NOW)
        (told,) = await activity.since(tx, 0)
        assert await activity.last_seq(tx) == seq
    assert told == activity.Activity(
        seq=seq, kind="test", data=data, host=HOST, installation_id=2**40, repository_id=None, at=NOW
    )


async def test_nothing_has_the_number_nought(db: Database) -> None:
    async with db.read() as tx:
        assert await activity.last_seq(tx) == 0
        assert await activity.since(tx, 0) == ()


async def test_a_page_ends_at_its_limit_and_the_next_begins_after_it(db: Database) -> None:
    async with db.begin() as tx:
        for number in range(5):
            await _record(tx, str(number))
        page = await activity.since(tx, 0, 3)
        rest = await activity.since(tx, page[-1].seq, 3)
    assert [one.data["what"] for one in page + rest] == ["0", "1", "2", "3", "4"]


async def test_who_records_second_waits_and_gets_the_later_number(db: Database, open_again: Open) -> None:
    other = await open_again()
    recorded, looked = asyncio.Event(), asyncio.Event()

    async def first() -> None:
        async with db.begin() as tx:
            await _record(tx, "first")
            recorded.set()
            await looked.wait()

    async def second() -> None:
        await recorded.wait()
        async with other.begin() as tx:
            await _record(tx, "second")

    writing = asyncio.gather(first(), second())
    await recorded.wait()
    await asyncio.sleep(0.1)
    before = await _told(db)
    looked.set()
    await writing
    told = await _told(db)
    assert before == []
    assert [what for _, what in told] == ["first", "second"]
    assert told == sorted(told)


async def test_a_reader_that_tails_misses_nothing_that_concurrent_writers_commit(db: Database, open_again: Open) -> None:
    everybody = [db, await open_again(), await open_again()]
    chance = random.Random(7)  # noqa: S311 - no secret
    committed: set[str] = set()
    seen: list[tuple[int, str]] = []
    done = asyncio.Event()

    async def write(writer: int) -> None:
        for number in range(EACH):
            what = f"{writer}:{number}"
            try:
                async with everybody[writer % 3].begin() as tx:
                    await _record(tx, what)
                    await asyncio.sleep(chance.random() * 0.004)
                    if chance.random() < 0.2:
                        raise LookupError  # noqa: TRY301 - what a transaction does that fails after it recorded
                committed.add(what)
            except LookupError:
                continue

    async def tail() -> None:
        last = False
        while not last:
            last = done.is_set()
            seen.extend(await _told(db, seen[-1][0] if seen else 0))
            await asyncio.sleep(0.001)

    tailing = asyncio.create_task(tail())
    await asyncio.gather(*(write(writer) for writer in range(WRITERS)))
    done.set()
    await tailing
    assert {what for _, what in seen} == committed
    assert len(seen) == len(committed) > EACH
    assert seen == await _told(db)
