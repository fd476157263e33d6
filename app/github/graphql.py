"""GraphQL answers: data and errors side by side, because GitHub sends both, with HTTP status 200."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from app.github.errors import GitHubError, MissingPermission, NotThere, QueryRefused
from app.github.rates import says_secondary
from app.github.reading import Fields

RATE_LIMITED = "RATE_LIMITED"
RESOURCE_LIMITS_EXCEEDED = "RESOURCE_LIMITS_EXCEEDED"
FORBIDDEN = "FORBIDDEN"
NOT_FOUND = "NOT_FOUND"
STALE_DATA = "STALE_DATA"


@cache
def document(name: str) -> str:
    """The text of a ``.graphql`` file of this folder."""
    return files("app.github").joinpath(f"{name}.graphql").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphQLError:
    """One entry of ``errors``: GitHub's type, its message, and the path of the field that came out null."""

    type: str
    message: str
    path: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Say it in one line, for lists of what is missing."""
        return f"{'.'.join(self.path) or 'request'}: {self.type or 'error'}: {self.message}"


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphQLAnswer:
    """What came back. With errors the data is incomplete, and says so in :attr:`partial`."""

    data: Mapping[str, object]
    errors: tuple[GraphQLError, ...] = ()
    points: int = 1

    @property
    def fields(self) -> Fields:
        """The data, for reading."""
        return Fields(self.data, "data")

    @property
    def partial(self) -> tuple[str, ...]:
        """What GitHub left out, as it said it."""
        return tuple(str(error) for error in self.errors)

    @property
    def empty(self) -> bool:
        """Nothing came back, apart from what was left of the rate limit."""
        return not any(value is not None for field, value in self.data.items() if field != "rateLimit")

    def of(self, field: str) -> tuple[GraphQLError, ...]:
        """The errors of one top-level field."""
        return tuple(error for error in self.errors if error.path[:1] == (field,))

    def has(self, type_: str) -> bool:
        """Tell whether an error of a type came."""
        return any(error.type == type_ for error in self.errors)

    @property
    def limited(self) -> GraphQLError | None:
        """The error that is a rate limit, primary or secondary."""
        return next((e for e in self.errors if e.type == RATE_LIMITED or says_secondary(e.message)), None)

    def missing(self, what: str) -> GitHubError:
        """Make the exception for something that should be in the data and is not: GitHub's reason, or that it is not there."""
        return self.failure(what) if self.errors else NotThere(what)

    def failure(self, what: str, field: str = "") -> GitHubError:
        """Make the exception that fits the first error (of a field, where one is named)."""
        error = next(iter((self.of(field) or self.errors) if field else self.errors), GraphQLError(type="", message="no data"))
        if error.type == FORBIDDEN:
            return MissingPermission(f"{what}: {error}", "")
        if error.type == NOT_FOUND:
            return NotThere(f"{what}: {error}")
        return QueryRefused(what, error.message, type_=error.type)


def answer(body: object) -> GraphQLAnswer:
    """Read the body of an answer."""
    top = Fields(body, "answer")
    data = top.fields_or_none("data")
    errors = tuple(_error(error) for error in top.each("errors"))
    if data is None and not errors:
        return GraphQLAnswer(data={}, errors=(GraphQLError(type="", message="an answer without data and errors"),))
    limit = data.fields_or_none("rateLimit") if data else None
    return GraphQLAnswer(
        data=data.values if data else {}, errors=errors, points=limit.number_or_none("cost") or 1 if limit else 1
    )


def _error(error: Fields) -> GraphQLError:
    path = error.values.get("path")
    return GraphQLError(
        type=error.text_or("type"),
        message=error.text_or("message", "no message"),
        path=tuple(str(part) for part in path) if isinstance(path, list) else (),
    )
