import asyncio
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from app.domain.task import OPEN_FIX, FixPullRequest, FixStatus
from storage import activity, fixes
from storage.database import Database
from storage.errors import Missing, NotAllowed
from storage.models import fix_pull_request
from tests.storage.conftest import Open
from tests.storage.samples import BIG, HOST, LATER, NOW, REPOSITORY, fix, stored_candidate

URL = "https://github.com/acme/shop/pull/7"


async def _wanted(db: Database, run_id: int = BIG, **changes: Any) -> FixPullRequest:  # noqa: ANN401 - fields of the value
    async with db.begin() as tx:
        return replace(fix(await stored_candidate(tx, run_id)), **changes)


async def _claim(db: Database, wanted: FixPullRequest) -> FixPullRequest:
    async with db.begin() as tx:
        return await fixes.claim_fix(tx, wanted)


async def test_the_first_claim_gets_it_and_so_does_its_repetition(db: Database) -> None:
    wanted = await _wanted(db)
    assert await _claim(db, wanted) == wanted
    assert await _claim(db, replace(wanted, title="told again")) == wanted
    async with db.read() as tx:
        assert await fixes.get_fix(tx, wanted.id) == wanted


async def test_a_second_incident_with_the_same_failure_and_base_is_shown_the_open_one(db: Database) -> None:
    first, second = await _wanted(db, 1), await _wanted(db, 2)
    await _claim(db, first)
    assert await _claim(db, second) == first
    async with db.read() as tx:
        assert await fixes.get_fix(tx, second.id) is None


@pytest.mark.parametrize("changes", [{"fingerprint": "f2"}, {"base_branch": "main"}, {"repository_id": 5}, {"host": "ghe"}])
async def test_another_failure_base_or_repository_is_another_fix(db: Database, changes: dict[str, Any]) -> None:
    first, second = await _wanted(db, 1), await _wanted(db, 2, **changes)
    await _claim(db, first)
    assert await _claim(db, second) == second


async def test_of_concurrent_claims_one_gets_it_and_the_others_are_shown_it(db: Database, open_again: Open) -> None:
    everybody = [db, await open_again(), await open_again()]
    wanted = [await _wanted(db, number) for number in range(6)]
    stored = await asyncio.gather(*(_claim(everybody[n % 3], one) for n, one in enumerate(wanted)))
    assert len({one.id for one in stored}) == 1
    async with db.read() as tx:
        assert await fixes.open_fixes(tx, HOST, REPOSITORY.id) == (stored[0],)


@pytest.mark.parametrize("status", sorted(OPEN_FIX))
async def test_the_database_itself_refuses_a_second_open_one(db: Database, status: FixStatus) -> None:
    first, second = await _wanted(db, 1), await _wanted(db, 2, status=status)
    await _claim(db, first)
    row = {name: getattr(second, name) for name in second.__dataclass_fields__}
    with pytest.raises(IntegrityError):
        async with db.begin() as tx:
            await tx.execute(insert(fix_pull_request).values(row))


@pytest.mark.parametrize("status", sorted(set(FixStatus) - OPEN_FIX))
async def test_one_that_ended_frees_failure_and_base(db: Database, status: FixStatus) -> None:
    first, second = await _wanted(db, 1), await _wanted(db, 2)
    await _claim(db, first)
    async with db.begin() as tx:
        await fixes.set_fix_status(tx, first.id, status, at=LATER, source="webhook")
    assert await _claim(db, second) == second


async def test_a_new_status_is_stored_and_is_an_activity(db: Database) -> None:
    wanted = await _wanted(db)
    await _claim(db, wanted)
    async with db.begin() as tx:
        opened = await fixes.set_fix_status(
            tx, wanted.id, FixStatus.OPEN, number=7, url=URL, title="DevFlowFix: Lint Failure", at=LATER, source="worker"
        )
        assert opened == replace(
            wanted, status=FixStatus.OPEN, number=7, url=URL, title="DevFlowFix: Lint Failure", updated_at=LATER
        )
        (told,) = await activity.since(tx, 0)
    assert told.kind == "pr_status_change"
    assert told.data == {
        "pr_id": wanted.id,
        "pr_number": 7,
        "task_id": wanted.task_id,
        "old_status": "created",
        "new_status": "open",
        "sync_source": "worker",
    }


