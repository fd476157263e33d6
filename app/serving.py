"""The server as a process: logs, listening, and an orderly end."""

import asyncio
import logging
import signal
import sys

import structlog
import uvloop

from app.bootstrap import application_url, running
from app.settings import Settings
from app.web.server import serve
from storage import migrate
from storage.database import Database

log = structlog.stdlib.get_logger(__name__)


def prepare_logs(level: str) -> None:
    """Write one JSON object a line to standard error, with whatever ids are bound: delivery, run, request."""
    logging.basicConfig(level=level, format="%(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False)),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
    )
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())


async def serve_until_stopped(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM; then finish what is under way, within its time."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with running(settings) as everything:
        runner = await serve(everything.app, settings.host, settings.port)
        for address in runner.addresses:
            log.info("listening", host=address[0], port=address[1], github=settings.github_host)
        await stop.wait()
        log.info("stopping")
        await runner.cleanup()


async def bring_up_to_date(settings: Settings) -> None:
    """Apply what migrations are missing, and say where the database stands."""
    db = await Database.open(application_url(settings))
    try:
        before = await migrate.current(db)
        await migrate.upgrade(db)
        after = await migrate.current(db)
    finally:
        await db.close()
    print(f"The database stands at {after}" + (", as before." if before == after else f"; it stood at {before or 'nothing'}."))  # noqa: T201 - the command's answer
