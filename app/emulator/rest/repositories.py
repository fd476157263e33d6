"""Repositories: files, branches, commits, comparisons, tarballs, and who may do what."""

import base64

from app.emulator.accounts import Json
from app.emulator.objects import Entry
from app.emulator.routing import Answer, Call, Page, Routes
from app.emulator.shapes import people
from app.emulator.shapes.pulls import pull
from app.emulator.shapes.repositories import changed_file, commit, full_repository, minimal_repository, url_of
from app.emulator.state import Repository
from app.emulator.world import Refused

routes = Routes()

REPO = "/repos/{owner}/{repo}"
INLINE = 1_000_000  # bytes up to which a file's content stands in the JSON
LEGACY = {"maintain": "write", "triage": "read"}  # what `permission` says for newer roles
SHOWN_FILES = 300
SHOWN_COMMITS = 250


async def resolve(call: Call, name: str, *, status: int = 404) -> str:
    """Find a commit by any name. Raises Refused (404, or 422 where GitHub says "No commit found")."""
    sha = await call.repo.git.resolve(name)
    if sha is None:
        raise Refused(status, "Not Found" if status == 404 else f"No commit found for SHA: {name}")
    return sha


@routes("GET", REPO)
async def one(call: Call) -> Json:
    """A repository."""
    return full_repository(call.world.at, call.repo)


# --- files ------------------------------------------------------------------------------------------------------------------


def _links(at: people.Addresses, repo: Repository, entry: Entry, ref: str) -> Json:
    url = f"{url_of(at, repo)}/contents/{entry.path}?ref={ref}"
    kind = "blobs" if entry.kind == "blob" else "trees"
    git = f"{url_of(at, repo)}/git/{kind}/{entry.sha}"
    html = f"{at.web}/{repo.full_name}/{kind.removesuffix('s')}/{ref}/{entry.path}"
    download = f"{at.web}/raw/{repo.full_name}/{ref}/{entry.path}" if entry.kind == "blob" else None
    links = {"self": url, "git": git, "html": html}
    return {"url": url, "git_url": git, "html_url": html, "download_url": download, "_links": links}


def _facts(at: people.Addresses, repo: Repository, entry: Entry, ref: str) -> Json:
    kinds = {"blob": "file", "tree": "dir", "commit": "submodule"}
    kind = "symlink" if entry.mode == "120000" else kinds[entry.kind]
    facts = {"name": entry.path.rsplit("/", 1)[-1], "path": entry.path, "sha": entry.sha, "size": entry.size or 0, "type": kind}
    return facts | _links(at, repo, entry, ref)


@routes("GET", REPO + "/contents/{path:path}", "contents=read")
async def contents(call: Call) -> Answer:
    """A file (JSON with base64, or raw by Accept header) or the list of a folder."""
    repo, path = call.repo, call.params["path"].strip("/")
    ref = call.query.get("ref", repo.default_branch)
    sha = await resolve(call, ref)
    entry = await repo.git.find(sha, path)
    if entry is None:
        raise Refused(404, "Not Found")
    if entry.kind == "tree":
        inside = [each for each in await repo.git.tree(sha, recursive=True) if each.path.rpartition("/")[0] == path]
        return Answer(body=[_facts(call.world.at, repo, each, ref) for each in inside])
    content = await repo.git.blob(entry.sha)
    if "raw" in call.headers.get("Accept", ""):
        return Answer(body=content, headers={"Content-Type": "application/vnd.github.raw+json; charset=utf-8"})
    small = len(content) <= INLINE
    encoded = base64.encodebytes(content).decode() if small else ""
    facts = _facts(call.world.at, repo, entry, ref)
    return Answer(body=facts | {"content": encoded, "encoding": "base64" if small else "none"})


@routes("GET", REPO + "/contents", "contents=read")
async def root(call: Call) -> list[Json]:
    """The list of the top folder."""
    ref = call.query.get("ref", call.repo.default_branch)
    sha = await resolve(call, ref)
    return [_facts(call.world.at, call.repo, each, ref) for each in await call.repo.git.tree(sha)]


@routes("GET", REPO + "/tarball/{ref:path}", "contents=read")
async def tarball(call: Call) -> Answer:
    """The commit's files, packed under GitHub's top folder, by redirect to the second origin."""
    repo = call.repo
    sha = await resolve(call, call.params["ref"])
    top = f"{repo.owner.login}-{repo.name}-{sha[:7]}"
    packed = await repo.git.archive(sha, top)
    return Answer(status=302, headers={"Location": call.world.blobs.offer(f"{top}.tar.gz", packed, "application/x-gzip")})


# --- branches and commits ---------------------------------------------------------------------------------------------------


@routes("GET", REPO + "/branches", "contents=read")
async def branches(call: Call) -> Page:
    """All branches."""
    url, guarded = url_of(call.world.at, call.repo), call.repo.protected
    found = (await call.repo.git.branches()).items()
    items = [
        {"name": name, "commit": {"sha": sha, "url": f"{url}/commits/{sha}"}, "protected": name in guarded} for name, sha in found
    ]
    return Page(items=items)


@routes("GET", REPO + "/branches/{branch:path}", "contents=read")
async def branch(call: Call) -> Json:
    """One branch with its head."""
    repo, name = call.repo, call.params["branch"]
    sha = await repo.git.ref(f"refs/heads/{name}")
    if sha is None:
        raise Refused(404, "Branch not found")
    url = f"{url_of(call.world.at, repo)}/branches/{name}"
    guarded = name in repo.protected
    checks: Json = {"enforcement_level": "off", "contexts": [], "checks": []}
    return {
        "name": name,
        "commit": commit(call.world.at, call.world.state, repo, await repo.git.commit(sha)),
        "_links": {"self": url, "html": f"{call.world.at.web}/{repo.full_name}/tree/{name}"},
        "protected": guarded,
        "protection": {"enabled": guarded, "required_status_checks": checks},
        "protection_url": f"{url}/protection",
    }