async def test_a_title_alone_is_stored_without_an_activity_and_nothing_new_changes_nothing(db: Database) -> None:
    wanted = await _wanted(db)
    await _claim(db, wanted)
    async with db.begin() as tx:
        assert await fixes.set_fix_status(tx, wanted.id, FixStatus.CREATED, at=LATER, source="monitor") == wanted
        titled = await fixes.set_fix_status(tx, wanted.id, FixStatus.CREATED, title="New", at=LATER, source="monitor")
        assert titled == replace(wanted, title="New", updated_at=LATER)
        assert await activity.last_seq(tx) == 0


async def test_one_cannot_be_open_again_beside_another_for_the_same_failure(db: Database) -> None:
    first, second = await _wanted(db, 1), await _wanted(db, 2)
    await _claim(db, first)
    async with db.begin() as tx:
        await fixes.set_fix_status(tx, first.id, FixStatus.CLOSED, at=LATER, source="webhook")
        await fixes.claim_fix(tx, second)
        with pytest.raises(NotAllowed, match=f"{second.id} is open for the failure and base of {first.id}"):
            await fixes.set_fix_status(tx, first.id, FixStatus.OPEN, at=LATER, source="webhook")
        await fixes.release(tx, second.id, at=LATER)
        reopened = await fixes.set_fix_status(tx, first.id, FixStatus.OPEN, at=LATER, source="webhook")
    assert reopened.status is FixStatus.OPEN


@pytest.mark.parametrize(("number", "status"), [(None, FixStatus.FAILED), (7, FixStatus.CLOSED)])
async def test_released_it_is_failed_without_a_number_and_closed_with_one(
    db: Database, number: int | None, status: FixStatus
) -> None:
    wanted = await _wanted(db, number=number)
    await _claim(db, wanted)
    async with db.begin() as tx:
        released = await fixes.release(tx, wanted.id, at=LATER)
        assert released.status is status
        assert await fixes.release(tx, wanted.id, at=NOW) == released
        assert len(await activity.since(tx, 0)) == 1


async def test_one_that_does_not_exist_cannot_change(db: Database) -> None:
    async with db.begin() as tx:
        with pytest.raises(Missing, match="no fix pull request pr_x"):
            await fixes.set_fix_status(tx, "pr_x", FixStatus.OPEN, at=NOW, source="api")
        with pytest.raises(Missing):
            await fixes.release(tx, "pr_x", at=NOW)


async def test_it_is_found_by_number_candidate_task_and_fingerprint(db: Database) -> None:
    wanted = await _wanted(db, number=7)
    await _claim(db, wanted)
    async with db.read() as tx:
        assert await fixes.fix_of_number(tx, HOST, REPOSITORY.id, 7) == wanted
        assert await fixes.fix_of_number(tx, HOST, REPOSITORY.id + 1, 7) is None
        assert await fixes.fix_of_candidate(tx, wanted.candidate_id) == wanted
        assert await fixes.fix_of_task(tx, wanted.task_id) == wanted
        assert await fixes.open_fixes(tx, HOST, REPOSITORY.id) == (wanted,)
        assert await fixes.fixes_with_fingerprint(tx, HOST, REPOSITORY.id, "f1") == (wanted,)
        assert await fixes.fixes_with_fingerprint(tx, HOST, REPOSITORY.id, "f1", {FixStatus.MERGED}) == ()
        assert await fixes.fixes_with_fingerprint(tx, HOST, REPOSITORY.id, "f2") == ()


async def test_a_number_belongs_to_one_fix(db: Database) -> None:
    await _claim(db, await _wanted(db, 1, number=7))
    other = await _wanted(db, 2, number=7, fingerprint="f2")
    with pytest.raises(NotAllowed, match="has the number 7"):
        await _claim(db, other)
