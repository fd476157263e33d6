"""What starts a workflow: its file's ``on``, with branch and path filters, asked about one event.

GitHub's rules ("Workflow syntax", sections on ``on.<event>.branches``, ``paths`` and their ``-ignore`` forms): patterns are tried
in order and the last one that matches decides, ``!`` negates; ``branches`` of ``pull_request`` are of the base; ``push`` filtered
by tags alone does not run for branches.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from app.domain.patterns import matches

_MOST_CHARACTERS = 200_000  # a workflow file beyond this is not one that a person wrote
_PULL_REQUEST_TYPES = ("opened", "synchronize", "reopened")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that may start a workflow. ``branch`` is the pushed branch, or a pull request's base."""

    name: str  # push or pull_request
    branch: str
    paths: tuple[str, ...]  # what it changes


def applies(text: str | None, event: Event) -> bool | None:
    """Tell whether a workflow runs for an event; null where its file is missing or cannot be read."""
    triggers = _triggers(text)
    if triggers is None:
        return None
    if event.name not in triggers:
        return False
    filters = triggers[event.name]
    if not isinstance(filters, Mapping):
        return True
    if event.name == "pull_request" and not set(_PULL_REQUEST_TYPES) & set(_words(filters.get("types", _PULL_REQUEST_TYPES))):
        return False
    return _branch_passes(filters, event) and _paths_pass(filters, event.paths)


def _triggers(text: str | None) -> Mapping[str, Any] | None:
    if text is None or len(text) > _MOST_CHARACTERS:
        return None
    try:
        data = YAML(typ="safe", pure=True).load(text)
    except (YAMLError, ValueError, RecursionError):
        return None
    on = data.get("on", data.get(True)) if isinstance(data, Mapping) else None
    if isinstance(on, str):
        return {on: None}
    if isinstance(on, Sequence):
        return {str(name): None for name in on}
    return {str(name): filters for name, filters in on.items()} if isinstance(on, Mapping) else None


def _branch_passes(filters: Mapping[str, Any], event: Event) -> bool:
    if "branches" in filters:
        return _chosen(_words(filters["branches"]), event.branch)
    if "branches-ignore" in filters:
        return not any(matches(pattern, event.branch) for pattern in _words(filters["branches-ignore"]))
    return not (event.name == "push" and ("tags" in filters or "tags-ignore" in filters))


def _paths_pass(filters: Mapping[str, Any], paths: Sequence[str]) -> bool:
    if "paths" in filters:
        return any(_chosen(_words(filters["paths"]), path) for path in paths)
    ignored = _words(filters.get("paths-ignore", ()))
    return not ignored or not all(any(matches(pattern, path) for pattern in ignored) for path in paths)


def _chosen(patterns: Sequence[str], name: str) -> bool:
    """Try patterns in order: the last one that matches decides."""
    chosen = False
    for pattern in patterns:
        negated = pattern.startswith("!")
        if matches(pattern[negated:], name):
            chosen = not negated
    return chosen


def _words(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(str(one) for one in value) if isinstance(value, Sequence) else ()
