"""What git stores, as plain values, and how its plumbing writes them."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

ZERO = "0" * 40


class GitError(Exception):
    """Git refused; the message is what it printed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who wrote or committed, and when."""

    name: str
    email: str
    at: datetime

    def line(self) -> str:
        """The form git stores: name, address, seconds, zone."""
        clean = re.sub(r"[<>\n\0]", "", self.name)
        return f"{clean} <{self.email}> {int(self.at.timestamp())} +0000"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitData:
    """A commit as git stores it."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: Person
    committer: Person
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a tree."""

    path: str
    mode: str
    kind: str  # blob, tree, commit
    sha: str
    size: int | None


def read_batch(out: bytes) -> list[tuple[str, bytes]]:
    """Split what ``cat-file --batch`` prints. Raises GitError for a missing object."""
    found: list[tuple[str, bytes]] = []
    while out:
        head, _, rest = out.partition(b"\n")
        words = head.decode().split()
        if words[-1] == "missing":
            raise GitError(f"no object {words[0]}")
        size = int(words[2])
        found.append((words[0], rest[:size]))
        out = rest[size + 1 :]
    return found


def parse_commit(sha: str, raw: bytes) -> CommitData:
    """Read git's own form of a commit."""
    head, _, message = raw.decode(errors="replace").partition("\n\n")
    rows = [line.split(" ", 1) for line in head.splitlines() if not line.startswith(" ")]
    people = {key: _person(value) for key, value in rows if key in {"author", "committer"}}
    return CommitData(
        sha=sha,
        tree=next(value for key, value in rows if key == "tree"),
        parents=tuple(value for key, value in rows if key == "parent"),
        author=people["author"],
        committer=people["committer"],
        message=message,
    )


def _person(text: str) -> Person:
    found = re.fullmatch(r"(.*?) ?<(.*)> (-?\d+) [+-]\d{4}", text)
    if found is None:
        raise GitError(f"not a person: {text!r}")
    return Person(name=found[1], email=found[2], at=datetime.fromtimestamp(int(found[3]), UTC))


def read_entry(row: str) -> Entry:
    """Read one row of ``ls-tree --long``."""
    facts, path = row.split("\t", 1)
    mode, kind, sha, size = facts.split()
    return Entry(path=path, mode=mode, kind=kind, sha=sha, size=None if size == "-" else int(size))
