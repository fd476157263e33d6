"""The composition root: the only module that knows everybody.

``running`` opens what the settings describe, in the order in which each needs the one before, and closes it in the reverse order:
database, inbox, GitHub, engine, drain. The HTTP server is the last to come and the first to go, so that nothing is accepted that
could not be stored.
"""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import aiohttp
import structlog
from aiohttp import web

from app.domain.model.spending import Budget, Price, price_of
from app.domain.policy import Ceilings
from app.domain.verification import Patience
from app.engine import Engine
from app.github.connect import GitHub
from app.github.errors import GitHubError
from app.github.installation import get_app
from app.inbox import Drain, handled
from app.llm.model import Model, ModelAccess
from app.monitor.counting import CallBook
from app.repair.attempt import attempt
from app.repair.follow import follow
from app.repair.reporting import comment_on, report, reports_of
from app.repair.stored import load
from app.repair.suites import end_suite, quiet
from app.repair.trouble import on_given_up
from app.repair.verify import verify
from app.repair.workflow import repair
from app.services import Clock, Services
from app.settings import Settings
from app.web import health, server, webhooks
from handlers import router
from storage import executors, migrate
from storage.database import Database
from storage.inbox import Inbox

APPLICATION_VERSION = "1"
"""Raised when recorded steps no longer fit the code: work queued under another version waits for a process of that version."""

SILENT_SECONDS = 15.0
"""A process without a heartbeat for this long is dead, and another takes over its work: five beats, well within 30 s."""

BEAT_SECONDS = 3.0

DRAIN_SECONDS = 20.0
"""How long work under way may take when the server stops; what is cut off continues at the next start."""

DAY = 86_400.0  # seconds
KEEP_RUNS, KEEP_BODIES, KEEP_ROWS = 7 * DAY, 7 * DAY, 30 * DAY
"""GitHub redelivers for three days (seven on Enterprise Server): a GUID must be known longer than that."""

log = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """Everything that runs, for the command line and for tests."""

    services: Services
    engine: Engine
    inbox: Inbox
    drain: Drain
    calls: CallBook
    app: web.Application


def now() -> datetime:
    """Tell the time, in UTC."""
    return datetime.now(UTC)


@asynccontextmanager
async def running(settings: Settings, *, clock: Clock = now, polling: float = 0.1) -> AsyncIterator[Running]:
    """Open everything and close it again; what was under way when it closes is taken up at the next start."""
    async with AsyncExitStack() as stack:
        db = await Database.open(application_url(settings))
        stack.push_async_callback(db.close)
        await migrate.upgrade(db)
        inbox = await Inbox.open(inbox_url(settings))
        stack.push_async_callback(inbox.close)
        calls = CallBook(db, clock)
        stack.push_async_callback(calls.write)
        services = await _services(settings, db, clock, calls, stack)
        engine, drain = _engine(settings, services, inbox, polling)
        await _live(engine, services, stack)
        await drain.start()
        stack.push_async_callback(drain.close)
        for work, name in ((calls.keep_writing(), "count calls"), (_keep_tidy(engine, inbox), "keep tidy")):
            stack.push_async_callback(_cancelled, asyncio.create_task(work, name=name))
        app = _web(settings, services, engine, inbox, drain)
        yield Running(services=services, engine=engine, inbox=inbox, drain=drain, calls=calls, app=app)


def application_url(settings: Settings) -> str:
    """Give the address of the application's database: PostgreSQL if it is set, else a SQLite file in the data folder."""
    return settings.database_url.get_secret_value() or _file(settings, "devflowfix.db")


def inbox_url(settings: Settings) -> str:
    """Give the address of the inbox: the same PostgreSQL, or a file of its own."""
    return _own_url(settings, "inbox.db")


def engine_url(settings: Settings) -> str:
    """Give the address of the engine's records: the same PostgreSQL, or a file of its own."""
    return _own_url(settings, "engine.db")


def _own_url(settings: Settings, name: str) -> str:
    """On SQLite each writer has its own file, so that they do not wait for each other."""
    url = settings.database_url.get_secret_value()
    if url.startswith("postgres"):
        return url
    folder = Path(url.partition(":///")[2]).parent if url else settings.data_dir
    return f"sqlite:///{(folder / name).absolute()}"


def _file(settings: Settings, name: str) -> str:
    return f"sqlite+aiosqlite:///{(settings.data_dir / name).absolute()}"


async def _services(settings: Settings, db: Database, clock: Clock, calls: CallBook, stack: AsyncExitStack) -> Services:
    timeout = aiohttp.ClientTimeout(total=30, connect=5)
    session = await stack.enter_async_context(aiohttp.ClientSession(timeout=timeout))
    github = GitHub(
        session,
        api_url=settings.github_api_url,
        app_id=str(settings.github_app_id),
        private_key=settings.github_private_key.get_secret_value(),
        clock=clock,
        on_call=calls.note,
    )
    return Services(
        db=db,
        github=github,
        clock=clock,
        app_id=settings.github_app_id,
        app_slug=await _slug(github),
        model=await _model(settings, stack),
        model_budget=Budget(usd=settings.max_candidate_usd),
        ceilings=_ceilings(settings),
        patience=Patience(settle=settings.settle_seconds, no_check=settings.no_check_seconds),
        auto_pull_requests=settings.auto_pr_enabled,
        accounts=frozenset(login.lower() for login in settings.allowed_accounts),
        web_url=settings.github_web_url,
    )


