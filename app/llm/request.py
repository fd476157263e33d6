"""What a model is asked to fix: the failure, the source, and everything known besides."""

from dataclasses import dataclass, field

from app.domain.ci import Commit
from app.domain.diagnosis import JobReading
from app.domain.model import context
from app.domain.model.earlier import Earlier
from app.domain.model.spending import Budget
from app.llm.source import SourceTree


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRequest:
    """One candidate to be asked for. It starts from ``source``, whatever was tried before."""

    readings: tuple[JobReading, ...]
    source: SourceTree
    commits: tuple[Commit, ...] = ()  # since the last green run, newest first: ``app.domain.model.context.since_green``
    earlier: tuple[Earlier, ...] = ()  # candidates that did not do, oldest first
    similar: tuple[str, ...] = ()  # past incidents and how they ended, a sentence each
    hint: str = ""  # of the person who asked for the fix
    budget: Budget = field(default_factory=Budget)
    context_tokens: int = context.TOKENS
