"""All deterministic fixers, in the order in which they build on each other, and their one common proposal."""

import logging
from collections import Counter
from collections.abc import Iterable, Iterator

from app.domain.diagnosis import JobReading
from app.domain.failure.types import Failure
from app.fixers import import_order, ruff_format, ruff_lint, whitespace
from app.fixers.formatting import kept_formatted
from app.fixers.proposal import Fixer, FixFacts, Proposal, SourceTree
from app.fixers.ruff_tool import RuffFailed
from app.fixers.view import View
from app.fixers.words import counted

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
    edited, proposals = dict(known.edited), []
    for fixer in FIXERS:
        proposal = await fixer(source, readings, FixFacts(edited=edited, workflow_text=known.workflow_text))
        if proposal is not None:
            proposals.append(proposal)
            edited |= {edit.path: edit.after for edit in proposal.edits if edit.after is not None}
    if not proposals:
        return None
    edited |= await _still_formatted(source, edited)
    return _together(View(source, edited), readings, proposals)


async def _still_formatted(source: SourceTree, edited: dict[str, str]) -> dict[str, str]:
    view = View(source, {})
    try:
        return await kept_formatted(view, {path: text for path, text in edited.items() if text != view.original(path)})
    except RuffFailed as failed:
        _log.warning("what was formatted before could not be formatted again: %s", failed)
        return {}


def _together(view: View, readings: tuple[JobReading, ...], proposals: list[Proposal]) -> Proposal | None:
    explanation = "\n".join(proposal.explanation for proposal in proposals)
    edits = view.edits(view.edited, " ".join(proposal.explanation for proposal in proposals))
    left = (*(line for proposal in proposals for line in proposal.remaining), *_uncleared(view, readings, proposals))
    confidence = min(proposal.confidence for proposal in proposals)
    return Proposal(
        origin=" and ".join(dict.fromkeys(proposal.origin for proposal in proposals)),
        title=" and ".join(proposal.title for proposal in proposals),
        explanation="\n".join([explanation, *(f"Left: {line}" for line in left)]),
        confidence=min(confidence, _INCOMPLETE) if left else confidence,
        edits=edits,
        targets=frozenset().union(*(proposal.targets for proposal in proposals)),
        jobs=frozenset().union(*(proposal.jobs for proposal in proposals)),
        cleared=frozenset().union(*(proposal.cleared for proposal in proposals)),
        remaining=left,
    )


def _uncleared(view: View, readings: Iterable[JobReading], proposals: list[Proposal]) -> Iterator[str]:
    """Say of each failed job what no fixer takes away."""
    for reading in readings:
        if not reading.failures and not any(reading.job_id in proposal.jobs for proposal in proposals):
            yield f"`{reading.job_name}` failed for a reason that its log does not name."
        tools = Counter(failure.tool for failure in reading.failures if not _is_cleared(view, failure, proposals))
        yield from (f"`{reading.job_name}`: {counted(count, 'failure')} of {tool}." for tool, count in tools.items())


def _is_cleared(view: View, failure: Failure, proposals: list[Proposal]) -> bool:
    """Tell whether a failure is gone: cleared by name, or a hook's own word for what its tool's fixer did."""
    if any(failure in proposal.cleared for proposal in proposals):
        return True
    if failure.tool != "pre-commit":
        return False
    if failure.file:
        return any(view.resolve(failure.file) in proposal.targets for proposal in proposals)
    return any(failure.rule in _HOOKS.get(proposal.origin, ()) for proposal in proposals)
