"""Names are facts: the same facts give the same name on any day, in any process."""

import re

from hypothesis import given
from hypothesis import strategies as st

from app.domain import ids

numbers = st.integers(min_value=0, max_value=2**63)


@given(numbers, numbers, st.integers(1, 50))
def test_an_incident_is_named_by_its_run_attempt(repository: int, run: int, attempt: int) -> None:
    name = ids.incident_id("github.com", repository, run, attempt)
    assert name == ids.incident_id("github.com", repository, run, attempt)
    assert re.fullmatch("inc_[a-z2-7]{16}", name)
    assert name != ids.incident_id("github.com", repository, run, attempt + 1)
    assert name != ids.incident_id("ghe.example", repository, run, attempt)


@given(numbers)
def test_candidates_of_a_task_differ_and_can_be_typed(run: int) -> None:
    task = ids.task_id(ids.incident_id("github.com", 1, run, 1))
    names = [ids.candidate_id(task, number) for number in range(1, 10)]
    assert len(set(names)) == 9
    assert all(re.fullmatch("[a-z2-7]{7}", name) for name in names)


def test_a_branch_says_what_it_repairs_and_is_known_as_ours() -> None:
    branch = ids.branch_name("lint", "abc2345")
    assert branch == "devflowfix/auto-fix-lint-failure-abc2345"
    assert ids.is_our_branch(branch)
    assert not ids.is_our_branch("main")
    assert not ids.is_our_branch("devflowfix/notes")
    assert not ids.is_our_branch(None)


def test_joined_parts_cannot_be_mistaken_for_others() -> None:
    assert ids.incident_id("h", 1, 23, 4) != ids.incident_id("h", 12, 3, 4)
