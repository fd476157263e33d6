"""The source as the fixers see it: text files of the commit, with what earlier fixers changed laid over them."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.patch.edit import Edit
from app.domain.patch.paths import trick
from app.fixers.proposal import FixFacts, SourceTree

_REGULAR = frozenset({"100644", "100755"})
_MAX_BYTES = 1_000_000  # a larger file is data, not source


@dataclass(frozen=True, slots=True)
class View:
    """Reads of one source. Links are never followed, and nothing outside its folder is read."""

    source: SourceTree
    edited: Mapping[str, str]

    @classmethod
    def of(cls, source: SourceTree, facts: FixFacts) -> "View":
        """See a source as the fixers before left it."""
        return cls(source, facts.edited)

    def has(self, path: str) -> bool:
        """Tell whether a path is a regular file of the commit."""
        return self.source.modes.get(path) in _REGULAR and not trick(path)

    def original(self, path: str) -> str | None:
        """Read a text file as the commit has it, line endings kept; null where it is none, or too large to be source."""
        if not self.has(path):
            return None
        file = self.source.folder / path
        if not file.resolve().is_relative_to(self.source.folder.resolve()) or file.is_symlink() or not file.is_file():
            return None
        if file.stat().st_size > _MAX_BYTES:
            return None
        try:
            text = file.read_bytes().decode("utf-8")
        except UnicodeDecodeError:
            return None
        return None if "\0" in text else text

    def read(self, path: str) -> str | None:
        """Read a text file as it stands after the fixers before."""
        return self.edited[path] if path in self.edited else self.original(path)

    def paths(self, *endings: str) -> tuple[str, ...]:
        """List the regular files whose name ends so, in order."""
        return tuple(sorted(path for path in self.source.modes if path.endswith(endings) and self.has(path)))

    def resolve(self, named: str) -> str | None:
        """Find the file that a log names: as it is, below a job's working folder, or behind a runner's absolute path.

        Null where no file, or more than one, could be meant.
        """
        tail = named.replace("\\", "/").removeprefix("./")
        if self.has(tail):
            return tail
        if tail.startswith("/") or tail[1:3] == ":/":
            return self._below_the_checkout(tail)
        ending = "/" + tail
        found = [path for path in self.source.modes if path.endswith(ending) and self.has(path)]
        return found[0] if tail and len(found) == 1 else None

    def _below_the_checkout(self, absolute: str) -> str | None:
        """Cut leading folders off an absolute path until a file of the commit is left: the longest such ending is meant."""
        parts = absolute.strip("/").split("/")
        endings = ("/".join(parts[at:]) for at in range(1, len(parts)))
        return next((ending for ending in endings if self.has(ending)), None)

    def edits(self, texts: Mapping[str, str], explanation: str) -> tuple[Edit, ...]:
        """Write changed texts as edits of the commit; what ends as it began is left out."""
        changed = ((path, self.original(path), text) for path, text in sorted(texts.items()))
        return tuple(
            Edit(path=path, before=before, after=text, mode=self.source.modes[path], explanation=explanation)
            for path, before, text in changed
            if before is not None and before != text
        )
