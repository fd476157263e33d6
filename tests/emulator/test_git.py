"""Real git repositories, driven through plumbing, apart from the user's own settings."""

import os
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.emulator.diffs import parse_diff
from app.emulator.git import Git, isolated
from app.emulator.objects import ZERO, GitError, Person, parse_commit, read_batch

ALICE = Person(name="Alice", email="alice@example.org", at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))


@pytest.fixture
def git(tmp_path: Path) -> Iterator[Git]:
    pool = ThreadPoolExecutor(2)
    one = Git(tmp_path / "one.git", pool)
    one.create("main")
    yield one
    pool.shutdown()


def plain_git(path: Path, *args: str) -> str:
    """The reference: git as anybody runs it, on the same folder."""
    command = ["git", "-C", str(path), *args]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=isolated()).stdout.strip()  # noqa: S603 - no shell


async def commit(git: Git, files: dict[str, str | bytes | None], parent: str | None = None, message: str = "m") -> str:
    return await git.write_commit(files, parent=parent, author=ALICE, committer=ALICE, message=message)


async def test_a_commit_is_what_git_itself_sees(git: Git) -> None:
    files: dict[str, str | bytes | None] = {"a.txt": "a\n", 'odd "näme".txt': "o", "dir/b.bin": b"\0\xff"}
    sha = await commit(git, files, message="Headline\n\nBody ✓")
    await git.set_ref("refs/heads/main", sha, None)
    found = plain_git(git.path, "log", "-1", "--format=%H|%an|%ae|%at|%B")
    assert found == f"{sha}|Alice|alice@example.org|{int(ALICE.at.timestamp())}|Headline\n\nBody ✓"
    assert {entry.path for entry in await git.tree(sha, recursive=True) if entry.kind == "blob"} == set(files)
    assert await git.file(sha, "dir/b.bin") == b"\0\xff"
    assert await git.file(sha, "dir") is None
    plain_git(git.path, "fsck", "--strict")


async def test_no_stray_refs_are_left(git: Git) -> None:
    await git.set_ref("refs/heads/main", await commit(git, {"a": "a"}), None)
    assert list(await git.refs("refs/")) == ["refs/heads/main"]


async def test_modes_stay_and_files_go(git: Git) -> None:
    first = await git.write_commit(
        {"run": "x", "gone": "y"}, parent=None, author=ALICE, committer=ALICE, message="m", modes={"run": "100755"}
    )
    second = await commit(git, {"run": "z", "gone": None}, first)
    assert [(entry.path, entry.mode) for entry in await git.tree(second)] == [("run", "100755")]


async def test_a_ref_moves_only_from_where_it_is_said_to_be(git: Git) -> None:
    one = await commit(git, {"a": "a"})
    two = await commit(git, {"a": "b"}, one)
    await git.set_ref("refs/heads/main", one, None)
    with pytest.raises(GitError):
        await git.set_ref("refs/heads/main", two, None)
    with pytest.raises(GitError):
        await git.set_ref("refs/heads/main", two, two)
    await git.set_ref("refs/heads/main", two, one)
    assert await git.ref("refs/heads/main") == two
    await git.set_ref("refs/heads/main", None, two)
    assert await git.ref("refs/heads/main") is None


async def test_names_are_resolved(git: Git) -> None:
    sha = await commit(git, {"a": "a"})
    await git.set_ref("refs/heads/feature/x", sha, None)
    await git.set_ref("refs/tags/v1", sha, None)
    names = ("feature/x", "v1", "heads/feature/x", "refs/heads/feature/x", sha, sha[:8])
    assert {name: await git.resolve(name) for name in names} == dict.fromkeys(names, sha)
    for name in ("none", "0" * 40, "../../etc/passwd", "--help", "HEAD"):
        assert await git.resolve(name) is None


async def test_ancestry(git: Git) -> None:
    root = await commit(git, {"a": "a"})
    left, right = await commit(git, {"l": "l"}, root), await commit(git, {"r": "r"}, root)
    alone = await commit(git, {"z": "z"})
    assert await git.merge_base(left, right) == root
    assert await git.merge_base(left, alone) is None
    assert await git.ahead_behind(left, right) == (1, 1)
    assert (await git.contains(left, root), await git.contains(root, left)) == (True, False)
    assert await git.history(left, 10) == [left, root]
    assert await git.history(left, 10, without=root) == [left]
    assert await git.history(left, 10, path="a") == [root]


