"""Which files a model is shown before it asks for any.

First what the failures and traces name, then what those files import and the tests that belong to them, then the project's
manifests where the kind of failure points there, then what the files so far import; all within a budget of tokens. A file that
is too long is shown around the lines that were named.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from app.domain.ci import Commit
from app.domain.diagnosis import JobReading
from app.domain.failure.types import FailureType
from app.domain.model.imports import Listing, imported, partners
from app.domain.model.talk import tokens_of
from app.domain.patch.apply import Read

TOKENS = 24_000
_WHOLE = 6_000  # tokens of one file that is shown whole
_AROUND = 60  # lines before and after a named line
_HEAD = 120  # lines of a long file in which no line is named
_MOST_FILES = 40
_PATHLIKE = re.compile(r"(?<![\w./\\-])(?P<path>[\w./\\@+-]{1,300}\.[A-Za-z]\w{0,9})(?:\"?,? line |[:(])?(?P<line>\d{1,6})?")
_MANIFESTS = (
    *("pyproject.toml", "setup.cfg", "setup.py", "requirements.txt", "tox.ini", "pytest.ini", "mypy.ini", "conftest.py"),
    *("package.json", "tsconfig.json", "go.mod", "Cargo.toml", "Gemfile", "pom.xml", "build.gradle", "Makefile"),
)
_BY_MANIFEST = frozenset({FailureType.DEPENDENCY, FailureType.CONFIG, FailureType.BUILD})
_LOCKS = re.compile(r"(?:^|/)(?:[\w.-]*\.lock|[\w.-]*lock\.(?:json|yaml)|go\.sum)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A part of a file, lines ``start`` to ``end`` (1-based, both included) of ``total``, and why it is shown."""

    path: str
    text: str
    start: int
    end: int
    total: int
    why: str

    @property
    def whole(self) -> bool:
        """Tell whether it is all of the file."""
        return self.start == 1 and self.end == self.total


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The passages that are shown, and the files for which there was no room."""

    passages: tuple[Passage, ...]
    left_out: tuple[str, ...] = ()


@dataclass(slots=True)
class _Wanted:
    """A file that may be shown, the reason, and the lines that somebody named in it."""

    why: str
    lines: set[int] = field(default_factory=set)


def choose(readings: Sequence[JobReading], paths: Iterable[str], read: Read, tokens: int = TOKENS) -> Context:
    """Choose what to show of a repository. ``read`` gives texts that may be shown: redacted, and null for what is no text."""
    listing = Listing.of(path for path in paths if not _LOCKS.search(path))
    passages: list[Passage] = []
    left_out: list[str] = []
    left = tokens
    for path, wanted in _files(readings, listing, read).items():
        text = read(path)
        if text is None:
            continue
        for passage in _passages(path, text, wanted):
            cost = tokens_of(passage.text) + 20
            if cost > left:
                left_out.append(path)
                break
            passages.append(passage)
            left -= cost
    return Context(passages=tuple(passages), left_out=tuple(left_out))


def since_green(history: Sequence[Commit], workflow_id: int) -> tuple[Commit, ...]:
    """Give the commits from the failing one back to the last on which the workflow passed, which is not among them."""
    found: list[Commit] = []
    for commit in history:
        if any(run.workflow_id == workflow_id and run.conclusion == "success" for run in commit.runs):
            break
        found.append(commit)
    return tuple(found)


def _files(readings: Sequence[JobReading], listing: Listing, read: Read) -> dict[str, _Wanted]:
    """Give the files to show, most telling first."""
    wanted: dict[str, _Wanted] = {}
    for path, line in _named(readings, listing):
        entry = wanted.setdefault(path, _Wanted("named by the failure"))
        if line:
            entry.lines.add(line)
    first = list(wanted)
    for path in first:
        for one in imported(path, read(path) or "", listing):
            wanted.setdefault(one, _Wanted(f"imported by {path}"))
    for path in first:
        for one in partners(path, listing):
            wanted.setdefault(one, _Wanted(f"belongs to {path}"))
    for path in _manifests(readings, listing):
        wanted.setdefault(path, _Wanted("the project's own settings"))
    for path in list(wanted):  # a test calls what calls the culprit
        for one in imported(path, read(path) or "", listing):
            wanted.setdefault(one, _Wanted(f"imported by {path}"))
    return dict(list(wanted.items())[:_MOST_FILES])


def _named(readings: Sequence[JobReading], listing: Listing) -> Iterator[tuple[str, int | None]]:
    """Give the files that failures name, then those that stand in traces and messages, with the lines that are named."""
    for reading in readings:
        for failure in reading.failures:
            for written in (failure.file, failure.test.partition("::")[0]):
                path = listing.named(written) if written else None
                if path:
                    yield path, failure.line if written == failure.file else None
    for reading in readings:
        for line in reading.excerpt:
            for match in _PATHLIKE.finditer(line.text[:2000]):
                path = listing.named(match["path"])
                if path:
                    yield path, int(match["line"]) if match["line"] else None


def _manifests(readings: Sequence[JobReading], listing: Listing) -> Iterator[str]:
    """Give the manifests at the root, where a failure's kind points at them."""
    if any(reading.failure_type in _BY_MANIFEST for reading in readings):
        yield from (name for name in _MANIFESTS if name in listing.paths)


def _passages(path: str, text: str, wanted: _Wanted) -> Iterator[Passage]:
    lines = text.split("\n")
    total = len(lines)
    if tokens_of(text) <= _WHOLE:
        yield Passage(path=path, text=text, start=1, end=total, total=total, why=wanted.why)
        return
    for start, end in _ranges(wanted.lines, total):
        shown = "\n".join(lines[start - 1 : end])[: _WHOLE * 4]
        yield Passage(path=path, text=shown, start=start, end=end, total=total, why=wanted.why)


def _ranges(named: set[int], total: int) -> list[tuple[int, int]]:
    """Give the line ranges around named lines, joined where they meet; the head of the file where none is named."""
    ranges: list[tuple[int, int]] = []
    for line in sorted(one for one in named if one <= total):
        start, end = max(1, line - _AROUND), min(total, line + _AROUND)
        if ranges and start <= ranges[-1][1] + 1:
            ranges[-1] = (ranges[-1][0], end)
        else:
            ranges.append((start, end))
    return ranges or [(1, min(_HEAD, total))]
