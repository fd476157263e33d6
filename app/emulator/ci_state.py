"""What the stand-in remembers of checks, statuses and workflow runs. Mutable on purpose: it is GitHub's database."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from app.emulator.accounts import Account, App, Json

if TYPE_CHECKING:
    from app.emulator.state import Repository


@dataclass(slots=True, kw_only=True)
class CommitStatus:
    """The result that another CI system wrote on a commit."""

    id: int
    sha: str
    state: str  # error, failure, pending, success
    context: str
    description: str | None
    target_url: str | None
    creator: Account
    created_at: datetime


@dataclass(slots=True, kw_only=True)
class CheckRun:
    """One check on one commit. For Actions its id is the job's."""

    id: int
    name: str
    suite: CheckSuite
    status: str = "queued"
    conclusion: str | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    details_url: str = ""
    external_id: str = ""
    title: str | None = None
    summary: str | None = None
    text: str | None = None
    annotations: list[Json] = field(default_factory=list)
    actions: list[Json] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class CheckSuite:
    """All checks of one App on one commit (for Actions: of one workflow run)."""

    id: int
    app: App
    head_sha: str
    head_branch: str | None
    before: str | None
    created_at: datetime
    updated_at: datetime
    status: str = "queued"
    conclusion: str | None = None
    runs: list[CheckRun] = field(default_factory=list)
    workflow_run: WorkflowRun | None = None


@dataclass(slots=True, kw_only=True)
class Workflow:
    """A workflow file that ran at least once."""

    id: int
    path: str
    name: str
    created_at: datetime


@dataclass(slots=True, kw_only=True)
class Job:
    """One job of one attempt. ``log`` is null until it finished."""

    id: int
    key: str
    name: str
    attempt: int
    check: CheckRun
    created_at: datetime
    labels: tuple[str, ...] = ("ubuntu-latest",)
    steps: list[Json] = field(default_factory=list)
    log: bytes | None = None
    outputs: dict[str, str] = field(default_factory=dict)
    cancel: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True, kw_only=True)
class Attempt:
    """One attempt of a run: what a re-run starts anew."""

    number: int
    triggering_actor: Account
    suite: CheckSuite
    started_at: datetime
    updated_at: datetime
    status: str = "queued"
    conclusion: str | None = None
    jobs: list[Job] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class WorkflowRun:
    """A run of a workflow file: keeps its id over all attempts."""

    id: int
    number: int
    workflow: Workflow
    event: str
    head_branch: str
    head_sha: str
    head_repository: Repository  # a fork, for its pull requests
    actor: Account
    created_at: datetime
    checkout_sha: str  # what the jobs see: the merge commit for pull requests
    plan: Any  # the parsed workflow, or null for one that could not start
    trigger: Any
    display_title: str = ""
    logs_expired: bool = False
    attempts: list[Attempt] = field(default_factory=list)

    @property
    def latest(self) -> Attempt:
        """The newest attempt."""
        return self.attempts[-1]
