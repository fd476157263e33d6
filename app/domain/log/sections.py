"""Cut a log into the commands that ran, and tell which of them failed.

GitHub separates steps by ``##[group]Run …``; Travis prints ``$ command`` and then how it exited; other systems print nothing of
the kind, and their log is one section.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.log.lines import CLEANUP_STEP, Line

_COMMAND = re.compile(r"\$ \S|travis_(?:time|fold):start")
# A command of many lines is repeated with all of them: the verdict stands on the last.
_FAILED = re.compile(r'(?:The command "(?s:.){0,4000}|.{0,2000}") (?:exited with [1-9]|failed\b)|^No output has been received')
_PASSED = re.compile(r'(?:The command "(?s:.){0,4000}|.{0,2000}") exited with 0')


@dataclass(frozen=True, slots=True)
class Section:
    """A run of lines, as a half-open range of indices, and how it ended; null where the log does not say."""

    start: int
    stop: int
    failed: bool | None


def sections(lines: Sequence[Line]) -> tuple[Section, ...]:
    """Cut a log at its steps and commands, in order."""
    if any(line.marker in {"group", "error"} for line in lines):
        return _cut_steps(lines)
    return _cut_commands(lines)


def _cut_steps(lines: Sequence[Line]) -> tuple[Section, ...]:
    cuts = [0]
    for index in range(1, len(lines)):
        starts_again = lines[index].marker == "group" and lines[index].text.startswith("Run ")
        if starts_again or lines[index].step != lines[index - 1].step:
            cuts.append(index)
    return tuple(_step(lines, a, b) for a, b in zip(cuts, [*cuts[1:], len(lines)], strict=True))


def _step(lines: Sequence[Line], start: int, stop: int) -> Section:
    failed = any(line.marker == "error" and not line.is_header for line in lines[start:stop])
    return Section(start, stop, failed and lines[start].step != CLEANUP_STEP)


def _cut_commands(lines: Sequence[Line]) -> tuple[Section, ...]:
    found: list[Section] = []
    start, failed = 0, None
    for index, line in enumerate(lines):
        if index > start and _COMMAND.match(line.text):
            found.append(Section(start, index, failed))
            start, failed = index, None
        verdict = _verdict(line.text)
        failed = verdict if failed is None else failed or bool(verdict)
    return (*found, Section(start, len(lines), failed))


def _verdict(text: str) -> bool | None:
    """Tell whether a line says how a command ended; null where it does not."""
    if '"' not in text and not text.startswith("No output"):
        return None
    return True if _FAILED.match(text) else False if _PASSED.match(text) else None
