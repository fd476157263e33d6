"""How GitHub writes pull requests, their comments, reviews, labels and reactions."""

from collections import Counter
from dataclasses import dataclass

from app.emulator.accounts import Account, App, Json, node_id, stamp
from app.emulator.shapes import people
from app.emulator.shapes.people import Addresses
from app.emulator.shapes.repositories import repository, url_of
from app.emulator.state import Comment, Label, Pull, Reaction, Repository, Review

REACTIONS = ("+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes")


@dataclass(frozen=True, slots=True, kw_only=True)
class PullSize:
    """What git says about a pull request."""

    commits: int
    additions: int
    deletions: int
    changed_files: int
    mergeable: bool | None


def association(repo: Repository, account: Account) -> str:
    """The author association; it says little about what the author may do."""
    if account.id == repo.owner.id:
        return "OWNER"
    if repo.roles.get(account.login.lower()) in {"write", "maintain", "admin", "triage", "read"}:
        return "COLLABORATOR"
    return "NONE"


def label(at: Addresses, repo: Repository, one: Label) -> Json:
    """A label."""
    facts = {"id": one.id, "node_id": node_id("LA", one.id), "url": f"{url_of(at, repo)}/labels/{one.name}", "name": one.name}
    return facts | {"color": one.color, "default": False, "description": one.description or None}


def _side(at: Addresses, repo: Repository | None, ref: str, sha: str) -> Json:
    owner = repo.owner if repo else None
    return {
        "label": f"{owner.login if owner else 'unknown'}:{ref}",
        "ref": ref,
        "sha": sha,
        "user": people.user(at, owner) if owner else None,
        "repo": repository(at, repo) if repo else None,
    }


def _links(at: Addresses, repo: Repository, one: Pull) -> Json:
    url = f"{url_of(at, repo)}/pulls/{one.number}"
    issue = f"{url_of(at, repo)}/issues/{one.number}"
    web = f"{at.web}/{repo.full_name}/pull/{one.number}"
    return {
        "url": url,
        "html_url": web,
        "diff_url": f"{web}.diff",
        "patch_url": f"{web}.patch",
        "issue_url": issue,
        "commits_url": f"{url}/commits",
        "review_comments_url": f"{url}/comments",
        "review_comment_url": f"{url_of(at, repo)}/pulls/comments{{/number}}",
        "comments_url": f"{issue}/comments",
        "statuses_url": f"{url_of(at, repo)}/statuses/{one.head_sha}",
    }


def _hypermedia(links: Json) -> Json:
    names = {
        "self": "url",
        "html": "html_url",
        "issue": "issue_url",
        "comments": "comments_url",
        "review_comments": "review_comments_url",
        "review_comment": "review_comment_url",
        "commits": "commits_url",
        "statuses": "statuses_url",
    }
    return {name: {"href": links[key]} for name, key in names.items()}


def pull(at: Addresses, repo: Repository, one: Pull) -> Json:
    """A pull request as lists show it: without what GitHub has to compute."""
    links = _links(at, repo, one)
    assignees = [people.user(at, account) for account in one.assignees]
    return {
        "id": one.id,
        "node_id": node_id("PR", one.id),
        "number": one.number,
        "state": one.state,
        "locked": False,
        "title": one.title,
        "body": one.body,
        "user": people.user(at, one.user),
        "created_at": stamp(one.created_at),
        "updated_at": stamp(one.updated_at),
        "closed_at": stamp(one.closed_at),
        "merged_at": stamp(one.merged_at),
        "merge_commit_sha": one.merge_commit_sha,
        "assignee": assignees[0] if assignees else None,
        "assignees": assignees,
        "requested_reviewers": [people.user(at, account) for account in one.requested_reviewers],
        "requested_teams": [],
        "labels": [label(at, repo, each) for each in one.labels],
        "milestone": None,
        "draft": one.draft,
        "head": _side(at, one.head_repository, one.head_ref, one.head_sha),
        "base": _side(at, repo, one.base_ref, one.base_sha),
        "_links": _hypermedia(links),
        "author_association": association(repo, one.user),
        "auto_merge": None,
        "active_lock_reason": None,
    } | links


