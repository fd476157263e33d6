"""What a workflow does: steps recorded once, results kept, errors and wishes to wait turned into further runs."""

import asyncio
from collections import Counter
from collections.abc import Callable

import pytest

from app.domain.retry import RetryLater
from app.engine import Engine, Run
from tests.engine.conftest import Make
from tests.engine.kinds import Diary


async def _launched(engine: Engine, **workflows: Callable[..., object]) -> Engine:
    for name, function in workflows.items():
        engine.register(name, function)  # type: ignore[arg-type]  # each is a coroutine function
    await engine.launch()
    return engine


async def test_a_finished_step_is_not_repeated_after_a_restart(make: Make) -> None:
    calls: Counter[str] = Counter()
    results: list[object] = []
    diary = Diary()

    async def count(name: str) -> dict[str, object]:
        calls[name] += 1
        return {"name": name, "pair": (1, 2)}

    async def wait() -> None:
        diary.begun.set()
        await diary.gate.wait()

    async def work(run: Run) -> None:
        results.append(await run.step("count", count, "first"))
        results.append(await run.step("count", count, "second"))
        await run.step("wait", wait)

    engine = await _launched(make(), work=work)
    await engine.start("work", "a")
    await diary.begun.wait()
    await engine.close()  # cuts the run off in its third step
    diary.gate.set()
    engine = await _launched(make(), work=work)
    await engine.settled()
    assert calls == {"first": 1, "second": 1}
    first, second = {"name": "first", "pair": [1, 2]}, {"name": "second", "pair": [1, 2]}
    assert results == [first, second, first, second]  # the same when read back as when made


async def test_a_result_that_is_not_json_is_an_error(make: Make) -> None:
    async def strange() -> object:
        return {1, 2}

    failures: list[str] = []

    async def work(run: Run) -> None:
        try:
            await run.step("strange", strange)
        except TypeError as error:
            failures.append(str(error))

    engine = await _launched(make(), work=work)
    await engine.start("work", "a")
    await engine.settled()
    assert failures == ["Object of type set is not JSON serializable"]


@pytest.mark.parametrize("where", ["workflow", "step"])
async def test_work_that_puts_itself_off_runs_again_later_with_the_same_arguments(make: Make, where: str) -> None:
    seen: list[tuple[str, int]] = []

    async def busy() -> None:
        if len(seen) < 3:
            raise RetryLater(600, "rate limit")

    async def work(run: Run, number: int) -> None:
        seen.append((run.id, number))
        await (run.step("busy", busy) if where == "step" else busy())

    engine = await _launched(make(), work=work)
    await engine.start("work", "a", 5)
    await engine.settled()
    while await engine.later_is_now():
        await engine.settled()
    assert seen == [("work/a:1", 5), ("work/a:2", 5), ("work/a:3", 5)]
    assert (await engine.state()).failed == 0


async def test_a_partition_is_kept_by_the_runs_that_follow(make: Make) -> None:
    partitions: list[str | None] = []

    async def work(run: Run) -> None:
        partitions.append(run.order.partition)
        if len(partitions) == 1:
            raise RetryLater(600)

    engine = await _launched(make(), work=work)
    await engine.start("work", "a", partition="p")
    await engine.settled()
    await engine.later_is_now()
    await engine.settled()
    assert partitions == ["p", "p"]


async def test_work_that_puts_itself_off_for_ever_fails_and_is_reported(make: Make) -> None:
    runs: list[str] = []
    told: list[str] = []

    async def work(run: Run) -> None:
        runs.append(run.id)
        raise RetryLater(600, "rate limit")

    async def on_failure(_name: str, key: str, _args: object, error: Exception) -> None:
        told.append(f"{key}: {error}")

    engine = make(most_laters=2)
    engine.on_failure = on_failure
    await _launched(engine, work=work)
    await engine.start("work", "a")
    await engine.settled()
    while await engine.later_is_now():
        await engine.settled()
    assert runs == ["work/a:1", "work/a:2", "work/a:3"]
    assert told == ["a: retry in 600 s: rate limit"]
    assert (await engine.state()).failed == 1


async def test_kept_results_go_to_the_next_run_and_others_are_made_anew(make: Make) -> None:
    calls: Counter[str] = Counter()

    async def count(name: str) -> int:
        calls[name] += 1
        return calls[name]

    async def work(run: Run) -> None:
        kept = await run.step("kept", count, "kept", keep=True)
        fresh = await run.step("fresh", count, "fresh")
        if fresh < 3:
            raise RetryLater(600)
        assert kept == 1

    engine = await _launched(make(), work=work)
    await engine.start("work", "a")
    await engine.settled()
    while await engine.later_is_now():
        await engine.settled()
    assert calls == {"kept": 1, "fresh": 3}
    assert (await engine.state()).failed == 0


