"""A process that works until it is killed: ``victim.py ENGINE_FILE JOURNAL EXECUTOR_ID [DEAD_EXECUTOR_ID]``.

Every step writes a line to the journal when it begins. With a fourth argument it takes over the runs of that executor. It ends by
itself when nothing is left to do.
"""

import asyncio
import os
import sys
from pathlib import Path

from app.engine import Engine, Run

STEPS = 5
WORKS = 6


async def step(journal: Path, run_id: str, number: int) -> int:
    with journal.open("a") as file:
        file.write(f"{run_id} {number}\n")
        file.flush()
        os.fsync(file.fileno())
    await asyncio.sleep(0.02)
    return number


async def main() -> None:
    path, journal, executor_id = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    engine = Engine(url=path, executor_id=executor_id, application_version="1", polling=0.02)

    async def work(run: Run) -> None:
        for number in range(STEPS):
            await run.step("step", step, journal, run.id, number)

    engine.register("work", work)
    await engine.launch()
    for number in range(WORKS):
        await engine.start("work", str(number))
    await engine.resume_dead(sys.argv[4:])
    await engine.settled(timeout=30)
    await engine.close()


asyncio.run(main())
