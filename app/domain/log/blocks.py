"""Grow a line that speaks of a failure into everything that belongs to it: the stack trace, the diff, the pointed-at source.

A block starts at a telling line, takes its heading from above and its continuation from below. It ends where the output turns to
something else: a passing test, progress, or prose after an empty line.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.log.lines import Line
from app.domain.log.signals import Weight

MAX_BELOW = 400  # lines of continuation after the last telling line
MAX_ABOVE = 12
_GAP = 4
_PLAIN_BELOW = 2  # lines of prose that may follow in the same paragraph
_CONTINUATION = re.compile(
    r"""\s{2,}\S | \t | \s?[|^~│╰┃›»>+]\s? | [-+](?![-=]{4,}) | at\ | @@ | E\s | \d{1,5}\ ?[|│] | \.{3}(?:\s|$)
      | (?:note|help|hint|info|Caused\ by|caused\ by|During\ handling|The\ above\ exception|Did\ you\ mean|Expected|Actual
        |expected|actual|but\ was|got|But)\b
      | \[(?:ERROR|error)\] | _{3,} | ={10,} | -{10,} | [}\])]+[;,]?$ | (?:File|from|in)\s | ```""",
    re.VERBOSE,
)
_TRACE = re.compile(
    r"\s*(?:\[\w+\]\s+)?(?:at\s+\S|File\ \"|from\ \S+:\d|\.{3}\ \d+\ (?:more|common))|\s+\S+:\d+:in\ ", re.VERBOSE
)


@dataclass(frozen=True, slots=True)
class Block:
    """A run of lines, as a half-open range of indices, and the strongest line in it."""

    start: int
    stop: int
    weight: Weight
    causes: int  # how many lines are heads of structured failures


def is_blank(text: str) -> bool:
    """Tell whether a line is empty to the eye; some terminals leave one or two letters of a control sequence behind."""
    bare = text.strip()
    return len(bare) < 3 and (not bare or bare.isalpha())


def is_trace(text: str) -> bool:
    """Tell whether a line is a frame of a stack trace."""
    return _TRACE.match(text) is not None


def blocks(lines: Sequence[Line], weights: Sequence[Weight], start: int, stop: int, least: Weight) -> list[Block]:
    """Find the blocks between two indices whose strongest line weighs at least ``least``, in order; they do not overlap."""
    found: list[Block] = []
    index = start
    while index < stop:
        if weights[index] < least:
            index += 1
            continue
        floor = found[-1].stop if found else start
        first = _above(lines, weights, index, floor)
        last = _below(lines, weights, index, stop, least)
        found.append(_block(weights, first, last))
        index = last
    return found


def _block(weights: Sequence[Weight], first: int, last: int) -> Block:
    part = weights[first:last]
    return Block(first, last, max(part), sum(1 for weight in part if weight >= Weight.CAUSE))


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip())


def _above(lines: Sequence[Line], weights: Sequence[Weight], index: int, floor: int) -> int:
    """Take the heading: less indented lines just above, and lines of the same paragraph that carry a hint."""
    first, indent = index, _indent(lines[index].text)
    for above in range(index - 1, max(floor, index - MAX_ABOVE) - 1, -1):
        text = lines[above].text
        if lines[above].is_header or lines[above].marker == "endgroup" or text.startswith(("$ ", "travis_")):
            break
        if is_blank(text) or weights[above] == Weight.NOISE:
            break
        if weights[above] >= Weight.HINT or (indent >= 2 and _indent(text) <= indent):
            first = above
    return first


def _below(lines: Sequence[Line], weights: Sequence[Weight], index: int, stop: int, least: Weight) -> int:
    """Take what continues the failure; return the index after it."""
    last, prose, blank = index + 1, 0, False
    for below in range(index + 1, min(stop, index + MAX_BELOW)):
        text = lines[below].text
        if is_blank(text):
            blank = True
            continue
        if weights[below] >= least or _goes_on(text, weights[below]):
            last, prose, blank = below + 1, 0, False
            continue
        if weights[below] == Weight.NOISE or blank or lines[below].marker in {"group", "endgroup"}:
            break
        prose += 1
        if prose > _PLAIN_BELOW:
            break
    return _to_verdict(lines, weights, last, stop)


def _to_verdict(lines: Sequence[Line], weights: Sequence[Weight], last: int, stop: int) -> int:
    """Close a small gap before the line that says that it failed: what stands between belongs to the message."""
    for index in range(last, min(stop, last + _GAP)):
        if weights[index] == Weight.AFTERMATH:
            return index + 1
        if weights[index] == Weight.NOISE or is_blank(lines[index].text):
            break
    return last


def _goes_on(text: str, weight: Weight) -> bool:
    return is_trace(text) or (weight != Weight.NOISE and _CONTINUATION.match(text) is not None)