async def _model(settings: Settings, stack: AsyncExitStack) -> Model | None:
    """Make the model's client, or none: DevFlowFix is useful without a model."""
    if not settings.has_model:
        return None
    prices = {
        name: Price(input_per_million=given, output_per_million=taken) for name, (given, taken) in settings.model_prices.items()
    }
    access = ModelAccess(
        base_url=settings.model_base_url,
        name=settings.model,
        api_key=settings.model_api_key.get_secret_value() if settings.model_api_key else "",
        price=price_of(settings.model, prices),
        seconds=settings.model_seconds,
    )
    model = Model(access)
    stack.push_async_callback(model.close)
    return model


def _ceilings(settings: Settings) -> Ceilings:
    return Ceilings(
        min_confidence=settings.min_pr_confidence,
        max_candidates=settings.max_candidates,
        max_files=settings.max_files,
        max_lines=settings.max_lines,
    )


async def _slug(github: GitHub) -> str:
    """Ask GitHub for our own name. A GitHub that does not answer must not stop the start: deliveries are stored meanwhile."""
    try:
        return (await get_app(github.app())).slug
    except GitHubError as error:
        log.warning("GitHub does not know this App, or does not answer", host=github.host, error=str(error))
        return ""


def _engine(settings: Settings, services: Services, inbox: Inbox, polling: float) -> tuple[Engine, Drain]:
    engine = Engine(
        url=engine_url(settings),
        executor_id=settings.executor_id,
        application_version=APPLICATION_VERSION,
        polling=polling,
    )
    engine.register("repair", partial(repair, services))
    engine.register("attempt", partial(attempt, services))
    engine.register("verify", partial(verify, services))
    engine.register("follow", partial(follow, services))
    engine.register("report", partial(report, services))
    engine.register("comment", partial(comment_on, services))
    engine.register("quiet", partial(quiet, services))
    engine.register("suite", partial(end_suite, services))
    drain = Drain(inbox=inbox, engine=engine, router=router, services=services)
    engine.on_failure = partial(_on_failure, services, engine, drain)
    return engine, drain


async def _on_failure(
    services: Services, engine: Engine, drain: Drain, name: str, key: str, args: Sequence[Any], error: Exception
) -> None:
    """Tell whoever is concerned that work was given up: the inbox for a delivery, the task and its report for a repair."""
    await drain.on_failure(name, key, args, error)

    async def ask(incident_id: str) -> None:
        incident = await load(services, incident_id)
        where = reports_of(incident.repository, incident.run.head_sha)
        await engine.start("report", where, incident_id, again=True, partition=where)

    await on_given_up(services, ask, name, args, error)


async def _live(engine: Engine, services: Services, stack: AsyncExitStack) -> None:
    """Launch the engine, beat, take over from the silent, and say goodbye at the end so that nobody waits for us.

    The first beat comes before the launch, which takes up our own unfinished work: nobody may take us for dead by then. The
    goodbye comes after the close: who is killed while it finishes its work has to be missed.
    """

    async def beat() -> None:
        async with services.db.begin() as tx:
            await executors.beat(tx, engine.executor_id, socket.gethostname(), services.clock())

    async def dead() -> list[str]:
        async with services.db.read() as tx:
            silent = await executors.dead(tx, services.clock() - timedelta(seconds=SILENT_SECONDS))
        return [executor.id for executor in silent if executor.id != engine.executor_id]

    async def stopped(executor_id: str) -> None:
        async with services.db.begin() as tx:
            await executors.stop(tx, executor_id, services.clock())

    await beat()
    stack.push_async_callback(stopped, engine.executor_id)
    await engine.launch()
    stack.push_async_callback(engine.close, drain_seconds=DRAIN_SECONDS)
    engine.live(beat=beat, dead=dead, buried=stopped, seconds=BEAT_SECONDS)


async def _keep_tidy(engine: Engine, inbox: Inbox) -> None:
    """Forget what is over, once an hour: the engine's finished runs, bodies of deliveries, and in the end their rows."""
    while True:
        try:
            await engine.purge(KEEP_RUNS)
            await inbox.purge(bodies_after=KEEP_BODIES, rows_after=KEEP_ROWS)
        except Exception as error:  # noqa: BLE001 - a database that is away for a while must not end the tidying
            log.warning("tidying failed, once more in an hour", error=repr(error))
        await asyncio.sleep(3600)


def _web(settings: Settings, services: Services, engine: Engine, inbox: Inbox, drain: Drain) -> web.Application:
    intake = webhooks.Intake(
        secrets=[secret.get_secret_value() for secret in settings.webhook_secret],
        store=inbox.store,
        handled=partial(handled, router),
        arrived=drain.wake,
        allowed_accounts=services.accounts,
    )
    ready: dict[str, Callable[[], Awaitable[object]]] = {"database": services.db.check}
    probes = health.Probes(version=version("devflowfix"), inbox=inbox.counts, work=engine.state, ready=ready)
    return server.build_app(intake=intake, probes=probes)


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
