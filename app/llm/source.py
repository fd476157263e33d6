"""The source at one commit as a model may see it: regular text files of the commit's own listing, secrets taken out.

The listing decides what there is, not the disk; links are listed there as links and are never followed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Protocol

from app.domain.log.redact import redact
from app.domain.patch.paths import trick

_REGULAR = frozenset({"100644", "100755"})
_MAX_BYTES = 1_000_000  # a larger file is data, not source


class SourceTree(Protocol):
    """The source at one commit on disk: ``app.github.source.Source`` is one. It is read, never written."""

    @property
    def folder(self) -> Path:
        """Where the files lie."""

    @property
    def modes(self) -> Mapping[str, str]:
        """Every repository-relative path with its git mode."""


@dataclass(frozen=True)
class Shelf:
    """Reads of one source; what was read is kept, because context, tools and fitting read the same files."""

    source: SourceTree
    _kept: dict[str, str | None] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """The regular files, in order."""
        return tuple(sorted(path for path in self.source.modes if self.has(path)))

    def has(self, path: str) -> bool:
        """Tell whether a path is a regular file of the commit, plainly written."""
        return self.source.modes.get(path) in _REGULAR and not trick(path)

    def exact(self, path: str) -> str | None:
        """Read a text file as the commit has it, line endings kept; null where it is none, or too large to be source."""
        if not self.has(path):
            return None
        file, folder = self.source.folder / path, self.source.folder.resolve()
        if file.resolve() != folder / path or not file.is_file() or file.stat().st_size > _MAX_BYTES:
            return None  # a link on the way leads to another place than the path names
        try:
            text = file.read_bytes().decode("utf-8")
        except UnicodeDecodeError:
            return None
        return None if "\0" in text else text

    def shown(self, path: str) -> str | None:
        """Read a text file as a model may see it: secrets taken out, the lines as many as before."""
        if path not in self._kept:
            text = self.exact(path)
            self._kept[path] = None if text is None else redact(text)
        return self._kept[path]
