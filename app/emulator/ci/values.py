"""The values of workflow files and expressions, and GitHub's rules for turning one into another.

The rules are those of "Evaluate expressions in workflows and actions" in GitHub's documentation.
"""

import json
import math
from collections.abc import Mapping, Sequence
from typing import TypeAlias

Value: TypeAlias = "bool | int | float | str | Sequence[Value] | Mapping[str, Value] | None"


def truthy(value: Value) -> bool:
    """Tell what ``if:`` makes of a value: false, 0, the empty text, null and NaN are false; lists and objects are true."""
    if isinstance(value, float) and math.isnan(value):
        return False
    return _is_tree(value) or bool(value)


def text(value: Value) -> str:
    """Write a value as it appears where ``${{ … }}`` stands in a text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _number_text(value)
    if isinstance(value, str):
        return value
    return "Object" if isinstance(value, Mapping) else "Array"


def _number_text(value: float) -> str:
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value).replace("e", "E")


def number(value: Value) -> float:
    """Read a value as a number, as comparisons of unlike values do; NaN where it is none."""
    if value is None:
        return 0.0
    if isinstance(value, bool | int | float):
        return float(value)
    return _parsed(value) if isinstance(value, str) else math.nan


def _parsed(written: str) -> float:
    written = written.strip()
    if not written:
        return 0.0
    try:
        return float(int(written, 0)) if written[:2].lower() in {"0x", "0o"} else float(written.replace("_", "?"))
    except ValueError:
        return math.nan


def to_json(value: Value) -> str:
    """Write a value as ``toJSON`` does: indented by two."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=list)


def equal(left: Value, right: Value) -> bool:
    """Compare loosely: texts without regard to case, unlike values as numbers, lists and objects by identity."""
    if isinstance(left, str) and isinstance(right, str):
        return left.casefold() == right.casefold()
    if _is_tree(left) or _is_tree(right):
        return left is right
    if left is None and right is None:
        return True
    return number(left) == number(right)


def less(left: Value, right: Value) -> bool:
    """Tell whether one value comes before another, texts without regard to case."""
    if isinstance(left, str) and isinstance(right, str):
        return left.casefold() < right.casefold()
    return number(left) < number(right)


def _is_tree(value: Value) -> bool:
    return isinstance(value, Mapping | list | tuple)
