"""How far a repair goes, and on which branch: the policy, the attribution and the server's switch, by table."""

from dataclasses import replace

import pytest

from app.domain.failure.types import Attribution, FailureType
from app.domain.incident import Surroundings
from app.domain.plan import Action, Plan, make_plan
from app.domain.policy import Ceilings, effective, parse_policy
from tests.wording.samples import DIAGNOSIS, INCIDENT, RUN, SHA

BASE = "b" * 40
AROUND = Surroundings(
    repository_node_id="R_1",
    default_branch="main",
    policy_text="mode: ready\n",
    workflow_text="",
    head_checks=(),
    base_branch="main",
    base_sha=BASE,
    base_checks=(),
    history=(),
    pull_request=None,
    branch_head=SHA,
)


def plan(
    policy: str | None = "mode: ready\n", *, may_push: bool = True, around: Surroundings = AROUND, **changes: object
) -> Plan:
    said = parse_policy(policy) if policy is not None else None
    assert said is None or not said.problems
    return make_plan(
        INCIDENT,
        replace(around, policy_text=policy),
        replace(DIAGNOSIS, **changes),  # type: ignore[arg-type]  # fields by name, checked by replace
        effective(said.policy if said else None, Ceilings()),
        may_push=may_push,
    )


@pytest.mark.parametrize(
    ("policy", "action", "draft"),
    [
        ("mode: ready\n", Action.FIX, False),
        ("mode: draft\n", Action.FIX, True),
        ("mode: suggest\n", Action.SUGGEST, False),
        ("mode: explain\n", Action.EXPLAIN, False),
        ("mode: observe\n", Action.OBSERVE, False),
        (None, Action.EXPLAIN, False),
        ("mode: {default: ready, types: {lint: explain}}\n", Action.EXPLAIN, False),
        ("mode: {default: explain, types: {lint: ready}}\n", Action.FIX, False),
        ("mode: ready\nfailure_types: [test]\n", Action.EXPLAIN, False),
        ("mode: ready\nworkflows: {exclude: [ci.yml]}\n", Action.OBSERVE, False),
        ("mode: ready\nbranches: [release]\n", Action.OBSERVE, False),
        ("mode: ready\nmin_confidence: 0.99\n", Action.EXPLAIN, False),
    ],
)
def test_the_policy_decides(policy: str | None, action: Action, draft: bool) -> None:  # noqa: FBT001 - a column of the table
    said = plan(policy)
    assert (said.action, said.draft) == (action, draft)


@pytest.mark.parametrize("attribution", [Attribution.FLAKY, Attribution.INFRA])
@pytest.mark.parametrize(
    ("policy", "action"),
    [
        ("mode: ready\n", Action.RERUN),
        ("mode: suggest\n", Action.RERUN),
        ("mode: explain\n", Action.EXPLAIN),
        (None, Action.EXPLAIN),
    ],
)
def test_what_the_code_did_not_cause_is_run_again_where_the_policy_allows(
    attribution: Attribution, policy: str | None, action: Action
) -> None:
    assert plan(policy, attribution=attribution).action is action
    assert plan(policy, attribution=attribution, may_push=False).action is Action.EXPLAIN


@pytest.mark.parametrize("attribution", [Attribution.MISSING_SECRET_OR_PERMISSION, Attribution.UNKNOWN])
def test_only_what_the_code_caused_goes_on_to_a_fix(attribution: Attribution) -> None:
    said = plan(attribution=attribution)
    assert said.action is Action.EXPLAIN
    assert said.reason.startswith("Explained, not fixed: ")


@pytest.mark.parametrize("kind", [FailureType.INFRA, FailureType.PERMISSION, FailureType.SECURITY, FailureType.UNKNOWN])
def test_some_types_are_never_fixed(kind: FailureType) -> None:
    assert plan(failure_type=kind).action is Action.EXPLAIN


def test_a_server_that_pushes_nothing_still_shows_the_change() -> None:
    said = plan(may_push=False)
    assert said.action is Action.SUGGEST
    assert "DEVFLOWFIX_AUTO_PR_ENABLED" in said.reason


def test_where_the_base_is_red_the_fix_starts_from_and_targets_the_base() -> None:
    around = replace(AROUND, base_branch="develop")
    said = plan(around=around, attribution=Attribution.BASE_ALREADY_RED)
    assert (said.base_branch, said.base_sha) == ("develop", BASE)


def test_else_it_is_stacked_on_the_branch_that_failed() -> None:
    said = plan()
    assert (said.base_branch, said.base_sha) == (RUN.head_branch, SHA)


def test_a_branch_that_has_moved_on_or_is_gone_is_left_alone() -> None:
    assert "has moved on" in plan(around=replace(AROUND, branch_head=BASE)).reason
    assert "no longer exists" in plan(around=replace(AROUND, branch_head=None)).reason


def test_without_a_policy_file_it_says_that_there_is_none() -> None:
    assert ".github/devflowfix.yml" in plan(None).reason


def test_a_merge_queue_is_explained_because_its_branch_takes_no_fix() -> None:
    queued = replace(INCIDENT, run=replace(RUN, event="merge_group", head_branch="gh-readonly-queue/main/pr-12-abc"))
    policy = effective(parse_policy("mode: ready\n").policy, Ceilings())
    said = make_plan(queued, AROUND, DIAGNOSIS, policy, may_push=True)
    assert (said.action, "merge queue" in said.reason) == (Action.EXPLAIN, True)
