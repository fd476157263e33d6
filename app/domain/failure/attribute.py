"""Who or what caused a failure, from facts alone, before anything is spent on a fix.

Order matters, and each answer names its evidence: what no commit can mend first (infrastructure, secrets), then both results on
one commit (flaky), then a base that is red on its own, then the change. Where the facts do not reach, the answer is ``unknown``
with what was missing.
"""

from dataclasses import dataclass

from app.domain.ci import FAILED_RUN, Check, Commit
from app.domain.diagnosis import JobReading
from app.domain.failure.types import Attribution, FailureType
from app.domain.incident import Incident, Surroundings

_DETERMINISTIC = frozenset({FailureType.LINT, FailureType.FORMAT, FailureType.TYPECHECK})
_PLATFORM = frozenset({FailureType.INFRA, FailureType.PERMISSION})


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierIncident:
    """A known earlier incident of the same repository with the same fingerprint."""

    id: str
    head_sha: str
    branch: str
    attribution: Attribution


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known when a failure is attributed. ``changed_files`` is null where nobody asked which files the change touched."""

    incident: Incident
    surroundings: Surroundings
    readings: tuple[JobReading, ...]
    earlier: tuple[EarlierIncident, ...] = ()
    changed_files: frozenset[str] | None = None

    @property
    def is_base(self) -> bool:
        """The failing branch is the one that changes are measured against: there is no base beside it."""
        around = self.surroundings
        return around.pull_request is None and self.incident.run.head_branch == around.base_branch

    @property
    def failed_jobs(self) -> frozenset[str]:
        """Names of the jobs that failed, which are also the names of their checks."""
        return frozenset(reading.job_name for reading in self.readings)

    @property
    def files(self) -> frozenset[str]:
        """Repository files that the failures name."""
        return frozenset(failure.file for reading in self.readings for failure in reading.failures if failure.file)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attributed:
    """An answer with the sentences it rests on, and how sure it is, from 0 to 1."""

    attribution: Attribution
    evidence: tuple[str, ...]
    confidence: float


def attribute(facts: Facts) -> Attributed:
    """Say who or what caused a failure."""
    for rule in (_platform, _flaky, _base_already_red, _caused_by_change):
        answer = rule(facts)
        if answer:
            return answer
    return Attributed(attribution=Attribution.UNKNOWN, evidence=_missing(facts), confidence=0.0)


def _platform(facts: Facts) -> Attributed | None:
    """Infrastructure or access, if every failed job says so; one other failure is enough to look at the change."""
    kinds = {reading.failure_type for reading in facts.readings}
    if not kinds or not kinds <= _PLATFORM:
        return None
    access = FailureType.PERMISSION in kinds
    evidence = tuple(f"{reading.job_name}: {reading.root_cause}" for reading in facts.readings if reading.root_cause)
    return Attributed(
        attribution=Attribution.MISSING_SECRET_OR_PERMISSION if access else Attribution.INFRA,
        evidence=evidence or (f"the log says {'/'.join(sorted(kinds))}",),
        confidence=min(reading.confidence for reading in facts.readings),
    )


def _flaky(facts: Facts) -> Attributed | None:
    """Both results on one commit, of one workflow and one event."""
    run = facts.incident.run
    commit = next((commit for commit in facts.surroundings.history if commit.sha == run.head_sha), None)
    if commit:
        for other in commit.runs:
            same = other.workflow_id == run.workflow_id and other.event == run.event and other.run_id != run.id
            if same and other.conclusion == "success":
                both = f"run {other.run_id} passed, run {run.id} failed"
                words = f"{run.workflow_name} passed and failed on {_short(run.head_sha)}: {both}"
                return Attributed(attribution=Attribution.FLAKY, evidence=(words,), confidence=0.95)
    seen = [old for old in facts.earlier if old.attribution == Attribution.FLAKY and old.head_sha != run.head_sha]
    if seen and all(reading.failure_type in {FailureType.TEST, FailureType.TIMEOUT} for reading in facts.readings):
        words = f"the same failure was flaky before, on {_short(seen[0].head_sha)} ({seen[0].id})"
        return Attributed(attribution=Attribution.FLAKY, evidence=(words,), confidence=0.7)
    return None


def _base_already_red(facts: Facts) -> Attributed | None:
    """The same checks fail at the head of a base that is not the failing branch."""
    around = facts.surroundings
    if facts.is_base or not around.base_sha or around.base_sha == facts.incident.run.head_sha:
        return None
    red = {check.name: check for check in around.base_checks if check.failed and _is_same_workflow(check, facts)}
    shared = sorted(facts.failed_jobs & red.keys())
    if not shared or shared != sorted(facts.failed_jobs):
        return None
    evidence = [f"{name} is {red[name].conclusion} on {around.base_branch} at {_short(around.base_sha)}, too" for name in shared]
    known = [old for old in facts.earlier if old.branch == around.base_branch]
    evidence += [f"the same failure is known on {around.base_branch} ({old.id})" for old in known[:1]]
    return Attributed(attribution=Attribution.BASE_ALREADY_RED, evidence=tuple(evidence), confidence=0.95 if known else 0.85)


def _is_same_workflow(check: Check, facts: Facts) -> bool:
    return not check.is_status and check.workflow_path == facts.incident.run.path


def _caused_by_change(facts: Facts) -> Attributed | None:
    """The workflow was green before these commits, or the base is green, or a deterministic tool points into the change."""
    evidence = [*_since_green(facts), *_base_green(facts)]
    confidence = 0.9 if evidence else 0.0
    overlap = sorted(facts.files & (facts.changed_files or frozenset()))
    if overlap:
        evidence.append(f"the change touches {_listed(overlap)}, which the failure names")
        confidence = 0.95 if confidence else 0.8
    if _is_deterministic(facts):
        tools = _listed(sorted({failure.tool for reading in facts.readings for failure in reading.failures}))
        evidence.append(f"{tools or 'the failing tool'} gives the same answer for the same files at every run")
        confidence = max(confidence, 0.9)
    if not evidence:
        return None
    return Attributed(attribution=Attribution.CAUSED_BY_CHANGE, evidence=tuple(evidence), confidence=confidence)


def _is_deterministic(facts: Facts) -> bool:
    """Only tools that judge files failed, and nothing says that the files lie outside the change."""
    if not facts.readings or not all(reading.failure_type in _DETERMINISTIC for reading in facts.readings):
        return False
    return facts.changed_files is None or not facts.files or bool(facts.files & facts.changed_files)


def _base_green(facts: Facts) -> list[str]:
    """Jobs that failed here and pass at the head of the base."""
    around = facts.surroundings
    if facts.is_base or not around.base_sha:
        return []
    ours = {check.name: check for check in around.base_checks if _is_same_workflow(check, facts)}
    passes = sorted(name for name in facts.failed_jobs if name in ours and ours[name].passed)
    if not passes:
        return []
    return [f"{_listed(passes)} passes on {around.base_branch} at {_short(around.base_sha)}"]


def _since_green(facts: Facts) -> list[str]:
    """The last green run of this workflow in the branch's history, the first red commit after it, and the commits between."""
    run = facts.incident.run
    suspects: list[Commit] = []
    for commit in _from_failing(facts):
        ends = {r.conclusion for r in commit.runs if r.workflow_id == run.workflow_id and r.event == run.event}
        if "success" in ends and commit.sha != run.head_sha:
            return _told(facts, commit, suspects)
        suspects.append(commit)
    return []


