"""A GitHub stand-in, somebody who calls it over HTTP, and somebody who hears its webhooks."""

import json
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import jwt
import pytest
import pytest_asyncio
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from ruamel.yaml import YAML

from app.emulator.beginning import new_key
from app.emulator.github import GitHub
from app.emulator.repo import Repo
from tests.contract.checker import as_github_describes

ROOT = Path(__file__).parents[2]
Json = Any  # whatever JSON holds
SECRET = "a word that both sides know"

CI = """\
name: CI
on: [push]
jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - name: Look
        run: |
          echo looking
          grep -q fine state.txt
"""


class Clock:
    """A clock that can be pushed forward; it runs besides."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def forward(self, **how_far: float) -> None:
        self._ahead += timedelta(**how_far)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back."""

    status: int
    headers: Json
    raw: bytes

    @property
    def json(self) -> Json:
        return json.loads(self.raw)


@dataclass(slots=True, kw_only=True)
class Caller:
    """Calls the stand-in as the App, or with an installation token once it has one."""

    github: GitHub
    session: aiohttp.ClientSession
    clock: Clock
    token: str | None = None

    def app_jwt(self, **claims: Json) -> str:
        now = int(self.clock().timestamp())
        told = {"iat": now - 60, "exp": now + 540, "iss": str(self.github.app_id)} | claims
        return jwt.encode(told, self.github.private_key_pem, algorithm="RS256")

    async def __call__(
        self, method: str, path: str, body: Json = None, *, bearer: str | None = None, raw: bytes | None = None, **headers: str
    ) -> Reply:
        sent = {"Authorization": f"Bearer {bearer or self.token or self.app_jwt()}"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        url = path if path.startswith("http") else self.github.api_url + path
        data = raw if raw is not None else None if body is None else json.dumps(body).encode()
        async with self.session.request(method, url, data=data, headers=sent, allow_redirects=False) as response:
            return Reply(status=response.status, headers=response.headers, raw=await response.read())

    async def fetch(self, url: str, **headers: str) -> Reply:
        """Get an address without any credentials."""
        async with self.session.get(url, headers=headers) as response:
            return Reply(status=response.status, headers=response.headers, raw=await response.read())

    async def login(self, installation: int, **narrowed: Json) -> str:
        """Mint a token and use it from now on."""
        reply = await self("POST", f"/app/installations/{installation}/access_tokens", narrowed, bearer=self.app_jwt())
        assert reply.status == 201, reply.raw
        self.token = reply.json["token"]
        return str(self.token)

    async def graphql(self, query: str, **variables: Json) -> Json:
        reply = await self("POST", "/graphql", {"query": query, "variables": variables})
        assert reply.status == 200, reply.raw
        return reply.json


@dataclass(slots=True)
class Ear:
    """Hears webhooks; ``answer`` is the status it gives."""

    url: str = ""
    answer: int = 202
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def hear(self, request: web.Request) -> web.Response:
        self.heard.append((dict(request.headers), await request.read()))
        return web.Response(status=self.answer)

    def bodies(self, event: str, action: str | None = None) -> list[Json]:
        bodies = [json.loads(raw) for headers, raw in self.heard if headers["X-GitHub-Event"] == event]
        return [body for body in bodies if action in {None, body.get("action")}]

    @property
    def story(self) -> list[str]:
        """What was heard, in order: ``event.action``."""
        told = [(headers["X-GitHub-Event"], json.loads(raw).get("action")) for headers, raw in self.heard]
        return [f"{event}.{action}" if action else event for event, action in told]


@pytest.fixture(scope="session")
def key() -> RSAPrivateKey:
    return new_key()


@pytest.fixture(scope="session")
def manifest() -> Json:
    return YAML(typ="safe").load(ROOT / "app.yml")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest_asyncio.fixture
async def ear() -> AsyncIterator[Ear]:
    one = Ear()
    application = web.Application(client_max_size=2**25)
    application.router.add_post("/hook", one.hear)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    one.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield one
    await runner.cleanup()


@pytest_asyncio.fixture
async def github(tmp_path: Path, manifest: Json, ear: Ear, clock: Clock, key: RSAPrivateKey) -> AsyncIterator[GitHub]:
    tools = str(Path(sys.executable).parent)
    one = await GitHub.start(
        tmp_path / "github",
        manifest=manifest,
        webhook_url=ear.url,
        webhook_secret=SECRET,
        tools_path=tools,
        clock=clock,
        key=key,
    )
    yield one
    await one.close()
    as_github_describes(one)
    assert [repr(failure) for failure in one.world.failures] == []


@pytest_asyncio.fixture
async def call(github: GitHub, clock: Clock) -> AsyncIterator[Caller]:
    async with aiohttp.ClientSession() as session:
        yield Caller(github=github, session=session, clock=clock)


@pytest_asyncio.fixture
async def repo(github: GitHub) -> Repo:
    """A repository without workflows."""
    return await github.create_repository("acme/web", {"README.md": "# Web\n", "src/a.py": "A = 1\n"})


@pytest_asyncio.fixture
async def installation(github: GitHub, repo: Repo) -> int:
    return await github.install("acme")


@pytest_asyncio.fixture
async def api(call: Caller, installation: int) -> Caller:
    """Somebody with an installation token."""
    await call.login(installation)
    return call


@pytest_asyncio.fixture
async def red(github: GitHub, api: Caller, repo: Repo) -> tuple[Repo, str]:
    """The repository with a workflow, and a commit on which it failed."""
    sha = await repo.push("main", {".github/workflows/ci.yml": CI, "state.txt": "broken\n"}, message="Break it")
    await github.idle()
    return repo, sha
