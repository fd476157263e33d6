"""What the stand-in remembers: accounts, installations, repositories and all that hangs on them.

Mutable on purpose: it is GitHub's database.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from app.emulator.accounts import Account, App, Clock
from app.emulator.ci_state import CheckRun, CheckSuite, CommitStatus, Job, Workflow, WorkflowRun
from app.emulator.git import Git

__all__ = [  # what hangs on a repository is known by this module's name too
    "Account",
    "App",
    "CheckRun",
    "CheckSuite",
    "Comment",
    "CommitStatus",
    "Installation",
    "Job",
    "Label",
    "Pull",
    "Reaction",
    "Repository",
    "Review",
    "State",
    "Token",
    "Workflow",
    "WorkflowRun",
]

FIRST_CHECK_ID = 51_000_000_000  # GitHub's check and job numbers passed 2**31 long ago: a client must not keep them in 32 bits
FIRST_SUITE_ID = 41_000_000_000


@dataclass(slots=True, kw_only=True)
class Installation:
    """Our App on one account."""

    id: int
    account: Account
    repository_selection: str  # "all" or "selected"
    repository_ids: set[int]
    permissions: dict[str, str]
    events: tuple[str, ...]
    created_at: datetime
    suspended_at: datetime | None = None

    def covers(self, repository: "Repository") -> bool:
        """Tell whether the installation reaches a repository."""
        if repository.owner.id != self.account.id:
            return False
        return self.repository_selection == "all" or repository.id in self.repository_ids


@dataclass(slots=True, kw_only=True)
class Token:
    """An installation token; ``repository_ids`` is null where it was not narrowed."""

    value: str
    installation: Installation
    permissions: dict[str, str]
    repository_ids: frozenset[int] | None
    expires_at: datetime


@dataclass(slots=True, kw_only=True)
class Reaction:
    """An emoji on a comment."""

    id: int
    content: str
    user: Account
    created_at: datetime


@dataclass(slots=True, kw_only=True)
class Comment:
    """A comment on a pull request's conversation."""

    id: int
    number: int
    body: str
    user: Account
    created_at: datetime
    updated_at: datetime
    by_app: bool = False
    minimized: str | None = None  # the reason, once collapsed
    reactions: list[Reaction] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Review:
    """A submitted review."""

    id: int
    user: Account
    state: str  # APPROVED, CHANGES_REQUESTED, COMMENTED, DISMISSED
    body: str
    commit_id: str
    submitted_at: datetime


@dataclass(slots=True, kw_only=True)
class Label:
    """A label of a repository."""

    id: int
    name: str
    color: str = "ededed"
    description: str = ""


@dataclass(slots=True, kw_only=True)
class Pull:
    """A pull request."""

    id: int
    number: int
    title: str
    body: str | None
    user: Account
    head_ref: str
    head_sha: str
    head_repository: "Repository | None"
    base_ref: str
    base_sha: str
    draft: bool
    created_at: datetime
    updated_at: datetime
    maintainer_can_modify: bool = False
    state: str = "open"
    merged_at: datetime | None = None
    merged_by: Account | None = None
    merge_commit_sha: str | None = None
    closed_at: datetime | None = None
    labels: list[Label] = field(default_factory=list)
    assignees: list[Account] = field(default_factory=list)
    requested_reviewers: list[Account] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)

    @property
    def merged(self) -> bool:
        """Whether it was merged."""
        return self.merged_at is not None


@dataclass(slots=True, kw_only=True)
class Repository:
    """A repository: its git data lies on disk, the rest here."""

    id: int
    owner: Account
    name: str
    private: bool
    default_branch: str
    created_at: datetime
    git: Git
    fork_of: "Repository | None" = None
    pushed_at: datetime | None = None
    protected: set[str] = field(default_factory=set)
    auto_suites: bool = True  # whether a push makes a check suite for our App by itself
    locked_suites: bool = False  # whether our App may not change that (404, as without admin rights)
    roles: dict[str, str] = field(default_factory=dict)  # login → read, triage, write, maintain, admin
    pulls: dict[int, Pull] = field(default_factory=dict)
    comments: dict[int, Comment] = field(default_factory=dict)
    labels: dict[str, Label] = field(default_factory=dict)
    suites: dict[int, CheckSuite] = field(default_factory=dict)
    checks: dict[int, CheckRun] = field(default_factory=dict)
    statuses: list[CommitStatus] = field(default_factory=list)
    workflows: dict[str, Workflow] = field(default_factory=dict)
    runs: dict[int, WorkflowRun] = field(default_factory=dict)
    jobs: dict[int, Job] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def full_name(self) -> str:
        """Owner, slash, name."""
        return f"{self.owner.login}/{self.name}"

    def suites_of(self, sha: str) -> list[CheckSuite]:
        """Every check suite on a commit, oldest first."""
        return [suite for suite in self.suites.values() if suite.head_sha == sha]


@dataclass(slots=True, kw_only=True)
class State:
    """The whole of it."""

    clock: Clock
    app: App
    actions_app: App
    accounts: dict[str, Account] = field(default_factory=dict)  # by lower-case login
    installations: dict[int, Installation] = field(default_factory=dict)
    repositories: dict[str, Repository] = field(default_factory=dict)  # by lower-case full name
    tokens: dict[str, Token] = field(default_factory=dict)
    small: Iterator[int] = field(default_factory=lambda: itertools.count(1_900_000_001))
    checks: Iterator[int] = field(default_factory=lambda: itertools.count(FIRST_CHECK_ID))
    suites: Iterator[int] = field(default_factory=lambda: itertools.count(FIRST_SUITE_ID))

    def account(self, login: str, kind: str = "User") -> Account:
        """Look an account up, or register it."""
        found = self.accounts.get(login.lower())
        if found is None:
            found = Account(id=next(self.small), login=login, type=kind, name=login.title())
            self.accounts[login.lower()] = found
        return found

    def installation_for(self, repository: Repository) -> Installation | None:
        """The installation that covers a repository, unless it is suspended."""
        for installation in self.installations.values():
            if installation.covers(repository) and installation.suspended_at is None:
                return installation
        return None
