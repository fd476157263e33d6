"""Check runs, suites, workflow runs and statuses as GraphQL shows them."""

from dataclasses import dataclass
from typing import Any

from app.emulator.accounts import App, Json, node_id, stamp
from app.emulator.checks import newest
from app.emulator.ci_state import CheckRun, CheckSuite, CommitStatus, Workflow, WorkflowRun
from app.emulator.graph.git_views import CommitView
from app.emulator.graph.object_views import AccountView, small
from app.emulator.graph.paging import Connection, page
from app.emulator.routing import Call
from app.emulator.state import Repository


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
