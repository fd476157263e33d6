"""How a tool's output is recognised: a table entry per line it prints, or a reader where a failure spans many lines.

A shape's patterns name groups after the fields of ``Failure`` (file, line, column, rule, message, test); ``row`` is a second
name for the line, for patterns with two forms. A shape with a ``lead`` is for tools that print the head and the place on
different lines: the lead's groups are remembered for the following lines.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import KW_ONLY, dataclass
from functools import cache

from app.domain.failure.normal import repository_path
from app.domain.failure.types import Failure, FailureType
from app.domain.log.lines import Line

MAX_COLUMNS = 2000  # characters of a line that are looked at; patterns stay cheap on lines of a megabyte
MAX_MESSAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A structured failure with the type it speaks for, and how surely, from 0 to 1."""

    failure: Failure
    type: FailureType
    strength: float


@dataclass(frozen=True, slots=True)
class Shape:
    """One kind of line that a tool prints.

    ``needles``: one of these must be in the output (lower case) for the shape to be tried at all; empty means always.
    ``unless``: none of these may be. ``reach``: how many lines a lead stays good for. ``keep``: one lead serves many lines.
    """

    tool: str
    type: FailureType
    pattern: str
    _: KW_ONLY
    needles: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    strength: float = 0.9
    message: str = ""  # where the tool prints none; the whole line, where neither this nor a group says it
    lead: str = ""
    reach: int = 3
    keep: bool = False

    def applies(self, output: str) -> bool:
        """Tell whether the tool seems to have run, from its whole output in lower case."""
        if any(word in output for word in self.unless):
            return False
        return not self.needles or any(word in output for word in self.needles)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """A tool whose failures span lines in ways that a shape cannot tell."""

    tool: str
    needles: tuple[str, ...]
    read: Callable[[Sequence[Line]], Iterable[Found]]

    def applies(self, output: str) -> bool:
        """Tell whether the tool seems to have run, from its whole output in lower case."""
        return any(word in output for word in self.needles)


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """Compile a pattern of the tables, once: they are more than the cache of ``re`` holds."""
    return re.compile(pattern)


def read_shape(shape: Shape, lines: Sequence[Line]) -> Iterable[Found]:
    """Find every failure of one shape, in order."""
    pattern, head = compiled(shape.pattern), compiled(shape.lead) if shape.lead else None
    lead: dict[str, str] = {}
    lead_at: int | None = None
    for index, line in enumerate(lines):
        text = line.text[:MAX_COLUMNS]
        match = pattern.search(text)
        if match and (head is None or (lead_at is not None and index - lead_at <= shape.reach)):
            yield found(
                shape.tool, shape.type, shape.strength, {"message": shape.message or text, **lead, **_groups(match)}, line.number
            )
            if shape.keep:
                lead_at = index
            else:
                lead, lead_at = {}, None
        elif head and (begun := head.search(text)):
            lead, lead_at = _groups(begun), index


def _groups(match: re.Match[str]) -> dict[str, str]:
    return {name: value for name, value in match.groupdict().items() if value}


def found(tool: str, kind: FailureType, strength: float, fields: dict[str, str], log_line: int) -> Found:
    """Make a failure of what the patterns caught."""
    failure = Failure(
        tool=fields.get("tool", tool),
        message=fields.get("message", "").strip()[:MAX_MESSAGE],
        rule=fields.get("rule", ""),
        file=repository_path(fields.get("file", "")),
        line=number(fields.get("line") or fields.get("row")),
        column=number(fields.get("column")),
        test=fields.get("test", "").strip(),
        log_line=log_line,
    )
    return Found(failure=failure, type=kind, strength=strength)


def number(text: str | None) -> int | None:
    """A line or column; null where none was printed or it is beyond any file."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else None
