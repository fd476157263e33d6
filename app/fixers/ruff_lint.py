"""Ruff's own safe fixes, for exactly the rules and files that the log names.

flake8's violations are taken too, as far as ruff sees the same ones: the rules share their codes, and ruff's output in GitHub's
format cannot be told from flake8's.
"""

import logging
import re

from app.domain.diagnosis import JobReading
from app.domain.failure.types import Failure
from app.fixers.proposal import FixFacts, Proposal, SourceTree
from app.fixers.ruff_config import config_for
from app.fixers.ruff_tool import RuffFailed
from app.fixers.view import View
from app.fixers.violations import Cleared, Violation, clear, gone, named_by
from app.fixers.words import counted, listed

TOOLS = frozenset({"ruff", "flake8"})
_CODE = re.compile(r"^[A-Z]{1,4}\d{3,4}$")
_LAYOUT = re.compile(r"^(E[123]\d\d|E501|E70[123]|W[1236]\d\d|Q\d{3}|COM81\d)$")  # rules that a formatter can satisfy
_CONFIDENCE = 0.97  # a safe fix, and ruff itself saw the violation before and not after
_ELSEWHERE = 0.9  # as above, but the log speaks of flake8, or another job's violations stay
_log = logging.getLogger(__name__)


async def propose(source: SourceTree, readings: tuple[JobReading, ...], facts: FixFacts) -> Proposal | None:
    """Clear the ruff violations of each job whose named violations can all be cleared; null where that is no job."""
    view = View.of(source, facts)
    jobs, unplaced = named_by(view, readings, _code)
    try:
        cleared = await clear(view, jobs, lambda path: config_for(view, path), lambda violation: _formats_away(violation, facts))
    except RuffFailed as failed:
        _log.warning("ruff could not check the named files: %s", failed)
        return None
    return _proposal(view, cleared, (*unplaced, *cleared.left)) if cleared.texts else None


async def cleared_by(before: View, after: View, readings: tuple[JobReading, ...]) -> frozenset[Failure]:
    """Tell which ruff violations that the logs name are gone in a later state of the source, whoever took them away."""
    jobs, _ = named_by(before, readings, _code)
    violations = frozenset().union(*(job.violations for job in jobs))
    absent = await gone(before, after, violations, lambda path: config_for(before, path))
    failures = (failure for job in jobs for failure in job.failures)
    return frozenset(failure for failure in failures if (before.resolve(failure.file), failure.rule) in absent)


def _formats_away(violation: Violation, facts: FixFacts) -> bool:
    path, code = violation
    return path in facts.formatted_later and _LAYOUT.match(code) is not None


def _code(failure: Failure) -> str | None:
    if failure.tool not in TOOLS:
        return None
    return failure.rule if _CODE.match(failure.rule) else ""


def _proposal(view: View, cleared: Cleared, left: tuple[str, ...]) -> Proposal:
    violations = frozenset().union(*(job.violations for job in cleared.jobs))
    tools = {failure.tool for job in cleared.jobs for failure in job.failures}
    codes = sorted({code for _, code in violations})
    files = frozenset(path for path, _ in violations)
    where = f"{counted(len(files), 'file')} that the log names"
    explanation = f"`ruff check --fix` for {listed(codes)} in {where}; checked again, none is left."
    return Proposal(
        origin="ruff",
        title=f"apply ruff's fixes for {listed(codes)}",
        explanation=explanation,
        confidence=_CONFIDENCE if tools == {"ruff"} and not left else _ELSEWHERE,
        edits=view.edits({**view.edited, **cleared.texts}, explanation),
        targets=files,
        jobs=frozenset(job.job for job in cleared.jobs),
        cleared=frozenset().union(*(job.failures for job in cleared.jobs)),
        remaining=left,
    )
