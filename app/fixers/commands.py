"""The commands that a job ran, as far as their options matter to a fixer: from the log's excerpt and the workflow file."""

import re
import shlex
from collections.abc import Iterable, Iterator

from app.domain.diagnosis import JobReading

_MAX_LINE = 1000
_HEAD = re.compile(r"^(?:\s*-?\s*run:\s*|\s*(?:##\[group\])?Run |\s*\$ |\s*)(?P<command>\S.*)$")


def invocations(tool: str, readings: Iterable[JobReading], workflow_text: str) -> Iterator[list[str]]:
    """Give the words after a tool's name wherever a line runs it: ``["--check", "-l", "79", "."]`` for black."""
    for line in (*(line.text for reading in readings for line in reading.excerpt), *workflow_text.splitlines()):
        match = _HEAD.match(line[:_MAX_LINE])
        words = _words(match["command"]) if match and tool in line else []
        name = tool.split()
        for at in range(len(words)):
            if words[at : at + len(name)] == name:
                yield words[at + len(name) :]
                break


def option(words: list[str], *names: str) -> str | None:
    """Give an option's value: ``--name value``, ``--name=value`` or ``-lvalue``; null where it is not given."""
    for at, word in enumerate(words):
        for name in names:
            if word == name:
                return words[at + 1] if at + 1 < len(words) else None
            if word.startswith(name + "=" if name.startswith("--") else name):
                return word[len(name) :].removeprefix("=")
    return None


def line_length(invoked: Iterable[list[str]], *names: str) -> int | None:
    """Give the line length that a command asks for; null where none does."""
    found = (option(words, *names) for words in invoked)
    return next((int(text) for text in found if text and text.isascii() and text.isdigit() and len(text) < 5), None)


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command, comments=True)
    except ValueError:  # a quotation mark that is not closed: prose, or a command over several lines
        return command.split()
