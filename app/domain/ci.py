"""What a CI system reports: workflow runs, jobs, steps, checks and annotations, as plain values."""

from dataclasses import dataclass
from datetime import datetime

FAILED_RUN = frozenset({"failure", "timed_out", "startup_failure"})
FAILED_CHECK = frozenset({"failure", "timed_out", "startup_failure", "error", "action_required", "cancelled", "stale"})
PASSED_CHECK = frozenset({"success", "neutral", "skipped"})


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowRun:
    """One attempt of one workflow run. ``(id, attempt)`` names it: a re-run keeps the id and raises the attempt."""

    id: int
    attempt: int
    workflow_id: int
    workflow_name: str
    path: str  # of the workflow file, without "@ref"
    event: str  # what triggered it: push, pull_request, …
    status: str
    conclusion: str | None
    head_sha: str
    head_branch: str | None  # null for some runs of forks and tags
    head_repository_id: int | None  # differs from the repository's for a fork; null when the fork is gone
    actor_login: str
    actor_type: str  # "User" or "Bot"
    check_suite_id: int | None = None
    html_url: str = ""
    created_at: datetime | None = None
    head_commit_message: str = ""
    head_commit_author: str = ""
    pull_requests: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a job."""

    number: int
    name: str
    conclusion: str | None
    started_at: datetime | None = None
    completed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One job of a run attempt. For GitHub Actions its id is also the id of its check run."""

    id: int
    name: str
    status: str
    conclusion: str | None
    html_url: str = ""
    started_at: datetime | None = None
    completed_at: datetime | None = None
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """A remark that a check left at a line."""

    path: str
    start_line: int
    end_line: int
    level: str  # notice, warning, failure
    title: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """The latest result of one check on one commit: a check run, or a commit status of another system.

    ``workflow_path`` and ``event`` are set for GitHub Actions only; two results can be compared when both are equal.
    """

    name: str
    status: str  # completed, in_progress, queued, …
    conclusion: str | None
    app_slug: str = ""  # "github-actions" for Actions; empty for a commit status
    workflow_path: str = ""
    event: str = ""
    run_id: int | None = None
    url: str = ""
    is_status: bool = False
    id: int | None = None  # of the check run; for GitHub Actions it is the job's too

    @property
    def passed(self) -> bool:
        """Completed, and not against the change."""
        return self.conclusion in PASSED_CHECK

    @property
    def failed(self) -> bool:
        """Completed, and against the change."""
        return self.conclusion in FAILED_CHECK

    @property
    def settled(self) -> bool:
        """Completed, one way or the other."""
        return self.conclusion is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """How one workflow run on a commit ended; ``conclusion`` is null while it runs."""

    run_id: int
    workflow_id: int
    workflow_name: str
    event: str
    conclusion: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """One commit of a branch's history, with the GitHub Actions runs on it."""

    sha: str
    headline: str
    author_login: str  # the account's login, else the name in the commit
    authored_at: datetime | None
    message: str = ""
    runs: tuple[RunResult, ...] = ()
