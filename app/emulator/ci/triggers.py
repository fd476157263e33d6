"""Does an event start a workflow? What stands under ``on:``, read as GitHub documents it ("Workflow syntax", ``on``)."""

import re
from collections.abc import Mapping

from app.emulator.ci import filters
from app.emulator.ci.document import Document, Path
from app.emulator.ci.plan import TriggerEvent
from app.emulator.ci.values import Value, text

EVENTS = frozenset(
    {
        *("branch_protection_rule", "check_run", "check_suite", "create", "delete", "deployment", "deployment_status"),
        *(
            "discussion",
            "discussion_comment",
            "fork",
            "gollum",
            "image_version",
            "issue_comment",
            "issues",
            "label",
            "merge_group",
        ),
        *("milestone", "page_build", "project", "project_card", "project_column", "public", "pull_request"),
        *("pull_request_review", "pull_request_review_comment", "pull_request_target", "push", "registry_package", "release"),
        *("repository_dispatch", "schedule", "status", "watch", "workflow_call", "workflow_dispatch", "workflow_run"),
    }
)
_PULL_EVENTS = frozenset({"pull_request", "pull_request_target"})
_DEFAULT_TYPES = dict.fromkeys(_PULL_EVENTS, ("opened", "synchronize", "reopened"))
_FILTERS = {
    "push": frozenset({"branches", "branches-ignore", "tags", "tags-ignore", "paths", "paths-ignore"}),
    "pull_request": frozenset({"types", "branches", "branches-ignore", "paths", "paths-ignore"}),
    "pull_request_target": frozenset({"types", "branches", "branches-ignore", "paths", "paths-ignore"}),
    "merge_group": frozenset({"types", "branches", "branches-ignore"}),
    "workflow_run": frozenset({"types", "workflows", "branches", "branches-ignore"}),
    "workflow_dispatch": frozenset({"inputs"}),
    "workflow_call": frozenset({"inputs", "outputs", "secrets"}),
}
_EXCLUSIVE = ("branches", "tags", "paths")
_SKIP = re.compile(r"\[(?:skip ci|ci skip|no ci|skip actions|actions skip)\]", re.IGNORECASE)
_SKIP_TRAILER = re.compile(r"\n\n(?:.*\n)*skip-checks: ?true\s*\Z", re.IGNORECASE)

Filters = Mapping[str, Value]


def read_triggers(document: Document) -> dict[str, Filters]:
    """What stands under ``on:``: event names with their filters. Raises WorkflowError."""
    root = document.value
    if not isinstance(root, Mapping) or "on" not in root:
        raise document.error((), "No event triggers defined in `on`")
    on = root["on"]
    names = [on] if isinstance(on, str) else on
    if isinstance(names, list):
        return {_known(document, ("on", index), one): {} for index, one in enumerate(names)}
    if not isinstance(names, Mapping) or not names:
        raise document.error(("on",), "No event triggers defined in `on`")
    return {_known(document, ("on", name), name): _filters(document, name, given) for name, given in names.items()}


def _known(document: Document, path: Path, name: Value) -> str:
    if not isinstance(name, str) or name not in EVENTS:
        raise document.error(path, f"Unexpected value '{text(name)}'", at_key=True)
    return name


def _filters(document: Document, event: str, given: Value) -> Filters:
    if event == "schedule" or given is None:
        return {}
    if not isinstance(given, Mapping):
        raise document.error(("on", event), "A mapping was expected")
    allowed = _FILTERS.get(event, frozenset({"types"}))
    for name, written in given.items():
        if name not in allowed:
            raise document.error(("on", event, name), f"Unexpected value '{name}'", at_key=True)
        if name not in {"inputs", "outputs", "secrets"}:
            _check_patterns(document, ("on", event, name), _listed(written))
    for name in _EXCLUSIVE:
        if name in given and f"{name}-ignore" in given:
            message = f"you may only define one of `{name}` and `{name}-ignore` for a single event"
            raise document.error(("on", event, name), message, at_key=True)
    return given


def _check_patterns(document: Document, path: Path, patterns: list[str]) -> None:
    for pattern in patterns:
        if path[-1] not in {"types", "workflows"} and (trouble := filters.problem(pattern)):
            raise document.error(path, trouble)


def _listed(written: Value) -> list[str]:
    if isinstance(written, list | tuple):
        return [text(one) for one in written]
    return [] if written is None else [text(written)]


def fires(triggers: Mapping[str, Filters], event: TriggerEvent) -> bool:
    """Tell whether an event starts a workflow with these triggers."""
    given = triggers.get(event.name)
    if given is None or _skipped(event):
        return False
    return (
        _type_passes(given, event) and _ref_passes(given, event) and _paths_pass(given, event) and _workflow_passes(given, event)
    )


def _skipped(event: TriggerEvent) -> bool:
    """``[skip ci]`` and its kin keep pushes and pull requests from starting anything."""
    if event.name not in {"push", "pull_request"}:
        return False
    return bool(_SKIP.search(event.head_message) or _SKIP_TRAILER.search(event.head_message))


def _type_passes(given: Filters, event: TriggerEvent) -> bool:
    types = _listed(given["types"]) if "types" in given else _DEFAULT_TYPES.get(event.name)
    return types is None or event.action is None or event.action in types


def _ref_passes(given: Filters, event: TriggerEvent) -> bool:
    if event.name != "push":
        return _name_passes(given, "branches", event.base_branch)
    kinds = {kind for kind in ("branches", "tags") if kind in given or f"{kind}-ignore" in given}
    kind, name = ("tags", event.tag) if event.tag is not None else ("branches", event.branch)
    if kinds and kind not in kinds:
        return False  # filters for tags alone leave branches out, and the other way round
    return _name_passes(given, kind, name)


def _name_passes(given: Filters, kind: str, name: str | None) -> bool:
    if name is None:
        return True
    if kind in given:
        return filters.passes(_listed(given[kind]), name)
    return not filters.passes(_listed(given.get(f"{kind}-ignore")), name)


def _paths_pass(given: Filters, event: TriggerEvent) -> bool:
    if event.tag is not None:
        return True  # path filters are not evaluated for pushes of tags
    if "paths" in given:
        return filters.any_passes(_listed(given["paths"]), event.changed_paths)
    return not filters.all_pass(_listed(given.get("paths-ignore")), event.changed_paths)


def _workflow_passes(given: Filters, event: TriggerEvent) -> bool:
    if "workflows" not in given:
        return True
    workflow = event.payload.get("workflow")
    return isinstance(workflow, Mapping) and workflow.get("name") in _listed(given["workflows"])
