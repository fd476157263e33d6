"""What to do about a diagnosed incident: observe, explain, suggest or fix, and on which branch. Each answer has its sentence."""

from dataclasses import dataclass
from enum import StrEnum

from app.domain.diagnosis import Diagnosis
from app.domain.failure.types import REPAIRABLE, Attribution
from app.domain.incident import Incident, Surroundings
from app.domain.policy import Effective, Mode, decide_mode, serves


class Action(StrEnum):
    """How far a repair goes."""

    OBSERVE = "observe"  # record only
    EXPLAIN = "explain"  # a check run with the diagnosis
    RERUN = "rerun"  # the failed jobs once more: the code did not cause it
    SUGGEST = "suggest"  # and the diff, nothing pushed
    FIX = "fix"  # a verified pull request


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The decision on one incident. ``base_*`` is where a fix starts from and what its pull request targets."""

    action: Action
    reason: str  # one sentence, shown to people where nothing is fixed
    base_branch: str
    base_sha: str
    draft: bool = False
    min_confidence: float = 1.0


def make_plan(incident: Incident, around: Surroundings, diagnosis: Diagnosis, policy: Effective, *, may_push: bool) -> Plan:
    """Decide what to do. ``may_push`` is the server's own switch."""
    branch, sha = _base(incident, around, diagnosis)
    action, reason = _decide(incident, around, diagnosis, policy)
    mode = decide_mode(policy, diagnosis.failure_type, ())
    if action is Action.RERUN and not may_push:
        action, reason = Action.EXPLAIN, "This server is set to change nothing (`DEVFLOWFIX_AUTO_PR_ENABLED`)."
    if action is Action.FIX and not may_push:
        action, reason = Action.SUGGEST, "This server is set to push nothing (`DEVFLOWFIX_AUTO_PR_ENABLED`)."
    return Plan(
        action=action,
        reason=reason,
        base_branch=branch,
        base_sha=sha,
        draft=mode is Mode.DRAFT,
        min_confidence=policy.min_confidence,
    )


def _base(incident: Incident, around: Surroundings, diagnosis: Diagnosis) -> tuple[str, str]:
    """Where the base is red, the fix starts from, is verified on and targets the base."""
    if diagnosis.attribution is Attribution.BASE_ALREADY_RED and around.base_sha:
        return around.base_branch, around.base_sha
    return incident.run.head_branch or around.default_branch, incident.run.head_sha


def _decide(incident: Incident, around: Surroundings, diagnosis: Diagnosis, policy: Effective) -> tuple[Action, str]:
    mode = decide_mode(policy, diagnosis.failure_type, ())
    served = serves(policy, incident.run.path, incident.run.head_branch or "")
    if mode is Mode.OBSERVE:
        return Action.OBSERVE, "The policy says `observe`: recorded, nothing published."
    if not served.yes:
        return Action.OBSERVE, served.reason
    if diagnosis.attribution in RERUNNABLE and policy.mode not in {Mode.OBSERVE, Mode.EXPLAIN}:
        return Action.RERUN, ""
    reason = _no_fix(incident, around, diagnosis, policy)
    return (Action.EXPLAIN, reason) if reason else _by_mode(mode, around)


def _by_mode(mode: Mode, around: Surroundings) -> tuple[Action, str]:
    """Say how far the policy lets a fix go that nothing else speaks against."""
    if mode is Mode.EXPLAIN:
        return Action.EXPLAIN, _why_explain(around)
    if mode is Mode.SUGGEST:
        return Action.SUGGEST, "The policy says `suggest`: the change is shown, nothing is pushed."
    return Action.FIX, ""


def _why_explain(around: Surroundings) -> str:
    if around.policy_text is None:
        return (
            "Explained, not fixed: there is no `.github/devflowfix.yml` on the default branch, and without one nothing is pushed."
        )
    return "Explained, not fixed: the policy says `explain`."


def _no_fix(incident: Incident, around: Surroundings, diagnosis: Diagnosis, policy: Effective) -> str:
    """Say why this failure is not one to fix; empty when it is."""
    kind = diagnosis.failure_type
    if kind not in policy.failure_types:
        return f"Explained, not fixed: `{kind.value}` failures are not among those that are repaired here."
    if diagnosis.attribution not in REPAIRABLE:
        return f"Explained, not fixed: {_UNATTRIBUTED.get(diagnosis.attribution, 'the cause does not lie in the code.')}"
    gone = _branch_takes_no_fix(incident, around)
    if gone:
        return f"Explained, not fixed: {gone}"
    if diagnosis.confidence < policy.min_confidence:
        least = f"{policy.min_confidence:.2f}"
        return f"Explained, not fixed: confidence {diagnosis.confidence:.2f} is below the {least} that a fix needs."
    return ""


def _branch_takes_no_fix(incident: Incident, around: Surroundings) -> str:
    """Say what is the matter with the failing branch; empty when a fix can be put on it."""
    branch = incident.run.head_branch or ""
    if branch.startswith(_QUEUE):
        return "the merge queue's own branch takes no fix; it belongs on the pull request's branch."
    if around.branch_head is None:
        return f"`{branch}` no longer exists."
    if around.branch_head != incident.run.head_sha:
        return f"`{branch}` has moved on to `{around.branch_head[:10]}`."
    return ""


_QUEUE = "gh-readonly-queue/"  # what GitHub calls the branches on which a merge queue tests

RERUNNABLE = frozenset({Attribution.FLAKY, Attribution.INFRA})
"""What the same commit may pass when it is run again."""

_UNATTRIBUTED = {
    Attribution.UNKNOWN: "who caused it could not be told.",
    Attribution.FLAKY: "the same commit has both passed and failed.",
    Attribution.INFRA: "it lies with the runner, the network or a service.",
    Attribution.MISSING_SECRET_OR_PERMISSION: "a secret or a permission is missing, which only a person can give.",
}
