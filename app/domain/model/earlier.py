"""A candidate that did not do, as the next one is told of it."""

from dataclasses import dataclass

from app.domain.diagnosis import JobReading
from app.domain.patch.edit import Edit


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """An earlier candidate: its change, why gates refused it, what CI said of it, and what its failed jobs printed."""

    number: int
    title: str
    edits: tuple[Edit, ...]
    refusals: tuple[str, ...] = ()  # the sentences of the gates that refused it
    verdict: str = ""  # one sentence on what CI said
    readings: tuple[JobReading, ...] = ()  # of the log of its own run
