from collections.abc import Callable
from typing import Any

import pytest

from app.emulator.ci.workflow import BrokenWorkflow, TriggerEvent, WorkflowPlan, triggered

JOBS = "\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: 'true'\n"
MakeEvent = Callable[..., TriggerEvent]


def starts(on: str, event: TriggerEvent) -> bool:
    """Tell whether a workflow with this ``on:`` runs."""
    return [type(one) for one in triggered({"ci.yml": f"on: {on}{JOBS}"}, event)] == [WorkflowPlan]


BRANCH = {"ref": "refs/heads/feature/x"}
TAG = {"ref": "refs/tags/v1.2"}


@pytest.mark.parametrize(
    ("on", "facts", "runs"),
    [
        ("push", {}, True),
        ("[push, pull_request]", {}, True),
        ("{push: }", {}, True),
        ("pull_request", {}, False),
        ("push", TAG, True),
        ("{push: {branches: [main]}}", {}, True),
        ("{push: {branches: main}}", {}, True),
        ("{push: {branches: [main]}}", BRANCH, False),
        ("{push: {branches: ['feature/*']}}", BRANCH, True),
        ("{push: {branches: ['**', '!feature/**']}}", BRANCH, False),
        ("{push: {branches: ['!main']}}", BRANCH, False),
        ("{push: {branches-ignore: [main]}}", {}, False),
        ("{push: {branches-ignore: [main]}}", BRANCH, True),
        ("{push: {branches: [main]}}", TAG, False),
        ("{push: {branches-ignore: [main]}}", TAG, False),
        ("{push: {tags: ['v*']}}", TAG, True),
        ("{push: {tags: ['v*']}}", {}, False),
        ("{push: {tags-ignore: ['v*']}}", TAG, False),
        ("{push: {tags-ignore: ['v*']}}", {}, False),
        ("{push: {branches: [main], tags: ['v*']}}", TAG, True),
        ("{push: {branches: [main], tags: ['v*']}}", {}, True),
        ("{push: {branches: [main], tags: ['v*']}}", BRANCH, False),
        ("{push: {branches-ignore: [x], tags-ignore: [y]}}", TAG, True),
    ],
)
def test_a_push_starts_what_its_branch_and_tag_filters_say(
    event: MakeEvent, on: str, facts: dict[str, Any], *, runs: bool
) -> None:
    assert starts(on, event(**facts)) is runs


@pytest.mark.parametrize(
    ("on", "paths", "runs"),
    [
        ("{push: {paths: ['**.py']}}", ("src/a.py",), True),
        ("{push: {paths: ['**.py']}}", ("README.md",), False),
        ("{push: {paths: ['**.py']}}", (), False),
        ("{push: {paths: ['**', '!docs/**']}}", ("docs/a.md",), False),
        ("{push: {paths: ['**', '!docs/**']}}", ("docs/a.md", "a.py"), True),
        ("{push: {paths-ignore: ['docs/**']}}", ("docs/a.md", "a.py"), True),
        ("{push: {paths-ignore: ['docs/**']}}", ("docs/a.md",), False),
        ("{push: {paths-ignore: ['docs/**']}}", (), True),
        ("{push: {branches: [main], paths: ['*.py']}}", ("a.py",), True),
        ("{push: {branches: [other], paths: ['*.py']}}", ("a.py",), False),
        ("{push: {branches: [main], paths: ['*.py']}}", ("a.md",), False),
    ],
)
def test_path_filters_look_at_every_changed_file(event: MakeEvent, on: str, paths: tuple[str, ...], *, runs: bool) -> None:
    assert starts(on, event(changed_paths=paths)) is runs


def test_path_filters_do_not_count_for_tags(event: MakeEvent) -> None:
    assert starts("{push: {tags: ['v*'], paths: ['src/**']}}", event(**TAG, changed_paths=("README.md",)))


@pytest.mark.parametrize(
    ("on", "facts", "runs"),
    [
        ("pull_request", {"action": "opened"}, True),
        ("pull_request", {"action": "synchronize"}, True),
        ("pull_request", {"action": "reopened"}, True),
        ("pull_request", {"action": "labeled"}, False),
        ("pull_request", {"action": "ready_for_review"}, False),
        ("{pull_request: {types: [ready_for_review]}}", {"action": "ready_for_review"}, True),
        ("{pull_request: {types: [ready_for_review]}}", {"action": "opened"}, False),
        ("{pull_request: {branches: [main]}}", {"action": "opened", "base_branch": "main", "head_branch": "x"}, True),
        ("{pull_request: {branches: [x]}}", {"action": "opened", "base_branch": "main", "head_branch": "x"}, False),
        ("{pull_request: {branches-ignore: [main]}}", {"action": "opened", "base_branch": "main"}, False),
        ("{pull_request: {branches: ['release/**']}}", {"action": "opened", "base_branch": "release/1/2"}, True),
        ("{pull_request: {paths: ['*.py']}}", {"action": "opened", "changed_paths": ("a.py",)}, True),
        ("{pull_request: {paths: ['*.py']}}", {"action": "opened", "changed_paths": ("a.md",)}, False),
        ("push", {"action": "opened"}, False),
    ],
)
def test_a_pull_request_is_filtered_by_action_base_branch_and_paths(
    event: MakeEvent, on: str, facts: dict[str, Any], *, runs: bool
) -> None:
    assert starts(on, event("pull_request", ref="refs/pull/1/merge", **facts)) is runs


