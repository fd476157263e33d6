"""A scripted server on loopback: it answers what a test told it to and keeps what it was asked."""

import asyncio
import json
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from app.domain.repository import Repository
from app.github.calls import CallRecord
from app.github.client import Client
from app.github.connect import GitHub

INSTALLATION = 7
START = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What to answer: JSON, or bytes; or a connection that breaks off after ``cut`` bytes; after a delay."""

    status: int = 200
    json: object = None
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    delay: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What was asked."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    json: Any


Answer = Reply | Callable[[Seen], Reply]


class Script:
    """A server that follows a script. The last answer of a route stays; an unknown route is a 404."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.url = ""
        self._answers: dict[tuple[str, str], deque[Answer]] = defaultdict(deque)

    def on(self, method: str, path: str, *answers: Answer) -> None:
        self._answers[method, path] = deque(answers)

    def asked(self, method: str, path: str) -> list[Seen]:
        return [seen for seen in self.seen if (seen.method, seen.path) == (method, path)]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        seen = Seen(
            method=request.method,
            path=request.path,
            query=dict(request.query),
            headers={name.lower(): value for name, value in request.headers.items()},
            json=json.loads(raw) if raw else None,
        )
        self.seen.append(seen)
        answers = self._answers[seen.method, seen.path]
        if not answers:
            return web.json_response({"message": "Not Found"}, status=404)
        answer = answers.popleft() if len(answers) > 1 else answers[0]
        return await self._sent(request, answer(seen) if callable(answer) else answer)

    async def _sent(self, request: web.Request, reply: Reply) -> web.StreamResponse:
        await asyncio.sleep(reply.delay)
        body = reply.body if reply.json is None else json.dumps(reply.json).encode()
        headers = dict(reply.headers)
        if reply.json is not None:
            headers.setdefault("content-type", "application/json; charset=utf-8")
        if reply.cut is None:
            return web.Response(status=reply.status, body=body, headers=headers)
        response = web.StreamResponse(status=reply.status, headers={**headers, "content-length": str(len(body))})
        await response.prepare(request)
        await response.write(body[: reply.cut])
        if request.transport is not None:
            request.transport.abort()
        return response


async def _serving(script: Script) -> AsyncIterator[Script]:
    app = web.Application(client_max_size=1 << 26)
    app.router.add_route("*", "/{tail:.*}", script.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    script.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield script
    await runner.cleanup()


@pytest.fixture
async def api() -> AsyncIterator[Script]:
    """The API, which mints a new long token each time it is asked."""
    script = Script()
    async for running in _serving(script):
        running.on("POST", f"/app/installations/{INSTALLATION}/access_tokens", Mint())
        yield running


@pytest.fixture
async def storage() -> AsyncIterator[Script]:
    """The second origin, where downloads are."""
    async for running in _serving(Script()):
        yield running


class Mint:
    """Makes tokens that say how many came before them."""

    def __init__(self, clock: "Clock | None" = None) -> None:
        self.clock = clock or Clock()
        self.made = 0

    def __call__(self, seen: Seen) -> Reply:  # noqa: ARG002 - what every answer of a script is called with
        self.made += 1
        ends = self.clock() + timedelta(hours=1)
        return Reply(status=201, json={"token": token(self.made), "expires_at": ends.strftime("%Y-%m-%dT%H:%M:%SZ")})


def token(number: int) -> str:
    """The token of the n-th mint: as long as real ones, with dots and underscores."""
    return f"made.up_{number}_" + "x.y_z-" * 90


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def slept() -> list[float]:
    """How long the client wanted to sleep."""
    return []


@pytest.fixture
def calls() -> list[CallRecord]:
    return []


@pytest.fixture(scope="session")
def private_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    ).decode()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
def github(
    api: Script, session: aiohttp.ClientSession, private_key: str, clock: Clock, calls: list[CallRecord], slept: list[float]
) -> GitHub:
    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        clock.pass_(seconds)

    return GitHub(
        session,
        api_url=api.url,
        app_id="4711",
        private_key=private_key,
        clock=clock,
        on_call=calls.append,
        sleep=sleep,
        timeout=aiohttp.ClientTimeout(total=0.5),
    )


@pytest.fixture
def repo(github: GitHub) -> Repository:
    return Repository(host=github.host, installation_id=INSTALLATION, id=99, full_name="octo/spoon", default_branch="main")


@pytest.fixture
def client(github: GitHub, repo: Repository) -> Client:
    return github.installation(repo, purpose="repair:inc_1")
