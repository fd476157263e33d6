"""The HTTP server: routes, request ids, one shape for every error, and an orderly end."""

import re
import uuid
from collections.abc import Awaitable, Callable, Iterable

import structlog
from aiohttp import web

from app.web import health, webhooks
from app.web.answers import failure, from_http_error
from app.web.metrics import METRICS, Metrics

REQUEST_ID = "X-Request-Id"
FINISH_SECONDS = 10.0
"""How long requests under way may take when the server stops."""

_GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

log = structlog.stdlib.get_logger(__name__)


def build_app(*, intake: webhooks.Intake, probes: health.Probes, routes: Iterable[web.AbstractRouteDef] = ()) -> web.Application:
    """Compose the application.

    Args:
        intake: what the webhook door calls.
        probes: what health and metrics ask.
        routes: those of further parts.
    """
    app = web.Application(middlewares=[with_request_id, with_error_shape], client_max_size=webhooks.MOST_BYTES + 1)
    app[webhooks.INTAKE] = intake
    app[health.PROBES] = probes
    app[METRICS] = Metrics()
    app.add_routes(web.post(path, webhooks.receive) for path in webhooks.PATHS)
    for prefix in health.PREFIXES:
        app.router.add_get(f"{prefix}/health", health.alive)
        app.router.add_get(f"{prefix}/health/ready", health.ready)
        app.router.add_get(f"{prefix}/metrics", health.metrics)
    app.add_routes(routes)
    return app


@web.middleware
async def with_request_id(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Give every request an id, the caller's if it is a plain one; it stands in the answer and in every line logged meanwhile."""
    given = request.headers.get(REQUEST_ID, "")
    request_id = given if _GIVEN_ID.fullmatch(given) else uuid.uuid4().hex
    with structlog.contextvars.bound_contextvars(request_id=request_id):
        answer = await handler(request)
    if not answer.prepared:
        answer.headers[REQUEST_ID] = request_id
    return answer


@web.middleware
async def with_error_shape(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Turn what handlers and aiohttp raise into our error answer; an unexpected error is logged, its text stays inside."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return from_http_error(error)
    except Exception:
        log.exception("request failed", method=request.method, path=request.path)
        return failure(500, "internal_error", "Something went wrong here; the log has the details under this request id")


async def serve(app: web.Application, host: str, port: int) -> web.AppRunner:
    """Begin to listen; the runner's ``addresses`` say where (port 0 takes a free one), its ``cleanup`` ends it in good order."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=FINISH_SECONDS)
    await runner.setup()
    await web.TCPSite(runner, host, port).start()
    return runner
