"""The shape of a workflow file: which keys stand where, what is required, and that its expressions can be read.

Messages are GitHub's own, as shown for an invalid workflow file.
"""

from collections.abc import Mapping

from app.emulator.ci import contexts, expressions
from app.emulator.ci.document import Document, Path
from app.emulator.ci.syntax import ExpressionError
from app.emulator.ci.values import Value

_WORKFLOW = frozenset({"name", "run-name", "on", "permissions", "env", "defaults", "concurrency", "jobs"})
_JOB = frozenset(
    {
        *("name", "permissions", "needs", "if", "runs-on", "environment", "concurrency", "outputs", "env", "defaults", "steps"),
        *("timeout-minutes", "strategy", "continue-on-error", "container", "services", "uses", "with", "secrets", "snapshot"),
    }
)
_STEP = frozenset(
    {"id", "if", "name", "uses", "run", "working-directory", "shell", "with", "env", "continue-on-error", "timeout-minutes"}
)
_STRATEGY = frozenset({"matrix", "fail-fast", "max-parallel"})


def check(document: Document) -> None:
    """Refuse a file that GitHub refuses. Raises WorkflowError at the first thing that is wrong."""
    root = mapping(document, ())
    _keys(document, (), _WORKFLOW)
    if "jobs" not in root:
        raise document.error((), "Required property is missing: jobs")
    jobs = mapping(document, ("jobs",))
    if not jobs:
        raise document.error(("jobs",), "A mapping was expected with at least one job")
    for key in jobs:
        _check_job(document, ("jobs", key))
    _check_needs(document, jobs)
    _check_expressions(document, (), root)


def mapping(document: Document, path: Path, *, optional: bool = False) -> Mapping[str, Value]:
    """The mapping at a path. Raises WorkflowError when there is something else."""
    value = at(document, path)
    if isinstance(value, Mapping):
        return value
    if value is None and optional:
        return {}
    raise document.error(path, "A mapping was expected" if value is not None else "Unexpected value ''")


def at(document: Document, path: Path) -> Value:
    """The value at a path; null where there is none."""
    value = document.value
    for part in path:
        if isinstance(value, Mapping):
            value = value.get(str(part))
        elif isinstance(value, list) and isinstance(part, int):
            value = value[part]
        else:
            return None
    return value


def _keys(document: Document, path: Path, allowed: frozenset[str]) -> None:
    for key in mapping(document, path):
        if key not in allowed:
            raise document.error((*path, key), f"Unexpected value '{key}'", at_key=True)


def _check_job(document: Document, path: Path) -> None:
    job = mapping(document, path)
    _keys(document, path, _JOB)
    for key in ("env", "outputs", "defaults", "strategy"):
        if not isinstance(job.get(key), str):
            mapping(document, (*path, key), optional=True)
    if "strategy" in job:
        _keys(document, (*path, "strategy"), _STRATEGY)
    if "uses" in job:
        return
    for required in ("runs-on", "steps"):
        if required not in job:
            raise document.error(path, f"Required property is missing: {required}")
    _check_steps(document, (*path, "steps"))


def _check_steps(document: Document, path: Path) -> None:
    steps = at(document, path)
    if not isinstance(steps, list) or not steps:
        raise document.error(path, "A sequence was expected")
    seen: set[str] = set()
    for index in range(len(steps)):
        _check_step(document, (*path, index), seen)


def _check_step(document: Document, path: Path, seen: set[str]) -> None:
    step = mapping(document, path)
    _keys(document, path, _STEP)
    kinds = [key for key in ("run", "uses") if key in step]
    if not kinds:
        raise document.error(path, "Every step must define a `uses` or `run` key")
    if len(kinds) == 2:
        raise document.error((*path, "uses"), "a step cannot have both the `uses` and `run` keys", at_key=True)
    if not isinstance(step[kinds[0]], str):
        raise document.error((*path, kinds[0]), "A string was expected")
    for key in ("env", "with"):
        if not isinstance(step.get(key), str):
            mapping(document, (*path, key), optional=True)
    name = str(step.get("id", ""))
    if name and name.lower() in seen:
        message = f"The identifier '{name}' may not be used more than once within the same scope"
        raise document.error((*path, "id"), message)
    seen.add(name.lower())


def needs_of(job: Value) -> tuple[str, ...]:
    """The keys of the jobs that a job waits for."""
    needs = job.get("needs") if isinstance(job, Mapping) else None
    if isinstance(needs, list | tuple):
        return tuple(str(one) for one in needs)
    return (str(needs),) if needs else ()


def _check_needs(document: Document, jobs: Mapping[str, Value]) -> None:
    for key, job in jobs.items():
        for need in needs_of(job):
            if need not in jobs:
                raise document.error(("jobs", key, "needs"), f"Job '{key}' depends on unknown job '{need}'.")
    done: set[str] = set()
    while ready := {key for key, job in jobs.items() if key not in done and done.issuperset(needs_of(job))}:
        done |= ready
    if not done:
        raise document.error(("jobs",), "The workflow must contain at least one job with no dependencies.")
    for key in jobs:
        if key not in done:
            need = next(one for one in needs_of(jobs[key]) if one not in done)
            message = f"Job '{key}' depends on job '{need}' which creates a cycle in the dependency graph."
            raise document.error(("jobs", key, "needs"), message)


def _check_expressions(document: Document, path: Path, value: Value) -> None:
    if isinstance(value, Mapping):
        for key, one in value.items():
            _check_expressions(document, (*path, key), one)
    elif isinstance(value, list | tuple):
        for index, one in enumerate(value):
            _check_expressions(document, (*path, index), one)
    elif isinstance(value, str) and path:
        _check_text(document, path, value)


def _check_text(document: Document, path: Path, written: str) -> None:
    place = contexts.place(path)
    if place is None:
        return
    try:
        found = list(expressions.placeholders(written))
        if place.is_condition and not found:
            found = [written]
        for one in found:
            expressions.check(one, place.contexts, status=place.status, hash_files=place.hash_files)
    except ExpressionError as error:
        raise document.error(path, str(error)) from error
