"""A job's log in the form in which GitHub hands it out, and the annotations that come with it.

The form: a byte order mark, then ``2025-07-04T14:32:14.5612144Z text`` a line, in UTF-8. Later lines of one message carry no
timestamp. Masked values read ``***``.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

Clock = Callable[[], datetime]
BOM = b"\xef\xbb\xbf"
SHORTEST_MASK = 1


class Annotation(NamedTuple):
    """A remark that a job leaves on its check run, as the API gives it."""

    path: str
    start_line: int
    end_line: int
    level: str  # notice, warning, failure
    title: str
    message: str


@dataclass(slots=True)
class JobLog:
    """Collects lines. ``limit`` caps what the steps print, in bytes; the runner's own lines always fit.

    ``shown_as`` replaces folders of this machine by those of a hosted runner, so that tools' absolute paths read as on GitHub.
    """

    clock: Clock
    limit: int
    shown_as: tuple[tuple[str, str], ...] = ()
    _parts: list[bytes] = field(default_factory=list)
    _masks: list[str] = field(default_factory=list)
    _printed: int = 0

    def line(self, text: str) -> None:
        """Write what the runner itself says."""
        self._parts.append(self._stamped(text))

    def lines(self, texts: Iterable[str]) -> None:
        """Write several lines of the runner."""
        for text in texts:
            self.line(text)

    def output(self, text: str) -> None:
        """Write what a step printed, as long as there is room."""
        if self._printed > self.limit:
            return
        written = self._stamped(text)
        self._printed += len(written)
        if self._printed > self.limit:
            written = self._stamped(f"##[warning]The log is longer than {self.limit} bytes; the rest of the output is left out.")
        self._parts.append(written)

    def mask(self, value: str) -> None:
        """Hide a value from here on; the lines of a longer one are hidden singly too."""
        for one in {value, *value.splitlines()}:
            if len(one.strip()) >= SHORTEST_MASK and one not in self._masks:
                self._masks.append(one)
        self._masks.sort(key=len, reverse=True)

    def masked(self, text: str) -> str:
        """The text as it may be shown."""
        for value in self._masks:
            text = text.replace(value, "***")
        for place, name in self.shown_as:
            text = text.replace(place, name)
        return text

    def _stamped(self, text: str) -> bytes:
        moment = self.clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
        return f"{moment}0Z {self.masked(text)}\n".encode(errors="replace")

    def content(self) -> bytes:
        """Everything so far."""
        return BOM + b"".join(self._parts)


def runner_paths(folder: Path) -> tuple[tuple[str, str], ...]:
    """How the folders of one job appear in its log."""
    return ((str(folder / "runner"), "/home/runner"), (str(folder / "tmp"), "/tmp"))  # noqa: S108 - a name that is shown
