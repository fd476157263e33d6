"""What the engine costs: workflows of five steps that do nothing, one at a time and many at once."""

import asyncio
import tempfile
import time
from collections.abc import Iterator

from rich.console import Console
from rich.table import Table

from app.engine import Engine, Run
from tests.postgres import binaries, running

STEPS = 5
ALONE = 10
TOGETHER = 200


def run(console: Console) -> None:
    """Print the table."""
    table = Table(title=f"A workflow of {STEPS} empty steps")
    table.add_column("database")
    table.add_column("alone, start to end", justify="right")
    table.add_column("of that, its steps", justify="right")
    table.add_column(f"{TOGETHER} at once, each", justify="right")
    for name, url in _databases():
        table.add_row(name, *(f"{seconds * 1000:.1f} ms" for seconds in asyncio.run(_measure(url))))
    console.print(table)


def _databases() -> Iterator[tuple[str, str]]:
    with tempfile.TemporaryDirectory() as folder:
        yield "SQLite", f"{folder}/engine.db"
    programs = binaries()
    if programs is not None:
        with running(programs, durable=True) as server:
            yield "PostgreSQL", server.url(server.clone("template0"))


async def _measure(url: str) -> tuple[float, float, float]:
    """Give seconds: one from its start to its end with the wait for the queue, its steps alone, and one's share of many."""
    engine = Engine(url=url, executor_id="bench", application_version="1")
    done: asyncio.Queue[float] = asyncio.Queue()

    async def nothing() -> None:
        pass

    async def work(run: Run) -> None:
        begun = time.perf_counter()
        for _ in range(STEPS):
            await run.step("nothing", nothing)
        await done.put(time.perf_counter() - begun)

    engine.register("work", work)
    await engine.launch()
    await engine.start("work", "first")
    await done.get()  # the queue has been noticed by then
    alone, steps = [], []
    for number in range(ALONE):
        begun = time.perf_counter()
        await engine.start("work", f"alone {number}")
        steps.append(await done.get())
        alone.append(time.perf_counter() - begun)
    begun = time.perf_counter()
    await asyncio.gather(*(engine.start("work", f"together {number}") for number in range(TOGETHER)))
    for _ in range(TOGETHER):
        await done.get()
    together = time.perf_counter() - begun
    await engine.settled()
    await engine.close()
    return sum(alone) / ALONE, sum(steps) / ALONE, together / TOGETHER
