"""Check runs, suites, workflow runs and statuses as GraphQL shows them."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from app.emulator.checks import newest
from app.emulator.graph.git_views import AccountView, CommitView, small
from app.emulator.graph.paging import Connection, named_id, page
from app.emulator.routing import Call
from app.emulator.state import App, CheckRun, CheckSuite, CommitStatus, Json, Repository, Workflow, WorkflowRun, node_id, stamp

BAD = {"failure", "timed_out", "cancelled", "action_required", "startup_failure", "stale"}


def upper(word: str | None) -> str | None:
    """REST's word as GraphQL's."""
    return word.upper() if word else None


@dataclass(frozen=True, slots=True)
class AppView:
    """App."""

    app: App
    typename = "App"

    @property
    def id(self) -> str:
        """The node id."""
        return node_id("A", self.app.id)

    @property
    def database_id(self) -> int | None:
        """The number."""
        return small(self.app.id)

    @property
    def slug(self) -> str:
        """The short name."""
        return self.app.slug

    @property
    def name(self) -> str:
        """The name."""
        return self.app.name


@dataclass(frozen=True, slots=True)
class WorkflowView:
    """Workflow."""

    workflow: Workflow
    typename = "Workflow"

    @property
    def id(self) -> str:
        """The node id."""
        return node_id("W", self.workflow.id)

    @property
    def database_id(self) -> int | None:
        """The number."""
        return small(self.workflow.id)

    @property
    def name(self) -> str:
        """What the file calls itself."""
        return self.workflow.name


@dataclass(frozen=True, slots=True)
class FileView:
    """WorkflowRunFile."""

    id: str
    path: str
    typename = "WorkflowRunFile"


@dataclass(frozen=True, slots=True)
class RunView:
    """WorkflowRun."""

    call: Call
    repo: Repository
    run: WorkflowRun
    typename = "WorkflowRun"

    @property
    def facts(self) -> Json:
        """The plain fields."""
        run = self.run
        return {
            "id": node_id("WFR", run.id),
            "database_id": small(run.id),
            "run_number": run.number,
            "event": run.event,
            "url": f"{self.call.world.at.web}/{self.repo.full_name}/actions/runs/{run.id}",
            "created_at": stamp(run.created_at),
            "file": lambda: FileView(node_id("WRF", run.id), run.workflow.path),
            "workflow": lambda: WorkflowView(run.workflow),
            "check_suite": lambda: SuiteView(self.call, self.repo, run.latest.suite),
        }


@dataclass(frozen=True, slots=True)
class SuiteView:
    """CheckSuite."""

    call: Call
    repo: Repository
    suite: CheckSuite
    typename = "CheckSuite"

    @property
    def facts(self) -> Json:
        """The plain fields."""
        suite = self.suite
        return {
            "id": node_id("CS", suite.id),
            "database_id": small(suite.id),
            "status": upper(suite.status),
            "conclusion": upper(suite.conclusion),
            "app": lambda: AppView(suite.app),
            "created_at": stamp(suite.created_at),
            "updated_at": stamp(suite.updated_at),
            "workflow_run": lambda: RunView(self.call, self.repo, suite.workflow_run) if suite.workflow_run else None,
        }

    async def branch(self) -> Any:  # noqa: ANN401 - a ref, where it is still there
        """The branch that was pushed."""
        from app.emulator.graph.git_views import RepositoryView  # noqa: PLC0415 - only here

        return await RepositoryView(self.call, self.repo).ref(qualified_name=self.suite.head_branch or "")

    async def commit(self) -> CommitView:
        """The commit it is about."""
        return CommitView(self.call, self.repo, await self.repo.git.commit(self.suite.head_sha))

    def check_runs(self, **paging: Any) -> Connection:  # noqa: ANN401 - paging
        """The newest of each name."""
        return page([CheckView(self.call, self.repo, one) for one in newest(self.suite.runs)], **paging)


@dataclass(frozen=True, slots=True)
class CheckView:
    """CheckRun."""

    call: Call
    repo: Repository
    check: CheckRun
    typename = "CheckRun"

    @property
    def facts(self) -> Json:
        """The plain fields."""
        check = self.check
        url = check.details_url or f"{self.call.world.at.web}/{self.repo.full_name}/runs/{check.id}"
        return {
            "id": node_id("CR", check.id),
            "database_id": small(check.id),
            "name": check.name,
            "status": upper(check.status),
            "conclusion": upper(check.conclusion),
            "details_url": url,
            "permalink": url,
            "external_id": check.external_id or None,
            "title": check.title,
            "summary": check.summary,
            "text": check.text,
            "started_at": stamp(check.started_at),
            "completed_at": stamp(check.completed_at),
            "check_suite": lambda: SuiteView(self.call, self.repo, check.suite),
        }

    def annotations(self, **paging: Any) -> Connection:  # noqa: ANN401 - paging
        """Remarks at lines."""
        return page([_annotation(one) for one in self.check.annotations], **paging)


def _annotation(one: Json) -> Json:
    """An annotation; plain mappings are read by key."""
    return {
        "path": one["path"],
        "annotation_level": upper(one["annotation_level"]),
        "title": one.get("title"),
        "message": one["message"],
        "raw_details": one.get("raw_details"),
        "location": {
            "start": {"line": one["start_line"], "column": one.get("start_column")},
            "end": {"line": one["end_line"], "column": one.get("end_column")},
        },
    }


@dataclass(frozen=True, slots=True)
class ContextView:
    """StatusContext."""

    call: Call
    repo: Repository
    status: CommitStatus
    typename = "StatusContext"

    @property
    def facts(self) -> Json:
        """The plain fields."""
        status = self.status
        return {
            "id": node_id("SC", status.id),
            "context": status.context,
            "state": upper(status.state),
            "description": status.description,
            "target_url": status.target_url,
            "created_at": stamp(status.created_at),
            "creator": lambda: AccountView(status.creator),
        }

    async def commit(self) -> CommitView:
        """The commit it is about."""
        return CommitView(self.call, self.repo, await self.repo.git.commit(self.status.sha))


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


def _tally(states: Any) -> list[Json]:  # noqa: ANN401 - any strings
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
