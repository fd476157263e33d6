"""How asking a model for a fix ends: with edits, or with a reason."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.domain.model.answer import Answer
from app.domain.model.spending import Spending
from app.domain.patch.edit import Edit

Transcript = tuple[dict[str, Any], ...]
"""One entry a turn, JSON-able and redacted: ``sent`` (only what is new), ``asked`` (how), ``received``."""


class NoProposalKind(StrEnum):
    """Why there is no proposal: the model's trouble, by the same words, or one of four reasons of our own."""

    TIMEOUT = "timeout"
    REFUSED = "refused"
    EMPTY = "empty"
    CUT = "cut"
    MALFORMED = "malformed"
    UNAVAILABLE = "unavailable"
    LIMITED = "limited"
    UNAUTHORIZED = "unauthorized"
    NOT_AN_ENDPOINT = "not_an_endpoint"
    REJECTED = "rejected"
    BUDGET = "budget"  # one of its limits was reached before an answer came
    NO_CHANGE = "no_change"  # the model says that no file of the repository mends it
    MISFIT = "misfit"  # its changes do not fit the files, twice


PASSING = frozenset({NoProposalKind.TIMEOUT, NoProposalKind.UNAVAILABLE, NoProposalKind.LIMITED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """A fix. ``notes`` say what was bent to make it fit, for the report."""

    edits: tuple[Edit, ...]
    answer: Answer
    spending: Spending
    transcript: Transcript
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NoProposal:
    """No fix, and why, in a sentence for people. ``retry_after`` is in seconds, as the endpoint said."""

    kind: NoProposalKind
    sentence: str
    spending: Spending
    transcript: Transcript
    retry_after: float | None = None

    @property
    def passing(self) -> bool:
        """Tell whether the same question may be answered later without anybody mending anything."""
        return self.kind in PASSING


ModelResult = Proposed | NoProposal
