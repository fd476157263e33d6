"""The engine in a PostgreSQL database: the same promises, in a schema of its own."""

import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest

from app.domain.retry import RetryLater
from app.engine import Engine, Run
from tests.engine.kinds import Diary


@pytest.fixture
async def engine(empty_postgresql_url: str) -> AsyncIterator[Engine]:
    engine = Engine(url=empty_postgresql_url, executor_id="one", application_version="1", polling=0.02)
    yield engine
    await engine.close()


async def test_work_is_done_once_put_off_partitioned_and_counted(engine: Engine, empty_postgresql_url: str) -> None:
    diary = Diary()

    async def work(run: Run) -> None:
        diary.lines.append(await run.step("name", _name, run.id, keep=True))
        if run.order.laters == 0:
            raise RetryLater(600)

    engine.register("work", work)
    engine.register("short", diary.short)
    engine.register("fail", diary.fail)
    await engine.launch()
    ids = await asyncio.gather(*(engine.start("work", "a") for _ in range(5)))
    assert set(ids) == {"work/a:1"}
    await engine.settled()
    assert await engine.later_is_now() == 1
    await engine.settled()
    assert diary.lines == ["work/a:1", "work/a:1"]  # the second run took the kept result of the first
    for number in range(3):
        await engine.start("short", f"{number}", partition="p", again=True)
    await engine.settled()
    assert diary.most_at_once == 1
    await engine.start("fail", "a")
    await engine.settled()
    counts = await engine.state()
    assert (counts.running, counts.queued, counts.delayed, counts.failed) == (0, 0, 1, 0)
    async with await psycopg.AsyncConnection.connect(empty_postgresql_url) as connection:
        rows = await (await connection.execute("SELECT count(*) FROM engine.workflow_status")).fetchone()
    assert rows == (7,)
    assert await engine.purge(0) == 6


async def _name(run_id: str) -> str:
    return run_id
