"""Unpacking a source archive that a stranger may have shaped: into one folder, within limits, and nothing but plain files.

Links are listed, never made, so nothing that reads the folder can be led out of it. What git itself cannot make (paths that leave
the folder, devices, hard links, one path twice) means that the archive was tampered with: it is refused as a whole.
"""

import gzip
import os
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from app.github.errors import TooLarge, UnsafeArchive

_CHUNK = 1 << 16
_FILE, _EXECUTABLE, _LINK, _SUBMODULE = "100644", "100755", "120000", "160000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What is taken at most. A file over its own limit is left out and listed; the other limits end the unpacking."""

    download: int = 200_000_000  # bytes, compressed
    total: int = 600_000_000  # bytes, unpacked, with the archive's own headers
    files: int = 100_000
    file: int = 20_000_000  # bytes of one file
    path: int = 512  # bytes of one path


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A path of the archive that was not unpacked, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Unpacked source. ``modes`` are git's (100644, 100755, 120000, 160000) for every path, unpacked or not."""

    folder: Path
    modes: dict[str, str]
    links: dict[str, str]  # symbolic link → where it points, as it says
    skipped: tuple[Skipped, ...] = ()
    commit: str = ""  # as the archive says it; empty if it does not


@dataclass(slots=True)
class _Unpacking:
    folder: Path
    limits: Limits
    modes: dict[str, str] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)
    folders: set[str] = field(default_factory=set)
    nameless: list[str] = field(default_factory=list)  # not UTF-8
    entries: int = 0


class _Capped:
    """Reads from another stream until a cap; it keeps a small archive from unpacking into a huge one."""

    def __init__(self, stream: gzip.GzipFile, cap: int) -> None:
        self._stream = stream
        self._left = cap
        self._cap = cap

    def read(self, size: int) -> bytes:
        data = self._stream.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise TooLarge(f"the source unpacks to more than {self._cap} bytes")
        return data


def unpack(archive: Path, folder: Path, limits: Limits | None = None) -> Source:
    """Unpack a gzipped tar archive of git's making into an empty folder; its single top folder is taken off.

    Raises:
        TooLarge: it holds more than the limits allow.
        UnsafeArchive: it holds what git cannot make, or cannot be read.
    """
    work = _Unpacking(folder, limits or Limits())
    try:
        with gzip.open(archive) as plain:
            stream = _Capped(plain, work.limits.total)
            with tarfile.open(fileobj=stream, mode="r|", errors="surrogateescape") as tar:  # type: ignore[call-overload]  # typeshed's protocol asks for more than "r|" uses
                for member in tar:
                    _take(work, tar, member)
                commit = tar.pax_headers.get("comment", "")
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as exc:
        raise UnsafeArchive(f"the source archive cannot be read: {exc}") from exc
    _mark_submodules(work)
    return Source(folder=folder, modes=work.modes, links=work.links, skipped=tuple(work.skipped), commit=commit)


def _take(work: _Unpacking, tar: tarfile.TarFile, member: tarfile.TarInfo) -> None:
    """Take one entry in."""
    work.entries += 1
    if work.entries > work.limits.files:
        raise TooLarge(f"the source holds more than {work.limits.files} files")
    path = inner_path(member.name)
    if not path:
        if not member.isdir():
            raise UnsafeArchive(f"{member.name!r} lies outside the archive's top folder")
        return
    if member.isdir():
        _claim_folder(work, path)
        return
    _claim(work, path)
    if _shown(path) != path:
        work.nameless.append(path)
        work.skipped.append(Skipped(path=_shown(path), reason="name is not UTF-8"))
    elif member.issym():
        work.modes[path], work.links[path] = _LINK, _shown(member.linkname)
    elif member.isreg() and not member.issparse():
        _take_file(work, tar, member, path)
    else:
        raise UnsafeArchive(f"{path!r} is neither file, folder nor symbolic link")


def inner_path(name: str) -> str:
    """Take the top folder off an entry's name; empty for the top folder itself. Refuses what leaves it."""
    parts = name.rstrip("/").split("/")  # an absolute path begins with an empty part
    if any(part in ("", ".", "..") or part.lower() == ".git" or "\0" in part for part in parts):
        raise UnsafeArchive(f"the archive holds the path {name!r}")
    return "/".join(parts[1:])


def _claim_folder(work: _Unpacking, path: str) -> None:
    if path in work.modes:
        raise UnsafeArchive(f"{path!r} is a file and a folder")
    work.folders.add(path)
    for parent in _parents(path):
        if parent in work.modes:
            raise UnsafeArchive(f"{parent!r} is a file and a folder")
        work.folders.add(parent)


def _claim(work: _Unpacking, path: str) -> None:
    """Take a path for a file or link: nothing else may have it, and nothing above it may be a file or link."""
    if path in work.modes or path in work.folders:
        raise UnsafeArchive(f"{path!r} stands twice in the archive")
    for parent in _parents(path):
        if parent in work.modes:
            raise UnsafeArchive(f"{parent!r} is a file and a folder")
        work.folders.add(parent)


def _parents(path: str) -> Iterator[str]:
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


def _take_file(work: _Unpacking, tar: tarfile.TarFile, member: tarfile.TarInfo, path: str) -> None:
    work.modes[path] = _EXECUTABLE if member.mode & 0o100 else _FILE
    reason = _why_not(work.limits, member, path)
    content = tar.extractfile(member)
    if reason or content is None:
        work.skipped.append(Skipped(path=path, reason=reason or "without content"))
        return
    target = work.folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    # Never through a link, never over a file, never executable: what is unpacked is only ever read.
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "wb") as out:
        while piece := content.read(_CHUNK):
            out.write(piece)


def _why_not(limits: Limits, member: tarfile.TarInfo, path: str) -> str:
    """Say why a file is left out; empty when it is taken."""
    raw = path.encode("utf-8", errors="surrogateescape")
    if len(raw) > limits.path or any(len(part) > 255 for part in raw.split(b"/")):
        return "path too long"
    return f"larger than {limits.file} bytes" if member.size > limits.file else ""


def _mark_submodules(work: _Unpacking) -> None:
    """Git keeps no empty folders: one in an archive stands for a submodule."""
    held = (*work.modes, *work.folders, *work.nameless)
    used = {parent for path in held for parent in _parents(path)}
    work.modes |= {path: _SUBMODULE for path in work.folders - used if _shown(path) == path}


def _shown(name: str) -> str:
    """A name as text that can be stored: bytes that are no UTF-8 are written out."""
    return name.encode("utf-8", errors="surrogateescape").decode("utf-8", errors="backslashreplace")