async def test_merging_gives_a_tree_or_a_conflict(git: Git) -> None:
    root = await commit(git, {"a": "one\n"})
    left, right = await commit(git, {"l": "l"}, root), await commit(git, {"r": "r"}, root)
    clash = await commit(git, {"l": "other"}, root)
    tree = await git.merged_tree(left, right)
    assert tree is not None
    assert [entry.path for entry in await git.tree(tree)] == ["a", "l", "r"]
    assert await git.merged_tree(left, clash) is None
    assert await git.merged_tree(root, left) == (await git.commit(left)).tree


async def test_what_changed_with_its_patch(git: Git) -> None:
    one = await commit(git, {"a": "1\n2\n3\n", "b": "b\n", "long": "x\ny\nz\n", "bin": b"\0"})
    two = await commit(git, {"a": "1\n2!\n3\n", "b": None, "long": None, "moved": "x\ny\nz\n", "bin": b"\0\1", "ü": "new\n"}, one)
    found = {change.path: change for change in await git.changes(one, two)}
    assert {path: (one.status, one.additions, one.deletions) for path, one in found.items()} == {
        "a": ("modified", 1, 1),
        "b": ("removed", 0, 1),
        "bin": ("modified", 0, 0),
        "moved": ("renamed", 0, 0),
        "ü": ("added", 1, 0),
    }
    assert found["a"].patch == "@@ -1,3 +1,3 @@\n 1\n-2\n+2!\n 3"
    assert found["bin"].patch is None
    assert found["moved"].previous == "long"


def test_a_diff_may_hold_what_looks_like_a_diff() -> None:
    text = (
        f":100644 100644 {'1' * 40} {'2' * 40} M\ta\n\ndiff --git a/a b/a\nindex 1..2 100644\n--- a/a\n+++ b/a\n"
        "@@ -1 +1,2 @@\n x\n+diff --git a/b b/b\n+:100644 fake\n"
    )
    [one] = parse_diff(text)
    assert (one.path, one.additions, one.deletions) == ("a", 2, 0)


async def test_files_are_written_out(git: Git, tmp_path: Path) -> None:
    sha = await git.write_commit(
        {"run": "#!/bin/sh\n", "d/x": "x"}, parent=None, author=ALICE, committer=ALICE, message="m", modes={"run": "100755"}
    )
    folder = tmp_path / "out"
    folder.mkdir()
    await git.materialise(sha, folder)
    assert (folder / "d" / "x").read_text() == "x"
    assert os.access(folder / "run", os.X_OK)


async def test_a_missing_object_is_an_error(git: Git) -> None:
    with pytest.raises(GitError, match="no object"):
        await git.commit("1" * 40)
    assert await git.kind("1" * 40) is None
    with pytest.raises(GitError):
        await git.blob("1" * 40)
    for _ in range(2):  # the second time from memory
        with pytest.raises(GitError):
            await git.changes("1" * 40, "2" * 40)


async def test_the_user_s_settings_stay_out(git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = tmp_path / "gitconfig"
    settings.write_text("[core]\n\tautocrlf = true\n[user]\n\tname = Somebody Else\n[diff]\n\tnoprefix = true\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    sha = await commit(git, {"a": "x\r\n"})
    assert await git.file(sha, "a") == b"x\r\n"


def test_git_s_own_form_of_a_commit_is_read() -> None:
    raw = (
        f"tree {'a' * 40}\nparent {'b' * 40}\nauthor A U Thor <a@x> 100 +0200\ncommitter C <> 200 -0100\n"
        "gpgsig -----BEGIN\n more\n -----END\n\nSubject\n\nBody\n"
    )
    found = parse_commit("c" * 40, raw.encode())
    assert (found.tree, found.parents) == ("a" * 40, ("b" * 40,))
    assert (found.author.name, found.author.email, found.author.at.timestamp()) == ("A U Thor", "a@x", 100)
    assert (found.committer.name, found.message) == ("C", "Subject\n\nBody\n")


def test_names_cannot_break_out_of_a_commit() -> None:
    bad = Person(name="Eve <eve@x>\ncommitter Mallory", email="e@x", at=ALICE.at)
    assert bad.line() == f"Eve eve@xcommitter Mallory <e@x> {int(ALICE.at.timestamp())} +0000"


def test_a_batch_of_objects_is_split_by_size() -> None:
    out = b"a commit 5\nx\ny\nz\nb commit 0\n\n"
    assert read_batch(out) == [("a", b"x\ny\nz"), ("b", b"")]
    with pytest.raises(GitError, match="no object c"):
        read_batch(b"c missing\n")


def test_zero_is_git_s_word_for_nothing() -> None:
    assert ZERO == "0" * 40
