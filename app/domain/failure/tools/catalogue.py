"""Every tool that is recognised, and one function that reads an output with all of them."""

from collections.abc import Sequence

from app.domain.failure.tools import compiled, generic, javascript, other, platform, pytest, python
from app.domain.failure.tools.shape import Found, Reader, Shape, read_shape
from app.domain.failure.types import Failure
from app.domain.log.lines import Line

SHAPES: tuple[Shape, ...] = python.SHAPES + javascript.SHAPES + compiled.SHAPES + other.SHAPES + platform.SHAPES
READERS: tuple[Reader, ...] = (pytest.READER,)
MAX_FAILURES = 200  # of one job; more of the same tell nothing new


def recognise(lines: Sequence[Line], command: str = "") -> tuple[Found, ...]:
    """Find the structured failures of an output, in the order of the log, each once.

    ``command`` is what was run: it tells tools apart that print alike.
    Lines that no tool's own shape explains are tried against the generic ``path:line: message``.
    """
    output = "\n".join((command, *(line.text for line in lines))).lower()
    found = [one for reader in READERS if reader.applies(output) for one in reader.read(lines)]
    found += [one for shape in SHAPES if shape.applies(output) for one in read_shape(shape, lines)]
    if not any(one.failure.file for one in found):
        found += read_shape(generic.SHAPE, lines)
    return _each_once(sorted(found, key=lambda one: (one.failure.log_line or 0, -one.strength)))[:MAX_FAILURES]


def _each_once(found: Sequence[Found]) -> tuple[Found, ...]:
    """Drop what was said before: the same failure printed twice, and a line that a stronger shape already explains."""
    kept: dict[tuple[object, ...], Found] = {}
    lines: dict[int | None, float] = {}
    for one in found:
        at = one.failure.log_line
        if lines.get(at, 0.0) > 0.0:
            continue
        lines[at] = one.strength
        kept.setdefault(_identity(one.failure), one)
    return tuple(kept.values())


def _identity(failure: Failure) -> tuple[object, ...]:
    if failure.test:
        return (failure.tool, failure.test)
    return (failure.tool, failure.rule, failure.file, failure.line, failure.column, failure.message)