def _from_failing(facts: Facts) -> tuple[Commit, ...]:
    """The history from the failing commit backwards; all of it where that commit is not in it."""
    history = facts.surroundings.history
    start = next((i for i, commit in enumerate(history) if commit.sha == facts.incident.run.head_sha), 0)
    return history[start:]


def _told(facts: Facts, green: Commit, suspects: list[Commit]) -> list[str]:
    run = facts.incident.run
    red = [c for c in suspects if any(r.workflow_id == run.workflow_id and r.conclusion in FAILED_RUN for r in c.runs)]
    words = [f"{run.workflow_name} was green on {_short(green.sha)}, {_commits(len(suspects))} earlier"]
    if red and red[-1] is suspects[-1]:
        words.append(f"the first red commit is {_short(red[-1].sha)} “{red[-1].headline}”")
    elif red:
        unknown = len(suspects) - suspects.index(red[-1]) - 1
        before = "the commit before it, which has" if unknown == 1 else f"one of {unknown} commits before it, which have"
        words.append(f"red since {_short(red[-1].sha)} or {before} no result")
    elif len(suspects) == 1:
        words.append(f"the only commit since is {_short(suspects[0].sha)} “{suspects[0].headline}”")
    return words


def _missing(facts: Facts) -> tuple[str, ...]:
    """What would have to be known for an answer."""
    around, missing = facts.surroundings, []
    if not around.history:
        missing.append("the branch's history could not be read")
    else:
        missing.append(f"no green run of {facts.incident.run.workflow_name} among the last {_commits(len(around.history))}")
    if not facts.is_base and not any(_is_same_workflow(check, facts) for check in around.base_checks):
        missing.append(f"{around.base_branch} has no result of this workflow to compare with")
    if facts.changed_files is None:
        missing.append("it is not known which files the change touched")
    return (*missing, *around.partial)


def _commits(count: int) -> str:
    return "1 commit" if count == 1 else f"{count} commits"


def _listed(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _short(sha: str) -> str:
    return sha[:7]
