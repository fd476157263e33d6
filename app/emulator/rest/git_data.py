"""The git data API: refs, blobs, trees and commits; and the rules that hold for an App that writes."""

import base64
import binascii
import re
from datetime import datetime

from app.emulator import changes
from app.emulator.accounts import Json
from app.emulator.conversations import delete_branch
from app.emulator.objects import GitError, Person
from app.emulator.rest.repositories import REPO
from app.emulator.routing import Answer, Call, Page, Routes
from app.emulator.rules import may_bring, may_move
from app.emulator.shapes.repositories import git_commit, url_of
from app.emulator.world import Refused, invalid

routes = Routes()

MODES = ("100644", "100755", "040000", "160000", "120000")
REF = re.compile(r"refs/(heads|tags)/(?!/)(?!.*(//|\.\.|@\{|[\x00-\x20~^:?*\[\\\x7f]|\.lock(/|$)))[^/].*(?<![/.])")


def _ref(call: Call, name: str, sha: str) -> Json:
    url = url_of(call.world.at, call.repo)
    target = {"sha": sha, "type": "commit", "url": f"{url}/git/commits/{sha}"}
    return {"ref": name, "node_id": f"REF_{name}", "url": f"{url}/git/{name}", "object": target}


def _name(call: Call) -> str:
    return f"refs/{call.params['ref']}"


@routes("GET", REPO + "/git/ref/{ref:path}", "contents=read")
async def get_ref(call: Call) -> Json:
    """One ref, by its exact name."""
    sha = await call.repo.git.ref(_name(call)) if REF.fullmatch(_name(call)) else None
    if sha is None:
        raise Refused(404, "Not Found")
    return _ref(call, _name(call), sha)


@routes("GET", REPO + "/git/matching-refs/{ref:path}", "contents=read")
async def matching_refs(call: Call) -> Page:
    """Every ref whose name begins so."""
    found = await call.repo.git.refs(_name(call))
    return Page(items=[_ref(call, name, sha) for name, sha in found.items()])


@routes("POST", REPO + "/git/refs", "contents=write")
async def create_ref(call: Call) -> Answer:
    """Make a ref. Existing: 422 "Reference already exists"."""
    name, sha = call.text("ref", "Reference"), call.text("sha", "Reference")
    await make_ref(call, name, sha)
    return Answer(status=201, body=_ref(call, name, sha), headers={"Location": f"{url_of(call.world.at, call.repo)}/git/{name}"})


async def make_ref(call: Call, name: str, sha: str) -> None:
    """Make a ref as an App: the same for REST and GraphQL. Raises Refused."""
    if not REF.fullmatch(name):
        raise Refused(422, f"Reference name {name} is not valid")
    await _commit_must_exist(call, sha)
    if await call.repo.git.ref(name) is not None:
        raise Refused(422, "Reference already exists")
    await may_bring(call.repo, sha, call.token)
    async with call.repo.git.lock:
        try:
            await changes.move_ref(call.world, call.repo, name, sha, call.by)
        except GitError as error:  # a/b cannot be made beside a
            raise Refused(422, "Reference already exists") from error


async def _commit_must_exist(call: Call, sha: str) -> None:
    known = re.fullmatch(r"[0-9a-f]{40}", sha) and await call.repo.git.kind(sha) == "commit"
    if not known:
        raise Refused(422, "Object does not exist")


@routes("PATCH", REPO + "/git/refs/{ref:path}", "contents=write")
async def update_ref(call: Call) -> Json:
    """Move a ref; without ``force`` only forwards."""
    name, sha = _name(call), call.text("sha", "Reference")
    async with call.repo.git.lock:
        before = await call.repo.git.ref(name) if REF.fullmatch(name) else None
        if before is None:
            raise Refused(422, "Reference does not exist")
        await _commit_must_exist(call, sha)
        may_move(call.repo, name)
        if call.json.get("force") is not True and not await call.repo.git.contains(sha, before):
            raise Refused(422, "Update is not a fast forward")
        await may_bring(call.repo, sha, call.token)
        await changes.move_ref(call.world, call.repo, name, sha, call.by)
    return _ref(call, name, sha)


@routes("DELETE", REPO + "/git/refs/{ref:path}", "contents=write")
async def delete_ref(call: Call) -> Answer:
    """Delete a ref; missing or default: 422."""
    name = _name(call)
    await remove_ref(call, name)
    return Answer(status=204)


async def remove_ref(call: Call, name: str) -> None:
    """Delete a ref as an App: the same for REST and GraphQL. Raises Refused."""
    if not REF.fullmatch(name):
        raise Refused(422, "Reference does not exist")
    if await call.repo.git.ref(name) is not None:
        may_move(call.repo, name)
    if name.startswith("refs/heads/"):
        await delete_branch(call.world, call.repo, name.removeprefix("refs/heads/"), call.by)
    elif await call.repo.git.ref(name) is None:
        raise Refused(422, "Reference does not exist")
    else:
        await changes.move_ref(call.world, call.repo, name, None, call.by)


# --- objects ----------------------------------------------------------------------------------------------------------------


@routes("POST", REPO + "/git/blobs", "contents=write")
async def create_blob(call: Call) -> Answer:
    """Store a file's content."""
    content, encoding = call.json.get("content"), call.json.get("encoding", "utf-8")
    if not isinstance(content, str):
        raise invalid("Blob", "content", "missing_field")
    if encoding not in {"utf-8", "base64"}:
        raise invalid("Blob", "encoding")
    raw = content.encode() if encoding == "utf-8" else decoded(content)
    sha = await call.repo.git.write_blob(raw)
    return Answer(status=201, body={"sha": sha, "url": f"{url_of(call.world.at, call.repo)}/git/blobs/{sha}"})


