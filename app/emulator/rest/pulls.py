"""Pull requests."""

from app.emulator import changes, conversations
from app.emulator.accounts import Json
from app.emulator.rest.repositories import REPO
from app.emulator.routing import Answer, Call, Page, Routes
from app.emulator.shapes import pulls as shapes
from app.emulator.shapes.repositories import changed_file, commit
from app.emulator.state import Pull
from app.emulator.world import Refused, invalid

routes = Routes()

PULL = REPO + "/pulls/{number}"
MOST_FILES = 3000
SORTS = {"created": "created_at", "updated": "updated_at", "popularity": "created_at", "long-running": "created_at"}


def find(call: Call) -> Pull:
    """The pull request named in the path."""
    found = call.repo.pulls.get(call.number("number"))
    if found is None:
        raise Refused(404, "Not Found")
    return found


async def _full(call: Call, pull: Pull) -> Json:
    return shapes.full_pull(call.world.at, call.repo, pull, await changes.size_of(call.repo, pull))


@routes("GET", REPO + "/pulls", "pull_requests=read")
async def listed(call: Call) -> Page:
    """Pull requests; open ones unless ``state`` says otherwise; newest first, oldest update first for ``sort=updated``."""
    query, sort = call.query, call.query.get("sort", "created")
    found = [pull for pull in call.repo.pulls.values() if query.get("state", "open") in {"all", pull.state}]
    if "head" in query:
        found = [pull for pull in found if query["head"] == _head(pull)]
    if "base" in query:
        found = [pull for pull in found if query["base"] == pull.base_ref]
    descending = query.get("direction", "desc" if sort == "created" and "sort" not in query else "asc") == "desc"
    if sort not in SORTS:
        raise invalid("PullRequest", "sort")
    found.sort(key=lambda pull: (getattr(pull, SORTS[sort]), pull.number), reverse=descending)
    return Page(items=[shapes.pull(call.world.at, call.repo, pull) for pull in found])


def _head(pull: Pull) -> str:
    owner = pull.head_repository.owner.login if pull.head_repository else ""
    return f"{owner}:{pull.head_ref}"


@routes("POST", REPO + "/pulls", "pull_requests=write")
async def create(call: Call) -> Answer:
    """Open a pull request."""
    body = call.json
    pull = await conversations.open_pull(
        call.world,
        call.repo,
        title=call.text("title", "PullRequest"),
        body=body.get("body"),
        head=call.text("head", "PullRequest"),
        base=call.text("base", "PullRequest"),
        draft=bool(body.get("draft", False)),
        author=call.by,
        maintainer_can_modify=bool(body.get("maintainer_can_modify", True)),
    )
    return Answer(status=201, body=await _full(call, pull))


@routes("GET", PULL, "pull_requests=read")
async def get(call: Call) -> Json:
    """One pull request."""
    return await _full(call, find(call))


@routes("PATCH", PULL, "pull_requests=write")
async def update(call: Call) -> Json:
    """Edit, retarget, close or reopen a pull request."""
    pull, body = find(call), call.json
    conversations.check_body(body.get("body"), "PullRequest")
    edits: Json = {}
    for name in ("title", "body"):
        if name in body and body[name] != getattr(pull, name):
            edits[name] = {"from": getattr(pull, name) or ""}
            setattr(pull, name, body[name])
    if body.get("base") not in {None, pull.base_ref}:
        edits["base"] = await _retarget(call, pull, body["base"])
    pull.updated_at = call.world.state.clock()
    if edits:
        await changes.tell_pull(call.world, "edited", call.repo, pull, call.by, changes=edits)
    await _set_state(call, pull, body.get("state"))
    return await _full(call, pull)


async def _retarget(call: Call, pull: Pull, base: str) -> Json:
    sha = await call.repo.git.ref(f"refs/heads/{base}")
    if sha is None:
        raise invalid("PullRequest", "base", "invalid", f"Proposed base branch '{base}' was not found")
    if pull.state != "open":
        raise invalid("PullRequest", "base", "invalid", "Cannot change the base branch of a closed pull request.")
    before = {"ref": {"from": pull.base_ref}, "sha": {"from": pull.base_sha}}
    pull.base_ref, pull.base_sha = base, sha
    return before


async def _set_state(call: Call, pull: Pull, state: str | None) -> None:
    if state not in {None, "open", "closed"}:
        raise invalid("PullRequest", "state")
    if state == "closed" and pull.state == "open":
        await changes.close(call.world, call.repo, pull, call.by)
    if state == "open" and pull.state == "closed":
        await conversations.reopen(call.world, call.repo, pull, call.by)


@routes("GET", PULL + "/files", "pull_requests=read")
async def files(call: Call) -> Page:
    """The files it changes, three dots."""
    pull = find(call)
    fork = await call.repo.git.merge_base(pull.base_sha, pull.head_sha)
    found = await call.repo.git.changes(fork or pull.base_sha, pull.head_sha)
    return Page(items=[changed_file(call.world.at, call.repo, pull.head_sha, one) for one in found[:MOST_FILES]])


@routes("GET", PULL + "/commits", "pull_requests=read")
async def commits(call: Call) -> Page:
    """Its commits, oldest first, at most 250."""
    pull = find(call)
    shas = (await call.repo.git.history(pull.head_sha, 250, without=pull.base_sha))[::-1]
    found = await call.repo.git.commits(shas)
    return Page(items=[commit(call.world.at, call.world.state, call.repo, one) for one in found])


@routes("PUT", PULL + "/merge", "contents=write")
async def merge(call: Call) -> Json:
    """Merge it."""
    body = call.json
    method = body.get("merge_method", "merge")
    if method not in conversations.METHODS:
        raise Refused(422, "Invalid request.\n\nmerge_method must be one of merge, squash, rebase.")
    title, sha = body.get("commit_title") or "", body.get("sha")
    made = await conversations.merge(call.world, call.repo, find(call), by=call.by, method=method, sha=sha, title=title)
    return {"sha": made, "merged": True, "message": "Pull Request successfully merged"}


@routes("GET", PULL + "/merge", "pull_requests=read")
async def is_merged(call: Call) -> Answer:
    """Whether it was merged: 204 or 404."""
    if not find(call).merged:
        raise Refused(404, "Not Found")
    return Answer(status=204)


@routes("POST", PULL + "/requested_reviewers", "pull_requests=write")
async def request_reviewers(call: Call) -> Answer:
    """Ask for reviews; 422 as a whole when one is no collaborator or the author."""
    pull = find(call)
    accounts = []
    for login in call.json.get("reviewers") or []:
        account = call.world.state.accounts.get(login.lower())
        if account is None or account.login.lower() not in call.repo.roles:
            raise Refused(
                422,
                "Reviews may only be requested from collaborators. One or more of the users or teams you specified is not a "
                f"collaborator of the {call.repo.full_name} repository.",
            )
        if account.id == pull.user.id:
            raise Refused(422, "Review cannot be requested from pull request author.")
        accounts.append(account)
    pull.requested_reviewers += [one for one in accounts if one not in pull.requested_reviewers]
    return Answer(status=201, body=shapes.pull(call.world.at, call.repo, pull))


@routes("GET", PULL + "/reviews", "pull_requests=read")
async def reviews(call: Call) -> Page:
    """Its reviews."""
    pull = find(call)
    return Page(items=[shapes.review(call.world.at, call.repo, one, pull) for one in pull.reviews])
