"""Which failed runs are repaired, which only looked at."""

from dataclasses import replace

import pytest
from inline_snapshot import snapshot

from app.domain.ci import WorkflowRun
from app.domain.repository import Repository
from app.domain.triggers import about_run

REPOSITORY = Repository(host="github.com", installation_id=1, id=7, full_name="acme/web", default_branch="main")
RUN = WorkflowRun(
    id=1,
    attempt=1,
    workflow_id=2,
    workflow_name="CI",
    path=".github/workflows/ci.yml",
    event="push",
    status="completed",
    conclusion="failure",
    head_sha="a" * 40,
    head_branch="feature",
    head_repository_id=7,
    actor_login="alice",
    actor_type="User",
)


@pytest.mark.parametrize("event", ["push", "pull_request", "merge_group", "schedule"])
@pytest.mark.parametrize("conclusion", ["failure", "timed_out", "startup_failure"])
def test_a_failed_run_on_a_branch_is_repaired(event: str, conclusion: str) -> None:
    assert about_run(replace(RUN, event=event, conclusion=conclusion), REPOSITORY).action == "repair"


@pytest.mark.parametrize("conclusion", ["success", "cancelled", "skipped", "neutral", "action_required", "stale", None])
def test_a_run_that_did_not_fail_is_left_alone(conclusion: str | None) -> None:
    assert about_run(replace(RUN, conclusion=conclusion), REPOSITORY).action == "ignore"


@pytest.mark.parametrize("conclusion", ["failure", "success"])
def test_runs_on_our_own_branches_only_ever_verify(conclusion: str) -> None:
    ours = replace(RUN, head_branch="devflowfix/auto-fix-lint-failure-abc2345", conclusion=conclusion)
    assert about_run(ours, REPOSITORY).action == "verify"


def test_what_is_only_looked_at_says_why() -> None:
    cases = {
        "fork": replace(RUN, head_repository_id=8),
        "fork gone": replace(RUN, head_repository_id=None),
        "no branch": replace(RUN, head_branch=None),
        "by hand": replace(RUN, event="workflow_dispatch"),
        "release": replace(RUN, event="release"),
        "dependabot": replace(RUN, head_branch="dependabot/pip/x-1.2"),
    }
    told = {name: about_run(run, REPOSITORY) for name, run in cases.items()}
    assert {decision.action for decision in told.values()} == {"observe"}
    assert {name: decision.reason for name, decision in told.items()} == snapshot(
        {
            "fork": "The run belongs to a fork; nothing is done there without a command from someone with write access.",
            "fork gone": "The run belongs to a fork; nothing is done there without a command from someone with write access.",
            "no branch": "The run belongs to no branch.",
            "by hand": "Runs started by `workflow_dispatch` are looked at, not repaired.",
            "release": "Runs started by `release` are looked at, not repaired.",
            "dependabot": "`dependabot/pip/x-1.2` belongs to a dependency bot, which updates it by itself.",
        }
    )
