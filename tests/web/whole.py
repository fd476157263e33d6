"""A whole intake in a process of its own: ``whole.py INBOX ENGINE JOURNAL`` listens, prints its port, works until it is killed.

The secret comes from the environment. A delivery's handler writes its GUID to the journal when it begins, and orders work that
writes it once more; so a test can tell what was begun from what was finished.
"""

import asyncio
import os
import sys
from pathlib import Path

import structlog
from gidgethub.routing import Router
from gidgethub.sansio import Event

from app.engine import Engine, Run
from app.inbox import Drain, handled
from app.web.health import Probes
from app.web.server import build_app, serve
from app.web.webhooks import Intake
from storage.inbox import Inbox

router = Router()


@router.register("workflow_run", action="completed")
async def on_completed(event: Event, journal: Path, run: Run) -> None:
    """Write the beginning here, and order the end as work of its own, as handlers do."""
    write(journal, f"begun {event.delivery_id}")
    await asyncio.sleep(0.005)
    await run.start("finish", event.delivery_id, event.delivery_id)


def write(journal: Path, line: str) -> None:
    with journal.open("a") as file:
        file.write(line + "\n")
        file.flush()
        os.fsync(file.fileno())


async def main() -> None:
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    inbox = await Inbox.open(sys.argv[1])
    engine = Engine(url=sys.argv[2], executor_id="one", application_version="1", polling=0.02)
    journal = Path(sys.argv[3])

    async def finish(run: Run, guid: str) -> None:
        async def note() -> None:
            write(journal, f"finished {guid}")

        await run.step("note", note)

    engine.register("finish", finish)
    drain = Drain(inbox=inbox, engine=engine, router=router, services=journal)
    await engine.launch()
    await drain.start()
    intake = Intake(
        secrets=[os.environ["SECRET"]],
        store=inbox.store,
        handled=lambda event, payload: handled(router, event, payload),
        arrived=drain.wake,
    )
    app = build_app(intake=intake, probes=Probes(version="1", inbox=inbox.counts, work=engine.state))
    runner = await serve(app, "127.0.0.1", 0)
    sys.stdout.write(f"{runner.addresses[0][1]}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


asyncio.run(main())
