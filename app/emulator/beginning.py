"""How a stand-in begins: its key, its first accounts, its sockets."""

import itertools
import socket
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from aiohttp import web
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from app.emulator.accounts import Account, App, Clock
from app.emulator.blobs import Blobs
from app.emulator.events import Events
from app.emulator.shapes.people import Addresses
from app.emulator.state import State
from app.emulator.webhooks import Outbox
from app.emulator.world import World

LARGEST = 64 * 2**20  # bytes of a request's body


def new_key() -> rsa.RSAPrivateKey:
    """Make an App key; takes 50 to 100 ms, so tests share one."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def fresh_state(manifest: Mapping[str, Any], clock: Clock) -> State:
    """The state of a GitHub where our App is registered and nothing else happened."""
    now, slug = clock(), str(manifest["name"])
    owner = Account(id=1, login="devflowfix-owner", type="Organization")
    bot = Account(id=7_000_001, login=f"{slug}[bot]", type="Bot", name=f"{slug}[bot]")
    actions_bot = Account(id=41_898_282, login="github-actions[bot]", type="Bot", name="github-actions[bot]")
    web_flow = Account(id=19_864_447, login="web-flow", name="GitHub Web Flow")
    app = App(
        id=1_234_567,
        slug=slug,
        name=slug,
        owner=owner,
        permissions=dict(manifest.get("default_permissions") or {}),
        events=tuple(manifest.get("default_events") or ()),
        created_at=now,
        bot=bot,
        client_id="Iv23liEmulatorApp000",
    )
    github = Account(id=9919, login="github", type="Organization")
    actions_app = App(
        id=15_368,
        slug="github-actions",
        name="GitHub Actions",
        owner=github,
        permissions={},
        events=(),
        created_at=now,
        bot=actions_bot,
    )
    state = State(clock=clock, app=app, actions_app=actions_app)
    state.accounts = {account.login.lower(): account for account in (owner, bot, actions_bot, web_flow, github)}
    return state


def pem(key: rsa.RSAPrivateKey) -> str:
    """The key as GitHub hands it out: PKCS#1, unencrypted."""
    form = serialization.PrivateFormat.TraditionalOpenSSL
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def new_world(folder: Path, state: State, *, api: str, blob_url: str, url: str | None, secret: str) -> World:
    """Put the parts of a stand-in together."""
    folder.mkdir(parents=True, exist_ok=True)
    at = Addresses(api=api, web=api)
    outbox = Outbox(clock=state.clock, secret=secret, app_id=state.app.id, url=url, ids=itertools.count(1))
    return World(
        state=state,
        at=at,
        outbox=outbox,
        events=Events(state=state, outbox=outbox, at=at),
        blobs=Blobs(clock=state.clock, url=blob_url),
        folder=folder,
        pool=ThreadPoolExecutor(4, thread_name_prefix="emulator-git"),
    )


def free_socket() -> socket.socket:
    """Take a free port of the loopback interface."""
    return socket.create_server(("127.0.0.1", 0))


async def listen(where: socket.socket, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> web.AppRunner:
    """Serve one origin."""
    application = web.Application(client_max_size=LARGEST)
    application.router.add_route("*", "/{tail:.*}", handler)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.SockSite(runner, where).start()
    return runner
