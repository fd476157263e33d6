"""What DevFlowFix may do in a repository: the policy file under the server's ceilings, every value with where it comes from.

A policy may only tighten what the server allows. No file at all means: look and explain, change nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.domain.failure.types import FIXABLE, FailureType
from app.domain.patterns import covers, matches_any
from app.domain.policy_file import PolicyProblem, PolicyRead, json_schema, parse_policy
from app.domain.policy_model import Mode, Policy

__all__ = [
    "Ceilings",
    "Decision",
    "Effective",
    "Mode",
    "Origin",
    "Policy",
    "PolicyProblem",
    "PolicyRead",
    "decide_mode",
    "effective",
    "json_schema",
    "parse_policy",
    "serves",
]


class Origin(StrEnum):
    """Who decided a value."""

    SERVER = "server"  # its ceiling, or because the policy asked for more than it allows
    DEFAULT = "default"  # nobody said anything
    REPOSITORY = "repository"  # the policy file


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceilings:
    """What the server allows at most."""

    mode: Mode = Mode.READY
    min_confidence: float = 0.85  # a floor
    max_candidates: int = 3
    max_files: int = 20
    max_lines: int = 800  # added and removed together
    model: bool = True
    failure_types: frozenset[FailureType] = FIXABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Effective:
    """The values in force for one repository; ``origins`` names who decided each, by field name."""

    mode: Mode
    type_modes: Mapping[FailureType, Mode]
    path_modes: Mapping[str, Mode]  # by pattern
    min_confidence: float
    failure_types: frozenset[FailureType]
    paths_allow: tuple[str, ...]
    paths_deny: tuple[str, ...]
    workflows_include: tuple[str, ...]
    workflows_exclude: tuple[str, ...]
    branches: tuple[str, ...] | None  # null: all
    max_candidates: int
    max_files: int
    max_lines: int
    model: bool
    origins: Mapping[str, Origin]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Yes or no; ``reason`` is a sentence where it is no."""

    yes: bool
    reason: str = ""


def effective(policy: Policy | None, ceilings: Ceilings) -> Effective:
    """Put a repository's policy under the server's ceilings; null stands for no policy file."""
    said = policy or Policy()
    return Effective(
        mode=_lesser(said.mode.default or Mode.EXPLAIN, ceilings.mode),
        type_modes={kind: _lesser(wanted, ceilings.mode) for kind, wanted in said.mode.types.items()},
        path_modes={pattern: _lesser(wanted, ceilings.mode) for pattern, wanted in said.mode.paths.items()},
        min_confidence=max(said.min_confidence or 0.0, ceilings.min_confidence),
        failure_types=ceilings.failure_types if said.failure_types is None else ceilings.failure_types & {*said.failure_types},
        paths_allow=said.paths.allow,
        paths_deny=said.paths.deny,
        workflows_include=said.workflows.include,
        workflows_exclude=said.workflows.exclude,
        branches=said.branches,
        max_candidates=_at_most(said.max_candidates, ceilings.max_candidates),
        max_files=_at_most(said.max_files, ceilings.max_files),
        max_lines=_at_most(said.max_lines, ceilings.max_lines),
        model=ceilings.model and said.model is not False,
        origins=_origins(said, ceilings),
    )


def decide_mode(policy: Effective, failure_type: FailureType, paths: Iterable[str]) -> Mode:
    """Decide how far to go for a failure of a type whose fix touches the given paths (none yet: the type alone decides).

    What is said of the type or of a path stands in place of the general mode; where both speak, and among several paths, the more
    careful one holds. A type that is not to be fixed is explained at most.
    """
    by_type = policy.type_modes.get(failure_type)
    modes = [_mode_of(policy, path, by_type) for path in paths] or [policy.mode if by_type is None else by_type]
    if failure_type not in policy.failure_types:
        modes.append(Mode.EXPLAIN)
    return min(modes, key=lambda mode: mode.rank)


def serves(policy: Effective, workflow_path: str, branch: str, workflow_name: str = "") -> Decision:
    """Decide whether failures of a workflow on a branch are looked at at all."""
    names = {workflow_path, workflow_path.rpartition("/")[2], workflow_name} - {""}

    def listed(patterns: tuple[str, ...]) -> bool:
        return any(matches_any(patterns, name) for name in names)

    if listed(policy.workflows_exclude):
        return Decision(yes=False, reason=f"The policy excludes `{workflow_path}` (`workflows.exclude`).")
    if policy.workflows_include and not listed(policy.workflows_include):
        return Decision(yes=False, reason=f"The policy does not include `{workflow_path}` (`workflows.include`).")
    if policy.branches is not None and not matches_any(policy.branches, branch):
        return Decision(yes=False, reason=f"The policy does not name the branch `{branch}` (`branches`).")
    return Decision(yes=True)


def _mode_of(policy: Effective, path: str, by_type: Mode | None) -> Mode:
    said = [mode for pattern, mode in policy.path_modes.items() if covers(pattern, path)]
    if by_type is not None:
        said.append(by_type)
    return min(said, key=lambda mode: mode.rank, default=policy.mode)


def _lesser(one: Mode, other: Mode) -> Mode:
    return min(one, other, key=lambda mode: mode.rank)


def _at_most(wanted: int | None, ceiling: int) -> int:
    return ceiling if wanted is None else min(wanted, ceiling)


def _origins(said: Policy, ceilings: Ceilings) -> dict[str, Origin]:
    """Name who decided each value: the file where it was followed, the server where it held it back or set something itself."""
    usual = Ceilings()
    held = {name: getattr(ceilings, name) != getattr(usual, name) for name in _LIMITED}
    silent = {name: Origin.SERVER if own else Origin.DEFAULT for name, own in held.items()}
    silent["mode"] = Origin.DEFAULT if Mode.EXPLAIN.rank <= ceilings.mode.rank else Origin.SERVER
    silent |= dict.fromkeys((*_FREE, "branches"), Origin.DEFAULT)
    return silent | {name: Origin.REPOSITORY if followed else Origin.SERVER for name, followed in _followed(said, ceilings)}


_LIMITED = ("min_confidence", "failure_types", "max_candidates", "max_files", "max_lines", "model")
_FREE = ("type_modes", "path_modes", "paths_allow", "paths_deny", "workflows_include", "workflows_exclude")


def _followed(said: Policy, ceilings: Ceilings) -> Iterator[tuple[str, bool]]:
    """Give each value that the file says something about, and whether the server lets it have its way."""
    if said.mode.default is not None:
        yield "mode", said.mode.default.rank <= ceilings.mode.rank
    if said.min_confidence is not None:
        yield "min_confidence", said.min_confidence >= ceilings.min_confidence
    if said.failure_types is not None:
        yield "failure_types", ceilings.failure_types.issuperset(said.failure_types)
    for name in ("max_candidates", "max_files", "max_lines", "model"):
        wanted = getattr(said, name)
        if wanted is not None:
            yield name, wanted <= getattr(ceilings, name)
    if said.branches is not None:
        yield "branches", True
    modes, paths, workflows = said.mode, said.paths, said.workflows
    written = (modes.types, modes.paths, paths.allow, paths.deny, workflows.include, workflows.exclude)
    yield from ((name, True) for name, value in zip(_FREE, written, strict=True) if value)
