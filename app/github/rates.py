"""Rate limits: what GitHub says is left, per installation and resource, and how long to hold back.

The rules are GitHub's: ``retry-after`` first, else until the reset if nothing remains, else (a secondary limit) at least a
minute, doubling. A plain 403 is no limit. Secondary limits are shared by all resources of an installation.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from cachetools import LRUCache

_SECONDARY = re.compile(r"secondary rate|abuse", re.IGNORECASE)
_LONGEST = 3600.0
_INSTALLATIONS = 10_000  # of which state is kept; the least recently used goes first


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """What is left of one resource. ``resets_at`` is in seconds of our own clock."""

    limit: int
    remaining: int
    resets_at: float


class Rates:
    """What is left, for every installation that was spoken for. Times are seconds since the epoch, given by the caller."""

    def __init__(self) -> None:
        self._table: LRUCache[tuple[int, str], Rate] = LRUCache(_INSTALLATIONS * 4)
        self._held: LRUCache[int, float] = LRUCache(_INSTALLATIONS)
        self._strikes: LRUCache[int, int] = LRUCache(_INSTALLATIONS)

    def rate(self, installation_id: int, resource: str) -> Rate | None:
        """What GitHub last said of a resource."""
        return self._table.get((installation_id, resource))

    def note(self, installation_id: int, headers: Mapping[str, str], now: float, *, accepted: bool) -> None:
        """Keep what an answer's headers say; hosts without limits send none. ``accepted``: the answer was no refusal."""
        if accepted:
            self._strikes.pop(installation_id, None)
        rate = read_rate(headers, now)
        if rate is not None:
            self._table[installation_id, headers.get("x-ratelimit-resource", "core")] = rate

    def hold(self, installation_id: int, seconds: float, now: float) -> None:
        """Hold every call of an installation back."""
        self._held[installation_id] = max(self._held.get(installation_id, 0.0), now + seconds)

    def wait(self, installation_id: int, resource: str, now: float) -> float:
        """Seconds until a call makes sense; 0 when it does now."""
        until = self._held.get(installation_id, 0.0)
        rate = self._table.get((installation_id, resource))
        if rate is not None and rate.remaining <= 0:
            until = max(until, rate.resets_at)
        return max(0.0, until - now)

    def pause_after(
        self, installation_id: int, headers: Mapping[str, str], message: str, now: float, *, sure: bool
    ) -> float | None:
        """Seconds to wait after a refusal; null where it is no rate limit.

        Args:
            installation_id: whose limit it is.
            headers: of the refusal.
            message: of the refusal.
            now: seconds of our clock.
            sure: whether status or error type alone say that it is a limit.
        """
        if "retry-after" in headers:
            seconds: float = _number(headers["retry-after"], 60.0)
            self.hold(installation_id, seconds, now)
            return seconds
        if headers.get("x-ratelimit-remaining") == "0":
            rate = read_rate(headers, now)
            return max(0.0, rate.resets_at - now) + 1.0 if rate is not None else 60.0
        if not sure and not _SECONDARY.search(message):
            return None
        strikes = self._strikes.get(installation_id, 0)
        self._strikes[installation_id] = strikes + 1
        seconds = min(60.0 * 2.0**strikes, _LONGEST)
        self.hold(installation_id, seconds, now)
        return seconds


def read_rate(headers: Mapping[str, str], now: float) -> Rate | None:
    """Read the rate headers; null where a host sends none. The reset is told by GitHub's clock: its ``Date`` corrects ours."""
    try:
        limit, remaining = int(headers["x-ratelimit-limit"]), int(headers["x-ratelimit-remaining"])
        reset = float(headers["x-ratelimit-reset"])
    except (KeyError, ValueError):
        return None
    return Rate(limit=limit, remaining=remaining, resets_at=reset + now - _server_time(headers, now))


def says_secondary(message: str) -> bool:
    """Tell whether a message speaks of a secondary rate limit."""
    return _SECONDARY.search(message) is not None


def _server_time(headers: Mapping[str, str], now: float) -> float:
    try:
        return parsedate_to_datetime(headers["date"]).timestamp()
    except (KeyError, ValueError, TypeError):
        return now


def _number(text: str, default: float) -> float:
    try:
        return max(0.0, float(text))
    except ValueError:
        return default
