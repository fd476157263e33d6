"""Real bare git repositories on disk, driven through git's plumbing, isolated from the user's own configuration.

Objects never change, so commits, trees and blobs are remembered once read. Commits are written by ``git fast-import``: one
process for any number of files.
"""

import asyncio
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from app.emulator.diffs import FileChange, parse_diff
from app.emulator.objects import ZERO, CommitData, Entry, GitError, Person, parse_commit, read_batch, read_entry

_SHA = re.compile(r"[0-9a-f]{40}")
_DIRECTORIES = ("objects/info", "objects/pack", "refs/heads", "refs/tags", "info")
_CONFIG = (
    "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n\tlogallrefupdates = false\n[gc]\n\tauto = 0\n"
)


@dataclass(slots=True)
class Git:
    """One bare repository. ``lock`` serialises those who read a head and then move it."""

    path: Path
    pool: ThreadPoolExecutor
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _commits: dict[str, CommitData] = field(default_factory=dict)
    _trees: dict[str, tuple[Entry, ...]] = field(default_factory=dict)
    _blobs: dict[str, bytes] = field(default_factory=dict)
    _facts: dict[tuple[str, ...], bytes | GitError] = field(default_factory=dict)

    def create(self, default_branch: str) -> None:
        """Lay out an empty bare repository; the same files that ``git init --bare`` writes, without starting a process."""
        for name in _DIRECTORIES:
            (self.path / name).mkdir(parents=True, exist_ok=True)
        (self.path / "HEAD").write_text(f"ref: refs/heads/{default_branch}\n")
        (self.path / "config").write_text(_CONFIG)

    async def run(self, *args: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> bytes:
        """Run git and give what it printed. Raises GitError."""
        return await asyncio.get_running_loop().run_in_executor(self.pool, self._run, args, stdin, env or {})

    def _run(self, args: Sequence[str], stdin: bytes, env: Mapping[str, str]) -> bytes:
        command = ["git", "--git-dir", str(self.path), *args]
        done = subprocess.run(  # noqa: S603 - no shell; the arguments are ours
            command, input=stdin, capture_output=True, env=isolated() | dict(env), check=False
        )
        if done.returncode != 0:
            raise GitError(f"git {args[0]}: {done.stderr.decode(errors='replace').strip()}")
        return done.stdout

    async def _known(self, *args: str) -> bytes:
        """Run git where the answer can never change, because every name in ``args`` is a full object id; ask it once."""
        if args not in self._facts:
            try:
                self._facts[args] = await self.run(*args)
            except GitError as error:
                self._facts[args] = error
        found = self._facts[args]
        if isinstance(found, GitError):
            raise GitError(str(found)) from found
        return found

    # --- refs ---------------------------------------------------------------------------------------------------------------

    async def ref(self, name: str) -> str | None:
        """What a full ref name (``refs/heads/main``) points at; null when there is none."""
        path = self.path / name
        if path.is_file():  # nothing here ever packs refs
            return path.read_text().strip()
        return None

    async def refs(self, prefix: str) -> dict[str, str]:
        """Every ref whose full name begins with a prefix, sorted."""
        out = await self.run("for-each-ref", "--format=%(refname) %(objectname)")
        pairs = (line.rsplit(" ", 1) for line in out.decode().splitlines())
        return {name: sha for name, sha in pairs if name.startswith(prefix)}

    async def branches(self) -> dict[str, str]:
        """Branch names and their heads."""
        return {name.removeprefix("refs/heads/"): sha for name, sha in (await self.refs("refs/heads/")).items()}

    async def set_ref(self, name: str, sha: str | None, old: str | None) -> None:
        """Move, make (``old`` null) or delete (``sha`` null) a ref; fails when it is not where ``old`` says."""
        if sha is None:
            await self.run("update-ref", "-d", name, old or "")
        else:
            await self.run("update-ref", name, sha, old or ZERO)

    async def resolve(self, name: str) -> str | None:
        """Find the commit that a branch, tag, full ref or (short) sha names; null when there is none."""
        for candidate in (f"refs/heads/{name}", f"refs/tags/{name}", name if name.startswith("refs/") else f"refs/{name}"):
            if found := await self.ref(candidate):
                return found
        if not re.fullmatch(r"[0-9a-f]{4,40}|HEAD", name):
            return None
        if name in self._commits:
            return name
        try:
            return (await self.run("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")).decode().strip()
        except GitError:
            return None

    # --- reading ------------------------------------------------------------------------------------------------------------

    async def commits(self, shas: Sequence[str]) -> list[CommitData]:
        """Read commits, in the given order."""
        missing = [sha for sha in dict.fromkeys(shas) if sha not in self._commits]
        if missing:
            out = await self.run("cat-file", "--batch", stdin="\n".join(missing).encode())
            for sha, raw in read_batch(out):
                self._commits[sha] = parse_commit(sha, raw)
        return [self._commits[sha] for sha in shas]

    async def commit(self, sha: str) -> CommitData:
        """Read one commit."""
        return (await self.commits([sha]))[0]

    async def history(self, sha: str, limit: int, *, without: str | None = None, path: str | None = None) -> list[str]:
        """List commits backwards from one, without those reachable from another."""
        args = ["rev-list", f"--max-count={limit}", sha, *([f"^{without}"] if without else []), *(["--", path] if path else [])]
        return list((await self._known(*args)).decode().split())

    async def tree(self, tree_ish: str, *, recursive: bool = False) -> tuple[Entry, ...]:
        """List a tree."""
        key = f"{tree_ish}:{recursive}"
        if key not in self._trees:
            flags = ["-r", "-t"] if recursive else []
            out = await self.run("ls-tree", "-z", "--long", *flags, tree_ish)
            listed = tuple(read_entry(row) for row in out.decode(errors="surrogateescape").split("\0") if row)
            if not _SHA.fullmatch(tree_ish):
                return listed
            self._trees[key] = listed
        return self._trees[key]

    async def find(self, sha: str, path: str) -> Entry | None:
        """Find what lies at a path of a commit; null when nothing does."""
        listed = await self.tree(sha, recursive=True)
        return next((entry for entry in listed if entry.path == path), None)

    async def blob(self, sha: str) -> bytes:
        """Read a blob. Raises GitError when there is none."""
        if sha not in self._blobs:
            self._blobs[sha] = await self.run("cat-file", "blob", sha)
        return self._blobs[sha]

    async def file(self, sha: str, path: str) -> bytes | None:
        """Read a file of a commit; null when there is none."""
        entry = await self.find(sha, path)
        return await self.blob(entry.sha) if entry and entry.kind == "blob" else None

    async def kind(self, sha: str) -> str | None:
        """Tell what an object is: commit, tree, blob, tag; null when it does not exist."""
        out = (await self.run("cat-file", "--batch-check=%(objecttype)", stdin=sha.encode())).decode().strip()
        return None if out.endswith("missing") else out

    async def merge_base(self, one: str, other: str) -> str | None:
        """The best common ancestor; null when there is none."""
        try:
            return (await self._known("merge-base", one, other)).decode().split()[0]
        except GitError:
            return None

    async def contains(self, tip: str, sha: str) -> bool:
        """Tell whether ``sha`` is reachable from ``tip``."""
        return tip == sha or await self.merge_base(tip, sha) == sha

    async def ahead_behind(self, base: str, head: str) -> tuple[int, int]:
        """Count the commits only on ``head`` and only on ``base``."""
        out = (await self._known("rev-list", "--left-right", "--count", f"{base}...{head}")).decode().split()
        return int(out[1]), int(out[0])

    async def changes(self, base: str, head: str) -> list[FileChange]:
        """What lies between two commits, with patches as GitHub shows them (without file headers)."""
        out = await self._known("diff", "--raw", "-p", "-M", "--full-index", "--abbrev=40", base, head)
        return parse_diff(out.decode(errors="replace"))

    async def archive(self, sha: str, prefix: str) -> bytes:
        """Pack a commit's files as gzipped tar under one top folder."""
        return await self.run("archive", "--format=tar.gz", f"--prefix={prefix}/", sha)

    async def materialise(self, sha: str, folder: Path) -> None:
        """Write a commit's files into an empty folder."""
        with TemporaryDirectory() as index:
            env = {"GIT_INDEX_FILE": str(Path(index) / "index"), "GIT_WORK_TREE": str(folder)}
            await self.run("read-tree", sha, env=env)
            await self.run("checkout-index", "--all", "--force", env=env)

    # --- writing ------------------------------------------------------------------------------------------------------------

    async def write_commit(
        self,
        files: Mapping[str, str | bytes | None],
        *,
        parent: str | None,
        author: Person,
        committer: Person,
        message: str,
        modes: Mapping[str, str] | None = None,
    ) -> str:
        """Write one commit with some files changed (null deletes); an edited file keeps its mode. No ref moves."""
        kept = {} if parent is None else {e.path: e.mode for e in await self.tree(parent, recursive=True)}
        stream = [b"commit refs/emulator/new\nmark :1\n", f"author {author.line()}\ncommitter {committer.line()}\n".encode()]
        stream += [_data(message.encode()), f"from {parent}\n".encode() if parent else b""]
        for path, content in files.items():
            mode = (modes or {}).get(path) or kept.get(path, "100644")
            stream += _change(path, content, mode)
        stream.append(b"\nget-mark :1\nreset refs/emulator/new\nfrom " + ZERO.encode() + b"\n\ndone\n")
        out = await self.run("fast-import", "--quiet", "--done", "--force", "--date-format=raw", stdin=b"".join(stream))
        return out.decode().strip()

    async def write_blob(self, content: bytes) -> str:
        """Store a blob."""
        return (await self.run("hash-object", "-w", "--stdin", stdin=content)).decode().strip()

    async def write_tree(self, base: str | None, entries: Sequence[tuple[str, str, str | None]]) -> str:
        """Store a tree: a base with ``(path, mode, sha)`` put on top; a null sha deletes."""
        with TemporaryDirectory() as folder:
            env = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
            await self.run("read-tree", base or "--empty", env=env)
            rows = "".join(f"{mode if sha else 0} {sha or ZERO}\t{path}\0" for path, mode, sha in entries)
            await self.run("update-index", "-z", "--index-info", stdin=rows.encode(), env=env)
            return (await self.run("write-tree", env=env)).decode().strip()

    async def write_commit_of_tree(
        self, tree: str, parents: Sequence[str], *, author: Person, committer: Person, message: str
    ) -> str:
        """Store a commit of an existing tree."""
        head = f"tree {tree}\n" + "".join(f"parent {parent}\n" for parent in parents)
        raw = f"{head}author {author.line()}\ncommitter {committer.line()}\n\n{message}".encode()
        return (await self.run("hash-object", "-t", "commit", "-w", "--stdin", stdin=raw)).decode().strip()

    async def merged_tree(self, base: str, head: str) -> str | None:
        """The tree of merging two commits; null when they conflict."""
        if await self.contains(head, base):
            return (await self.commit(head)).tree
        try:
            return (await self._known("merge-tree", "--write-tree", base, head)).decode().split()[0]
        except GitError:
            return None

    async def fetch_from(self, other: "Git") -> None:
        """Bring every branch of another repository's objects in, under refs that nobody lists."""
        await self.run("fetch", "--quiet", "--no-tags", str(other.path), f"+refs/heads/*:refs/emulator/{other.path.name}/*")


def isolated() -> dict[str, str]:
    """The environment git runs in: the user's configuration, hooks and prompts stay out."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": os.devnull,
        "LC_ALL": "C.UTF-8",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
    }


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)


def _change(path: str, content: str | bytes | None, mode: str) -> list[bytes]:
    quoted = '"' + path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    if content is None:
        return [f"D {quoted}\n".encode()]
    raw = content.encode() if isinstance(content, str) else content
    return [f"M {mode} inline {quoted}\n".encode(), _data(raw)]
