"""Clearing named lint violations with ruff: what a job's log names is reproduced, fixed, and seen to be gone; else nothing is."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from app.domain.diagnosis import JobReading
from app.domain.failure.types import Failure
from app.fixers.bench import Bench, python_bench
from app.fixers.ruff_config import RuffConfig
from app.fixers.ruff_tool import check
from app.fixers.view import View

Violation = tuple[str, str]  # path, rule code
ConfigOf = Callable[[str], RuffConfig | None]


def _never(_violation: Violation) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Named:
    """What one job's log names for one tool: violations, and the failures that named them."""

    job: int
    name: str
    violations: frozenset[Violation]
    failures: frozenset[Failure]


@dataclass(frozen=True, slots=True)
class Cleared:
    """The jobs whose every named violation could be cleared, and the texts that do it."""

    jobs: tuple[Named, ...]
    texts: Mapping[str, str]
    left: tuple[str, ...]  # a sentence for each job that could not be


def named_by(
    view: View, readings: Iterable[JobReading], code_of: Callable[[Failure], str | None]
) -> tuple[list[Named], list[str]]:
    """Collect what each job names; a job that names something that cannot be placed is left out, with a sentence.

    ``code_of`` gives a failure's rule code, an empty one where it is the tool's but names none, null where it is another tool's.
    """
    jobs, left = [], []
    for reading in readings:
        failures = {failure: code for failure in reading.failures if (code := code_of(failure)) is not None}
        files = {name: view.resolve(name) for name in {failure.file for failure in failures}}
        pairs = {(files[failure.file], code) for failure, code in failures.items()}
        placed = frozenset((path, code) for path, code in pairs if path is not None and code)
        if len(placed) < len(pairs):
            left.append(f"`{reading.job_name}`: not every violation names a rule and a file of this commit.")
        elif placed:
            jobs.append(Named(reading.job_id, reading.job_name, placed, frozenset(failures)))
    return jobs, left


async def clear(view: View, jobs: list[Named], config_of: ConfigOf, later: Callable[[Violation], bool] = _never) -> Cleared:
    """Fix what the jobs name, all or nothing for each job: one that cannot be cleared is dropped, the others are tried again.

    ``later`` tells of which violations another fixer takes care.
    """
    left: list[str] = []
    while jobs:
        violations = frozenset().union(*(job.violations for job in jobs))
        stubborn, texts = await _fixed(view, violations, config_of)
        stubborn = {violation for violation in stubborn if not later(violation)}
        hopeless = [job for job in jobs if job.violations & stubborn]
        if not hopeless:
            return Cleared(tuple(jobs), texts, tuple(left))
        left += [f"`{job.name}`: ruff has no safe fix for {_told(job.violations & stubborn)}." for job in hopeless]
        jobs = [job for job in jobs if job not in hopeless]
    return Cleared((), {}, tuple(left))


async def gone(before: View, after: View, violations: frozenset[Violation], config_of: ConfigOf) -> frozenset[Violation]:
    """Tell which of some violations ruff saw in one state of the source and does not see in a later one."""
    if not violations:
        return frozenset()
    groups = _grouped(before, violations, config_of)
    found: list[set[Violation]] = []
    for view in (before, after):
        async with python_bench(view, {path for path, _ in violations}) as bench:
            seen = [await check(bench, config, codes, members, fix=False) for (config, codes), members in groups.items()]
            found.append(set().union(*seen))
    return violations & found[0] - found[1]


async def _fixed(view: View, violations: frozenset[Violation], config_of: ConfigOf) -> tuple[set[Violation], dict[str, str]]:
    """Fix violations on a bench; gives those that were not reproduced or did not go, and the changed texts."""
    groups = _grouped(view, violations, config_of)
    seen: set[Violation] = set()
    after: set[Violation] = set()
    async with python_bench(view, {path for path, _ in violations}) as bench:
        for (config, codes), members in groups.items():
            seen |= await check(bench, config, codes, members, fix=False)
            after |= await check(bench, config, codes, members, fix=True)
        texts = await _changed(bench, [path for members in groups.values() for path in members])
    return {violation for violation in violations if violation not in seen or violation in after}, texts


def _grouped(
    view: View, violations: frozenset[Violation], config_of: ConfigOf
) -> dict[tuple[RuffConfig, frozenset[str]], list[str]]:
    """Put files together that ruff can check in one run: same configuration, same rules."""
    groups: dict[tuple[RuffConfig, frozenset[str]], list[str]] = defaultdict(list)
    for path in sorted({path for path, _ in violations}):
        config = config_of(path)
        if config is not None and view.read(path) is not None:
            groups[config, frozenset(code for at, code in violations if at == path)].append(path)
    return groups


async def _changed(bench: Bench, paths: Iterable[str]) -> dict[str, str]:
    texts = await bench.texts(paths)
    return {path: text for path, text in texts.items() if text != bench.view.read(path)}


def _told(violations: Iterable[Violation]) -> str:
    shown = [f"{code} in `{path}`" for path, code in sorted(violations)]
    return ", ".join(shown[:3]) + (f" and {len(shown) - 3} more" if len(shown) > 3 else "")
