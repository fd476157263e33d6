"""All deterministic fixers, in the order in which they build on each other, and their one common proposal."""

import logging
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from app.domain.diagnosis import JobReading
from app.domain.failure.types import Failure
from app.fixers import import_order, ruff_format, ruff_lint, whitespace
from app.fixers.formatting import kept_formatted
from app.fixers.hooks import runs_hooks
from app.fixers.proposal import Fixer, FixFacts, Proposal, SourceTree
from app.fixers.ruff_tool import RuffFailed
from app.fixers.view import View
from app.fixers.words import counted, listed

__all__ = ["FIXERS", "FixFacts", "Proposal", "propose_all"]

# Whitespace first, because the others would hide it; formatting last, because the others may leave lines unformatted.
FIXERS: tuple[Fixer, ...] = (whitespace.propose, ruff_lint.propose, import_order.propose, ruff_format.propose)

_HOOKS = {"ruff": ("ruff", "ruff-check"), "import order": ("isort",)}  # ids of pre-commit's hooks, by origin
_INCOMPLETE = 0.6  # something that the logs name stays: the jobs will hardly turn green
_log = logging.getLogger(__name__)


async def propose_all(source: SourceTree, readings: tuple[JobReading, ...], facts: FixFacts | None = None) -> Proposal | None:
    """Ask every fixer, each working on what the ones before left, and put what they propose into one proposal.

    Several failed jobs of a run, and several failures of a job, are one fix: a run is green only when all of them are gone. What
    no fixer takes away is said, and lowers the confidence. Null where no fixer has anything to propose.
    """
    known = facts or FixFacts()
    later = ruff_format.named_files(View.of(source, known), readings)
    proposal = await _composed(source, readings, replace(known, formatted_later=later))
    if later and proposal is not None and proposal.remaining:
        return await _composed(source, readings, known)  # what was left to the formatter may not have gone: without that hope
    return proposal


async def _composed(source: SourceTree, readings: tuple[JobReading, ...], facts: FixFacts) -> Proposal | None:
    edited, proposals = dict(facts.edited), []
    for fixer in FIXERS:
        proposal = await fixer(source, readings, replace(facts, edited=dict(edited)))
        if proposal is not None:
            proposals.append(proposal)
            edited |= {edit.path: edit.after for edit in proposal.edits if edit.after is not None}
    if not proposals:
        return None
    before = View(source, {})
    try:
        edited |= await kept_formatted(before, {path: text for path, text in edited.items() if text != before.original(path)})
        gone = await ruff_lint.cleared_by(before, View(source, edited), readings)
    except RuffFailed as failed:
        _log.warning("what the fixers did could not be checked again: %s", failed)
        return None
    return _together(View(source, edited), readings, proposals, gone)


def _together(view: View, readings: tuple[JobReading, ...], proposals: list[Proposal], gone: frozenset[Failure]) -> Proposal:
    """Make one proposal of several. Of lint violations only those count as cleared that ruff no longer sees at the end."""
    by_name = frozenset().union(*(proposal.cleared for proposal in proposals))
    cleared = gone | frozenset(failure for failure in by_name if failure.tool not in ruff_lint.TOOLS)
    edits = view.edits(view.edited, " ".join(proposal.explanation for proposal in proposals))
    left = tuple(_uncleared(view, readings, proposals, cleared))
    confidence = min(proposal.confidence for proposal in proposals)
    return Proposal(
        origin=" and ".join(dict.fromkeys(proposal.origin for proposal in proposals)),
        title=" and ".join(proposal.title for proposal in proposals),
        explanation="\n".join([*(proposal.explanation for proposal in proposals), *(f"Left: {line}" for line in left)]),
        confidence=min(confidence, _INCOMPLETE) if left else confidence,
        edits=edits,
        targets=frozenset().union(*(proposal.targets for proposal in proposals)),
        jobs=frozenset().union(*(proposal.jobs for proposal in proposals)),
        cleared=cleared,
        remaining=left,
    )


def _uncleared(
    view: View, readings: Iterable[JobReading], proposals: list[Proposal], cleared: frozenset[Failure]
) -> Iterator[str]:
    """Say of each failed job what is not taken away."""
    for reading in readings:
        if not reading.failures and not any(reading.job_id in proposal.jobs for proposal in proposals):
            yield f"`{reading.job_name}` failed for a reason that its log does not name."
        left = [
            f
            for f in reading.failures
            if f not in cleared and not _is_a_hook_s_word(view, f, proposals, hooks=runs_hooks(reading))
        ]
        for tool, count in Counter(failure.tool for failure in left).items():
            rules = sorted({failure.rule for failure in left if failure.tool == tool and failure.rule})
            yield f"`{reading.job_name}`: {counted(count, 'failure')} of {tool}" + (f" ({listed(rules)})." if rules else ".")


def _is_a_hook_s_word(view: View, failure: Failure, proposals: list[Proposal], *, hooks: bool) -> bool:
    """Tell whether a failure is only pre-commit's word for what its hook's fixer did."""
    if not hooks or failure.tool not in {"pre-commit", "isort"}:
        return False
    if failure.file:
        return any(view.resolve(failure.file) in proposal.targets for proposal in proposals)
    return any(failure.rule in _HOOKS.get(proposal.origin, ()) for proposal in proposals)
