"""Pull requests and their conversation as GraphQL shows them."""

from dataclasses import dataclass
from typing import Any

from app.emulator.accounts import Json, node_id, stamp
from app.emulator.changes import size_of
from app.emulator.diffs import FileChange
from app.emulator.graph.git_views import CommitView, RefView, RepositoryView
from app.emulator.graph.object_views import AccountView
from app.emulator.graph.paging import Connection, named_id, page
from app.emulator.routing import Call
from app.emulator.shapes.pulls import association
from app.emulator.state import Comment, Pull, Repository, Review

MOST_COMMITS = 250


def state_of(pull: Pull) -> str:
    """OPEN, CLOSED or MERGED."""
    return "MERGED" if pull.merged else pull.state.upper()


def chosen(call: Call, repo: Repository, **wanted: Any) -> Connection:  # noqa: ANN401 - filters and paging
    """The pull requests that the filters keep, in the order asked for."""
    states, order = wanted.pop("states", None), wanted.pop("order_by", None) or {"field": "CREATED_AT", "direction": "ASC"}
    head, base, labels = (wanted.pop(name, None) for name in ("head_ref_name", "base_ref_name", "labels"))
    found = [pull for pull in repo.pulls.values() if states is None or state_of(pull) in states]
    found = [pull for pull in found if head in {None, pull.head_ref} and base in {None, pull.base_ref}]
    if labels is not None:
        found = [pull for pull in found if {label.name for label in pull.labels} & set(labels)]
    key = "updated_at" if order["field"] == "UPDATED_AT" else "created_at"
    found.sort(key=lambda pull: (getattr(pull, key), pull.number), reverse=order["direction"] == "DESC")
    return page([PullView(call, repo, pull) for pull in found], **wanted)


async def bringing(repo: Repository, sha: str) -> list[Pull]:
    """The pull requests that bring a commit in, or brought it."""
    found = []
    for pull in repo.pulls.values():
        brings = await repo.git.contains(pull.head_sha, sha) and not await repo.git.contains(pull.base_sha, sha)
        if brings or pull.merge_commit_sha == sha:
            found.append(pull)
    return found


@dataclass(frozen=True, slots=True)
class PullCommitView:
    """PullRequestCommit."""

    id: str
    commit: CommitView
    typename = "PullRequestCommit"


@dataclass(frozen=True, slots=True)
class PullView:
    """PullRequest."""

    call: Call
    repo: Repository
    pull: Pull
    typename = "PullRequest"

    @property
    def facts(self) -> Json:
        """The plain fields."""
        return _facts(self) | _links(self)

    async def _branch(self, repo: Repository | None, name: str) -> RefView | None:
        sha = await repo.git.ref(f"refs/heads/{name}") if repo else None
        return RefView(self.call, repo, f"refs/heads/{name}", sha) if repo and sha else None

    async def base_ref(self) -> RefView | None:
        """The base branch, where it is still there."""
        return await self._branch(self.repo, self.pull.base_ref)

    async def head_ref(self) -> RefView | None:
        """The head branch, where it is still there."""
        return await self._branch(self.pull.head_repository, self.pull.head_ref)

    async def merge_commit(self) -> CommitView | None:
        """The commit it became; null unless merged."""
        sha = self.pull.merge_commit_sha
        return CommitView(self.call, self.repo, await self.repo.git.commit(sha)) if sha and self.pull.merged else None

    async def additions(self) -> int:
        """Lines added."""
        return (await size_of(self.repo, self.pull)).additions

    async def deletions(self) -> int:
        """Lines deleted."""
        return (await size_of(self.repo, self.pull)).deletions

    async def changed_files(self) -> int:
        """Files changed."""
        return (await size_of(self.repo, self.pull)).changed_files

    async def mergeable(self) -> str:
        """Whether it merges."""
        if self.pull.merged:
            return "UNKNOWN"
        words = {True: "MERGEABLE", False: "CONFLICTING", None: "UNKNOWN"}
        return words[(await size_of(self.repo, self.pull)).mergeable]

    async def commits(self, **paging: Any) -> Connection:  # noqa: ANN401 - paging
        """Its commits, oldest first."""
        shas = (await self.repo.git.history(self.pull.head_sha, MOST_COMMITS, without=self.pull.base_sha))[::-1]
        found = await self.repo.git.commits(shas)
        views = [PullCommitView(named_id("PURC", self.pull.id, one.sha), CommitView(self.call, self.repo, one)) for one in found]
        return page(views, **paging)

    async def files(self, **paging: Any) -> Connection:  # noqa: ANN401 - paging
        """The files it changes."""
        fork = await self.repo.git.merge_base(self.pull.base_sha, self.pull.head_sha)
        found = await self.repo.git.changes(fork or self.pull.base_sha, self.pull.head_sha)
        return page([_file(one) for one in found], **paging)

    def labels(self, **paging: Any) -> Connection:  # noqa: ANN401 - paging
        """Its labels."""
        return page([{"id": node_id("LA", one.id), "name": one.name} for one in self.pull.labels], **paging)

    def comments(self, **paging: Any) -> Connection:  # noqa: ANN401 - paging
        """Its conversation."""
        return page([CommentView(self.call, self.repo, one) for one in _comments(self)], **paging)

    def reviews(self, **paging: Any) -> Connection:  # noqa: ANN401 - paging
        """Its reviews."""
        return page([ReviewView(self.call, self.repo, one) for one in self.pull.reviews], **paging)


