"""Keys, numbers, delays and partitions: which run does the work that was ordered."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace

import pytest

from app.domain.work import Order
from app.engine import Engine, book
from tests.engine.conftest import Make
from tests.engine.kinds import Diary


@pytest.fixture
def diary() -> Diary:
    return Diary()


@pytest.fixture
async def engine(make: Make, diary: Diary) -> Engine:
    engine = make()
    for function in (diary.note, diary.wait, diary.short, diary.fail, diary.put_off):
        engine.register(function.__name__, function)
    await engine.launch()
    return engine


async def test_the_same_name_and_key_are_done_once(engine: Engine, diary: Diary) -> None:
    first = await engine.start("note", "a")
    assert await engine.start("note", "a") == first  # waiting, or running
    await engine.settled()
    assert await engine.start("note", "a") == first  # done
    await engine.settled()
    assert diary.lines == [first] == ["note/a:1"]


async def test_many_starts_at_once_are_one_run(engine: Engine, diary: Diary) -> None:
    ids = await asyncio.gather(*(engine.start("note", "a") for _ in range(10)))
    await engine.settled()
    assert set(ids) == {"note/a:1"}
    assert diary.lines == ["note/a:1"]


async def test_another_name_with_the_same_key_is_other_work(engine: Engine, diary: Diary) -> None:
    await engine.start("note", "a")
    await engine.start("short", "a")
    await engine.settled()
    assert sorted(diary.lines) == ["note/a:1", "short/a:1"]


async def test_a_key_that_failed_is_started_under_the_next_number(engine: Engine, diary: Diary) -> None:
    await engine.start("fail", "a")
    await engine.settled()
    assert await engine.later_is_now() == 1
    await engine.settled()
    assert await engine.start("fail", "a") == "fail/a:3"
    await engine.settled()
    assert diary.lines == ["fail/a:1", "fail/a:2", "fail/a:3"]


async def test_a_key_with_many_numbers_finds_its_last(engine: Engine) -> None:
    order = Order(name="note", key="a")
    for number in range(1, 66):
        await engine._book._enqueue(order, number, 0)
    assert await engine.start("note", "a") == "note/a:65"


async def test_delayed_work_waits_and_begins_by_itself(engine: Engine, diary: Diary) -> None:
    await engine.start("note", "soon", delay=0.1)
    await engine.start("note", "late", delay=60)
    await engine.settled()
    assert diary.lines == []
    for _ in range(300):
        if diary.lines:
            break
        await asyncio.sleep(0.01)
    assert diary.lines == ["note/soon:1"]


async def test_later_can_be_made_now(engine: Engine, diary: Diary) -> None:
    await engine.start("note", "a", delay=600)
    await engine.start("note", "b", delay=600, partition="p")
    assert await engine.later_is_now() == 2
    await engine.settled()
    assert sorted(diary.lines) == ["note/a:1", "note/b:1"]


async def test_a_poke_after_success_runs_once_more(engine: Engine, diary: Diary) -> None:
    first = await engine.start("note", "a", again=True)
    await engine.settled()
    second = await engine.start("note", "a", again=True)
    await engine.settled()
    assert diary.lines == [first, second]
    assert first != second


async def test_a_poke_beside_a_running_one_orders_another_and_further_pokes_join_it(engine: Engine, diary: Diary) -> None:
    running = await engine.start("wait", "a", again=True, partition="a")
    await diary.begun.wait()
    ids = [await engine.start("wait", "a", again=True, partition="a") for _ in range(3)]
    assert running not in ids
    assert len(set(ids)) == 1
    diary.gate.set()
    await engine.settled()
    assert diary.lines == [running, ids[0]]
    assert diary.most_at_once == 1


async def test_a_poke_hurries_what_was_only_delayed(engine: Engine, diary: Diary) -> None:
    delayed = await engine.start("note", "a", delay=600, again=True)
    assert await engine.start("note", "a", delay=900, again=True) == delayed
    assert (await engine.state()).delayed == 1
    assert await engine.start("note", "a", again=True) == delayed
    for _ in range(300):
        if diary.lines:
            break
        await asyncio.sleep(0.01)
    assert diary.lines == [delayed]


async def test_a_poke_does_not_hurry_what_has_put_itself_off(engine: Engine, diary: Diary) -> None:
    first = await engine.start("put_off", "a")
    await engine.settled()
    assert await engine.start("put_off", "a", again=True) == "put_off/a:2"
    (waiting,) = await book._list(["DELAYED"])
    assert (waiting.delay_until_epoch_ms or 0) / 1000 > time.time() + 500
    assert diary.lines == [first]


async def test_a_starter_that_starts_again_finds_what_it_had_ordered(engine: Engine, diary: Diary) -> None:
    order = Order(name="wait", key="a", cause="the third step of some run")
    first = await engine._book.place(order, 0, again=True)
    await diary.begun.wait()
    assert await engine._book.place(order, 0, again=True) == first
    assert await engine._book.place(replace(order, cause="another step"), 0, again=True) != first
    diary.gate.set()


async def test_a_run_that_ends_twice_is_followed_once(engine: Engine) -> None:
    order = Order(name="note", key="a", cause="note/a:1")
    assert await engine._book.follow("note/a:1", order, 600) == "note/a:2"
    assert await engine._book.follow("note/a:1", order, 600) == "note/a:2"
    assert await engine._book.follow("note/a:1", replace(order, cause="another run"), 600) == "note/a:3"


async def test_one_partition_runs_one_after_the_other_in_order_and_others_beside_it(engine: Engine, diary: Diary) -> None:
    ids = [await engine.start("short", f"{number}", partition="p") for number in range(5)]
    await engine.settled()
    assert diary.lines == ids
    assert diary.most_at_once == 1
    await asyncio.gather(*(engine.start("short", f"other {number}", partition=f"{number}") for number in range(5)))
    await engine.settled()
    assert diary.most_at_once > 1


async def test_work_that_is_not_registered_cannot_be_started(engine: Engine) -> None:
    with pytest.raises(KeyError, match="unheard"):
        await engine.start("unheard", "a")


async def test_nothing_can_be_registered_after_the_launch(engine: Engine, diary: Diary) -> None:
    with pytest.raises(RuntimeError, match="before the engine is launched"):
        engine.register("late", diary.note)


async def test_the_state_counts_runs_and_purging_forgets_the_finished_ones(engine: Engine, diary: Diary) -> None:
    await engine.start("note", "a")
    await engine.start("fail", "a")
    await engine.start("note", "b", delay=60)
    await engine.settled()
    await engine.start("wait", "a")
    await diary.begun.wait()
    counts = await engine.state()
    assert (counts.running, counts.queued, counts.delayed, counts.failed) == (1, 0, 2, 0)
    assert await engine.purge(3600) == 0
    assert await engine.purge(0) == 2  # the one that succeeded, and the first of the one that failed
    diary.gate.set()
    await engine.settled()
    assert await engine.start("note", "a") == "note/a:1"
    await engine.settled()
    assert diary.lines.count("note/a:1") == 2


async def test_queued_work_counts_with_its_age(make: Make, diary: Diary) -> None:
    engine = make(concurrency=1)
    engine.register("wait", diary.wait)
    await engine.launch()
    await engine.start("wait", "a")
    await diary.begun.wait()
    await engine.start("wait", "b")
    await asyncio.sleep(0.05)
    counts = await engine.state()
    assert (counts.running, counts.queued) == (1, 1)
    assert 0.04 < counts.oldest_queued < 10
    diary.gate.set()


async def test_settling_says_what_is_still_at_work(engine: Engine, diary: Diary) -> None:
    await engine.start("wait", "a")
    with pytest.raises(TimeoutError, match="wait/a:1"):
        await engine.settled(timeout=0.05)
    diary.gate.set()


async def test_work_that_is_given_up_is_reported_with_its_arguments(make: Make, diary: Diary) -> None:
    told: list[tuple[str, str, list[object], str]] = []

    async def on_failure(name: str, key: str, args: Sequence[object], error: Exception) -> None:
        told.append((name, key, list(args), str(error)))

    async def fail(_run: object, _number: int) -> None:
        raise ValueError("no good")

    engine = make()
    engine.on_failure = on_failure
    engine.register("fail", fail)
    await engine.launch()
    await engine.start("fail", "a", 7)
    await engine.settled()
    assert told == []
    await engine.later_is_now()
    await engine.settled()
    assert told == [("fail", "a", [7], "no good")]
    assert (await engine.state()).failed == 1