def full_pull(at: Addresses, repo: Repository, one: Pull, size: PullSize) -> Json:
    """A pull request on its own: with sizes and whether it merges."""
    state = {True: "draft" if one.draft else "clean", False: "dirty", None: "unknown"}[size.mergeable]
    return pull(at, repo, one) | {
        "merged": one.merged,
        "mergeable": None if one.merged else size.mergeable,
        "rebaseable": None,
        "mergeable_state": "unknown" if one.merged else state,
        "merged_by": people.user(at, one.merged_by) if one.merged_by else None,
        "comments": sum(comment.number == one.number for comment in repo.comments.values()),
        "review_comments": 0,
        "maintainer_can_modify": one.maintainer_can_modify,
        "commits": size.commits,
        "additions": size.additions,
        "deletions": size.deletions,
        "changed_files": size.changed_files,
    }


def issue(at: Addresses, repo: Repository, one: Pull) -> Json:
    """A pull request seen as an issue, as comment events carry it."""
    url = f"{url_of(at, repo)}/issues/{one.number}"
    links = _links(at, repo, one)
    facts = pull(at, repo, one)
    same = ("number", "title", "body", "user", "state", "locked", "labels", "assignee", "assignees", "milestone", "draft")
    kept = (*same, "created_at", "updated_at", "closed_at", "author_association", "active_lock_reason")
    return {key: facts[key] for key in kept} | {
        "id": one.id + 1_000_000,
        "node_id": node_id("I", one.id),
        "url": url,
        "repository_url": url_of(at, repo),
        "labels_url": f"{url}/labels{{/name}}",
        "comments_url": f"{url}/comments",
        "events_url": f"{url}/events",
        "timeline_url": f"{url}/timeline",
        "html_url": links["html_url"],
        "comments": sum(comment.number == one.number for comment in repo.comments.values()),
        "state_reason": None,
        "reactions": _tally(url, []),
        "performed_via_github_app": None,
        "pull_request": {key: links[key] for key in ("url", "html_url", "diff_url", "patch_url")}
        | {"merged_at": stamp(one.merged_at)},
    }


def _tally(url: str, given: list[Reaction]) -> Json:
    """How many reacted how."""
    tally = Counter(reaction.content for reaction in given)
    return {"url": f"{url}/reactions", "total_count": len(given)} | {content: tally[content] for content in REACTIONS}


def reaction(at: Addresses, one: Reaction) -> Json:
    """One reaction."""
    facts = {"id": one.id, "node_id": node_id("REA", one.id), "user": people.user(at, one.user)}
    return facts | {"content": one.content, "created_at": stamp(one.created_at)}


def comment(at: Addresses, repo: Repository, one: Comment, app: App) -> Json:
    """A comment on a conversation."""
    return {
        "id": one.id,
        "node_id": node_id("IC", one.id),
        "url": f"{url_of(at, repo)}/issues/comments/{one.id}",
        "html_url": f"{at.web}/{repo.full_name}/pull/{one.number}#issuecomment-{one.id}",
        "issue_url": f"{url_of(at, repo)}/issues/{one.number}",
        "body": one.body,
        "user": people.user(at, one.user),
        "created_at": stamp(one.created_at),
        "updated_at": stamp(one.updated_at),
        "author_association": association(repo, one.user),
        "performed_via_github_app": people.app(at, app) if one.by_app else None,
        "reactions": _tally(f"{url_of(at, repo)}/issues/comments/{one.id}", one.reactions),
    }


def review(at: Addresses, repo: Repository, one: Review, of: Pull) -> Json:
    """A submitted review. Events write its state in lower case, REST in upper."""
    url = f"{url_of(at, repo)}/pulls/{of.number}"
    web = f"{at.web}/{repo.full_name}/pull/{of.number}#pullrequestreview-{one.id}"
    return {
        "id": one.id,
        "node_id": node_id("PRR", one.id),
        "user": people.user(at, one.user),
        "body": one.body,
        "state": one.state,
        "html_url": web,
        "pull_request_url": url,
        "author_association": association(repo, one.user),
        "_links": {"html": {"href": web}, "pull_request": {"href": url}},
        "submitted_at": stamp(one.submitted_at),
        "commit_id": one.commit_id,
    }
