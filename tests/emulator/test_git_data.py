"""Refs, blobs, trees and commits over HTTP, and what an App may not write."""

import base64

import pytest

from app.emulator.github import GitHub
from app.emulator.repo import Repo
from tests.emulator.conftest import Caller, Clock, Json

GIT = "/repos/acme/web/git"


async def make_commit(api: Caller, repo: Repo, files: dict[str, str], *, parent: str | None = None, **more: Json) -> str:
    parent = parent or await repo.head("main")
    rows = [{"path": path, "mode": "100644", "type": "blob", "content": content} for path, content in files.items()]
    tree = (await api("POST", f"{GIT}/trees", {"base_tree": parent, "tree": rows})).json["sha"]
    reply = await api("POST", f"{GIT}/commits", {"message": "By the API", "tree": tree, "parents": [parent], **more})
    assert reply.status == 201, reply.raw
    return str(reply.json["sha"])


async def test_a_ref_is_made_read_moved_and_deleted(api: Caller, repo: Repo) -> None:
    sha = await repo.head("main")
    made = await api("POST", f"{GIT}/refs", {"ref": "refs/heads/bot/x", "sha": sha})
    assert (made.status, made.json["object"]["sha"]) == (201, sha)
    assert (await api("GET", f"{GIT}/ref/heads/bot/x")).json["ref"] == "refs/heads/bot/x"
    assert (await api("GET", f"{GIT}/ref/heads%2Fbot%2Fx")).status == 200
    newer = await make_commit(api, repo, {"new.txt": "new\n"})
    moved = await api("PATCH", f"{GIT}/refs/heads/bot/x", {"sha": newer})
    assert (moved.status, moved.json["object"]["sha"]) == (200, newer)
    assert await repo.file("bot/x", "new.txt") == b"new\n"
    assert (await api("DELETE", f"{GIT}/refs/heads/bot/x")).status == 204
    assert (await api("GET", f"{GIT}/ref/heads/bot/x")).status == 404


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"ref": "refs/heads/main", "sha": "HEAD"}, "Reference already exists"),
        ({"ref": "refs/heads/x", "sha": "0" * 40}, "Object does not exist"),
        ({"ref": "refs/heads/x", "sha": "main"}, "Object does not exist"),
        ({"ref": "heads/x", "sha": "HEAD"}, "is not valid"),
        ({"ref": "refs/heads/a..b", "sha": "HEAD"}, "is not valid"),
        ({"ref": "refs/heads/../../config", "sha": "HEAD"}, "is not valid"),
        ({"ref": "refs/heads/main/under", "sha": "HEAD"}, "Reference already exists"),
        ({"sha": "HEAD"}, "Validation Failed"),
    ],
)
async def test_a_ref_that_cannot_be_is_422(api: Caller, repo: Repo, body: dict[str, str], words: str) -> None:
    head = await repo.head("main") or ""
    reply = await api("POST", f"{GIT}/refs", {name: head if value == "HEAD" else value for name, value in body.items()})
    assert reply.status == 422
    assert words in reply.json["message"]


async def test_only_forced_moves_go_backwards(api: Caller, repo: Repo) -> None:
    first = await repo.head("main")
    await repo.push("side", {"b": "b"})
    reply = await api("PATCH", f"{GIT}/refs/heads/side", {"sha": first})
    assert (reply.status, reply.json["message"]) == (422, "Update is not a fast forward")
    assert (await api("PATCH", f"{GIT}/refs/heads/side", {"sha": first, "force": True})).status == 200
    assert await repo.head("side") == first


@pytest.mark.parametrize(("name", "words"), [("nowhere", "Reference does not exist"), ("main", "default branch")])
async def test_a_missing_and_the_default_branch_cannot_be_deleted(api: Caller, name: str, words: str) -> None:
    reply = await api("DELETE", f"{GIT}/refs/heads/{name}")
    assert reply.status == 422
    assert words in reply.json["message"]


async def test_matching_refs_begin_alike(api: Caller, repo: Repo) -> None:
    for name in ("bot/a", "bot/b", "bottom", "x"):
        await repo.push(name, {"n": name})
    found = (await api("GET", f"{GIT}/matching-refs/heads/bot")).json
    assert [one["ref"] for one in found] == ["refs/heads/bot/a", "refs/heads/bot/b", "refs/heads/bottom"]
    assert (await api("GET", f"{GIT}/matching-refs/heads/none")).json == []


async def test_blobs_go_in_and_out(api: Caller) -> None:
    raw = bytes(range(256))
    body = {"content": base64.b64encode(raw).decode(), "encoding": "base64"}
    sha = (await api("POST", f"{GIT}/blobs", body)).json["sha"]
    back = (await api("GET", f"{GIT}/blobs/{sha}")).json
    assert (base64.b64decode(back["content"]), back["size"]) == (raw, 256)
    assert (await api("POST", f"{GIT}/blobs", {"content": "%%%", "encoding": "base64"})).status == 422
    assert (await api("GET", f"{GIT}/blobs/{'1' * 40}")).status == 404


