"""Import order for projects that check it with isort in black's profile, by ruff's equal rule (I001).

Any other profile, and any option that ruff has no equal for, is left alone: a guess would only be another style.
"""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TypeGuard

from app.domain.diagnosis import JobReading
from app.domain.failure.types import Failure
from app.domain.patch.paths import trick
from app.fixers.commands import invocations, line_length, option
from app.fixers.hooks import runs_hooks
from app.fixers.proposal import FixFacts, Proposal, SourceTree
from app.fixers.ruff_config import RuffConfig, folders_above, read_toml, table_at
from app.fixers.ruff_tool import RuffFailed
from app.fixers.toml import Toml
from app.fixers.view import View
from app.fixers.violations import Cleared, Named, clear, named_by
from app.fixers.words import counted

_RULE = "I001"
_CONFIDENCE = 0.92  # the profiles agree but in rare corners
_WIDTH = 88  # of isort's profile "black"
_SAME = {
    "known_first_party": "known-first-party",
    "known_third_party": "known-third-party",
    "known_local_folder": "known-local-folder",
    "extra_standard_library": "extra-standard-library",
    "force_single_line": "force-single-line",
    "force_sort_within_sections": "force-sort-within-sections",
    "combine_as_imports": "combine-as-imports",
    "order_by_type": "order-by-type",
    "lines_after_imports": "lines-after-imports",
}
_PROFILE: Mapping[str, object] = {  # what the profile sets anyway
    "multi_line_output": 3,
    "include_trailing_comma": True,
    "force_grid_wrap": 0,
    "use_parentheses": True,
    "ensure_newline_before_comments": True,
    "split_on_trailing_comma": True,
}
_READ_APART = frozenset(
    {
        *("profile", "line_length", "src_paths"),
        # which files are looked at: the log names them
        *("skip", "skip_glob", "extend_skip", "extend_skip_glob", "skip_gitignore", "filter_files", "atomic"),
    }
)
_log = logging.getLogger(__name__)


async def propose(source: SourceTree, readings: tuple[JobReading, ...], facts: FixFacts) -> Proposal | None:
    """Sort the imports of the files that isort names; null where it names none, or its configuration cannot be followed."""
    view = View.of(source, facts)
    jobs, left = named_by(view, readings, _code)
    jobs = [part for job in jobs for part in _apart(job, readings)]
    commands = tuple(invocations("isort", readings, facts.workflow_text))
    try:
        cleared = await clear(view, jobs, lambda path: isort_config(view, path, commands))
    except RuffFailed as failed:
        _log.warning("ruff could not sort imports of the named files: %s", failed)
        return None
    return _proposal(view, cleared, (*left, *cleared.left)) if cleared.texts else None


def isort_config(view: View, path: str, commands: Iterable[list[str]] = ()) -> RuffConfig | None:
    """Write isort's configuration for a file as ruff's; null where ruff could not follow it."""
    words = [list(command) for command in commands]
    root, table = _isort_table(view, path)
    profile = next(filter(None, (option(command, "--profile") for command in words)), table.get("profile"))
    width = line_length(words, "--line-length", "--line-width", "-l", "-w") or table.get("line_length", _WIDTH)
    folders = _folders(table.get("src_paths", [".", "src"]))
    rest = {key: value for key, value in table.items() if key not in _READ_APART and _PROFILE.get(key) != value}
    isort: dict[str, Toml] = {_SAME[key]: value for key, value in rest.items() if key in _SAME and _is_plain(value)}
    if profile != "black" or len(isort) < len(rest) or not isinstance(width, int) or folders is None:
        return None
    return RuffConfig(root, {"line-length": width, "src": folders, "lint": {"isort": isort}})


def _apart(job: Named, readings: Iterable[JobReading]) -> list[Named]:
    """Take each file of a run of hooks for itself: what reads as isort's word there may be another hook's."""
    if not any(reading.job_id == job.job and runs_hooks(reading) for reading in readings):
        return [job]
    return [replace(job, violations=frozenset({violation})) for violation in sorted(job.violations)]


def _code(failure: Failure) -> str | None:
    return _RULE if failure.tool == "isort" else None


def _isort_table(view: View, path: str) -> tuple[str, Mapping[str, object]]:
    """Find isort's table of the nearest ``pyproject.toml`` that has one; a home that isort prefers makes it unknowable."""
    for folder in folders_above(path):
        here = f"{folder}/" if folder else ""
        if view.has(here + ".isort.cfg"):
            return folder, {"profile": "of .isort.cfg"}
        table = table_at(read_toml(view, here + "pyproject.toml"), "tool", "isort")
        if table is not None:
            return folder, {key.replace("-", "_"): value for key, value in table.items()}
    return "", {}


def _folders(value: object) -> list[Toml] | None:
    """Give folders that lie inside the repository; null for anything else."""
    listed = value if isinstance(value, list) else [value]
    plain = [item for item in listed if isinstance(item, str) and (item == "." or not trick(item)) and not set(item) & set("~$")]
    return [*plain] if len(plain) == len(listed) else None


def _is_plain(value: object) -> TypeGuard[bool | int | str | list[Toml]]:
    return isinstance(value, bool | int | str) or (isinstance(value, list) and all(isinstance(item, str) for item in value))


def _proposal(view: View, cleared: Cleared, left: tuple[str, ...]) -> Proposal:
    files = frozenset(path for job in cleared.jobs for path, _ in job.violations)
    explanation = "Imports sorted by ruff's rule I001, which is isort's profile `black`, in the files that the log names."
    return Proposal(
        origin="import order",
        title=f"sort the imports of {counted(len(files), 'file')}",
        explanation=explanation,
        confidence=_CONFIDENCE,
        edits=view.edits({**view.edited, **cleared.texts}, explanation),
        targets=files,
        jobs=frozenset(job.job for job in cleared.jobs),
        cleared=frozenset().union(*(job.failures for job in cleared.jobs)),
        remaining=left,
    )