@pytest.mark.parametrize(("error", "runs"), [(TimeoutError("slow"), 4), (ConnectionResetError("gone"), 4), (KeyError("x"), 2)])
async def test_errors_that_usually_pass_are_tried_more_often_than_others(make: Make, error: Exception, runs: int) -> None:
    seen: list[str] = []

    async def work(run: Run) -> None:
        seen.append(run.id)
        raise error

    engine = await _launched(make(), work=work)
    await engine.start("work", "a")
    await engine.settled()
    while await engine.later_is_now():
        await engine.settled()
    assert seen == [f"work/a:{number}" for number in range(1, runs + 1)]
    assert (await engine.state()).failed == 1


async def test_a_step_may_be_tried_several_times_within_its_run(make: Make) -> None:
    calls: Counter[str] = Counter()

    async def shaky(succeeds_at: int) -> str:
        calls[f"{succeeds_at}"] += 1
        if calls[f"{succeeds_at}"] < succeeds_at:
            raise ConnectionError("gone")
        return "there"

    results: list[str] = []

    async def work(run: Run) -> None:
        results.append(await run.step("shaky", shaky, 3, attempts=3, backoff=0.001))
        with pytest.raises(ConnectionError):
            await run.step("shakier", shaky, 4, attempts=3, backoff=0.001)
        results.append("caught")

    engine = await _launched(make(), work=work)
    await engine.start("work", "a")
    await engine.settled()
    assert results == ["there", "caught"]
    assert calls == {"3": 3, "4": 3}


async def test_a_wish_to_wait_is_not_tried_again_within_the_run(make: Make) -> None:
    calls: list[int] = []

    async def busy() -> None:
        calls.append(1)
        raise RetryLater(600)

    async def work(run: Run) -> None:
        await run.step("busy", busy, attempts=3, backoff=0.001)

    engine = await _launched(make(), work=work)
    await engine.start("work", "a")
    await engine.settled()
    assert len(calls) == 1


async def test_workflows_start_others_once_even_when_they_are_restarted(make: Make) -> None:
    diary = Diary()

    async def work(run: Run) -> None:
        await run.start("note", "once")
        await run.start("note", "poked", again=True)
        await run.step("wait", diary.wait, run)

    engine = await _launched(make(), work=work, note=diary.note)
    await engine.start("work", "a")
    await diary.begun.wait()
    await engine.close()
    diary.gate.set()
    engine = await _launched(make(), work=work, note=diary.note)
    await engine.settled()
    notes = [line for line in diary.lines if line.startswith("note")]
    assert len(notes) == 2
    assert "note/once:1" in notes


async def test_steps_and_starts_within_a_step_are_plain_calls(make: Make) -> None:
    diary = Diary()

    async def inner(run: Run) -> str:
        diary.lines.append("inner")
        await run.start("note", "from within")
        return "result"

    async def outer(run: Run) -> str:
        return await run.step("inner", inner, run)

    async def work(run: Run) -> None:
        diary.lines.append(await run.step("outer", outer, run))

    engine = await _launched(make(), work=work, note=diary.note)
    await engine.start("work", "a")
    await engine.settled()
    assert sorted(diary.lines) == ["inner", "note/from within:1", "result"]


async def test_steps_within_a_step_do_not_count_when_a_run_continues(make: Make) -> None:
    diary = Diary()

    async def inner() -> str:
        return "inner"

    async def outer(run: Run) -> str:
        return await run.step("name", inner)

    async def wait() -> None:
        diary.begun.set()
        await diary.gate.wait()

    async def work(run: Run) -> None:
        await run.step("outer", outer, run)
        diary.lines.append(await run.step("name", inner))
        await run.step("wait", wait)

    engine = await _launched(make(), work=work)
    await engine.start("work", "a")
    await diary.begun.wait()
    await engine.close()
    diary.gate.set()
    engine = await _launched(make(), work=work)
    await engine.settled()
    assert diary.lines == ["inner", "inner"]
    assert (await engine.state()).delayed == 0


async def test_a_workflow_may_order_itself_again(make: Make) -> None:
    seen: list[str] = []

    async def work(run: Run) -> None:
        seen.append(run.id)
        if len(seen) < 3:
            await run.start("work", "a", delay=600, again=True, partition="a")

    engine = await _launched(make(), work=work)
    await engine.start("work", "a", partition="a")
    await engine.settled()
    while await engine.later_is_now():
        await engine.settled()
    assert len(seen) == len(set(seen)) == 3


async def test_runs_know_what_they_are(make: Make) -> None:
    seen: list[tuple[str, str, str]] = []

    async def work(run: Run) -> None:
        await asyncio.sleep(0)
        seen.append((run.id, run.order.name, run.order.key))

    engine = await _launched(make(), work=work)
    await engine.start("work", "a:b")
    await engine.settled()
    assert seen == [("work/a:b:1", "work", "a:b")]
