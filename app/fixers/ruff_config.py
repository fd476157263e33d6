"""A repository's own ruff configuration, made harmless.

No option of it runs code, but some read or write anywhere on disk, and some let the file decide how careful a fix is: those are
dropped, and the rest goes to ruff in a file of ours. An ``extend`` is followed by ourselves, inside the repository only. Which
rules are selected is not taken from the file: the log names them.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.domain.patch.paths import trick
from app.fixers.toml import Toml, dumps
from app.fixers.view import View

_NAMES = (".ruff.toml", "ruff.toml", "pyproject.toml")  # in ruff's order of precedence within one folder
_MAX_EXTENDS = 5
_DROPPED = frozenset(
    {
        *("extend", "cache-dir", "required-version", "output-format", "output-file"),  # read, write or refuse
        *("fix", "fix-only", "show-fixes", "unsafe-fixes", "extend-safe-fixes", "extend-unsafe-fixes"),  # how careful a fix is
        *("include", "extend-include", "force-exclude", "respect-gitignore"),  # which files: the log names them
        *("select", "extend-select", "ignore", "extend-ignore"),  # which rules: as above
    }
)
_FOLDERS = frozenset({"src", "namespace-packages"})
_PLAIN_KEYS = {"line-length": int, "indent-width": int, "preview": bool, "src": list}
_LEAST_PYTHON = re.compile(r"(?:>=?|~=|==|\^)\s*3\.(\d+)")
_KNOWN_PYTHON = range(7, 16)


@dataclass(frozen=True, slots=True)
class RuffConfig:
    """What ruff is told for the files below one folder. Paths and patterns in the table are relative to ``root``."""

    root: str  # repository-relative folder, empty for the repository itself
    table: Mapping[str, Toml]

    def __hash__(self) -> int:
        """Hash by what ruff would read, so that files under equal configurations are handed to it together."""
        return hash((self.root, dumps(self.table)))

    @property
    def plainest(self) -> dict[str, Toml]:
        """What every version of ruff understands: for a configuration that was written for another one."""
        return {key: value for key, value in self.table.items() if isinstance(value, _PLAIN_KEYS.get(key, ()))}


def config_for(view: View, path: str) -> RuffConfig:
    """Find the configuration that governs a file, as ruff does: the nearest one upwards."""
    for folder in folders_above(path):
        for name in _NAMES:
            table = _ruff_table(view, _join(folder, name))
            if table is not None:
                return RuffConfig(folder, _sanitised({**_version(view, path), **table}))
    return RuffConfig("", _version(view, path))


def folders_above(path: str) -> Iterator[str]:
    """Give the folders that a file lies in, innermost first; the repository itself is the empty string."""
    folder = path
    while folder:
        folder = folder.rpartition("/")[0]
        yield folder


def read_toml(view: View, path: str) -> dict[str, object] | None:
    """Parse a TOML file of the commit; null where there is none, or it cannot be parsed."""
    text = view.read(path)
    if text is None:
        return None
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return None


def table_at(document: Mapping[str, object] | None, *keys: str) -> dict[str, object] | None:
    """Walk down a parsed document; null where there is no table."""
    here: object = document
    for key in keys:
        here = here.get(key) if isinstance(here, Mapping) else None
    return dict(here) if isinstance(here, Mapping) else None


def _version(view: View, path: str) -> dict[str, Toml]:
    """Take the least Python from the nearest project's ``requires-python``, as ruff does without ``target-version``."""
    for folder in folders_above(path):
        project = table_at(read_toml(view, _join(folder, "pyproject.toml")), "project")
        found = _LEAST_PYTHON.search(str(project.get("requires-python", ""))) if project else None
        if found:
            return python_version(f"py3{found[1]}")
    return {}


def python_version(name: object) -> dict[str, Toml]:
    """Write a target version that ruff knows; nothing for another one."""
    known = isinstance(name, str) and name in {f"py3{minor}" for minor in _KNOWN_PYTHON}
    return {"target-version": str(name)} if known else {}


def _ruff_table(view: View, path: str, depth: int = 0) -> dict[str, object] | None:
    """Read ruff's own table of a file, over that of the file it extends; null where the file has none."""
    document = read_toml(view, path)
    table = table_at(document, "tool", "ruff") if path.endswith("pyproject.toml") else document
    if table is None:
        return None
    extended = table.get("extend")
    if not isinstance(extended, str) or depth >= _MAX_EXTENDS:
        return table
    below = _ruff_table(view, _join(path.rpartition("/")[0], extended), depth + 1)
    return table if below is None else _merged(below, table)


def _merged(below: dict[str, object], above: dict[str, object]) -> dict[str, object]:
    """Lay one table over another, the sub-tables (``lint``, ``format``) key by key."""
    merged = dict(below)
    for key, value in above.items():
        under = merged.get(key)
        merged[key] = {**under, **value} if isinstance(under, dict) and isinstance(value, dict) else value
    return merged


def _sanitised(table: Mapping[str, object]) -> dict[str, Toml]:
    """Drop what is not ours to follow, at the top and in ``lint``."""
    kept = {key: value for key, value in table.items() if key not in _DROPPED}
    lint = kept.get("lint")
    if isinstance(lint, Mapping):
        kept["lint"] = {key: value for key, value in lint.items() if key not in _DROPPED}
    return {key: _inside(value) if key in _FOLDERS else value for key, value in _toml(kept).items()}


def _inside(value: Toml) -> Toml:
    """Keep of a list of folders those that lie inside the repository."""
    items = value if isinstance(value, list) else []
    return [item for item in items if isinstance(item, str) and (item == "." or not trick(item)) and not set(item) & set("~$")]


def _toml(table: Mapping[str, object]) -> dict[str, Toml]:
    """Keep what a configuration consists of: texts, numbers, switches, lists and tables."""
    return {key: value for key, raw in table.items() if (value := _plain(raw)) is not None}


def _plain(raw: object) -> Toml | None:
    if isinstance(raw, str | int | float):
        return raw
    if isinstance(raw, list):
        return [value for item in raw if (value := _plain(item)) is not None]
    return _toml(raw) if isinstance(raw, dict) else None


def _join(folder: str, name: str) -> str:
    """Join a folder and a relative path, ``..`` resolved; what would leave the repository becomes a path that nothing has."""
    parts: list[str] = folder.split("/") if folder else []
    for part in name.split("/"):
        if part == "..":
            if not parts:
                return ""
            parts.pop()
        elif part not in {"", "."}:
            parts.append(part)
    return "" if name.startswith(("/", "~", "$")) else "/".join(parts)
