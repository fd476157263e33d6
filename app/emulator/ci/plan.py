"""What a workflow file asks for, as plain values: what started it, its jobs with the matrix expanded, and their steps.

Texts that may hold ``${{ … }}`` and can only be known while the job runs are kept as written; everything else is evaluated.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.emulator.ci.values import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerEvent:
    """What happened. ``ref`` is ``refs/heads/…``, ``refs/tags/…`` or ``refs/pull/N/merge``.

    ``sha`` is what the jobs see as ``GITHUB_SHA`` and differs from the head for pull requests (the merge commit); ``payload`` is
    the body of the webhook, which expressions read as ``github.event``.
    """

    name: str  # push, pull_request, workflow_dispatch, schedule, merge_group, …
    ref: str
    head_sha: str
    repository: str  # owner/name
    actor: str
    base_branch: str | None = None
    head_branch: str | None = None
    action: str | None = None  # opened, synchronize, …
    changed_paths: tuple[str, ...] = ()
    head_message: str = ""
    sha: str = ""
    inputs: Mapping[str, Any] = field(default_factory=dict)
    payload: Mapping[str, Any] = field(default_factory=dict)

    @property
    def branch(self) -> str | None:
        """The branch that was pushed; null for tags and pull requests' merge refs."""
        return self.ref.removeprefix("refs/heads/") if self.ref.startswith("refs/heads/") else None

    @property
    def tag(self) -> str | None:
        """The tag that was pushed."""
        return self.ref.removeprefix("refs/tags/") if self.ref.startswith("refs/tags/") else None

    @property
    def ref_name(self) -> str:
        """The ref without its kind: ``main``, ``v1``, ``12/merge``."""
        return self.ref.split("/", 2)[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepPlan:
    """One step: either ``run`` or ``uses``."""

    id: str
    name: str | None = None
    run: str | None = None
    uses: str | None = None
    inputs: Mapping[str, Value] = field(default_factory=dict)  # "with:"
    shell: str | None = None
    working_directory: str | None = None
    env: Mapping[str, Value] = field(default_factory=dict)
    condition: str | None = None
    continue_on_error: Value = False
    timeout_minutes: Value = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobPlan:
    """One job, for one combination of its matrix. Jobs of one matrix share their ``key``."""

    key: str
    name: str
    steps: tuple[StepPlan, ...]
    needs: tuple[str, ...] = ()
    env: Mapping[str, Value] = field(default_factory=dict)  # the workflow's, then the job's
    timeout_minutes: float | None = None
    condition: str | None = None
    continue_on_error: bool = False
    matrix: Mapping[str, Value] = field(default_factory=dict)
    fail_fast: bool = True
    max_parallel: int | None = None
    outputs: Mapping[str, Value] = field(default_factory=dict)
    runs_on: tuple[str, ...] = ("ubuntu-latest",)
    workflow: str = ""
    inputs: Mapping[str, Value] = field(default_factory=dict)  # of workflow_dispatch, with their defaults
    in_container: bool = False
    job_index: int = 0
    job_total: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowPlan:
    """A workflow that an event starts."""

    path: str
    name: str
    event: TriggerEvent
    jobs: tuple[JobPlan, ...]
    run_name: str = ""  # empty: GitHub shows the commit's or pull request's title


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenWorkflow:
    """A file that cannot be used: GitHub starts a run without jobs that ends as ``startup_failure``."""

    path: str
    message: str
    line: int  # 1-based


class WorkflowError(Exception):
    """What is wrong with a workflow file, and where (1-based)."""

    def __init__(self, message: str, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column
