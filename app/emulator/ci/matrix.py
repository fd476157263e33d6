"""Expanding ``strategy.matrix`` into the jobs it stands for, and naming them as GitHub does."""

import itertools
from collections.abc import Mapping

from app.emulator.ci.plan import WorkflowError
from app.emulator.ci.values import Value, equal, text

Combination = dict[str, Value]
_MOST_JOBS = 256
_LONGEST_NAME = 100


def expand(matrix: Mapping[str, Value]) -> list[Combination]:
    """Every combination: the product without ``exclude``, then ``include`` added. Raises WorkflowError."""
    axes = {key: _items(key, value) for key, value in matrix.items() if key not in {"include", "exclude"}}
    excluded = _mappings("exclude", matrix.get("exclude"))
    product = [dict(zip(axes, values, strict=True)) for values in itertools.product(*axes.values())] if axes else []
    combinations = [one for one in product if not any(_covers(rule, one) for rule in excluded)]
    combinations = _with_includes(combinations, _mappings("include", matrix.get("include")))
    if not combinations:
        raise WorkflowError("Matrix must define at least one vector")
    if len(combinations) > _MOST_JOBS:
        raise WorkflowError(f"Strategy expansion exceeded {_MOST_JOBS} results")
    return combinations


def _items(key: str, value: Value) -> list[Value]:
    if not isinstance(value, list | tuple):
        raise WorkflowError(f"Matrix vector '{key}' must be a sequence")
    if not value:
        raise WorkflowError(f"Matrix vector '{key}' does not contain any values")
    return list(value)


def _mappings(key: str, value: Value) -> list[Mapping[str, Value]]:
    rules = value if isinstance(value, list | tuple) else [] if value is None else [value]
    if not all(isinstance(one, Mapping) for one in rules):
        raise WorkflowError(f"Matrix '{key}' must be a sequence of mappings")
    return [one for one in rules if isinstance(one, Mapping)]


def _covers(rule: Mapping[str, Value], combination: Mapping[str, Value]) -> bool:
    return all(key in combination and _same(value, combination[key]) for key, value in rule.items())


def _same(left: Value, right: Value) -> bool:
    return left == right or equal(left, right)


def _with_includes(base: list[Combination], includes: list[Mapping[str, Value]]) -> list[Combination]:
    """Add each include to every combination whose own values it leaves alone; one that fits none becomes a job of its own."""
    original = [dict(one) for one in base]
    grown = [dict(one) for one in base]
    for include in includes:
        fitting = [index for index, one in enumerate(original) if _leaves_alone(include, one)]
        for index in fitting:
            grown[index].update(include)
        if not fitting:
            grown.append(dict(include))
    return grown


def _leaves_alone(include: Mapping[str, Value], combination: Mapping[str, Value]) -> bool:
    return all(_same(value, combination[key]) for key, value in include.items() if key in combination)


def job_name(name: str, combination: Mapping[str, Value], *, has_expression: bool) -> str:
    """Name a job: ``test (3.11, ubuntu)``, unless the name was written with an expression."""
    values = [part for value in combination.values() for part in _leaves(value)]
    full = name if has_expression or not values else f"{name} ({', '.join(values)})"
    return full if len(full) <= _LONGEST_NAME else full[: _LONGEST_NAME - 3] + "..."


def _leaves(value: Value) -> list[str]:
    if isinstance(value, Mapping):
        return [part for one in value.values() for part in _leaves(one)]
    if isinstance(value, list | tuple):
        return [part for one in value for part in _leaves(one)]
    return [text(value)]
