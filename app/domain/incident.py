"""An incident: one failed workflow run attempt, and what was collected and understood of it."""

from dataclasses import dataclass
from datetime import datetime

from app.domain.ci import Annotation, Check, Commit, Job, WorkflowRun
from app.domain.repository import Repository


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One failed workflow run attempt: host, repository, run id and run attempt name it."""

    id: str
    repository: Repository
    run: WorkflowRun
    created_at: datetime
    delivery: str = ""  # GUID of the delivery that told of it


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequestRef:
    """The pull request that a failed commit belongs to, as far as a repair needs it."""

    number: int
    base_branch: str
    head_branch: str
    head_sha: str
    author_login: str
    is_fork: bool
    is_draft: bool = False
    title: str = ""
    node_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Everything about the failing commit that one query can tell.

    ``policy_text`` is null when the default branch has no policy file; ``base`` is the branch that the change is measured against
    (the pull request's base, else the default branch); ``history`` runs from the failing commit backwards.
    """

    repository_node_id: str
    default_branch: str
    policy_text: str | None
    workflow_text: str | None
    head_checks: tuple[Check, ...]
    base_branch: str
    base_sha: str | None
    base_checks: tuple[Check, ...]
    history: tuple[Commit, ...]
    pull_request: PullRequestRef | None
    branch_head: str | None  # where the failing branch stands now; null when it is gone
    partial: tuple[str, ...] = ()  # what GitHub left out, as it said it


@dataclass(frozen=True, slots=True, kw_only=True)
class JobEvidence:
    """A failed job with its annotations and its redacted log; ``log`` is null when GitHub no longer has it."""

    job: Job
    annotations: tuple[Annotation, ...]
    log: str | None
    log_missing: str = ""  # why there is none: "expired" (410), "not found" (404)
    log_bytes: int = 0  # what was downloaded, before head and tail were cut