@routes("GET", REPO + "/rules/branches/{branch:path}")
async def rules(call: Call) -> list[Json]:
    """The rules that hold for a branch name, even before the branch exists."""
    if call.params["branch"] not in call.repo.protected:
        return []
    source = {"ruleset_source_type": "Repository", "ruleset_source": call.repo.full_name, "ruleset_id": 1}
    review = dict.fromkeys(
        (
            "dismiss_stale_reviews_on_push",
            "require_code_owner_review",
            "require_last_push_approval",
            "required_review_thread_resolution",
        ),
        False,
    )
    return [
        {"type": "deletion", **source},
        {"type": "non_fast_forward", **source},
        {"type": "pull_request", "parameters": review | {"required_approving_review_count": 0}, **source},
    ]


@routes("GET", REPO + "/compare/{basehead:path}", "contents=read")
async def compare(call: Call) -> Json:
    """What lies between two commits (three dots)."""
    repo, at = call.repo, call.world.at
    base_name, dots, head_name = call.params["basehead"].partition("...")
    if not dots:
        raise Refused(404, "Not Found")
    base, head = await resolve(call, base_name), await resolve(call, head_name)
    fork = await repo.git.merge_base(base, head)
    if fork is None:
        raise Refused(404, f"No common ancestor between {base_name} and {head_name}.")
    ahead, behind = await repo.git.ahead_behind(base, head)
    listed = (await repo.git.commits(await repo.git.history(head, SHOWN_COMMITS, without=base)))[::-1] if ahead else []
    files = await repo.git.changes(fork, head)
    web = f"{at.web}/{repo.full_name}/compare/{base_name}...{head_name}"
    words = {(False, False): "identical", (True, False): "ahead", (False, True): "behind", (True, True): "diverged"}
    shapes = [commit(at, call.world.state, repo, each) for each in await repo.git.commits([base, fork])]
    return {
        "url": f"{url_of(at, repo)}/compare/{base_name}...{head_name}",
        "html_url": web,
        "permalink_url": web,
        "diff_url": f"{web}.diff",
        "patch_url": f"{web}.patch",
        "base_commit": shapes[0],
        "merge_base_commit": shapes[1],
        "status": words[ahead > 0, behind > 0],
        "ahead_by": ahead,
        "behind_by": behind,
        "total_commits": ahead,
        "commits": [commit(at, call.world.state, repo, each) for each in listed],
        "files": [changed_file(at, repo, head, each) for each in files[:SHOWN_FILES]],
    }


@routes("GET", REPO + "/commits/{sha}/pulls", "pull_requests=read, contents=read")
async def pulls_of_commit(call: Call) -> Page:
    """Pull requests that bring a commit in (or brought it)."""
    sha, repo = await resolve(call, call.params["sha"], status=422), call.repo
    found = []
    for each in repo.pulls.values():
        holds = await repo.git.contains(each.head_sha, sha) and not await repo.git.contains(each.base_sha, sha)
        if holds or each.merge_commit_sha == sha:
            found.append(each)
    return Page(items=[pull(call.world.at, repo, each) for each in found])


@routes("GET", REPO + "/commits/{ref:path}", "contents=read")
async def one_commit(call: Call) -> Json:
    """A commit with its files."""
    repo, at = call.repo, call.world.at
    sha = await resolve(call, call.params["ref"], status=422)
    found = await repo.git.commit(sha)
    files = await repo.git.changes(found.parents[0], sha) if found.parents else []
    added, removed = sum(each.additions for each in files), sum(each.deletions for each in files)
    stats = {"additions": added, "deletions": removed, "total": added + removed}
    shapes = [changed_file(at, repo, sha, each) for each in files]
    return commit(at, call.world.state, repo, found) | {"stats": stats, "files": shapes}


@routes("GET", REPO + "/commits", "contents=read")
async def commits(call: Call) -> Page:
    """History backwards from a branch or commit."""
    start = await resolve(call, call.query.get("sha", call.repo.default_branch))
    shas = await call.repo.git.history(start, 1000, path=call.query.get("path"))
    found = await call.repo.git.commits(shas)
    return Page(items=[commit(call.world.at, call.world.state, call.repo, each) for each in found])


# --- people -----------------------------------------------------------------------------------------------------------------


@routes("GET", REPO + "/collaborators/{login}/permission")
async def permission(call: Call) -> Json:
    """What someone may do here: the legacy word, and the real role."""
    account = call.world.state.accounts.get(call.params["login"].lower())
    if account is None:
        raise Refused(404, f"{call.params['login']} is not a user")
    role = role_of(call.repo, account.login, account.id)
    return {
        "permission": LEGACY.get(role, role),
        "role_name": role,
        "user": people.user(call.world.at, account) | {"permissions": _may(role), "role_name": role},
    }


def _may(role: str) -> Json:
    """What a role includes, as booleans."""
    order = ("none", "read", "triage", "write", "maintain", "admin")
    names = ("pull", "triage", "push", "maintain", "admin")
    return {name: order.index(role) > number for number, name in enumerate(names)}


def role_of(repo: Repository, login: str, account_id: int) -> str:
    """The role of an account on a repository; strangers may read what is public."""
    if account_id == repo.owner.id:
        return "admin"
    return repo.roles.get(login.lower(), "none" if repo.private else "read")


@routes("GET", REPO + "/forks")
async def forks(call: Call) -> Page:
    """Forks of the repository."""
    found = [repo for repo in call.world.state.repositories.values() if repo.fork_of is call.repo]
    return Page(items=[minimal_repository(call.world.at, repo) for repo in found])
