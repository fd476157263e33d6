r"""The part of a log that says why a job failed.

``important_lines`` ranks; ``excerpt`` fits a budget. Both rest on the same reading: the log is cut into sections (steps or
commands), each line is weighed, telling lines grow into blocks, and blocks are ordered by how likely they hold the first cause.
Line numbers are those of ``text.split("\n")``, from 1.
"""

from collections.abc import Collection, Iterable, Sequence

from app.domain.diagnosis import ExcerptLine
from app.domain.log.blocks import Block, blocks
from app.domain.log.lines import Line, clean
from app.domain.log.sections import Section, sections
from app.domain.log.signals import Weight, weigh

MAX_LINES = 400
_TAIL = 40  # lines before the end of a failed section
_END = 12  # lines before the end of a failed section in which summaries and exit codes stand
_HEAD = 60  # lines of one block that come before the next block's
_FIRST = 150  # lines of blocks that come before the summaries at the section's end
_MARGIN = 8  # lines around a block, where nothing marks the failing lines


def important_lines(text: str) -> list[int]:
    """Number the lines that say why the job failed, most important first."""
    lines = clean(text)
    return [index + 1 for index in rank(lines)][:MAX_LINES]


def rank(lines: Sequence[Line], causes: Collection[int] = ()) -> list[int]:
    """Order the indices of telling lines, most important first.

    ``causes`` are numbers of lines that a tool's own output is known to stand in; they weigh as much as any other.
    """
    weights = [Weight.NOTHING if line.is_header else weigh(line.text, line.marker) for line in lines]
    for number in causes:
        weights[number - 1] = Weight.NAMED
    parts = sections(lines)
    failed = [part for part in parts if part.failed] or [Section(0, len(lines), None)]
    marked = any(line.marker for line in lines)
    order = [index for part in failed for index in _told(weights, blocks_of(lines, weights, part), part)]
    if not marked and failed[0].failed:
        order += [index for part in failed for index in _around(lines, weights, part)]
    return list(dict.fromkeys(order))


def blocks_of(lines: Sequence[Line], weights: Sequence[Weight], part: Section) -> list[Block]:
    """The blocks of the strongest kind that a section has, strongest first."""
    for least in (Weight.CAUSE, Weight.CLEAR, Weight.WORD):
        found = blocks(lines, weights, part.start, part.stop, least)
        if found:
            return sorted(found, key=_importance)
    return []


def _told(weights: Sequence[Weight], found: Sequence[Block], part: Section) -> list[int]:
    """What a section says: each block's head, then the summaries at its end, then what the blocks have left."""
    tail = _tail(part)
    if not found:
        return tail
    if found[0].weight <= Weight.WORD:  # words alone mislead; what was printed last is the better guess
        tail += [index for block in reversed(found) for index in range(block.start, block.stop)]
        return tail
    heads = [index for block in found for index in range(block.start, min(block.stop, block.start + _HEAD))]
    ending = [i for i in range(max(part.start, part.stop - _END), part.stop) if weights[i] == Weight.AFTERMATH]
    rest = [index for block in found for index in range(block.start, block.stop)]
    return heads[:_FIRST] + ending + rest


def _around(lines: Sequence[Line], weights: Sequence[Weight], part: Section) -> list[int]:
    """What stands around the blocks: where nothing marks the failing lines, the reason may be in the next paragraph."""
    found = sorted(blocks(lines, weights, part.start, part.stop, Weight.WORD), key=_importance)
    near = [
        index
        for block in found
        for index in range(max(part.start, block.start - _MARGIN), min(part.stop, block.start + _HEAD, block.stop + _MARGIN))
    ]
    return near[:100] + _tail(part)


def _importance(block: Block) -> tuple[int, int]:
    return (-block.weight, block.start)


def _tail(part: Section) -> list[int]:
    return list(range(max(part.start, part.stop - _TAIL), part.stop))


def excerpt(text: str, budget_lines: int = 60, causes: Collection[int] = ()) -> tuple[ExcerptLine, ...]:
    """Quote the most important lines in order; a jump in the numbers is a gap.

    The text is quoted as it is: redact it first. ``causes`` as in ``rank``.
    """
    lines = clean(text)
    return quote(lines, fit(rank(lines, causes), budget_lines))


def fit(order: Sequence[int], budget: int) -> list[int]:
    """Choose from ranked indices within a budget: half of it for the first cause, then the head of everything else."""
    runs = _runs(order)
    if not runs or len(order) <= budget:
        return list(order)
    share = max(3, budget // (2 * max(1, len(runs) - 1)))
    heads = runs[0][: budget // 2] + [index for run in runs[1:] for index in run[:share]]
    return list(dict.fromkeys([*heads[:budget], *order]))[:budget]


def _runs(order: Sequence[int]) -> list[list[int]]:
    """Cut ranked indices where they do not follow each other."""
    runs: list[list[int]] = []
    for index in order:
        if runs and index == runs[-1][-1] + 1:
            runs[-1].append(index)
        else:
            runs.append([index])
    return runs


def quote(lines: Sequence[Line], chosen: Iterable[int]) -> tuple[ExcerptLine, ...]:
    """Quote chosen lines in the order of the log."""
    return tuple(ExcerptLine(number=index + 1, text=lines[index].text) for index in sorted(chosen))
