"""What all clients of one host share, and one exchange over it."""

import asyncio
import http
import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import aiohttp

from app.github.calls import OnCall, route_of
from app.github.rates import Rates
from app.github.tokens import Clock

TIMEOUT = aiohttp.ClientTimeout(total=30, connect=5)

_LOG = logging.getLogger(__name__)

Sleep = Callable[[float], Awaitable[None]]

Answer = tuple[int, Mapping[str, str], bytes]
"""Status, headers (case-insensitive), body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """What all clients of one host share."""

    session: aiohttp.ClientSession
    api_url: str
    graphql_url: str
    host: str
    clock: Clock
    on_call: OnCall
    sleep: Sleep = asyncio.sleep
    timeout: aiohttp.ClientTimeout = TIMEOUT  # of one exchange with the API; downloads have their own
    jitter: Callable[[], float] = random.random  # 0 to 1
    rates: Rates = field(default_factory=Rates)
    warned: set[str] = field(default_factory=set)  # routes whose retirement has been logged

    def now(self) -> float:
        """Seconds since the epoch."""
        return self.clock().timestamp()

    def resource_of(self, url: str) -> str:
        """Guess the rate-limit bucket of an address before GitHub names it."""
        if url == self.graphql_url:
            return "graphql"
        return "search" if route_of(url, self.api_url).startswith("/search/") else "core"

    def warn_of_retirement(self, route: str, headers: Mapping[str, str]) -> None:
        """Log once what GitHub says it will retire."""
        if ("deprecation" in headers or "sunset" in headers) and route not in self.warned:
            self.warned.add(route)
            _LOG.warning("GitHub retires %s on %s", route, headers.get("sunset") or headers.get("deprecation"))

    async def exchange(self, method: str, url: str, headers: Mapping[str, str], body: bytes, *, read_200: bool) -> Answer:
        """Send one request as it is; no redirect is followed, and a 200 answer that nobody wants is not read."""
        async with self.session.request(
            method, url, headers=headers, data=body, allow_redirects=False, timeout=self.timeout
        ) as response:
            content = await response.read() if read_200 or response.status != 200 else b""
            return _known(response.status), response.headers, content


def _known(status: int) -> int:
    """Map a status that Python has no name for to the first of its hundred: gidgethub would stumble over it."""
    return status if status in http.HTTPStatus.__members__.values() else status // 100 * 100


def same_origin(one: str, other: str) -> bool:
    """Tell whether two addresses have scheme, host and port in common."""
    return urlsplit(one)[:2] == urlsplit(other)[:2]
