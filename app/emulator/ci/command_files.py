"""The files through which a step hands values on: ``GITHUB_ENV``, ``GITHUB_OUTPUT``, ``GITHUB_PATH``.

Each step gets fresh ones. The form ("Environment files" in GitHub's documentation): ``NAME=value`` a line, or
``NAME<<DELIMITER``, the lines of the value, ``DELIMITER``; the path file holds one folder a line.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_BLOCKED = frozenset({"NODE_OPTIONS"})


class CommandFileError(Exception):
    """A file that the runner cannot read; the messages are the lines that it logs."""

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.messages = (f"Unable to process file command '{kind}' successfully.", reason)


@dataclass(frozen=True, slots=True)
class CommandFiles:
    """The four files of one step."""

    folder: Path
    number: int

    def create(self) -> dict[str, str]:
        """Make them, empty, and give the variables that name them."""
        self.folder.mkdir(parents=True, exist_ok=True)
        named = {"GITHUB_ENV": "set_env", "GITHUB_OUTPUT": "set_output", "GITHUB_PATH": "add_path"}
        files = {variable: self._file(name) for variable, name in (named | {"GITHUB_STEP_SUMMARY": "step_summary"}).items()}
        for path in files.values():
            path.write_text("")
        return {variable: str(path) for variable, path in files.items()}

    def env(self) -> dict[str, str]:
        """What the step added to the environment. Raises CommandFileError."""
        found = _pairs("env", self._read("set_env"))
        for name in found:
            if name.upper() in _BLOCKED:
                raise CommandFileError("env", f"Can't store {name} output parameter using '$GITHUB_ENV' command.")
        return {name: value for name, value in found.items() if not name.upper().startswith(("GITHUB_", "RUNNER_"))}

    def outputs(self) -> dict[str, str]:
        """What the step gave out. Raises CommandFileError."""
        return _pairs("output", self._read("set_output"))

    def paths(self) -> list[str]:
        """The folders that the step put on the path, the latest first."""
        return [line for line in reversed(self._read("add_path").splitlines()) if line.strip()]

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}_{self.number}"

    def _read(self, name: str) -> str:
        path = self._file(name)
        return path.read_text(encoding="utf-8-sig", errors="replace") if path.is_file() and not path.is_symlink() else ""


def _pairs(kind: str, content: str) -> dict[str, str]:
    found: dict[str, str] = {}
    lines = iter(content.splitlines())
    for line in lines:
        if line:
            name, value = _pair(kind, line, lines)
            found[name] = value
    return found


def _pair(kind: str, line: str, following: Iterator[str]) -> tuple[str, str]:
    equals, heredoc = line.find("="), line.find("<<")
    if equals >= 0 and (heredoc < 0 or equals < heredoc):
        name, value = line[:equals], line[equals + 1 :]
    elif heredoc >= 0:
        name, value = line[:heredoc], _until(kind, line[heredoc + 2 :], following)
    else:
        raise CommandFileError(kind, f"Invalid format '{line}'")
    if not name:
        raise CommandFileError(kind, f"Invalid format '{line}'. Name must not be empty")
    return name, value


def _until(kind: str, delimiter: str, following: Iterator[str]) -> str:
    taken: list[str] = []
    for line in following:
        if line == delimiter:
            return "\n".join(taken)
        taken.append(line)
    raise CommandFileError(kind, f"Invalid value. Matching delimiter not found '{delimiter}'")
