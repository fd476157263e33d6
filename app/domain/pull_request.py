"""A pull request, as far as DevFlowFix's own needs it: where it stands, what it merges into what."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequest:
    """One pull request of a repository. ``head_repository_id`` is null when the fork is gone."""

    number: int
    node_id: str
    url: str
    title: str
    state: str  # "open" or "closed"
    head_branch: str
    head_sha: str
    base_branch: str
    base_sha: str
    head_repository_id: int | None
    author_login: str  # empty for a deleted account
    author_type: str = "User"  # or "Bot"
    is_draft: bool = False
    merged: bool = False
    body: str = ""
    created_at: datetime | None = None
    updated_at: datetime | None = None
    merged_at: datetime | None = None
    closed_at: datetime | None = None
    merge_commit_sha: str | None = None  # of an open one: GitHub's test merge
    merged_by: str = ""  # login; empty where the payload did not say
