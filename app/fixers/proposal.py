"""What every fixer takes and gives."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from app.domain.diagnosis import JobReading
from app.domain.failure.types import Failure
from app.domain.patch.edit import Edit


class SourceTree(Protocol):
    """The source at one commit on disk: ``app.github.source.Source`` is one. It is read, never written."""

    @property
    def folder(self) -> Path:
        """Where the files lie."""

    @property
    def modes(self) -> Mapping[str, str]:
        """Every repository-relative path with its git mode."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FixFacts:
    """What a fixer knows besides source and readings."""

    edited: Mapping[str, str] = field(default_factory=dict)  # texts that fixers before this one changed, by path
    workflow_text: str = ""  # of the failed workflow: the commands that the jobs ran, with their options
    formatted_later: frozenset[str] = frozenset()  # files whose format is mended after this fixer: what that clears may stay


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A fix. ``title`` completes the sentence "this commit will …"; edits start from the source as it is, not from ``edited``."""

    origin: str
    title: str
    explanation: str
    confidence: float  # that the jobs turn green, 0 to 1
    edits: tuple[Edit, ...]
    targets: frozenset[str] = frozenset()  # every file that the tool was pointed at: the evidence for touching it
    jobs: frozenset[int] = frozenset()  # ids of the jobs for which it does something
    cleared: frozenset[Failure] = frozenset()  # failures that it takes away
    remaining: tuple[str, ...] = ()  # what it leaves, as sentences


class Fixer(Protocol):
    """One deterministic fixer."""

    async def __call__(self, source: SourceTree, readings: tuple[JobReading, ...], facts: FixFacts) -> Proposal | None:
        """Propose a fix for what the readings say, or null where this is not its kind of failure."""