@pytest.mark.parametrize(
    ("on", "name", "facts", "runs"),
    [
        ("workflow_dispatch", "workflow_dispatch", {}, True),
        ("push", "workflow_dispatch", {}, False),
        ("{schedule: [{cron: '0 4 * * *'}]}", "schedule", {}, True),
        ("merge_group", "merge_group", {"action": "checks_requested", "base_branch": "main"}, True),
        ("{merge_group: {branches: [main]}}", "merge_group", {"base_branch": "main"}, True),
        ("{merge_group: {branches: [main]}}", "merge_group", {"base_branch": "x"}, False),
        ("{issues: {types: [opened]}}", "issues", {"action": "closed"}, False),
        ("{workflow_run: {workflows: [CI]}}", "workflow_run", {"payload": {"workflow": {"name": "CI"}}}, True),
        ("{workflow_run: {workflows: [CI]}}", "workflow_run", {"payload": {"workflow": {"name": "Docs"}}}, False),
    ],
)
def test_other_events_start_the_workflows_that_name_them(
    event: MakeEvent, on: str, name: str, facts: dict[str, Any], *, runs: bool
) -> None:
    assert starts(on, event(name, **facts)) is runs


@pytest.mark.parametrize(
    ("message", "runs"),
    [
        ("Fix it", True),
        ("Fix it [skip ci]", False),
        ("[ci skip] x", False),
        ("[no ci]", False),
        ("x [SKIP ACTIONS]", False),
        ("x\n\nbody [actions skip]", False),
        ("skip ci", True),
        ("x\n\n\nskip-checks: true", False),
        ("x\n\nskip-checks:true\n", False),
        ("skip-checks: true is what one writes", True),
    ],
)
def test_a_commit_message_can_keep_pushes_and_pull_requests_from_starting_anything(
    event: MakeEvent, message: str, *, runs: bool
) -> None:
    assert starts("push", event(head_message=message)) is runs
    assert starts("pull_request", event("pull_request", action="opened", head_message=message)) is runs
    assert starts("workflow_dispatch", event("workflow_dispatch", head_message=message))


@pytest.mark.parametrize(
    ("on", "message"),
    [
        ("pushed", "Unexpected value 'pushed'"),
        ("[push, pushed]", "Unexpected value 'pushed'"),
        ("{push: {branch: [main]}}", "Unexpected value 'branch'"),
        ("{push: main}", "A mapping was expected"),
        (
            "{push: {branches: [a], branches-ignore: [b]}}",
            "you may only define one of `branches` and `branches-ignore` for a single event",
        ),
        ("{push: {branches: ['[z-a]']}}", "Invalid pattern '[z-a]': bad character range z-a"),
        ("{push: {branches: ['']}}", "(Line: 1, Col: 23): A pattern must not be empty"),
        ("{pushed: }", "(Line: 1, Col: 6): Unexpected value 'pushed'"),
        ("{}", "No event triggers defined in `on`"),
    ],
)
def test_triggers_that_cannot_be_read_break_the_workflow(event: MakeEvent, on: str, message: str) -> None:
    (found,) = triggered({"ci.yml": f"on: {on}{JOBS}"}, event())
    assert isinstance(found, BrokenWorkflow)
    assert message in found.message
    assert found.line == 1


def test_a_broken_file_shows_on_every_push_and_elsewhere_only_where_it_would_have_run(event: MakeEvent) -> None:
    broken = {"ci.yml": "on: pull_request\njobs: {a: {}}"}
    assert len(triggered(broken, event())) == 1
    assert len(triggered(broken, event("pull_request", action="opened"))) == 1
    assert triggered(broken, event("workflow_dispatch")) == []
    assert triggered({"ci.yml": "on: ["}, event("pull_request", action="opened")) == []


def test_workflows_come_in_the_order_of_their_paths(event: MakeEvent) -> None:
    found = triggered({"b.yml": f"on: push{JOBS}", "a.yml": f"on: push{JOBS}", "c.yml": f"on: create{JOBS}"}, event())
    assert [one.path for one in found] == ["a.yml", "b.yml"]
