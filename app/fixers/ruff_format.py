"""Formatting Python: ruff's format, or black's style through ruff, for the files that the log names.

Where ruff's own check names none (``--quiet``, or a hook that only counts), the check is run again and says which.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from app.domain.diagnosis import JobReading
from app.domain.failure.types import Failure, FailureType
from app.fixers.bench import PYTHON
from app.fixers.commands import invocations
from app.fixers.formatting import reformatted, unformatted
from app.fixers.proposal import FixFacts, Proposal, SourceTree
from app.fixers.ruff_tool import RuffFailed
from app.fixers.styles import Style, black_style, ruff_style
from app.fixers.view import View
from app.fixers.words import counted, listed

RUFF, BLACK = "ruff format", "black"
_HOOKS = {"ruff-format": RUFF, "black": BLACK, "black-pre-commit-mirror": BLACK}
_CONFIDENCE = {RUFF: 0.97, BLACK: 0.92}
_WORDS = {RUFF: "with ruff", BLACK: "in black's style"}
_UNLIKE = 0.7  # black's preview style, which ruff does not follow
_MOST_FILES = 200  # that a check which names none may report: more is a project that was never formatted
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Job:
    id: int
    name: str
    tool: str
    files: frozenset[str]  # empty: the log names none
    failures: frozenset[Failure]


async def propose(source: SourceTree, readings: tuple[JobReading, ...], facts: FixFacts) -> Proposal | None:
    """Format what each job's log says is not formatted; null where no log says so, or a named file comes out as it was."""
    view = View.of(source, facts)
    jobs, left = _jobs(view, readings)
    styles = {tool: _style_of(view, tool, readings, facts) for tool in (RUFF, BLACK)}
    try:
        done = [(job, texts) for job in jobs if (texts := await _formatted(view, job, styles[job.tool]))]
    except RuffFailed as failed:
        _log.warning("ruff could not format the named files: %s", failed)
        return None
    left += [f"`{job.name}`: formatting does not change what it names." for job in jobs if job not in [one for one, _ in done]]
    return _proposal(view, done, styles, tuple(left)) if done else None


def named_files(view: View, readings: Iterable[JobReading]) -> frozenset[str]:
    """Give the files that some log calls not formatted."""
    names = {failure.file for reading in readings for failure in reading.failures if _tool(failure) and failure.file}
    return frozenset(filter(None, map(view.resolve, names)))


def _jobs(view: View, readings: Iterable[JobReading]) -> tuple[list[_Job], list[str]]:
    """Collect what each job says of each formatter."""
    jobs: list[_Job] = []
    left: list[str] = []
    for reading in readings:
        for tool in (RUFF, BLACK):
            failures = frozenset(failure for failure in reading.failures if _tool(failure) == tool)
            files = {view.resolve(failure.file) for failure in failures if failure.file}
            if None in files or (tool == BLACK and failures and not files):
                left.append(f"`{reading.job_name}`: not every file that {tool} names is in this commit.")
            elif failures or (tool == RUFF and _only_counts(reading)):
                jobs.append(_Job(reading.job_id, reading.job_name, tool, frozenset(filter(None, files)), failures))
    return jobs, left


def _only_counts(reading: JobReading) -> bool:
    """Tell whether a job failed on ruff's format check and its log names no file."""
    silent = reading.failure_type is FailureType.FORMAT and not reading.failures
    return silent and any("--check" in words for words in invocations(RUFF, (reading,), ""))


def _tool(failure: Failure) -> str | None:
    """Tell which formatter a failure is of; a hook of pre-commit is the formatter that it runs."""
    return _HOOKS.get(failure.rule) if failure.tool == "pre-commit" else {RUFF: RUFF, BLACK: BLACK}.get(failure.tool)


def _style_of(view: View, tool: str, readings: Iterable[JobReading], facts: FixFacts) -> Callable[[str], Style]:
    commands = tuple(invocations(tool, readings, facts.workflow_text))
    return lambda path: (black_style if tool == BLACK else ruff_style)(view, path, commands)


async def _formatted(view: View, job: _Job, style: Callable[[str], Style]) -> dict[str, str]:
    """Format a job's files; gives their texts, or nothing where one of them would stay as the commit has it."""
    files = job.files or await _reported(view, style)
    texts = await reformatted(view, {path: style(path).config for path in files}, named=bool(job.files))
    idle = [path for path in files if texts.get(path) in {None, view.original(path)}]
    return {} if idle else texts


async def _reported(view: View, style: Callable[[str], Style]) -> frozenset[str]:
    """Ask ruff itself which files of the commit are not formatted; none where they are too many to be one change's doing."""
    configs = {path: style(path).config for path in view.paths(*PYTHON)}
    reported = await unformatted(view, configs)
    return frozenset(reported) if len(reported) <= _MOST_FILES else frozenset()


def _proposal(
    view: View, done: list[tuple[_Job, dict[str, str]]], styles: Mapping[str, Callable[[str], Style]], left: tuple[str, ...]
) -> Proposal:
    texts = {path: text for _, formatted in done for path, text in formatted.items()}
    tools = sorted({job.tool for job, _ in done})
    whole = all(styles[job.tool](path).whole for job, formatted in done for path in formatted)
    title = f"format {counted(len(texts), 'file')} {listed([_WORDS[tool] for tool in tools])}"
    return Proposal(
        origin=" and ".join(tools),
        title=title,
        explanation=f"`ruff format` {_how(tools)} on the files that the check names.",
        confidence=min(_CONFIDENCE[tool] for tool in tools) if whole else _UNLIKE,
        edits=view.edits({**view.edited, **texts}, title),
        targets=frozenset(texts),
        jobs=frozenset(job.id for job, _ in done),
        cleared=frozenset().union(*(job.failures for job, _ in done)),
        remaining=left,
    )


def _how(tools: list[str]) -> str:
    return "with the project's black options" if BLACK in tools else "with the project's configuration"
