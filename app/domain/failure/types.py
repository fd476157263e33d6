"""The words for a failure: its type, who caused it, and one structured failure line of a tool."""

from dataclasses import dataclass
from enum import StrEnum


class FailureType(StrEnum):
    """What kind of thing went wrong: the cause's kind, not the step's."""

    LINT = "lint"
    FORMAT = "format"
    TYPECHECK = "typecheck"
    TEST = "test"
    BUILD = "build"  # compile, link, package
    DEPENDENCY = "dependency"  # resolution, install
    CONFIG = "config"  # workflow, tool or project configuration, missing script
    INFRA = "infra"  # runner, network, service
    FLAKY = "flaky"
    TIMEOUT = "timeout"
    PERMISSION = "permission"  # secret, token, access
    SECURITY = "security"  # vulnerability, licence and secret scanners
    CONVENTION = "convention"  # rules about the change: commit messages, changelog, coverage threshold, labels
    UNKNOWN = "unknown"


FIXABLE = frozenset(
    {
        FailureType.LINT,
        FailureType.FORMAT,
        FailureType.TYPECHECK,
        FailureType.TEST,
        FailureType.BUILD,
        FailureType.DEPENDENCY,
        FailureType.CONFIG,
    }
)


class Attribution(StrEnum):
    """Who or what caused a failure. Only the first two go on to a fix."""

    CAUSED_BY_CHANGE = "caused_by_change"
    BASE_ALREADY_RED = "base_already_red"
    FLAKY = "flaky"
    INFRA = "infra"
    MISSING_SECRET_OR_PERMISSION = "missing_secret_or_permission"  # noqa: S105 - a word for a cause
    UNKNOWN = "unknown"


REPAIRABLE = frozenset({Attribution.CAUSED_BY_CHANGE, Attribution.BASE_ALREADY_RED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One structured failure, as a tool printed it. Lines and columns are 1-based; null where the tool did not say."""

    tool: str  # ruff, black, pytest, …
    message: str
    rule: str = ""  # F401, E0308, AssertionError, …
    file: str = ""  # repository-relative where it could be told
    line: int | None = None
    column: int | None = None
    test: str = ""
    log_line: int | None = None  # 1-based line of the log that says so
