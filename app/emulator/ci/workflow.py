"""From the workflow files of a commit and an event to what must run: the entry of the pure part.

A file that GitHub could not use ends as a run without jobs (``startup_failure``); GitHub makes such a run on every push that
brings the file, whatever its ``on:`` says, because an unusable file's triggers are not trusted.
"""

from collections.abc import Mapping
from dataclasses import replace

from app.emulator.ci import contexts, expressions, matrix, schema, triggers
from app.emulator.ci.document import Document, Path, read
from app.emulator.ci.plan import BrokenWorkflow, JobPlan, StepPlan, TriggerEvent, WorkflowError, WorkflowPlan
from app.emulator.ci.syntax import ExpressionError, Named, parse
from app.emulator.ci.values import Value, number, text, truthy

__all__ = ["BrokenWorkflow", "JobPlan", "StepPlan", "TriggerEvent", "WorkflowPlan", "triggered"]


def triggered(workflows: Mapping[str, str], event: TriggerEvent) -> list[WorkflowPlan | BrokenWorkflow]:
    """What an event starts, by path. ``workflows`` maps ``.github/workflows/x.yml`` to its text."""
    plans = (_plan_or_broken(path, workflows[path], event) for path in sorted(workflows))
    return [plan for plan in plans if plan is not None]


def _plan_or_broken(path: str, written: str, event: TriggerEvent) -> WorkflowPlan | BrokenWorkflow | None:
    try:
        document = read(written)
        on = triggers.read_triggers(document)
    except WorkflowError as error:
        return _broken(path, error) if event.name == "push" else None
    try:
        schema.check(document)
        return _plan(path, document, event) if triggers.fires(on, event) else None
    except WorkflowError as error:
        return _broken(path, error) if event.name == "push" or triggers.fires(on, event) else None


def _broken(path: str, error: WorkflowError) -> BrokenWorkflow:
    if error.message.startswith("You have an error in your yaml syntax"):
        return BrokenWorkflow(path=path, message=error.message, line=error.line)
    message = f"The workflow is not valid. {path} (Line: {error.line}, Col: {error.column}): {error.message}"
    return BrokenWorkflow(path=path, message=message, line=error.line)


def _plan(path: str, document: Document, event: TriggerEvent) -> WorkflowPlan:
    root = schema.mapping(document, ())
    name = text(root.get("name")) or path
    event = _with_default_inputs(document, event)
    scope = expressions.Scope(contexts=contexts.planning(event, name))
    jobs = tuple(job for key in schema.mapping(document, ("jobs",)) for job in _jobs(document, key, event, name))
    run_name = _evaluated(document, ("run-name",), scope)
    return WorkflowPlan(path=path, name=name, event=event, jobs=jobs, run_name=text(run_name))


def _with_default_inputs(document: Document, event: TriggerEvent) -> TriggerEvent:
    declared = schema.at(document, ("on", "workflow_dispatch", "inputs")) if event.name == "workflow_dispatch" else None
    if not isinstance(declared, Mapping):
        return event
    given = {name: one.get("default", "") for name, one in declared.items() if isinstance(one, Mapping)}
    return replace(event, inputs=given | dict(event.inputs))


def _jobs(document: Document, key: str, event: TriggerEvent, workflow: str) -> list[JobPlan]:
    """One job of the file, once for every combination of its matrix."""
    path: Path = ("jobs", key)
    job = schema.mapping(document, path)
    if "uses" in job:
        raise document.error(path, f'error parsing called workflow "{text(job["uses"])}" : workflow was not found.')
    combinations = _combinations(document, path, event, workflow)
    built = enumerate(combinations)
    return [_job(document, key, one, event=event, workflow=workflow, index=n, total=len(combinations)) for n, one in built]


def _combinations(document: Document, path: Path, event: TriggerEvent, workflow: str) -> list[matrix.Combination]:
    written = schema.at(document, (*path, "strategy", "matrix"))
    if written is None:
        return [{}]
    at = (*path, "strategy", "matrix")
    _refuse_needs(document, at, written)
    value = _evaluated(document, at, expressions.Scope(contexts=contexts.planning(event, workflow)))
    if not isinstance(value, Mapping):
        raise document.error(at, "A mapping was expected")
    try:
        return matrix.expand(value)
    except WorkflowError as error:
        raise document.error(at, error.message) from error


