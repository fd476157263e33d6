"""Green means: what failed passes, and nothing that passed before is red or missing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.ci import Check
from app.domain.verification import FailedJob, Observation, Outcome, Patience, Verdict, digest, judge, without_own

CI = ".github/workflows/ci.yml"
T0 = datetime(2026, 1, 1, tzinfo=UTC)
LINT = FailedJob(name="lint", workflow_path=CI)


def check(name: str, conclusion: str | None = "success", *, event: str = "push", path: str = CI, status: bool = False) -> Check:
    return Check(
        name=name,
        status="completed" if conclusion else "in_progress",
        conclusion=conclusion,
        app_slug="" if status else "github-actions",
        workflow_path="" if status else path,
        event="" if status else event,
        is_status=status,
    )


def seen(*checks: Check, pending: int = 0, age: float = 300, quiet: float = 100) -> Observation:
    now = T0 + timedelta(seconds=age)
    return Observation(
        checks=checks, pending_suites=pending, committed_at=T0, now=now, unchanged_since=now - timedelta(seconds=quiet)
    )


def verdict(before: tuple[Check, ...], after: Observation) -> Verdict:
    return judge((LINT,), before, after, Patience())


def test_green_when_the_failed_job_passes_and_nothing_else_broke() -> None:
    before = (check("lint", "failure"), check("test"))
    assert verdict(before, seen(check("lint"), check("test"))).outcome is Outcome.GREEN


def test_red_when_the_failed_job_still_fails() -> None:
    told = verdict((check("lint", "failure"),), seen(check("lint", "failure")))
    assert told.outcome is Outcome.RED
    assert told.sentence == "`lint` failed on the fix."


def test_red_when_something_that_passed_is_now_red() -> None:
    told = verdict((check("lint", "failure"), check("test")), seen(check("lint"), check("test", "failure")))
    assert [c.name for c in told.failing] == ["test"]
    assert told.outcome is Outcome.RED


def test_red_when_something_that_passed_is_missing_under_the_same_trigger() -> None:
    told = verdict((check("lint", "failure"), check("test")), seen(check("lint")))
    assert (told.outcome, told.missing) == (Outcome.RED, ("test",))


def test_a_check_whose_trigger_does_not_apply_cannot_be_compared() -> None:
    before = (check("lint", "failure"), check("preview", event="pull_request", path=".github/workflows/preview.yml"))
    told = verdict(before, seen(check("lint")))
    assert (told.outcome, told.not_comparable) == (Outcome.GREEN, ("preview",))


def test_what_was_red_before_and_is_still_red_is_not_held_against_the_fix() -> None:
    before = (check("lint", "failure"), check("docs", "failure"))
    assert verdict(before, seen(check("lint"), check("docs", "failure"))).outcome is Outcome.GREEN


def test_commit_statuses_of_other_systems_count() -> None:
    before = (check("lint", "failure"), check("jenkins", status=True))
    assert verdict(before, seen(check("lint"), check("jenkins", "failure", status=True))).outcome is Outcome.RED
    assert verdict(before, seen(check("lint"), check("jenkins", status=True))).outcome is Outcome.GREEN


def test_nothing_is_judged_while_a_check_is_under_way() -> None:
    assert verdict((), seen(check("lint"), check("test", None))).outcome is Outcome.WAITING
    assert verdict((), seen(check("lint"), pending=1)).outcome is Outcome.WAITING


def test_nothing_is_judged_before_it_has_been_quiet_for_the_settling_time() -> None:
    told = verdict((), seen(check("lint"), quiet=20))
    assert (told.outcome, told.wait_seconds) == (Outcome.WAITING, 40)


def test_without_any_check_it_waits_ten_minutes_and_then_is_unverified() -> None:
    assert verdict((), seen(age=599)).outcome is Outcome.WAITING
    told = verdict((), seen(age=601))
    assert (told.outcome, told.sentence) == (Outcome.UNVERIFIED, "No check appeared within 10 minutes.")


def test_other_checks_passing_proves_nothing_about_a_job_that_never_ran() -> None:
    assert verdict((), seen(check("docs"), age=300)).outcome is Outcome.WAITING
    told = verdict((), seen(check("docs"), age=601))
    assert (told.outcome, told.missing) == (Outcome.UNVERIFIED, ("lint",))


def test_checks_that_never_end_are_not_waited_for_for_ever() -> None:
    told = verdict((check("lint", "failure"),), seen(check("lint", None), age=7 * 3600))
    assert told.outcome is Outcome.RED


def test_a_matrix_needs_every_failed_leg() -> None:
    legs = (FailedJob(name="test (3.11)", workflow_path=CI), FailedJob(name="test (3.12)", workflow_path=CI))
    after = seen(check("test (3.11)"), check("test (3.12)", "failure"))
    assert judge(legs, (), after, Patience()).outcome is Outcome.RED
    after = seen(check("test (3.11)"), check("test (3.12)"))
    assert judge(legs, (), after, Patience()).outcome is Outcome.GREEN


def test_our_own_check_is_no_evidence() -> None:
    ours = replace(check("DevFlowFix"), app_slug="devflowfix", workflow_path="", event="")
    assert without_own((ours, check("lint")), "devflowfix") == (check("lint"),)
    assert without_own((replace(ours, app_slug="my-devflowfix"),), "my-devflowfix") == ()


names = st.sampled_from(["lint", "test", "docs", "build"])
results = st.sampled_from(["success", "failure", "skipped", "cancelled", "timed_out"])
checks = st.lists(st.builds(check, names, results), unique_by=lambda c: c.name).map(tuple)


@given(checks, checks)
def test_green_is_never_said_while_something_that_passed_is_red_or_missing(
    before: tuple[Check, ...], after: tuple[Check, ...]
) -> None:
    told = verdict(before, seen(*after, age=700))
    now = {c.name: c for c in after}
    if told.outcome is Outcome.GREEN:
        assert now["lint"].passed
        assert all(c.name in now and now[c.name].passed for c in before if c.passed)


@given(checks)
def test_a_digest_does_not_depend_on_order_and_sees_every_result(some: tuple[Check, ...]) -> None:
    assert digest(some) == digest(tuple(reversed(some)))
    if some:
        changed = (replace(some[0], conclusion="neutral"), *some[1:])
        assert digest(changed) != digest(some)


@pytest.mark.parametrize("count", [1, 3, 5])
def test_a_sentence_names_at_most_three(count: int) -> None:
    before = tuple(check(f"job{i}") for i in range(count))
    told = verdict((*before, check("lint", "failure")), seen(check("lint"), *(replace(c, conclusion="failure") for c in before)))
    assert told.sentence.count("`job") == min(count, 3)
