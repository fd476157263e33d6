"""What tests and the demo may do to a running stand-in besides using it: look, lose, hold, fail, kill, revoke."""

import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from app.emulator.faults import Asked, Failure, Kill, kill_process
from app.emulator.server import Exchange, Server
from app.emulator.webhooks import Delivery
from app.emulator.world import World


@dataclass(slots=True, kw_only=True)
class Controls:
    """Webhooks, requests, faults and tokens of a stand-in."""

    world: World
    server: Server

    # --- webhooks -----------------------------------------------------------------------------------------------------------

    @property
    def deliveries(self) -> list[Delivery]:
        """Every delivery, in the order of what happened."""
        return self.world.outbox.deliveries

    async def redeliver(self, guid: str) -> None:
        """Deliver again under the same GUID, as the button in the App's settings does."""
        self.world.outbox.redeliver(guid)

    def lose_next(self, n: int = 1, event: str | None = None) -> None:
        """Let the next deliveries never arrive; they are recorded as failed."""
        self.world.outbox.lose(n, event)

    def double_next(self, n: int = 1) -> None:
        """Deliver each of the next ones twice."""
        self.world.outbox.double(n)

    def hold_deliveries(self) -> None:
        """Keep deliveries back until ``release``."""
        self.world.outbox.hold()

    def release(self, shuffle: random.Random | None = None) -> None:
        """Let held deliveries go, shuffled where a source of chance is given."""
        self.world.outbox.release(shuffle)

    # --- requests, faults, tokens -------------------------------------------------------------------------------------------

    @property
    def requests(self) -> list[Exchange]:
        """Every exchange with the API, in order."""
        return self.server.requests

    @property
    def unknown_requests(self) -> list[str]:
        """Requests that no route answers: each is a gap of the stand-in or a mistake of the client."""
        return self.server.unknown

    def fail_next(
        self,
        n: int = 1,
        status: int | None = 502,
        *,
        method: str | None = None,
        path_contains: str | None = None,
        headers: Mapping[str, str] | None = None,
        body: Any = None,  # noqa: ANN401 - JSON, or a page of HTML
        delay: float = 0.0,
        after: bool = False,
    ) -> None:
        """Let the next matching requests fail. ``after``: the effect happens, the answer is lost. ``status`` null: only late.

        ``path_contains`` may also be the name of a GraphQL operation.
        """
        failure = Failure(
            left=n,
            status=status,
            method=method,
            path_contains=path_contains,
            headers=dict(headers or {}),
            body=body,
            delay=delay,
            after=after,
        )
        self.server.faults.failures.append(failure)

    def limit_next(self, n: int = 1, *, retry_after: int = 1, path_contains: str | None = None) -> None:
        """Meet the next requests with GitHub's secondary rate limit."""
        message = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
        body = {"message": message, "documentation_url": "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api"}
        self.fail_next(n, 403, path_contains=path_contains, headers={"Retry-After": str(retry_after)}, body=body)

    def set_limit(self, resource: Literal["core", "graphql"], requests: int) -> None:
        """Give every installation so many requests an hour."""
        self.server.limits.limits[resource] = requests

    def kill_on(
        self,
        predicate: Callable[[Asked], bool] | None = None,
        *,
        method: str | None = None,
        path_contains: str = "",
        nth: int = 1,
        when: Literal["before", "after"],
        pid: int | None = None,
        callback: Callable[[], Awaitable[None] | None] | None = None,
        cut: bool | None = None,
    ) -> Kill:
        """Kill a process (or call something) just before or just after the effect of the n-th matching request.

        ``cut`` says whether the request ends there, without effect (before) or without answer (after): by default it does when a
        process is killed, and goes on when something is called. ``path_contains`` may also be a GraphQL operation's name.
        """

        def matches(asked: Asked) -> bool:
            if predicate is not None:
                return predicate(asked)
            return method in {None, asked.method} and (path_contains in asked.path or path_contains == asked.operation)

        act = callback if callback is not None else kill_process(pid) if pid is not None else None
        if act is None:
            raise ValueError("whom to kill, or what to call?")
        kill = Kill(matches=matches, nth=nth, when=when, act=act, cut=callback is None if cut is None else cut)
        self.server.faults.kills.append(kill)
        return kill

    def revoke_tokens(self) -> None:
        """Make every installation token invalid: 401 from now on."""
        self.world.state.tokens.clear()

    @property
    def token_seconds(self) -> float:
        """How long new tokens live."""
        return self.server.token_seconds

    @token_seconds.setter
    def token_seconds(self, seconds: float) -> None:
        self.server.token_seconds = seconds