async def test_a_tree_on_top_of_another_changes_deletes_and_sets_modes(api: Caller, repo: Repo) -> None:
    base = await repo.head("main")
    rows = [
        {"path": "run.sh", "mode": "100755", "type": "blob", "content": "#!/bin/sh\n"},
        {"path": "README.md", "mode": "100644", "type": "blob", "sha": None},
    ]
    tree = (await api("POST", f"{GIT}/trees", {"base_tree": base, "tree": rows})).json
    listed = (await api("GET", f"{GIT}/trees/{tree['sha']}?recursive=1")).json["tree"]
    assert {(one["path"], one["mode"]) for one in listed} == {("run.sh", "100755"), ("src", "040000"), ("src/a.py", "100644")}
    assert {one["path"] for one in (await api("GET", f"{GIT}/trees/main")).json["tree"]} == {"README.md", "src"}


@pytest.mark.parametrize(
    "row",
    [
        {"path": "../up", "mode": "100644", "content": "x"},
        {"path": "x", "mode": "777", "content": "x"},
        {"path": "x", "mode": "100644"},
        {"path": "x", "mode": "100644", "sha": "1" * 40},
    ],
)
async def test_a_wrong_tree_entry_is_422(api: Caller, row: dict[str, str]) -> None:
    assert (await api("POST", f"{GIT}/trees", {"tree": [row]})).status == 422


async def test_github_signs_what_the_app_commits_unless_somebody_is_named(api: Caller, repo: Repo) -> None:
    ours = (await api("GET", f"{GIT}/commits/{await make_commit(api, repo, {'a': 'a'})}")).json
    assert (ours["author"]["name"], ours["committer"]["name"]) == ("devflowfix[bot]", "GitHub")
    assert ours["verification"]["verified"] is True
    author = {"name": "Eve", "email": "eve@example.org"}
    named = (await api("GET", f"{GIT}/commits/{await make_commit(api, repo, {'a': 'b'}, author=author)}")).json
    assert (named["author"]["name"], named["committer"]["name"]) == ("Eve", "Eve")
    assert named["verification"]["verified"] is False


async def test_a_commit_of_nothing_known_is_422(api: Caller, repo: Repo) -> None:
    tree = (await repo.state.git.commit(await repo.head("main") or "")).tree
    assert (await api("POST", f"{GIT}/commits", {"message": "m", "tree": "1" * 40})).status == 422
    assert (await api("POST", f"{GIT}/commits", {"message": "m", "tree": tree, "parents": ["1" * 40]})).status == 422
    assert (await api("POST", f"{GIT}/commits", {"tree": tree})).status == 422


async def test_workflow_files_are_refused_without_their_permission(api: Caller, repo: Repo) -> None:
    sha = await make_commit(api, repo, {".github/workflows/x.yml": "on: push\n"})
    reply = await api("POST", f"{GIT}/refs", {"ref": "refs/heads/bot/x", "sha": sha})
    assert reply.status == 403
    assert "without `workflows` permission" in reply.json["message"]
    above = await make_commit(api, repo, {"ok.txt": "ok"}, parent=sha)
    assert (await api("POST", f"{GIT}/refs", {"ref": "refs/heads/bot/x", "sha": above})).status == 403
    assert (await api("PATCH", f"{GIT}/refs/heads/main", {"sha": sha})).status == 403


async def test_workflow_files_pass_with_their_permission(github: GitHub, call: Caller, repo: Repo, manifest: Json) -> None:
    granted = manifest["default_permissions"] | {"workflows": "write"}
    await call.login(await github.install("acme", permissions=granted))
    sha = await make_commit(call, repo, {".github/workflows/x.yml": "on: [workflow_dispatch]\n"})
    assert (await call("POST", f"{GIT}/refs", {"ref": "refs/heads/bot/x", "sha": sha})).status == 201


async def test_a_branch_at_a_commit_that_brings_workflows_is_fine_when_a_branch_holds_it(api: Caller, repo: Repo) -> None:
    sha = await repo.push("main", {".github/workflows/x.yml": "on: [workflow_dispatch]\n"})
    await repo.push("main", {"later": "x"})
    assert (await api("POST", f"{GIT}/refs", {"ref": "refs/heads/bot/x", "sha": sha})).status == 201


async def test_a_protected_branch_is_not_moved_or_deleted_by_an_app(api: Caller, repo: Repo) -> None:
    await repo.push("release", {"r": "r"})
    repo.protect("release")
    sha = await make_commit(api, repo, {"z": "z"}, parent=await repo.head("release"))
    moved = await api("PATCH", f"{GIT}/refs/heads/release", {"sha": sha})
    assert moved.status == 422
    assert "rule violations" in moved.json["message"]
    assert (await api("DELETE", f"{GIT}/refs/heads/release")).status == 422
    assert await repo.head("release") is not None
    assert (await api("GET", "/repos/acme/web/branches/release")).json["protected"] is True
    rules = (await api("GET", "/repos/acme/web/rules/branches/release")).json
    assert {"pull_request", "non_fast_forward"} <= {rule["type"] for rule in rules}
    assert (await api("GET", "/repos/acme/web/rules/branches/not-yet-there")).json == []


async def test_people_are_not_bound_by_the_rules_for_apps(repo: Repo, clock: Clock) -> None:
    repo.protect("main")
    sha = await repo.push("main", {"w": "w"}, author="alice")
    assert await repo.head("main") == sha
    assert (await repo.state.git.commit(sha)).author.at <= clock()
