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

TAIL = 40  # lines before the end of a failed section, where nothing in it speaks of failure
MAX_LINES = 400


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
        weights[number - 1] = Weight.CAUSE
    parts = sections(lines)
    failed = [part for part in parts if part.failed] or [Section(0, len(lines), None)]
    order: list[int] = []
    for part in failed:
        order += _rank_section(lines, weights, part)
    return list(dict.fromkeys(order))


def _rank_section(lines: Sequence[Line], weights: Sequence[Weight], part: Section) -> list[int]:
    for least in (Weight.CAUSE, Weight.CLEAR, Weight.WORD):
        found = blocks(lines, weights, part.start, part.stop, least)
        if found:
            return [i for b in sorted(found, key=_importance) for i in range(b.start, b.stop)]
    return _tail(part)


def _importance(block: Block) -> tuple[int, int]:
    return (-block.weight, block.start)


def _tail(part: Section) -> list[int]:
    return list(range(max(part.start, part.stop - TAIL), part.stop))


def excerpt(text: str, budget_lines: int = 60) -> tuple[ExcerptLine, ...]:
    """Quote the most important lines in order; a jump in the numbers is a gap. The text is not redacted here."""
    lines = clean(text)
    return quote(lines, rank(lines)[:budget_lines])


def quote(lines: Sequence[Line], chosen: Iterable[int]) -> tuple[ExcerptLine, ...]:
    """Quote chosen lines in the order of the log."""
    return tuple(ExcerptLine(number=index + 1, text=lines[index].text) for index in sorted(chosen))
