"""Reading JSON that others wrote: every access says what it expects, every surprise says where it was met."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, TypeVar

from app.github.errors import Unreadable

_T = TypeVar("_T", str, int, bool)


class Fields:
    """A JSON object and the path to it.

    Methods ending in ``_or_none`` and ``_or`` take a missing key or null; the others do not.
    """

    __slots__ = ("values", "where")

    def __init__(self, value: object, where: str) -> None:
        if not isinstance(value, Mapping):
            raise Unreadable(f"expected an object, found {_kind(value)}", where)
        self.values: Mapping[str, Any] = value
        self.where = where

    def __contains__(self, key: str) -> bool:
        return self.values.get(key) is not None

    def text(self, key: str) -> str:
        """A string."""
        return self._need(key, str, "text")

    def text_or(self, key: str, default: str = "") -> str:
        """A string, or the default."""
        return self.text(key) if key in self else default

    def text_or_none(self, key: str) -> str | None:
        """A string, or nothing."""
        return self.text(key) if key in self else None

    def number(self, key: str) -> int:
        """A whole number; a JSON boolean is none."""
        value = self._need(key, int, "a number")
        if isinstance(value, bool):
            raise Unreadable("expected a number, found a boolean", f"{self.where}.{key}")
        return value

    def number_or_none(self, key: str) -> int | None:
        """A whole number, or nothing."""
        return self.number(key) if key in self else None

    def flag(self, key: str) -> bool:
        """A boolean; null and missing are false."""
        return self._need(key, bool, "a boolean") if key in self else False

    def time_or_none(self, key: str) -> datetime | None:
        """A moment with its offset from UTC, or nothing."""
        text = self.text_or_none(key)
        return moment(text, f"{self.where}.{key}") if text is not None else None

    def time(self, key: str) -> datetime:
        """A moment with its offset from UTC."""
        return moment(self.text(key), f"{self.where}.{key}")

    def fields(self, key: str) -> "Fields":
        """An object."""
        return Fields(self.values.get(key), f"{self.where}.{key}")

    def fields_or_none(self, key: str) -> "Fields | None":
        """An object, or nothing."""
        return self.fields(key) if key in self else None

    def path_or_none(self, *keys: str) -> "Fields | None":
        """The object at the end of a path, or nothing if any part of it is missing."""
        here: Fields | None = self
        for key in keys:
            here = here.fields_or_none(key) if here is not None else None
        return here

    def each(self, key: str) -> "Iterator[Fields]":
        """The objects of a list; null and missing are an empty list, and nulls in it (GraphQL's partial data) are left out."""
        value = self.values.get(key)
        if value is not None and not isinstance(value, list):
            raise Unreadable(f"expected a list, found {_kind(value)}", f"{self.where}.{key}")
        return each(value or [], f"{self.where}.{key}")

    def mapping(self, key: str) -> dict[str, str]:
        """An object of strings, such as permissions; null and missing are empty."""
        inner = self.fields_or_none(key)
        return {} if inner is None else {name: inner.text(name) for name in inner.values}

    def _need(self, key: str, kind: type[_T], name: str) -> _T:
        value = self.values.get(key)
        if not isinstance(value, kind):
            raise Unreadable(f"expected {name}, found {_kind(value)}", f"{self.where}.{key}")
        return value


def each(values: object, where: str) -> Iterator[Fields]:
    """The objects of a JSON list, without its nulls."""
    if not isinstance(values, list):
        raise Unreadable(f"expected a list, found {_kind(values)}", where)
    return (Fields(value, f"{where}[{index}]") for index, value in enumerate(values) if value is not None)


def moment(text: str, where: str) -> datetime:
    """Read a moment as GitHub writes it (ISO 8601, always with an offset)."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError as exc:
        raise Unreadable(f"expected a time, found {text[:40]!r}", where) from exc
    if read.tzinfo is None:
        raise Unreadable(f"expected a time with its offset, found {text[:40]!r}", where)
    return read


def _kind(value: object) -> str:
    return "nothing" if value is None else f"{type(value).__name__}"
