"""Routes as a table: method, path template, the permission it takes, and the function that answers."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.emulator.accounts import Account, Json
from app.emulator.state import Repository, Token
from app.emulator.world import Refused, World, invalid


@dataclass(slots=True, kw_only=True)
class Answer:
    """A response: status, body (JSON, or bytes) and headers."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A list to be cut into pages by the server; ``key`` wraps it as ``{"total_count": …, key: […]}``."""

    items: list[Any]
    key: str | None = None


@dataclass(slots=True, kw_only=True)
class Call:
    """One request on its way to the function that answers it."""

    world: World
    params: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any = None
    token: Token | None = None
    repository: Repository | None = None
    token_seconds: float = 3600.0
    budgets: tuple[Json, Json] = ({}, {})  # core, graphql

    @property
    def repo(self) -> Repository:
        """The repository named in the path."""
        if self.repository is None:
            raise Refused(404, "Not Found", kind="NOT_FOUND")
        return self.repository

    @property
    def by(self) -> Account:
        """The account that acts: our App's bot."""
        return self.world.state.app.bot

    @property
    def json(self) -> Json:
        """The body as an object; an empty one counts as ``{}``. Raises Refused (400)."""
        if self.body is None or self.body == "":
            return {}
        if not isinstance(self.body, dict):
            raise Refused(400, "Body should be a JSON object")
        return self.body

    def text(self, name: str, resource: str) -> str:
        """A string that must be in the body. Raises Refused (422)."""
        value = self.json.get(name)
        if value is None or value == "":
            raise invalid(resource, name, "missing_field")
        if not isinstance(value, str):
            raise Refused(422, f"Invalid request.\n\nFor '{name}', {value!r} is not a string.")
        return value

    def number(self, name: str) -> int:
        """A number in the path; anything else is 404."""
        if not self.params[name].isdecimal():
            raise Refused(404, "Not Found", kind="NOT_FOUND")
        return int(self.params[name])


Handler = Callable[[Call], Awaitable[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One row of the table. ``auth`` is ``installation``, ``app`` (JWT) or ``any``."""

    method: str
    template: str
    need: str
    auth: str
    handler: Handler
    pattern: re.Pattern[str]


def compiled(template: str) -> re.Pattern[str]:
    """Turn ``/repos/{owner}/{repo}/contents/{path:path}`` into a pattern; ``:path`` lets slashes through."""
    pieces = re.split(r"\{(\w+)(:path)?\}", template)
    out = []
    for literal, name, wide in zip(pieces[::3], [*pieces[1::3], None], [*pieces[2::3], None], strict=True):
        out.append(re.escape(literal))
        if name:
            out.append(f"(?P<{name}>{'.+' if wide else '[^/]+'})")
    return re.compile("".join(out))


@dataclass(slots=True)
class Routes:
    """The routes of one area, filled by decorators."""

    rows: list[Route] = field(default_factory=list)

    def __call__(
        self, method: str, template: str, need: str = "metadata=read", *, auth: str = "installation"
    ) -> Callable[[Handler], Handler]:
        """Declare a route."""

        def keep(handler: Handler) -> Handler:
            row = Route(method=method, template=template, need=need, auth=auth, handler=handler, pattern=compiled(template))
            self.rows.append(row)
            return handler

        return keep


def match(rows: list[Route], method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """Find the row for a request; earlier rows win."""
    for row in rows:
        if row.method == method and (found := row.pattern.fullmatch(path)):
            return row, found.groupdict()
    return None
