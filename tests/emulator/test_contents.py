"""Reading a repository over HTTP: files, branches, commits, comparisons, tarballs, people."""

import base64
import io
import tarfile

import pytest

from app.emulator.github import GitHub
from app.emulator.repo import Repo
from tests.emulator.conftest import Caller, Clock

REPO = "/repos/acme/web"


async def test_a_file_comes_as_json_or_raw(api: Caller) -> None:
    told = (await api("GET", f"{REPO}/contents/src/a.py")).json
    assert base64.b64decode(told["content"]) == b"A = 1\n"
    assert (told["name"], told["path"], told["type"], told["encoding"]) == ("a.py", "src/a.py", "file", "base64")
    raw = await api("GET", f"{REPO}/contents/src/a.py", Accept="application/vnd.github.raw+json")
    assert raw.raw == b"A = 1\n"


async def test_a_file_is_read_as_it_was_at_a_ref(api: Caller, repo: Repo) -> None:
    before = await repo.head("main")
    await repo.push("main", {"src/a.py": "A = 2\n"})
    for ref, content in ((before, b"A = 1\n"), ("main", b"A = 2\n")):
        reply = await api("GET", f"{REPO}/contents/src/a.py?ref={ref}", Accept="application/vnd.github.raw")
        assert reply.raw == content


@pytest.mark.parametrize("path", ["none.txt", "src/a.py?ref=nowhere"])
async def test_what_is_not_there_is_404(api: Caller, path: str) -> None:
    assert (await api("GET", f"{REPO}/contents/{path}")).status == 404


async def test_a_folder_is_a_list(api: Caller) -> None:
    assert [one["path"] for one in (await api("GET", f"{REPO}/contents/src")).json] == ["src/a.py"]
    root = {one["path"]: one["type"] for one in (await api("GET", f"{REPO}/contents")).json}
    assert root == {"README.md": "file", "src": "dir"}


async def test_a_large_file_has_no_content_in_json(api: Caller, repo: Repo) -> None:
    await repo.push("main", {"big.bin": b"\0" * 1_000_001})
    told = (await api("GET", f"{REPO}/contents/big.bin")).json
    assert (told["encoding"], told["content"], told["size"]) == ("none", "", 1_000_001)
    raw = await api("GET", f"{REPO}/contents/big.bin", Accept="application/vnd.github.raw+json")
    assert len(raw.raw) == 1_000_001


async def test_a_tarball_comes_from_the_second_origin_under_github_s_folder(api: Caller, repo: Repo) -> None:
    sha = await repo.head("main") or ""
    reply = await api("GET", f"{REPO}/tarball/{sha}")
    assert (reply.status, reply.raw) == (302, b"")
    where = reply.headers["Location"]
    assert where.startswith(api.github.blob_url)
    packed = await api.fetch(where)
    with tarfile.open(fileobj=io.BytesIO(packed.raw)) as archive:
        names = [member.name for member in archive if member.isfile()]
    assert names == [f"acme-web-{sha[:7]}/README.md", f"acme-web-{sha[:7]}/src/a.py"]


async def test_a_signed_address_lives_one_minute_and_wants_no_credentials(api: Caller, clock: Clock) -> None:
    where = (await api("GET", f"{REPO}/tarball/main")).headers["Location"]
    assert (await api.fetch(where, Authorization="Bearer x")).status == 403
    clock.forward(seconds=55)
    assert (await api.fetch(where)).status == 200
    clock.forward(seconds=10)
    assert (await api.fetch(where)).status == 403
    assert (await api.fetch(where + "x")).status == 404
    assert [status for _, status in api.github.world.blobs.downloads] == [403, 200, 403, 404]


async def test_a_branch_tells_its_head(api: Caller, repo: Repo) -> None:
    await repo.push("feature/a", {"x": "x"}, message="Add x\n\nBecause.")
    told = (await api("GET", f"{REPO}/branches/feature/a")).json
    assert (told["name"], told["commit"]["sha"]) == ("feature/a", await repo.head("feature/a"))
    assert told["commit"]["commit"]["message"] == "Add x\n\nBecause."
    assert told["commit"]["author"]["login"] == "alice"
    assert (await api("GET", f"{REPO}/branches/none")).status == 404


