"""Writing TOML: the few shapes that a parsed configuration can have, each table as an inline one."""

import json
from collections.abc import Mapping

Toml = str | int | float | bool | list["Toml"] | dict[str, "Toml"]


def dumps(table: Mapping[str, Toml]) -> str:
    """Write a table, one key a line; what ``tomllib`` reads back is equal."""
    return "".join(f"{_text(key)} = {_value(value)}\n" for key, value in table.items())


def _value(value: Toml) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_text(key)} = {_value(item)}" for key, item in value.items()) + "}"
    return repr(value)


def _text(text: str) -> str:
    """Write a basic string: JSON's escapes are TOML's, which wants DEL escaped too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
