"""The server under load, in a process of its own: ``door.py bare|stored|drained [INBOX ENGINE]`` prints its port.

``bare`` is aiohttp with the same signature check and nothing else: what the machine gives at best. ``stored`` adds the parsing,
the inbox and its commit; ``drained`` also hands every delivery through the engine to a handler that does nothing.
"""

import asyncio
import os
import sys

import structlog
import uvloop
from aiohttp import web
from gidgethub.routing import Router
from gidgethub.sansio import Event

from app.engine import Engine, Run
from app.inbox import Drain, handled
from app.web.health import Probes
from app.web.server import build_app, serve
from app.web.webhooks import PATHS, Intake, signed
from storage.inbox import Inbox

SECRET = os.environ["SECRET"]
router = Router()


@router.register("workflow_run", action="completed")
async def on_completed(_event: Event, _services: object, _run: Run) -> None:
    """Do nothing."""


async def bare(request: web.Request) -> web.Response:
    body = await request.read()
    right = signed(body, request.headers.get("X-Hub-Signature-256"), [SECRET])
    return web.json_response({"success": right}, status=202 if right else 401)


async def application(kind: str, inbox_url: str, engine_url: str) -> web.Application:
    inbox = await Inbox.open(inbox_url)
    engine = Engine(url=engine_url, executor_id="bench", application_version="1")
    drain = Drain(inbox=inbox, engine=engine, router=router, services=None)
    await engine.launch()
    if kind == "drained":
        await drain.start()
    intake = Intake(
        secrets=[SECRET], store=inbox.store, handled=lambda event, payload: handled(router, event, payload), arrived=drain.wake
    )
    return build_app(intake=intake, probes=Probes(version="1", inbox=inbox.counts, work=engine.state))


async def main() -> None:
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    if sys.argv[1] == "bare":
        app = web.Application(client_max_size=2**25)
        app.router.add_post(PATHS[0], bare)
    else:
        app = await application(*sys.argv[1:4])
    runner = await serve(app, "127.0.0.1", 0)
    sys.stdout.write(f"{runner.addresses[0][1]}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


uvloop.run(main())
