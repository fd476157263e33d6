"""What the gates know besides the edits themselves."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from app.domain.candidate import GateResult
from app.domain.failure.types import Failure
from app.domain.patch.apply import Read
from app.domain.patch.edit import Edit

SYMLINK = "120000"
SUBMODULE = "160000"


@dataclass(frozen=True, slots=True, kw_only=True)
class GateFacts:
    """The commit that a candidate starts from, the limits it is held to, and what the failure pointed at."""

    read: Read  # text of a file at the base commit; null where there is none, or it is no text
    modes: Mapping[str, str]  # every path of that commit with its git mode
    evidence_files: frozenset[str]  # files that failures name, or that a deterministic tool was pointed at
    max_files: int
    max_lines: int  # added and removed together
    allow: tuple[str, ...] = ()  # patterns of the policy; empty allows every path
    deny: tuple[str, ...] = ()
    languages: Mapping[str, str] = field(default_factory=dict)  # of files whose name does not tell, e.g. {"bin/run": "bash"}
    failures: tuple[Failure, ...] = ()  # what the logs name; a suppression is judged by the rules that failed
    platforms: frozenset[str] = frozenset({"linux"})  # where the failed jobs ran: linux, windows, macos


Edits = tuple[Edit, ...]
Gate = Callable[[Edits, GateFacts], GateResult]


def verdict(code: str, problems: list[str], fine: str) -> GateResult:
    """Put one gate's findings into its result; at most five are told, the rest are counted."""
    if not problems:
        return GateResult(code=code, passed=True, sentence=fine)
    more = f" And {len(problems) - 5} more." if len(problems) > 5 else ""
    return GateResult(code=code, passed=False, sentence=" ".join(problems[:5]) + more)
