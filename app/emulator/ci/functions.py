"""The functions of GitHub's expressions that need nothing but their arguments."""

import json
import re
from collections.abc import Callable, Mapping

from app.emulator.ci.syntax import ExpressionError
from app.emulator.ci.values import Value, equal, text, to_json

_COUNTS = {
    "contains": (2, 2),
    "startswith": (2, 2),
    "endswith": (2, 2),
    "format": (1, 255),
    "join": (1, 2),
    "tojson": (1, 1),
    "fromjson": (1, 1),
    "hashfiles": (1, 255),
    "success": (0, 0),
    "failure": (0, 0),
    "always": (0, 0),
    "cancelled": (0, 0),
}
NAMES = frozenset({"contains", "startswith", "endswith", "format", "join", "tojson", "fromjson"})


def check_count(name: str, count: int, at: int, expression: str) -> None:
    """Refuse a call with too few or too many arguments."""
    least, most = _COUNTS[name]
    if not least <= count <= most:
        kind = "few" if count < least else "many"
        raise ExpressionError(
            f"Too {kind} parameters supplied: '{name}'. Located at position {at} within expression: {expression}"
        )


def call(name: str, args: list[Value]) -> Value:
    """Call a function by its lower-case name. Raises ExpressionError for one that does not exist here."""
    if name not in _FUNCTIONS:
        raise ExpressionError(f"Unrecognized function: '{name}'")
    check_count(name, len(args), 1, name)
    return _FUNCTIONS[name](args)


def _contains(args: list[Value]) -> Value:
    place, item = args
    if isinstance(place, list | tuple):
        return any(equal(one, item) for one in place)
    return not isinstance(place, Mapping) and text(item).lower() in text(place).lower()


def _starts(args: list[Value]) -> Value:
    return text(args[0]).lower().startswith(text(args[1]).lower())


def _ends(args: list[Value]) -> Value:
    return text(args[0]).lower().endswith(text(args[1]).lower())


_SLOT = re.compile(r"\{\{|\}\}|\{(\d+)\}|[{}]")


def _format(args: list[Value]) -> Value:
    template = text(args[0])

    def put(found: re.Match[str]) -> str:
        if found[0] in {"{{", "}}"}:
            return found[0][0]
        if found[1] is None:
            raise ExpressionError(f"The following format string is invalid: {template}")
        if int(found[1]) + 1 >= len(args):
            raise ExpressionError(f"The following format string references more arguments than were supplied: {template}")
        return text(args[int(found[1]) + 1])

    return _SLOT.sub(put, template)


def _join(args: list[Value]) -> Value:
    separator = text(args[1]) if len(args) == 2 else ","
    items = args[0] if isinstance(args[0], list | tuple) else [args[0]]
    return separator.join(text(one) for one in items)


def _from_json(args: list[Value]) -> Value:
    try:
        value: Value = json.loads(text(args[0]))
    except (ValueError, RecursionError) as error:
        raise ExpressionError(f"Error parsing fromJson: {error}") from error
    return value


_FUNCTIONS: dict[str, Callable[[list[Value]], Value]] = {
    "contains": _contains,
    "startswith": _starts,
    "endswith": _ends,
    "format": _format,
    "join": _join,
    "tojson": lambda args: to_json(args[0]),
    "fromjson": _from_json,
}
