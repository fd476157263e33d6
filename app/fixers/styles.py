"""Which formatter's style holds for a file, written as ruff's configuration: ruff's own, or black's mapped onto it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.fixers.commands import line_length
from app.fixers.ruff_config import RuffConfig, config_for, folders_above, python_version, read_toml, table_at
from app.fixers.toml import Toml
from app.fixers.view import View

_BLACK_WIDTH = 88
_UNLIKE = ("preview", "unstable", "enable-unstable-feature")  # black options that ruff has no equal for


@dataclass(frozen=True, slots=True)
class Style:
    """How a file is formatted, and whether ruff can follow the project's configuration wholly."""

    config: RuffConfig
    whole: bool = True


def ruff_style(view: View, path: str, commands: Iterable[list[str]] = ()) -> Style:
    """Ruff's own format under the repository's configuration, with the line length of the command line over it."""
    config = config_for(view, path)
    return Style(RuffConfig(config.root, {**config.table, **_width(line_length(commands, "--line-length"))}))


def black_style(view: View, path: str, commands: Iterable[list[str]] = ()) -> Style:
    """Black's style: its table of the nearest ``pyproject.toml`` that has one, with the command line over it.

    Ruff formats more than 99.9 % of black-formatted lines alike; what it cannot follow (black's preview style) is told.
    """
    words = [list(command) for command in commands]
    root, table = _black_table(view, path)
    raw = any("-S" in command or "--skip-string-normalization" in command for command in words)
    format_table: dict[str, Toml] = {}
    if raw or table.get("skip-string-normalization") is True:
        format_table["quote-style"] = "preserve"
    if table.get("skip-magic-trailing-comma") is True or any("-C" in command for command in words):
        format_table["skip-magic-trailing-comma"] = True
    width = table.get("line-length")
    asked = line_length(words, "-l", "--line-length") or (width if isinstance(width, int) else None)
    mapped: dict[str, Toml] = {
        **_width(asked or _BLACK_WIDTH),
        **_least_version(table.get("target-version")),
        "format": format_table,
    }
    whole = not any(table.get(name) for name in _UNLIKE) and not any("--preview" in command for command in words)
    return Style(RuffConfig(root, mapped), whole)


def uses_black(view: View, path: str) -> bool:
    """Tell whether a project configures black for a file."""
    return bool(_black_table(view, path)[1])


def _black_table(view: View, path: str) -> tuple[str, Mapping[str, object]]:
    for folder in folders_above(path):
        name = f"{folder}/pyproject.toml" if folder else "pyproject.toml"
        table = table_at(read_toml(view, name), "tool", "black")
        if table is not None:
            return folder, {key.replace("_", "-"): value for key, value in table.items()}
    return "", {}


def _width(width: int | None) -> dict[str, Toml]:
    """A line length within what ruff takes (1 to 320); nothing for another one."""
    return {"line-length": width} if width is not None and 1 <= width <= 320 else {}


def _least_version(versions: object) -> dict[str, Toml]:
    """The least of black's target versions."""
    named = [name for name in versions if isinstance(name, str) and name[3:].isdigit()] if isinstance(versions, list) else []
    return python_version(min(named, key=lambda name: int(name[3:]))) if named else {}
