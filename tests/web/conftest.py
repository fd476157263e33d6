"""The application on a real port, with a real inbox."""

import hashlib
import hmac
import io
import json
import secrets
import uuid
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from app.domain.work import WorkCounts
from app.web.health import Probes
from app.web.server import build_app, serve
from app.web.webhooks import Intake
from storage.inbox import Delivery, Inbox, Stored

NEW_SECRET, OLD_SECRET = secrets.token_hex(16), secrets.token_hex(16)
PAYLOAD: dict[str, Any] = {
    "action": "completed",
    "installation": {"id": 7},
    "repository": {"id": 11, "full_name": "octo/box", "owner": {"login": "Octo", "id": 1}},
}


def sign(body: bytes, secret: str = NEW_SECRET, algorithm: str = "sha256") -> str:
    return f"{algorithm}={hmac.new(secret.encode(), body, getattr(hashlib, algorithm)).hexdigest()}"


@dataclass
class Door:
    """A server to knock at."""

    url: str
    inbox: Inbox
    session: aiohttp.ClientSession
    arrived: list[str] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)  # parts that are to fail

    async def post(
        self, body: bytes, headers: Mapping[str, str | None] | None = None, path: str = "/api/v1/webhooks/github"
    ) -> tuple[int, dict[str, Any]]:
        """Post a delivery as GitHub does; a null header is left out."""
        usual: dict[str, str | None] = {
            "Content-Type": "application/json",
            "X-GitHub-Event": "workflow_run",
            "X-GitHub-Delivery": str(uuid.uuid4()),
            "X-Hub-Signature-256": sign(body),
        }
        sent = {name: value for name, value in (usual | dict(headers or {})).items() if value is not None}
        async with self.session.post(
            self.url + path, data=io.BytesIO(body), headers=sent, skip_auto_headers=["Content-Type"]
        ) as answer:
            return answer.status, await answer.json()

    async def get(self, path: str) -> tuple[int, str]:
        async with self.session.get(self.url + path) as answer:
            return answer.status, await answer.text()

    async def stored(self) -> int:
        return sum((await self.inbox.counts()).states.values())


def body_of(**more: Any) -> bytes:  # noqa: ANN401 - any JSON
    return json.dumps(PAYLOAD | more).encode()


@pytest.fixture
def allowed_accounts() -> frozenset[str]:
    return frozenset()


@pytest.fixture
async def door(tmp_path: Path, allowed_accounts: frozenset[str]) -> AsyncIterator[Door]:
    inbox = await Inbox.open(str(tmp_path / "inbox.db"), synchronous="OFF")
    async with aiohttp.ClientSession() as session:
        door = Door("", inbox, session)

        async def store(delivery: Delivery) -> Stored:
            if "inbox" in door.broken:
                raise ConnectionError("the disk is full, says /var/secret")
            return await inbox.store(delivery)

        async def part(name: str) -> WorkCounts:
            if name in door.broken:
                raise ConnectionError("no route to postgres://user:password@host")
            return WorkCounts(running=1, queued=2, delayed=3, failed=4, oldest_queued=5.5)

        intake = Intake(
            secrets=[NEW_SECRET, OLD_SECRET],
            store=store,
            handled=lambda event, payload: event == "workflow_run" and payload.get("action") == "completed",
            arrived=lambda: door.arrived.append("arrived"),
            allowed_accounts=allowed_accounts,
        )
        probes = Probes(
            version="1.2.3", inbox=inbox.counts, work=lambda: part("engine"), ready={"database": lambda: part("database")}
        )

        async def fault(_request: web.Request) -> web.Response:
            raise ValueError("a secret")

        app = build_app(intake=intake, probes=probes, routes=[web.get("/fault", fault)])
        runner = await serve(app, "127.0.0.1", 0)
        door.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield door
        await runner.cleanup()
    await inbox.close()