def _refuse_needs(document: Document, at: Path, written: Value) -> None:
    """A matrix made by an earlier job is the one thing of ``strategy`` that this stand-in cannot do: it plans before it runs."""
    for one in written.values() if isinstance(written, Mapping) else [written]:
        for expression in expressions.placeholders(one) if isinstance(one, str) else ():
            if any(isinstance(node, Named) and node.name.lower() == "needs" for node in expressions.walk(parse(expression))):
                raise document.error(at, "This emulator cannot expand a matrix that depends on the outputs of another job")


def _job(
    document: Document, key: str, combination: matrix.Combination, *, event: TriggerEvent, workflow: str, index: int, total: int
) -> JobPlan:
    path: Path = ("jobs", key)
    job = schema.mapping(document, path)
    scope = expressions.Scope(contexts=contexts.planning(event, workflow, combination))

    def known(*keys: str) -> Value:
        return _evaluated(document, (*path, *keys), scope)

    return JobPlan(
        key=key,
        name=_job_name(key, job.get("name"), known("name"), combination),
        steps=tuple(_step(document, key, n) for n in range(len(_sequence(job.get("steps"))))),
        needs=schema.needs_of(job),
        env={**schema.mapping(document, ("env",), optional=True), **schema.mapping(document, (*path, "env"), optional=True)},
        timeout_minutes=_minutes(known("timeout-minutes")),
        condition=_condition(job.get("if")),
        continue_on_error=truthy(known("continue-on-error")),
        matrix=combination,
        fail_fast=truthy(known("strategy", "fail-fast")) if "fail-fast" in _under(job, "strategy") else True,
        max_parallel=int(number(known("strategy", "max-parallel"))) or None,
        outputs=schema.mapping(document, (*path, "outputs"), optional=True),
        runs_on=_labels(known("runs-on")),
        workflow=workflow,
        inputs=dict(event.inputs),
        in_container="container" in job or "services" in job,
        job_index=index,
        job_total=total,
    )


def _job_name(key: str, written: Value, evaluated: Value, combination: matrix.Combination) -> str:
    has_expression = isinstance(written, str) and "${{" in written
    return matrix.job_name(text(evaluated) or key, combination, has_expression=has_expression)


def _step(document: Document, key: str, index: int) -> StepPlan:
    path: Path = ("jobs", key, "steps", index)
    step = schema.mapping(document, path)
    defaults = {
        **_under(_under(schema.mapping(document, ()), "defaults"), "run"),
        **_under(_under(schema.mapping(document, ("jobs", key)), "defaults"), "run"),
    }
    own = step if "run" in step else {}
    return StepPlan(
        id=text(step.get("id")),
        name=_optional(step.get("name")),
        run=_optional(step.get("run")),
        uses=_optional(step.get("uses")),
        inputs=_under(step, "with"),
        shell=_optional(own.get("shell", defaults.get("shell"))),
        working_directory=_optional(own.get("working-directory", defaults.get("working-directory"))),
        env=_under(step, "env"),
        condition=_condition(step.get("if")),
        continue_on_error=step.get("continue-on-error", False),
        timeout_minutes=step.get("timeout-minutes"),
    )


def _evaluated(document: Document, path: Path, scope: expressions.Scope) -> Value:
    try:
        return expressions.interpolate(schema.at(document, path), scope)
    except ExpressionError as error:
        raise document.error(path, str(error)) from error


def _under(value: Mapping[str, Value], key: str) -> Mapping[str, Value]:
    inner = value.get(key)
    return inner if isinstance(inner, Mapping) else {}


def _sequence(value: Value) -> list[Value]:
    return list(value) if isinstance(value, list | tuple) else []


def _optional(value: Value) -> str | None:
    return None if value is None else text(value)


def _condition(value: Value) -> str | None:
    return None if value is None else text(value)


def _minutes(value: Value) -> float | None:
    minutes = number(value)
    return minutes if minutes > 0 else None


def _labels(value: Value) -> tuple[str, ...]:
    if isinstance(value, Mapping):
        return _labels(value.get("labels"))
    return tuple(text(one) for one in _sequence(value)) if isinstance(value, list | tuple) else (text(value),)
