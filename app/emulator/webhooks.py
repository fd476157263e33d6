"""Webhook deliveries: signed, sent in order in the background, recorded, and never repeated unless somebody asks (as GitHub).

Faults on demand: a delivery may be lost, doubled, held back, or released in another order.
"""

import asyncio
import contextlib
import hashlib
import hmac
import json
import random
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import aiohttp

from app.emulator.accounts import Clock, Json
from app.emulator.state import Installation

ANSWER_WITHIN = 10.0  # seconds; GitHub records a slower answer as failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One attempt to deliver: what the deliveries API lists. ``status_code`` is 0 when nobody answered."""

    id: int
    at: datetime
    redelivery: bool
    status_code: int
    status: str  # "OK" when accepted
    seconds: float
    answer: str = ""

    @property
    def accepted(self) -> bool:
        """Whether the receiver said 2xx."""
        return 200 <= self.status_code < 300


@dataclass(slots=True, kw_only=True)
class Delivery:
    """One event for the App, named by its GUID; a redelivery is a further attempt under the same GUID."""

    guid: str
    event: str
    action: str | None
    installation_id: int | None
    repository_id: int | None
    body: bytes
    attempts: list[Try] = field(default_factory=list)

    @property
    def status_code(self) -> int | None:
        """How the newest attempt was answered; null before the first."""
        return self.attempts[-1].status_code if self.attempts else None

    @property
    def payload(self) -> Any:  # noqa: ANN401 - it is whatever JSON says
        """The body, parsed."""
        return json.loads(self.body)


@dataclass(slots=True, kw_only=True)
class _Loss:
    left: int
    event: str | None


@dataclass(slots=True, kw_only=True)
class Outbox:
    """What goes out to the App's webhook address."""

    clock: Clock
    secret: str
    app_id: int
    url: str | None
    ids: Iterator[int]
    deliveries: list[Delivery] = field(default_factory=list)
    _waiting: list[tuple[Delivery, bool]] = field(default_factory=list)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _quiet: asyncio.Event = field(default_factory=asyncio.Event)
    _held: bool = False
    _losses: list[_Loss] = field(default_factory=list)
    _doubles: int = 0
    _task: asyncio.Task[None] | None = None
    _session: aiohttp.ClientSession | None = None

    def start(self) -> None:
        """Begin to deliver in the background."""
        timeout = aiohttp.ClientTimeout(total=ANSWER_WITHIN)
        self._session = aiohttp.ClientSession(timeout=timeout, trust_env=False, auto_decompress=False)
        self._quiet.set()
        self._task = asyncio.create_task(self._deliver_all())

    async def close(self) -> None:
        """Stop delivering; what waits is dropped."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        if self._session is not None:
            await self._session.close()

    def post(
        self, event: str, payload: Json, *, installation: Installation | None, repository_id: int | None = None
    ) -> Delivery | None:
        """Record an event and queue it; without a webhook address it is recorded only."""
        delivery = Delivery(
            guid=str(uuid.uuid4()),
            event=event,
            action=payload.get("action"),
            installation_id=installation.id if installation else None,
            repository_id=repository_id,
            body=json.dumps(payload, separators=(",", ":")).encode(),
        )
        self.deliveries.append(delivery)
        if self.url is None:
            return delivery
        if self._lost(event):
            self._note(delivery, redelivery=False, status_code=0, status="timed out", seconds=ANSWER_WITHIN)
            return delivery
        copies = 1
        if self._doubles:
            self._doubles -= 1
            copies = 2
        for _ in range(copies):
            self._enqueue(delivery, redelivery=False)
        return delivery

    def redeliver(self, guid: str) -> None:
        """Send a delivery again under its GUID. Raises KeyError when there is none."""
        found = next((delivery for delivery in self.deliveries if delivery.guid == guid), None)
        if found is None:
            raise KeyError(guid)
        self._enqueue(found, redelivery=True)

    def lose(self, count: int, event: str | None) -> None:
        """Let the next deliveries (of one event, or of any) never arrive."""
        self._losses.append(_Loss(left=count, event=event))

    def double(self, count: int) -> None:
        """Send each of the next deliveries twice."""
        self._doubles += count

    def hold(self) -> None:
        """Keep deliveries back until ``release``."""
        self._held = True

    def release(self, shuffle: random.Random | None = None) -> None:
        """Let held deliveries go, in order or shuffled."""
        if shuffle is not None:
            shuffle.shuffle(self._waiting)
        self._held = False
        self._quiet.clear()
        self._wake.set()

    @property
    def pending(self) -> bool:
        """Whether a delivery is under way or about to be; what is held back does not count."""
        return not self._quiet.is_set()

    async def idle(self) -> None:
        """Wait until nothing is pending."""
        await self._quiet.wait()

    def _lost(self, event: str) -> bool:
        for loss in self._losses:
            if loss.left and loss.event in {None, event}:
                loss.left -= 1
                return True
        return False

    def _enqueue(self, delivery: Delivery, *, redelivery: bool) -> None:
        self._waiting.append((delivery, redelivery))
        if not self._held:
            self._quiet.clear()
            self._wake.set()

    async def _deliver_all(self) -> None:
        while True:
            while self._waiting and not self._held:
                delivery, redelivery = self._waiting.pop(0)
                await self._send(delivery, redelivery=redelivery)
            self._quiet.set()
            self._wake.clear()
            await self._wake.wait()

    async def _send(self, delivery: Delivery, *, redelivery: bool) -> None:
        if self.url is None or self._session is None:
            return
        began = time.monotonic()
        try:
            async with self._session.post(self.url, data=delivery.body, headers=self._headers(delivery)) as response:
                answer = (await response.content.read(10_000)).decode(errors="replace")
                code, status = response.status, "OK" if response.ok else (response.reason or "failed")
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            code, status, answer = 0, "timed out" if isinstance(error, TimeoutError) else "failed to connect to host", str(error)
        seconds = time.monotonic() - began
        self._note(delivery, redelivery=redelivery, status_code=code, status=status, seconds=seconds, answer=answer)

    def _note(
        self, delivery: Delivery, *, redelivery: bool, status_code: int, status: str, seconds: float, answer: str = ""
    ) -> None:
        delivery.attempts.append(
            Try(
                id=next(self.ids),
                at=self.clock(),
                redelivery=redelivery,
                status_code=status_code,
                status=status,
                seconds=round(seconds, 3),
                answer=answer,
            )
        )

    def _headers(self, delivery: Delivery) -> dict[str, str]:
        return {
            "Accept": "*/*",
            "Content-Type": "application/json",
            "User-Agent": "GitHub-Hookshot/0000000",
            "X-GitHub-Event": delivery.event,
            "X-GitHub-Delivery": delivery.guid,
            "X-GitHub-Hook-ID": "1",
            "X-GitHub-Hook-Installation-Target-ID": str(self.app_id),
            "X-GitHub-Hook-Installation-Target-Type": "integration",
            **signatures(self.secret, delivery.body),
        }


def signatures(secret: str, body: bytes) -> dict[str, str]:
    """Sign a body as GitHub does: HMAC over the raw bytes, SHA-256 and the legacy SHA-1."""
    key = secret.encode()
    return {
        "X-Hub-Signature": "sha1=" + hmac.new(key, body, hashlib.sha1).hexdigest(),
        "X-Hub-Signature-256": "sha256=" + hmac.new(key, body, hashlib.sha256).hexdigest(),
    }
