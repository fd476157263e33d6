"""The stand-in as one value: what is remembered, where it lives, and the ways out of it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from app.emulator.accounts import Account
from app.emulator.blobs import Blobs
from app.emulator.events import Events
from app.emulator.objects import Person
from app.emulator.shapes.people import Addresses
from app.emulator.shapes.repositories import WEB_FLOW_EMAIL
from app.emulator.state import Repository, State
from app.emulator.webhooks import Outbox

if TYPE_CHECKING:
    from app.emulator.actions import Actions


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not a fault of the stand-in
    """GitHub's "no": the HTTP status, the message, and for 422 the list of what is wrong. ``kind`` is the GraphQL error type."""

    def __init__(self, status: int, message: str, *, errors: list[object] | None = None, kind: str = "UNPROCESSABLE") -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = errors
        self.kind = kind
        self.headers: dict[str, str] = {}


def invalid(resource: str, field_name: str, code: str = "invalid", message: str | None = None) -> Refused:
    """A 422 about one field, in GitHub's shape."""
    problem: dict[str, object] = {"resource": resource, "code": code, "field": field_name}
    return Refused(422, "Validation Failed", errors=[problem | ({"message": message} if message else {})])


@dataclass(slots=True, kw_only=True)
class World:
    """Everything an operation may need."""

    state: State
    at: Addresses
    outbox: Outbox
    events: Events
    blobs: Blobs
    folder: Path
    pool: ThreadPoolExecutor
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    failures: list[BaseException] = field(default_factory=list)  # of background work: `idle` raises them
    _actions: "Actions | None" = None

    @property
    def actions(self) -> "Actions":
        """GitHub Actions."""
        if self._actions is None:
            raise RuntimeError("the stand-in has not been started")
        return self._actions

    def attach(self, actions: "Actions") -> None:
        """Plug GitHub Actions in; they need the world, and the world needs them."""
        self._actions = actions

    def background(self, work: Callable[[], "asyncio._CoroutineLike[None]"]) -> None:
        """Run something beside the requests; ``idle`` waits for it and raises what it raised."""
        task = asyncio.create_task(work())
        self.tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.failures.append(error)

    def repository(self, full_name: str) -> Repository | None:
        """Look a repository up by name, whatever its case."""
        return self.state.repositories.get(full_name.lower())

    def person(self, account: Account) -> Person:
        """An account as the author of a commit made now."""
        return Person(name=account.name or account.login, email=account.email, at=self.state.clock())

    def web_flow(self) -> Person:
        """GitHub as the committer of what is made through its API."""
        return Person(name="GitHub", email=WEB_FLOW_EMAIL, at=self.state.clock())
