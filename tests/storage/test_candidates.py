from dataclasses import replace

import pytest

from app.domain.candidate import GateResult
from app.domain.ci import Check
from app.domain.task import CandidateStatus
from storage import candidates
from storage.database import Database
from storage.errors import Missing
from tests.storage.samples import HOST, LATER, REPOSITORY, candidate, incident, stored_candidate, stored_task, task

GATES = (GateResult(code="parses", passed=False, sentence="`cart.py` no longer parses."),)
CHECKS = (Check(name="lint", status="completed", conclusion="success", app_slug="github-actions", run_id=2**60),)


async def test_a_candidate_comes_back_with_its_edits_as_they_are(db: Database) -> None:
    async with db.begin() as tx:
        proposed = await stored_candidate(tx)
    async with db.read() as tx:
        assert await candidates.get_candidate(tx, proposed.id) == proposed
        assert await candidates.get_candidate(tx, "unknown") is None


async def test_a_task_has_one_candidate_of_each_number(db: Database) -> None:
    async with db.begin() as tx:
        queued = await stored_task(tx)
        second, first = candidate(queued, 2), candidate(queued, 1)
        assert await candidates.add_candidate(tx, second)
        assert await candidates.add_candidate(tx, first)
        assert not await candidates.add_candidate(tx, replace(first, title="Another"))
        assert not await candidates.add_candidate(tx, replace(first, id="another"))
        assert await candidates.candidates_of(tx, queued.id) == (first, second)


async def test_a_candidate_without_its_incident_is_refused(db: Database) -> None:
    async with db.begin() as tx:
        with pytest.raises(Missing, match="no incident"):
            await candidates.add_candidate(tx, candidate(task(incident())))


async def test_gates_commit_and_verdict_are_kept_one_after_the_other(db: Database) -> None:
    async with db.begin() as tx:
        proposed = await stored_candidate(tx)
        gated = await candidates.set_gates(tx, proposed.id, GATES, CandidateStatus.REFUSED)
        assert gated == replace(proposed, gates=GATES, status=CandidateStatus.REFUSED)
        committed = await candidates.set_committed(tx, proposed.id, "b" * 40, LATER)
        assert committed == replace(gated, commit_sha="b" * 40, committed_at=LATER, status=CandidateStatus.COMMITTED)
        green = await candidates.set_verdict(tx, proposed.id, CandidateStatus.GREEN, CHECKS, "`lint` passed.")
        assert green == replace(committed, status=CandidateStatus.GREEN, checks=CHECKS, verdict="`lint` passed.")
        assert await candidates.get_candidate(tx, proposed.id) == green


async def test_a_candidate_that_does_not_exist_cannot_change(db: Database) -> None:
    async with db.begin() as tx:
        with pytest.raises(Missing, match="no candidate x"):
            await candidates.set_gates(tx, "x", (), CandidateStatus.PROPOSED)
        with pytest.raises(Missing):
            await candidates.set_committed(tx, "x", "b" * 40, LATER)
        with pytest.raises(Missing):
            await candidates.set_verdict(tx, "x", CandidateStatus.RED, (), "")


async def test_a_candidate_is_found_by_its_branch_in_its_repository_only(db: Database) -> None:
    async with db.begin() as tx:
        proposed = await stored_candidate(tx)
        assert await candidates.candidate_of_branch(tx, HOST, REPOSITORY.id, proposed.branch) == proposed
        assert await candidates.candidate_of_branch(tx, HOST, REPOSITORY.id + 1, proposed.branch) is None
        assert await candidates.candidate_of_branch(tx, HOST, REPOSITORY.id, "topic") is None
