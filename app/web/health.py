"""Is it alive, is it fit for work, and how much of it is there."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import structlog
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from app.domain.work import WorkCounts
from app.web.answers import failure, success
from app.web.metrics import METRICS, Metrics
from storage.inbox import InboxCounts, State

PREFIXES = ("", "/api/v1")
PATIENCE_SECONDS = 5.0
"""A probe that takes longer counts as failed: whoever asks has not much time either."""

log = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Probes:
    """What health and metrics ask."""

    version: str
    inbox: Callable[[], Awaitable[InboxCounts]]
    work: Callable[[], Awaitable[WorkCounts]]
    ready: Mapping[str, Callable[[], Awaitable[object]]] = field(default_factory=dict)  # further parts; an error means not ready


PROBES = web.AppKey("probes", Probes)


async def alive(request: web.Request) -> web.Response:
    """Answer as long as the process does."""
    return success(status="ok", version=request.app[PROBES].version)


async def ready(request: web.Request) -> web.Response:
    """Ask every part whether it works; 503 with the names of those that do not."""
    probes = request.app[PROBES]
    parts = {"inbox": probes.inbox, "engine": probes.work, **probes.ready}
    troubles = dict(zip(parts, await asyncio.gather(*(_trouble(name, ask) for name, ask in parts.items())), strict=True))
    if any(troubles.values()):
        return failure(503, "not_ready", "Not ready", **{name: trouble or "ok" for name, trouble in troubles.items()})
    return success(parts=dict.fromkeys(parts, "ok"))


async def _trouble(name: str, ask: Callable[[], Awaitable[object]]) -> str:
    """Name the kind of error only: messages of databases may hold addresses and names."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await ask()
    except Exception as error:  # noqa: BLE001 - whatever it is, the part is not ready
        log.warning("not ready", part=name, error=repr(error))
        return type(error).__name__
    return ""


async def metrics(request: web.Request) -> web.Response:
    """Give the numbers in Prometheus' text format."""
    probes, numbers = request.app[PROBES], request.app[METRICS]
    show_inbox(numbers, await probes.inbox())
    show_work(numbers, await probes.work())
    return web.Response(body=generate_latest(numbers.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})


def show_inbox(numbers: Metrics, counts: InboxCounts) -> None:
    """Set the gauges of the inbox."""
    for state in State:
        numbers.inbox.labels(state.value).set(counts.states.get(state, 0))
    numbers.oldest_delivery.set(counts.oldest_open)


def show_work(numbers: Metrics, counts: WorkCounts) -> None:
    """Set the gauges of the engine."""
    states = {"running": counts.running, "queued": counts.queued, "delayed": counts.delayed, "failed": counts.failed}
    for state, number in states.items():
        numbers.runs.labels(state).set(number)
    numbers.oldest_run.set(counts.oldest_queued)