async def test_a_commit_tells_its_files(api: Caller, repo: Repo) -> None:
    sha = await repo.push("main", {"src/a.py": "A = 2\n", "README.md": None, "b.bin": b"\0\1"})
    told = (await api("GET", f"{REPO}/commits/{sha}")).json
    files = {one["filename"]: one for one in told["files"]}
    assert {name: one["status"] for name, one in files.items()} == {
        "README.md": "removed",
        "b.bin": "added",
        "src/a.py": "modified",
    }
    assert files["src/a.py"]["patch"] == "@@ -1 +1 @@\n-A = 1\n+A = 2"
    assert "patch" not in files["b.bin"]
    assert told["stats"] == {"additions": 1, "deletions": 2, "total": 3}
    by_branch = await api("GET", f"{REPO}/commits/main")
    assert by_branch.json["sha"] == sha
    assert (await api("GET", f"{REPO}/commits/{'1' * 40}")).status == 422


async def test_a_rename_is_seen(api: Caller, repo: Repo) -> None:
    await repo.push("main", {"long.txt": "one\ntwo\nthree\n"})
    sha = await repo.push("main", {"long.txt": None, "moved.txt": "one\ntwo\nthree\n"})
    [one] = (await api("GET", f"{REPO}/commits/{sha}")).json["files"]
    assert (one["status"], one["filename"], one["previous_filename"]) == ("renamed", "moved.txt", "long.txt")


async def test_history_goes_backwards(api: Caller, repo: Repo) -> None:
    for number in range(3):
        await repo.push("main", {"n": f"{number}\n"}, message=f"Number {number}")
    messages = [one["commit"]["message"] for one in (await api("GET", f"{REPO}/commits?per_page=2")).json]
    assert messages == ["Number 2", "Number 1"]
    assert len((await api("GET", f"{REPO}/commits?path=src/a.py")).json) == 1


@pytest.mark.parametrize(
    ("basehead", "status", "ahead", "behind"),
    [
        ("main...main", "identical", 0, 0),
        ("old...main", "ahead", 1, 0),
        ("main...old", "behind", 0, 1),
        ("main...side", "diverged", 1, 1),
    ],
)
async def test_a_comparison_says_how_two_commits_stand(
    api: Caller, repo: Repo, basehead: str, status: str, ahead: int, behind: int
) -> None:
    await repo.force("old", await repo.head("main") or "")
    await repo.push("side", {"side.txt": "s\n"})
    await repo.push("main", {"main.txt": "m\n"})
    told = (await api("GET", f"{REPO}/compare/{basehead}")).json
    assert (told["status"], told["ahead_by"], told["behind_by"]) == (status, ahead, behind)
    assert len(told["commits"]) == ahead
    assert len(told["files"]) == ahead


async def test_a_comparison_with_nothing_is_404(api: Caller) -> None:
    assert (await api("GET", f"{REPO}/compare/main...none")).status == 404
    assert (await api("GET", f"{REPO}/compare/main")).status == 404


@pytest.mark.parametrize(
    ("role", "permission"), [("admin", "admin"), ("maintain", "write"), ("write", "write"), ("triage", "read"), ("read", "read")]
)
async def test_permission_is_told_in_the_old_words_and_the_new(api: Caller, repo: Repo, role: str, permission: str) -> None:
    repo.add_collaborator("bob", role)  # type: ignore[arg-type]  # parametrized
    told = (await api("GET", f"{REPO}/collaborators/bob/permission")).json
    assert (told["permission"], told["role_name"], told["user"]["login"]) == (permission, role, "bob")


async def test_a_stranger_may_read_what_is_public_and_nothing_else(api: Caller, github: GitHub) -> None:
    github.world.state.account("stranger")
    await github.create_repository("acme/secret", {"x": "x"}, private=True)
    assert (await api("GET", f"{REPO}/collaborators/stranger/permission")).json["permission"] == "read"
    assert (await api("GET", "/repos/acme/secret/collaborators/stranger/permission")).json["permission"] == "none"
    assert (await api("GET", f"{REPO}/collaborators/nobody/permission")).status == 404
