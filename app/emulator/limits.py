"""Hourly budgets, REST and GraphQL apart, as GitHub's headers tell them."""

from dataclasses import dataclass, field

from app.emulator.accounts import Clock

LIMITS = {"core": 5000, "graphql": 5000}
HOUR = 3600


@dataclass(slots=True, kw_only=True)
class Limits:
    """What each installation spent in this hour. ``limits`` may be lowered to try what happens at the end of a budget."""

    clock: Clock
    limits: dict[str, int] = field(default_factory=lambda: dict(LIMITS))
    _used: dict[tuple[int, str, int], int] = field(default_factory=dict)

    def _key(self, asker: int, resource: str) -> tuple[int, str, int]:
        return asker, resource, int(self.clock().timestamp()) // HOUR

    def spend(self, asker: int, resource: str, *, free: bool) -> dict[str, str]:
        """Count a request and give the headers that tell of it."""
        key = self._key(asker, resource)
        self._used[key] = self._used.get(key, 0) + (0 if free else 1)
        told = {f"X-RateLimit-{name.title()}": str(value) for name, value in self.budget(asker, resource).items()}
        return told | {"X-RateLimit-Resource": resource}

    def exhausted(self, asker: int, resource: str) -> bool:
        """Whether nothing is left until the hour ends."""
        return self._used.get(self._key(asker, resource), 0) >= self.limits[resource]

    def budget(self, asker: int, resource: str) -> dict[str, int]:
        """What is left of a resource in this hour."""
        key = self._key(asker, resource)
        used, limit = self._used.get(key, 0), self.limits[resource]
        return {"limit": limit, "remaining": max(limit - used, 0), "used": used, "reset": (key[2] + 1) * HOUR}

    def refund(self, asker: int) -> None:
        """Take a request back: a 304 is free."""
        key = self._key(asker, "core")
        self._used[key] = max(self._used.get(key, 0) - 1, 0)
