"""All that was said about a commit, summed up, as GraphQL shows it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from app.emulator.accounts import Json
from app.emulator.ci_state import CheckRun, CommitStatus
from app.emulator.graph.check_views import CheckView, ContextView, SuiteView, upper
from app.emulator.graph.paging import Connection, named_id, page
from app.emulator.routing import Call
from app.emulator.state import Repository

BAD = {"failure", "timed_out", "cancelled", "action_required", "startup_failure", "stale"}


@dataclass(frozen=True, slots=True)
class StatusView:
    """Status: all contexts of other systems."""

    id: str
    state: str
    contexts: list[ContextView]
    typename = "Status"


@dataclass(frozen=True, slots=True)
class ContextConnection:
    """StatusCheckRollupContextConnection: a page with tallies over all."""

    inner: Connection
    everything: list[CheckView | ContextView]

    @property
    def facts(self) -> Json:
        """The page."""
        return {"nodes": self.inner.nodes, "total_count": self.inner.total_count, "page_info": self.inner.page_info}

    def check_run_counts_by_state(self) -> list[Json]:
        """How many check runs are in each state."""
        checks = [one.check for one in self.everything if isinstance(one, CheckView)]
        return _tally(upper(one.conclusion if one.status == "completed" else one.status) or "" for one in checks)

    def status_context_counts_by_state(self) -> list[Json]:
        """How many statuses are in each state."""
        return _tally(upper(one.status.state) or "" for one in self.everything if isinstance(one, ContextView))


def _tally(states: Iterable[str]) -> list[Json]:
    return [{"state": state, "count": count} for state, count in sorted(Counter(states).items())]


@dataclass(frozen=True, slots=True)
class RollupView:
    """StatusCheckRollup."""

    id: str
    everything: list[CheckView | ContextView]
    typename = "StatusCheckRollup"

    @property
    def state(self) -> str:
        """The worst of all."""
        checks = [one.check for one in self.everything if isinstance(one, CheckView)]
        states = {one.status.state for one in self.everything if isinstance(one, ContextView)}
        if any(one.conclusion in BAD for one in checks) or "failure" in states:
            return "FAILURE"
        if "error" in states:
            return "ERROR"
        pending = "pending" in states or any(one.status != "completed" for one in checks)
        return "PENDING" if pending else "SUCCESS"

    def contexts(self, **paging: Any) -> ContextConnection:  # noqa: ANN401 - paging
        """Check runs and statuses, the latest of each."""
        return ContextConnection(page(self.everything, **paging), self.everything)


def suites_of(call: Call, repo: Repository, sha: str, wanted: dict[str, Any]) -> list[SuiteView]:
    """The check suites on a commit that a filter keeps."""
    found = repo.suites_of(sha)
    if wanted.get("appId") is not None:
        found = [suite for suite in found if suite.app.id == wanted["appId"]]
    if wanted.get("checkName") is not None:
        found = [suite for suite in found if any(run.name == wanted["checkName"] for run in suite.runs)]
    return [SuiteView(call, repo, suite) for suite in found]


def _latest(repo: Repository, sha: str) -> list[CheckRun]:
    """Of the check runs with one name, the last of each App, workflow and event."""
    latest: dict[tuple[object, ...], CheckRun] = {}
    for suite in repo.suites_of(sha):
        run = suite.workflow_run
        source = (run.workflow.id, run.event) if run else ()
        for check in suite.runs:
            key = (suite.app.id, *source, check.name)
            if key not in latest or latest[key].id < check.id:
                latest[key] = check
    return sorted(latest.values(), key=lambda one: one.id)


def _statuses(repo: Repository, sha: str) -> list[CommitStatus]:
    return list({one.context: one for one in repo.statuses if one.sha == sha}.values())


def rollup_of(call: Call, repo: Repository, sha: str) -> RollupView | None:
    """Everything that was said about a commit; null when nothing was."""
    checks: list[CheckView | ContextView] = [CheckView(call, repo, one) for one in _latest(repo, sha)]
    checks += [ContextView(call, repo, one) for one in _statuses(repo, sha)]
    return RollupView(named_id("SCR", repo.id, sha), checks) if checks else None


def status_of(call: Call, repo: Repository, sha: str) -> StatusView | None:
    """What other systems said about a commit; null when nothing."""
    found = [ContextView(call, repo, one) for one in _statuses(repo, sha)]
    if not found:
        return None
    states = {one.status.state for one in found}
    state = next((word for word in ("failure", "error", "pending") if word in states), "success")
    return StatusView(named_id("S", repo.id, sha), state.upper(), found)
