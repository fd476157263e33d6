"""How GitHub writes repositories, commits, trees and files."""

from app.emulator.accounts import Account, Json, node_id, stamp
from app.emulator.diffs import FileChange
from app.emulator.objects import CommitData, Person
from app.emulator.shapes.people import Addresses, user
from app.emulator.state import Repository, State

WEB_FLOW_EMAIL = "noreply@github.com"  # the committer of whatever GitHub commits itself

_LINKS = {
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
}
_COUNTS = (
    "forks",
    "forks_count",
    "open_issues",
    "open_issues_count",
    "size",
    "stargazers_count",
    "watchers",
    "watchers_count",
)


def url_of(at: Addresses, one: Repository) -> str:
    """The REST address of a repository."""
    return f"{at.api}/repos/{one.full_name}"


def minimal_repository(at: Addresses, one: Repository) -> Json:
    """A repository as it stands inside other objects, as ``minimal-repository``."""
    url = url_of(at, one)
    return {
        "id": one.id,
        "node_id": node_id("R", one.id),
        "name": one.name,
        "full_name": one.full_name,
        "private": one.private,
        "owner": user(at, one.owner),
        "html_url": f"{at.web}/{one.full_name}",
        "description": None,
        "fork": one.fork_of is not None,
        "url": url,
        **{key: url + tail for key, tail in _LINKS.items()},
    }


def repository(at: Addresses, one: Repository) -> Json:
    """A repository with its settings, as ``repository``."""
    web = f"{at.web}/{one.full_name}"
    has = ("has_issues", "has_projects", "has_wiki", "has_pages", "has_discussions", "has_downloads", "has_pull_requests")
    return minimal_repository(at, one) | {
        "created_at": stamp(one.created_at),
        "updated_at": stamp(one.pushed_at or one.created_at),
        "pushed_at": stamp(one.pushed_at or one.created_at),
        "git_url": web.replace("http", "git", 1),
        "ssh_url": f"git@localhost:{one.full_name}.git",
        "clone_url": f"{web}.git",
        "svn_url": web,
        "homepage": None,
        "language": None,
        "mirror_url": None,
        "license": None,
        "archived": False,
        "disabled": False,
        "visibility": "private" if one.private else "public",
        "default_branch": one.default_branch,
        **dict.fromkeys(has, True),
        **dict.fromkeys(_COUNTS, 0),
        "topics": [],
        "allow_auto_merge": False,
        "delete_branch_on_merge": False,
    }


def full_repository(at: Addresses, one: Repository) -> Json:
    """A repository asked for by name, as ``full-repository``."""
    return repository(at, one) | {"network_count": 0, "subscribers_count": 0}


def listed_repository(one: Repository) -> Json:
    """The few facts about a repository that installation events carry."""
    facts = {"id": one.id, "node_id": node_id("R", one.id), "name": one.name, "full_name": one.full_name}
    return facts | {"private": one.private}


def account_of(state: State, person: Person) -> Account | None:
    """The account whose address a commit carries, if there is one."""
    if person.email == WEB_FLOW_EMAIL:
        return state.accounts.get("web-flow")
    found = state.accounts.get(person.email.split("@")[0].partition("+")[2].lower())
    return found if found and found.email == person.email else None


def _person(person: Person) -> Json:
    return {"name": person.name, "email": person.email, "date": stamp(person.at)}


def verification(one: CommitData) -> Json:
    """Whether GitHub signed a commit: it does for those it commits itself (web-flow)."""
    signed = one.committer.email == WEB_FLOW_EMAIL
    facts = {"verified": signed, "reason": "valid" if signed else "unsigned"}
    return facts | dict.fromkeys(("signature", "payload", "verified_at"))


def git_commit(at: Addresses, repo: Repository, one: CommitData) -> Json:
    """A commit as git knows it, as ``git-commit``."""
    url = url_of(at, repo)
    web = f"{at.web}/{repo.full_name}/commit"
    parents = [{"sha": sha, "url": f"{url}/git/commits/{sha}", "html_url": f"{web}/{sha}"} for sha in one.parents]
    return {
        "sha": one.sha,
        "node_id": f"C_{one.sha[:20]}",
        "url": f"{url}/git/commits/{one.sha}",
        "html_url": f"{web}/{one.sha}",
        "author": _person(one.author),
        "committer": _person(one.committer),
        "tree": {"sha": one.tree, "url": f"{url}/git/trees/{one.tree}"},
        "message": one.message,
        "parents": parents,
        "verification": verification(one),
    }


def commit(at: Addresses, state: State, repo: Repository, one: CommitData) -> Json:
    """A commit with the accounts behind it, as ``commit``."""
    inner = git_commit(at, repo, one)
    url = f"{url_of(at, repo)}/commits/{one.sha}"
    author, committer = account_of(state, one.author), account_of(state, one.committer)
    kept = {key: inner[key] for key in ("author", "committer", "message", "tree", "verification")}
    return {
        "sha": one.sha,
        "node_id": inner["node_id"],
        "url": url,
        "html_url": inner["html_url"],
        "comments_url": f"{url}/comments",
        "commit": kept | {"url": inner["url"], "comment_count": 0},
        "author": user(at, author) if author else None,
        "committer": user(at, committer) if committer else None,
        "parents": inner["parents"],
    }


def hook_commit(at: Addresses, state: State, repo: Repository, one: CommitData) -> Json:
    """A commit as ``push`` and ``workflow_run`` payloads carry it."""

    def who(person: Person) -> Json:
        known = account_of(state, person)
        return {"name": person.name, "email": person.email} | ({"username": known.login} if known else {})

    return {
        "id": one.sha,
        "tree_id": one.tree,
        "distinct": True,
        "message": one.message,
        "timestamp": one.committer.at.isoformat(),
        "url": f"{at.web}/{repo.full_name}/commit/{one.sha}",
        "author": who(one.author),
        "committer": who(one.committer),
    }


def changed_file(at: Addresses, repo: Repository, sha: str, one: FileChange) -> Json:
    """One file of a comparison or pull request, as ``diff-entry``; binaries carry no patch."""
    web = f"{at.web}/{repo.full_name}"
    facts = {
        "sha": one.sha,
        "filename": one.path,
        "status": one.status,
        "additions": one.additions,
        "deletions": one.deletions,
        "changes": one.additions + one.deletions,
        "blob_url": f"{web}/blob/{sha}/{one.path}",
        "raw_url": f"{web}/raw/{sha}/{one.path}",
        "contents_url": f"{url_of(at, repo)}/contents/{one.path}?ref={sha}",
    }
    extra = {"patch": one.patch, "previous_filename": one.previous}
    return facts | {key: value for key, value in extra.items() if value is not None}
