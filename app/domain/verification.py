"""Is a candidate proven? Green exactly as PRODUCT.md section 2.7 says, from checks before and after.

Green = every job that failed now passes **and** nothing that passed on the failing commit, in the same workflow and for the same
event, is now failing or missing. Checks of triggers that do not apply to the candidate's branch cannot be compared and are listed
as such. Commit statuses of other systems count. Nothing is judged before it has settled: no new or changed check for a while.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.domain.ci import Check

OWN_CHECK = "DevFlowFix"


class Outcome(StrEnum):
    """What verification says."""

    WAITING = "waiting"
    GREEN = "green"
    RED = "red"
    UNVERIFIED = "unverified"  # no check appeared in time


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedJob:
    """The job that has to pass: its check's name and its workflow file."""

    name: str
    workflow_path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One look at a candidate's checks."""

    checks: tuple[Check, ...]
    pending_suites: int  # check suites of Actions that are not completed, whether or not they show a check yet
    committed_at: datetime
    now: datetime
    unchanged_since: datetime  # when these very checks were first seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long to wait, in seconds."""

    settle: float = 60.0  # without a new or changed check
    no_check: float = 600.0  # until a candidate without any check is called unverified
    overall: float = 6 * 3600.0  # until checks that never end are given up: the longest a GitHub job may run


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The judgement, with everything it rests on, by name."""

    outcome: Outcome
    sentence: str
    failing: tuple[Check, ...] = ()  # against the candidate
    missing: tuple[str, ...] = ()  # passed before, not there now
    not_comparable: tuple[str, ...] = ()  # passed before under a trigger that does not apply here
    wait_seconds: float = 0.0  # while waiting: when another look makes sense


def digest(checks: tuple[Check, ...]) -> str:
    """Name a set of check results, so that "nothing changed" can be told without keeping them."""
    rows = sorted(f"{c.workflow_path}\x1f{c.event}\x1f{c.name}\x1f{c.run_id}\x1f{c.status}\x1f{c.conclusion}" for c in checks)
    return hashlib.sha256("\x1e".join(rows).encode()).hexdigest()[:32]


def without_own(checks: tuple[Check, ...], app_slug: str) -> tuple[Check, ...]:
    """Leave out what DevFlowFix itself reports: it is no evidence."""
    return tuple(c for c in checks if not (c.app_slug == app_slug or (c.name == OWN_CHECK and not c.is_status)))


def judge(failed: tuple[FailedJob, ...], before: tuple[Check, ...], seen: Observation, patience: Patience) -> Verdict:
    """Judge a candidate from its checks and those of the failing commit."""
    waiting = _still_waiting(seen, patience)
    if waiting is not None:
        return waiting
    if not seen.checks:
        return Verdict(outcome=Outcome.UNVERIFIED, sentence=f"No check appeared within {_minutes(patience.no_check)}.")
    absent = tuple(job.name for job in failed if not _results_of(job, seen.checks))
    if absent and not any(c.failed for c in seen.checks):
        return _job_did_not_run(absent, seen, patience)
    return _settled(failed, before, seen.checks, absent)


def _still_waiting(seen: Observation, patience: Patience) -> Verdict | None:
    age = (seen.now - seen.committed_at).total_seconds()
    if age > patience.overall:
        return None
    if not seen.checks and not seen.pending_suites:
        left = patience.no_check - age
        return _waiting("No check has appeared yet.", left) if left > 0 else None
    unsettled = sum(not c.settled for c in seen.checks)
    if unsettled or seen.pending_suites:
        return _waiting(f"{max(unsettled, seen.pending_suites)} checks are under way.", patience.settle)
    quiet = (seen.now - seen.unchanged_since).total_seconds()
    return _waiting("Every check is in; waiting whether more come.", patience.settle - quiet) if quiet < patience.settle else None


def _job_did_not_run(absent: tuple[str, ...], seen: Observation, patience: Patience) -> Verdict:
    """Other checks passed, the failed job never started: that proves nothing, and more may come until the time is up."""
    left = patience.no_check - (seen.now - seen.committed_at).total_seconds()
    if left > 0:
        return _waiting(f"{_names(absent)} has not started yet.", min(left, patience.settle))
    sentence = f"{_names(absent)} did not run on the fix within {_minutes(patience.no_check)}."
    return Verdict(outcome=Outcome.UNVERIFIED, sentence=sentence, missing=absent)


def _settled(
    failed: tuple[FailedJob, ...], before: tuple[Check, ...], after: tuple[Check, ...], absent: tuple[str, ...]
) -> Verdict:
    wanted = {(job.workflow_path, job.name) for job in failed}
    passed_before = {_key(c): c for c in before if c.passed}
    now = {_key(c): c for c in after}
    applies = {(c.workflow_path, c.event) for c in after}
    failing = tuple(c for c in after if not c.passed and ((c.workflow_path, c.name) in wanted or _key(c) in passed_before))
    gone = [c for key, c in passed_before.items() if key not in now]
    missing = tuple(c.name for c in gone if (c.workflow_path, c.event) in applies and not c.is_status)
    elsewhere = tuple(c.name for c in gone if (c.workflow_path, c.event) not in applies or c.is_status)
    if failing or missing or absent:
        return Verdict(
            outcome=Outcome.RED,
            sentence=_red_sentence(failing, missing + absent),
            failing=failing,
            missing=missing + absent,
            not_comparable=elsewhere,
        )
    names = tuple(dict.fromkeys(job.name for job in failed))
    return Verdict(
        outcome=Outcome.GREEN, sentence=f"{_names(names)} passed, and nothing that passed before fails.", not_comparable=elsewhere
    )


def _key(check: Check) -> tuple[str, str, str]:
    return check.workflow_path, check.event, check.name


def _results_of(job: FailedJob, checks: tuple[Check, ...]) -> list[Check]:
    return [c for c in checks if c.name == job.name and c.workflow_path == job.workflow_path]


def _waiting(sentence: str, seconds: float) -> Verdict:
    return Verdict(outcome=Outcome.WAITING, sentence=sentence, wait_seconds=max(1.0, seconds))


def _red_sentence(failing: tuple[Check, ...], missing: tuple[str, ...]) -> str:
    parts = []
    if failing:
        parts.append(f"{_names(tuple(dict.fromkeys(c.name for c in failing)))} failed on the fix")
    if missing:
        parts.append(f"{_names(missing)} did not run on it")
    return " and ".join(parts) + "."


def _names(names: tuple[str, ...]) -> str:
    shown = [f"`{name.replace('`', '')}`" for name in names[:3]]
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(shown) + more


def _minutes(seconds: float) -> str:
    span = timedelta(seconds=seconds)
    return f"{span.seconds // 60} minutes" if seconds >= 120 else f"{seconds:.0f} seconds"