def decoded(content: str) -> bytes:
    """Read base64 strictly, line breaks aside. Raises Refused (422)."""
    try:
        return base64.b64decode("".join(content.split()), validate=True)
    except binascii.Error as error:
        raise Refused(422, "content is not valid Base64") from error


@routes("GET", REPO + "/git/blobs/{sha}", "contents=read")
async def get_blob(call: Call) -> Json:
    """A file's content by its object id."""
    sha = call.params["sha"]
    if await call.repo.git.kind(sha) != "blob":
        raise Refused(404, "Not Found")
    content = await call.repo.git.blob(sha)
    facts = {
        "sha": sha,
        "node_id": f"B_{sha[:20]}",
        "size": len(content),
        "url": f"{url_of(call.world.at, call.repo)}/git/blobs/{sha}",
    }
    return facts | {"content": base64.encodebytes(content).decode(), "encoding": "base64"}


async def _tree(call: Call, sha: str, *, recursive: bool) -> Json:
    url = url_of(call.world.at, call.repo)
    rows = []
    for entry in await call.repo.git.tree(sha, recursive=recursive):
        row: Json = {"path": entry.path, "mode": entry.mode, "type": entry.kind, "sha": entry.sha}
        rows.append(row | ({} if entry.size is None else {"size": entry.size}) | {"url": f"{url}/git/{entry.kind}s/{entry.sha}"})
    return {"sha": sha, "url": f"{url}/git/trees/{sha}", "tree": rows, "truncated": False}


@routes("GET", REPO + "/git/trees/{sha:path}", "contents=read")
async def get_tree(call: Call) -> Json:
    """A tree, by its own id or by a commit or branch; ``recursive`` of any value goes down."""
    name = call.params["sha"]
    commit = await call.repo.git.resolve(name)
    sha = (await call.repo.git.commit(commit)).tree if commit else name
    if commit is None and await call.repo.git.kind(name) != "tree":
        raise Refused(404, "Not Found")
    return await _tree(call, sha, recursive="recursive" in call.query)


@routes("POST", REPO + "/git/trees", "contents=write; contents=write, workflows=write")
async def create_tree(call: Call) -> Answer:
    """Store a tree: ``base_tree`` with entries put on top; a null ``sha`` deletes."""
    rows = call.json.get("tree")
    if not isinstance(rows, list):
        raise Refused(422, 'Invalid request.\n\n"tree" wasn\'t supplied.')
    entries = [await _entry(call, row) for row in rows]
    base = call.json.get("base_tree")
    if base is not None and await call.repo.git.kind(base) not in {"tree", "commit"}:
        raise Refused(422, "base_tree is not a valid tree oid")
    try:
        sha = await call.repo.git.write_tree(base, entries)
    except GitError as error:
        raise Refused(422, "GitRPC::BadObjectState") from error
    return Answer(status=201, body=await _tree(call, sha, recursive=False))


async def _entry(call: Call, row: Json) -> tuple[str, str, str | None]:
    path, mode = row.get("path"), row.get("mode")
    if not isinstance(path, str) or path.startswith("/") or ".." in path.split("/"):
        raise Refused(422, "tree.path contains a malformed path component")
    if mode not in MODES:
        raise Refused(422, "Must supply a valid tree.mode")
    if "content" in row:
        return path, mode, await call.repo.git.write_blob(row["content"].encode())
    if "sha" not in row:
        raise Refused(422, "Must supply either tree.sha or tree.content")
    if row["sha"] is not None and mode != "160000" and await call.repo.git.kind(row["sha"]) is None:
        raise Refused(422, f"tree.sha {row['sha']} is not a valid blob")
    return path, mode, row["sha"]


@routes("POST", REPO + "/git/commits", "contents=write")
async def create_commit(call: Call) -> Answer:
    """Store a commit. Signed by GitHub only where neither author nor committer is given."""
    body, world = call.json, call.world
    message, tree = call.text("message", "Commit"), call.text("tree", "Commit")
    if await call.repo.git.kind(tree) != "tree":
        raise Refused(422, "Tree SHA does not exist")
    parents = body.get("parents") or []
    for parent in parents:
        if await call.repo.git.kind(parent) != "commit":
            raise Refused(422, "Parent SHA does not exist or is not a commit object")
    author = _given(call, body.get("author")) or world.person(call.by)
    named = body.get("author") is not None or body.get("committer") is not None
    committer = _given(call, body.get("committer")) or (author if named else world.web_flow())
    sha = await call.repo.git.write_commit_of_tree(tree, parents, author=author, committer=committer, message=message)
    return Answer(status=201, body=git_commit(world.at, call.repo, await call.repo.git.commit(sha)))


def _given(call: Call, person: Json | None) -> Person | None:
    if person is None:
        return None
    if not person.get("name") or not person.get("email"):
        raise invalid("Commit", "author", "missing_field")
    at = datetime.fromisoformat(person["date"]) if person.get("date") else call.world.state.clock()
    return Person(name=person["name"], email=person["email"], at=at)


@routes("GET", REPO + "/git/commits/{sha}", "contents=read")
async def get_commit(call: Call) -> Json:
    """A commit as git knows it."""
    if await call.repo.git.kind(call.params["sha"]) != "commit":
        raise Refused(404, "Not Found")
    return git_commit(call.world.at, call.repo, await call.repo.git.commit(call.params["sha"]))
