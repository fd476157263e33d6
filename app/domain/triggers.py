"""Which failed runs are repaired, which are only looked at, and why (PRODUCT.md section 2, "Which runs")."""

from dataclasses import dataclass

from app.domain.ci import FAILED_RUN, WorkflowRun
from app.domain.ids import is_our_branch
from app.domain.repository import Repository

REPAIRED_EVENTS = frozenset({"push", "pull_request", "merge_group", "schedule"})
_UPDATE_BOTS = ("dependabot/", "renovate/")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDecision:
    """What to do about a completed run. ``reason`` is a sentence where nothing is repaired."""

    action: str  # "repair", "observe", "verify" (a run on our own branch), "ignore" (not failed)
    reason: str = ""


def about_run(run: WorkflowRun, repository: Repository) -> RunDecision:
    """Decide what a completed workflow run asks of us, before any policy is known."""
    if is_our_branch(run.head_branch):
        return RunDecision(action="verify")
    if run.conclusion not in FAILED_RUN:
        return RunDecision(action="ignore")
    reason = _only_observed(run, repository)
    return RunDecision(action="observe", reason=reason) if reason else RunDecision(action="repair")


def _only_observed(run: WorkflowRun, repository: Repository) -> str:
    """Say why a failed run is not repaired by itself; empty when it is."""
    if run.head_repository_id != repository.id:
        return "The run belongs to a fork; nothing is done there without a command from someone with write access."
    if run.head_branch is None:
        return "The run belongs to no branch."
    if run.event not in REPAIRED_EVENTS:
        return f"Runs started by `{run.event}` are looked at, not repaired."
    if run.head_branch.startswith(_UPDATE_BOTS):
        return f"`{run.head_branch}` belongs to a dependency bot, which updates it by itself."
    return ""
