"""The source at one commit, for as long as a stage needs it: downloaded once, unpacked safely, deleted afterwards."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from app.domain.incident import Incident
from app.github.source import Source, tarball
from app.services import Services


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What is kept of a source: every path with its git mode, and the text of the files that a stage looked at."""

    sha: str
    modes: dict[str, str]
    files: dict[str, str]
    pointed_at: frozenset[str] = frozenset()  # files that a deterministic tool was pointed at, beyond those the log names


@asynccontextmanager
async def unpacked(services: Services, incident: Incident, sha: str) -> AsyncIterator[Source]:
    """Give the source at a commit in a folder that is gone when the block ends."""
    client = services.github.installation(incident.repository, purpose=f"repair:{incident.id}")
    with tempfile.TemporaryDirectory(prefix="devflowfix-") as folder:
        yield await tarball(client, incident.repository, sha, Path(folder))


def snapshot(source: Source, sha: str, paths: frozenset[str], pointed_at: frozenset[str]) -> Snapshot:
    """Keep the listing of a source and the text of the named files that are there and are text."""
    texts = {path: text for path in sorted(paths) if (text := read_text(source, path)) is not None}
    return Snapshot(sha=sha, modes=dict(source.modes), files=texts, pointed_at=pointed_at)


def read_text(source: Source, path: str) -> str | None:
    """Read a regular text file of the source exactly, line endings kept; null for anything else."""
    if source.modes.get(path) not in {"100644", "100755"}:
        return None
    try:
        return (source.folder / path).read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return None
