"""What changed between two commits, read from ``git diff --raw -p``."""

import re
from dataclasses import dataclass

from app.emulator.objects import ZERO

_STATUS = {"A": "added", "M": "modified", "D": "removed", "R": "renamed", "T": "changed", "C": "copied"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChange:
    """One file between two commits. ``patch`` is null for binaries."""

    path: str
    status: str  # added, modified, removed, renamed
    additions: int
    deletions: int
    patch: str | None
    sha: str
    previous: str | None = None


def parse_diff(text: str) -> list[FileChange]:
    """Read ``git diff --raw -p``: first one raw row per file, then the patches in the same order."""
    raw = [line for line in text.split("\n") if line.startswith(":")]
    patches = re.split(r"(?m)^diff --git .*\n", text)[1:]
    return [_change_of(row, patch) for row, patch in zip(raw, patches, strict=True)]


def _change_of(row: str, patch: str) -> FileChange:
    facts, *paths = row[1:].split("\t")
    words = facts.split()
    status = _STATUS[words[4][0]]
    start = patch.find("@@ ")
    body = patch[start:].rstrip("\n") if start >= 0 else None
    lines = body.split("\n") if body else []
    return FileChange(
        path=_unquote(paths[-1]),
        status=status,
        additions=sum(line.startswith("+") for line in lines),
        deletions=sum(line.startswith("-") for line in lines),
        patch=body,
        sha=words[3] if words[3] != ZERO else words[2],
        previous=_unquote(paths[0]) if status == "renamed" else None,
    )


def _unquote(path: str) -> str:
    if not path.startswith('"'):
        return path
    return path[1:-1].encode().decode("unicode_escape").encode("latin-1").decode(errors="replace")
