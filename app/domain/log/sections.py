"""Cut a log into the commands that ran, and tell which of them failed.

GitHub separates steps by ``##[group]Run …``; Travis prints ``$ command`` and then how it exited; other systems print nothing of
the kind, and their log is one section.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.log.lines import CLEANUP_STEP, Line

_COMMAND = re.compile(r"\$ \S|travis_(?:time|fold):start")
_COMMAND_FAILED = re.compile(
    r'The command "(?s:.){0,4000}(?:exited with [1-9]|failed\b|failed and exited)|No output has been received'
)
_COMMAND_ENDED = re.compile(r'travis_time:end|The command "')
_COMMAND_OK = re.compile(r'The command "(?s:.){0,4000}exited with 0')


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
    start, failed, ended = 0, None, False
    for index, line in enumerate(lines):
        if ended and index > start and (_COMMAND.match(line.text)):
            found.append(Section(start, index, failed))
            start, failed, ended = index, None, False
        if _COMMAND_ENDED.match(line.text):
            ended = True
        if _COMMAND_FAILED.match(line.text):
            failed = True
        elif failed is None and _COMMAND_OK.match(line.text):
            failed = False
        elif not ended and _COMMAND.match(line.text):
            ended = True
            if index > start:
                found.append(Section(start, index, failed))
                start, failed, ended = index, None, False
    return (*found, Section(start, len(lines), failed))
