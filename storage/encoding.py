"""Dataclasses as JSON and back. Types are not written: the reader says what it expects and the annotations do the rest.

Fields added later take their default, fields no longer known are ignored, so that rows of a neighbouring version stay readable.
Times are ISO 8601 with an offset; enums are their values; tuples and frozen sets are lists.
"""

import json
import math
from collections.abc import Callable, Hashable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
T = TypeVar("T")
Reader = Callable[[object], object]


def to_text(value: object) -> str:
    """Write a JSON value as compact ASCII text, so that any character survives any database."""
    return json.dumps(value, allow_nan=False, separators=(",", ":"))


def dumps(value: object) -> bytes:
    """Write a value of ours as JSON bytes, as artifacts are kept."""
    return to_text(to_json(value)).encode()


def loads(kind: type[T], body: bytes) -> T:
    """Read what ``dumps`` wrote, as a value of the given type: a dataclass, ``tuple[Job, ...]``, and so on."""
    return from_json(kind, json.loads(body))


def to_json(value: object) -> Json:
    """Turn a value of ours into what JSON knows.

    Raises:
        TypeError: for a type that has no JSON form here.
        ValueError: for a time without zone and for a float that is no number.
    """
    if isinstance(value, Enum):
        return to_json(value.value)
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{value} has no JSON form")
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, date):
        return _from_date(value)
    return _from_compound(value)


def _from_date(value: date) -> str:
    if isinstance(value, datetime) and value.tzinfo is None:
        raise ValueError(f"{value!r} has no time zone")
    return value.isoformat()


def _from_compound(value: object) -> Json:
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_json(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {_key(key): to_json(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [to_json(item) for item in value]
    if isinstance(value, frozenset):
        return sorted((to_json(item) for item in value), key=to_text)
    raise TypeError(f"{type(value).__name__} has no JSON form here")


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise TypeError(f"JSON keys are text, not {type(key).__name__}")
    return str(key)


def from_json(kind: type[T], data: object) -> T:
    """Turn JSON into a value of the given type.

    Raises:
        TypeError: if the type cannot be read from JSON, or the data is of another shape.
        ValueError: for a word that an enum does not know, or a time that is none.
    """
    return cast("T", _reader(cast("Hashable", kind))(data))


@cache
def _reader(kind: object) -> Reader:
    """Make the function that reads one type; made once per type."""
    if kind is Any:
        return lambda data: data
    if get_origin(kind) is not None:
        return _generic_reader(kind)
    if not isinstance(kind, type):
        raise TypeError(f"{kind} cannot be read from JSON")
    if is_dataclass(kind):
        return _dataclass_reader(kind)
    return _plain_reader(kind)


def _plain_reader(kind: type[Any]) -> Reader:
    if issubclass(kind, Enum):
        return kind
    if issubclass(kind, date):
        return lambda data: kind.fromisoformat(_expect(data, str))
    if kind is float:
        return lambda data: float(_expect(data, float, int))
    if kind in {str, int, bool, NoneType}:
        return lambda data: _expect(data, kind)
    raise TypeError(f"{kind} cannot be read from JSON")


def _generic_reader(kind: object) -> Reader:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in {Union, UnionType}:
        return _optional_reader(kind, arguments)
    if origin is tuple:
        return _tuple_reader(arguments)
    if origin in {list, frozenset}:
        item = _reader(arguments[0])
        return lambda data: origin(item(one) for one in _expect(data, list))
    if origin in {dict, Mapping} and arguments[0] is str:
        item = _reader(arguments[1])
        return lambda data: {key: item(one) for key, one in _expect(data, dict).items()}
    raise TypeError(f"{kind} cannot be read from JSON")


def _optional_reader(kind: object, arguments: tuple[Any, ...]) -> Reader:
    rest = [argument for argument in arguments if argument is not NoneType]
    if len(rest) != 1:
        raise TypeError(f"{kind} cannot be read from JSON: which of them is meant?")
    some = _reader(rest[0])
    return lambda data: None if data is None else some(data)


def _tuple_reader(arguments: tuple[Any, ...]) -> Reader:
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        item = _reader(arguments[0])
        return lambda data: tuple(item(one) for one in _expect(data, list))
    items = [_reader(argument) for argument in arguments]
    return lambda data: tuple(item(one) for item, one in zip(items, _expect(data, list), strict=True))


def _dataclass_reader(kind: type[Any]) -> Reader:
    hints = get_type_hints(kind)
    readers = {field.name: _reader(hints[field.name]) for field in fields(kind) if field.init}
    required = {f.name for f in fields(kind) if f.init and f.default is MISSING and f.default_factory is MISSING}

    def read(data: object) -> object:
        given = _expect(data, dict)
        if lacking := required - given.keys():
            raise TypeError(f"{kind.__name__} lacks {', '.join(sorted(lacking))}")
        return kind(**{name: item(given[name]) for name, item in readers.items() if name in given})

    return read


def _expect(data: object, *kinds: type[Any]) -> Any:  # noqa: ANN401 - one of the kinds, which no annotation can say
    """Check the shape; a bool is no number here, although Python says so."""
    if not isinstance(data, kinds) or (isinstance(data, bool) and bool not in kinds):
        raise TypeError(f"expected {' or '.join(kind.__name__ for kind in kinds)}, got {type(data).__name__}")
    return data
