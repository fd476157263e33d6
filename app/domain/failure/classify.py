"""The type of a failure: the cause's, not the step's, with a confidence and the lines that say so.

A tool's own structured failure outweighs words that any program may print (``app.domain.failure.tools.platform``), and a cause
outweighs what follows from it: files that do not compile fail linters, type checkers and tests as well. Where nothing was
recognised, the command that failed says what kind of work it was, at half the confidence. Unknown is an answer.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.failure.tools.shape import Found
from app.domain.failure.types import FailureType

# Where two types are equally sure, the one further up is the cause of the other.
_CAUSES_FIRST = (
    FailureType.TIMEOUT,
    FailureType.CONFIG,
    FailureType.DEPENDENCY,
    FailureType.BUILD,
    FailureType.TYPECHECK,
    FailureType.LINT,
    FailureType.FORMAT,
    FailureType.TEST,
    FailureType.SECURITY,
    FailureType.CONVENTION,
    FailureType.PERMISSION,
    FailureType.INFRA,
    FailureType.FLAKY,
)
_SIDE_BY_SIDE = frozenset({FailureType.LINT, FailureType.FORMAT, FailureType.TYPECHECK})
"""Checks of the same text that do not follow from each other: a job that fails on several has several causes, each as sure."""

_CERTAIN = 0.85  # from here on a shape belongs to one tool alone
_INSTALL = r"\b(?:pip install|npm (?:ci|install)|yarn install|pnpm install|poetry install|bundle install|uv sync|composer)\b"
_LINTERS = r"\b(?:ruff|flake8|pylint|eslint|stylelint|golangci-lint|clippy|rubocop|shellcheck|checkstyle|lint\w*|vet)\b"
_BY_COMMAND = (
    (FailureType.FORMAT, r"\b(?:ruff format|black|isort|prettier|gofmt|rustfmt|fmt|clang-format|spotless|format)\b"),
    (FailureType.LINT, _LINTERS),
    (FailureType.TYPECHECK, r"\b(?:mypy|pyright|tsc|type-?check\w*)\b"),
    (FailureType.DEPENDENCY, _INSTALL),
    (FailureType.TEST, r"\b(?:pytest|jest|vitest|mocha|rspec|phpunit|ctest|tox|nox|unittest|tests?)\b"),
    (FailureType.SECURITY, r"\b(?:audit|snyk|trivy|codeql|gitleaks|bandit)\b"),
    (FailureType.BUILD, r"\b(?:build|compile|make|cmake|gradle\w*|mvn|cargo|docker|webpack|package)\b"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Classified:
    """A type, how sure it is, and the 1-based lines of the log that say so."""

    type: FailureType
    confidence: float
    lines: tuple[int, ...] = ()


def classify(found: Sequence[Found], command: str = "") -> Classified:
    """Say what kind of failure this is, from what was recognised in the output, else from the command that failed."""
    strongest: dict[FailureType, float] = {}
    for one in found:
        strongest[one.type] = max(strongest.get(one.type, 0.0), one.strength)
    strongest.pop(FailureType.UNKNOWN, None)
    if not strongest:
        return _by_command(command)
    best = _best(strongest)
    rivals = [kind for kind, strength in strongest.items() if strength >= strongest[best] and not stand_together(kind, best)]
    lines = tuple(one.failure.log_line for one in found if one.type == best and one.failure.log_line)
    return Classified(type=best, confidence=round(strongest[best] * (0.85 if rivals else 1.0), 3), lines=lines[:20])


def stand_together(kind: FailureType, other: FailureType) -> bool:
    """Tell whether failures of two types are causes beside each other, so that neither speaks against the other."""
    return kind == other or {kind, other} <= _SIDE_BY_SIDE


def _best(strongest: dict[FailureType, float]) -> FailureType:
    certain = [kind for kind in _CAUSES_FIRST if strongest.get(kind, 0.0) >= _CERTAIN]
    return certain[0] if certain else max(strongest, key=lambda kind: (strongest[kind], -_CAUSES_FIRST.index(kind)))


def _by_command(command: str) -> Classified:
    """The first kind of work whose words stand in the command; unknown where none does."""
    words = command.lower()
    for kind, pattern in _BY_COMMAND:
        if re.search(pattern, words):
            return Classified(type=kind, confidence=0.45)
    return Classified(type=FailureType.UNKNOWN, confidence=0.0)