def _comments(view: PullView) -> list[Comment]:
    return [one for one in view.repo.comments.values() if one.number == view.pull.number]


def _facts(view: PullView) -> Json:
    pull = view.pull
    return {
        "id": node_id("PR", pull.id),
        "full_database_id": str(pull.id),
        "number": pull.number,
        "title": pull.title,
        "body": pull.body or "",
        "state": state_of(pull),
        "is_draft": pull.draft,
        "merged": pull.merged,
        "closed": pull.state == "closed",
        "created_at": stamp(pull.created_at),
        "updated_at": stamp(pull.updated_at),
        "closed_at": stamp(pull.closed_at),
        "merged_at": stamp(pull.merged_at),
        "base_ref_name": pull.base_ref,
        "base_ref_oid": pull.base_sha,
        "head_ref_name": pull.head_ref,
        "head_ref_oid": pull.head_sha,
        "is_cross_repository": pull.head_repository is not view.repo,
        "maintainer_can_modify": pull.maintainer_can_modify,
        "auto_merge_request": None,
    }


def _links(view: PullView) -> Json:
    pull, repo = view.pull, view.repo
    return {
        "url": f"{view.call.world.at.web}/{repo.full_name}/pull/{pull.number}",
        "author": AccountView(pull.user),
        "author_association": association(repo, pull.user),
        "merged_by": AccountView(pull.merged_by) if pull.merged_by else None,
        "repository": RepositoryView(view.call, repo),
        "head_repository": RepositoryView(view.call, pull.head_repository) if pull.head_repository else None,
        "review_decision": decision(pull),
        "total_comments_count": len(_comments(view)),
    }


def decision(pull: Pull) -> str | None:
    """What the latest verdict of each reviewer adds up to; null without any."""
    verdicts = {review.user.id: review.state for review in pull.reviews if review.state != "COMMENTED"}
    for word in ("CHANGES_REQUESTED", "APPROVED"):
        if word in verdicts.values():
            return word
    return None


def _file(one: FileChange) -> Json:
    words = {"added": "ADDED", "removed": "DELETED", "renamed": "RENAMED", "copied": "COPIED", "changed": "CHANGED"}
    kind = words.get(one.status, "MODIFIED")
    return {"path": one.path, "change_type": kind, "additions": one.additions, "deletions": one.deletions}


@dataclass(frozen=True, slots=True)
class CommentView:
    """IssueComment."""

    call: Call
    repo: Repository
    comment: Comment
    typename = "IssueComment"
    viewer_can_minimize = True

    @property
    def facts(self) -> Json:
        """The plain fields."""
        one = self.comment
        return {
            "id": node_id("IC", one.id),
            "full_database_id": str(one.id),
            "body": one.body,
            "author": lambda: AccountView(one.user),
            "created_at": stamp(one.created_at),
            "last_edited_at": stamp(one.updated_at) if one.updated_at != one.created_at else None,
            "is_minimized": one.minimized is not None,
            "minimized_reason": one.minimized,
            "url": f"{self.call.world.at.web}/{self.repo.full_name}/pull/{one.number}#issuecomment-{one.id}",
        }


@dataclass(frozen=True, slots=True)
class ReviewView:
    """PullRequestReview."""

    call: Call
    repo: Repository
    review: Review
    typename = "PullRequestReview"

    @property
    def facts(self) -> Json:
        """The plain fields."""
        one = self.review
        return {
            "id": node_id("PRR", one.id),
            "full_database_id": str(one.id),
            "state": one.state,
            "body": one.body,
            "author": lambda: AccountView(one.user),
            "submitted_at": stamp(one.submitted_at),
        }

    async def commit(self) -> CommitView:
        """The commit that was reviewed."""
        return CommitView(self.call, self.repo, await self.repo.git.commit(self.review.commit_id))
