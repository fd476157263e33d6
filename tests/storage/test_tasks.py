import asyncio
from dataclasses import replace

import pytest

from app.domain.task import TaskStatus
from storage import activity, tasks
from storage.database import Database
from storage.errors import Missing, NotAllowed
from tests.storage.conftest import Open
from tests.storage.samples import BIG, LATER, NOW, REPOSITORY, incident, stored_task, task


async def test_an_incident_has_one_task(db: Database) -> None:
    async with db.begin() as tx:
        queued = await stored_task(tx)
        assert not await tasks.add_task(tx, replace(queued, status=TaskStatus.DONE))
        assert not await tasks.add_task(tx, replace(queued, id="task_other"))
        assert await tasks.get_task(tx, queued.id) == queued
        assert await tasks.task_of_incident(tx, queued.incident_id) == queued
        assert await tasks.get_task(tx, "task_other") is None


async def test_a_task_whose_transaction_was_lost_can_be_added_again(db: Database) -> None:
    async def killed() -> None:
        async with db.begin() as tx:
            await stored_task(tx)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await killed()
    async with db.begin() as tx:
        queued = await stored_task(tx)
        assert await tasks.get_task(tx, queued.id) == queued


async def test_a_task_without_its_incident_is_refused(db: Database) -> None:
    async with db.begin() as tx:
        with pytest.raises(Missing, match="no incident"):
            await tasks.add_task(tx, task(incident()))


async def test_a_move_is_stored_and_is_an_activity_of_the_same_transaction(db: Database) -> None:
    async with db.begin() as tx:
        queued = await stored_task(tx)
        moved = await tasks.move_task(tx, queued.id, TaskStatus.FAILED, reason="The log is gone.", at=LATER, pr_trigger="pr_1")
        assert moved == replace(queued, status=TaskStatus.FAILED, reason="The log is gone.", updated_at=LATER)
        assert await tasks.get_task(tx, queued.id) == moved
        (told,) = await activity.since(tx, 0)
    assert told.kind == "task_status_change"
    assert told.data == {"task_id": queued.id, "old_status": "queued", "new_status": "failed", "pr_trigger": "pr_1"}
    assert (told.installation_id, told.repository_id, told.at) == (BIG, REPOSITORY.id, LATER)


async def test_a_move_to_where_it_stands_is_nothing(db: Database) -> None:
    async with db.begin() as tx:
        queued = await stored_task(tx)
        assert await tasks.move_task(tx, queued.id, TaskStatus.QUEUED, reason="again", at=LATER) is None
        assert await tasks.get_task(tx, queued.id) == queued
        assert await activity.last_seq(tx) == 0


async def test_an_impossible_move_is_refused_and_changes_nothing(db: Database) -> None:
    async with db.begin() as tx:
        queued = await stored_task(tx)
        await tasks.move_task(tx, queued.id, TaskStatus.VERIFYING, at=LATER)
        with pytest.raises(NotAllowed, match="may not move from verifying to analyzing"):
            await tasks.move_task(tx, queued.id, TaskStatus.ANALYZING, at=LATER)
        assert len(await activity.since(tx, 0)) == 1


async def test_a_task_that_does_not_exist_cannot_move(db: Database) -> None:
    async with db.begin() as tx:
        with pytest.raises(Missing, match="no task task_x"):
            await tasks.move_task(tx, "task_x", TaskStatus.DONE, at=NOW)


async def test_of_two_processes_that_make_the_same_move_one_makes_it(db: Database, open_again: Open) -> None:
    async with db.begin() as tx:
        queued = await stored_task(tx)

    async def move(by: Database) -> bool:
        async with by.begin() as tx:
            return await tasks.move_task(tx, queued.id, TaskStatus.ANALYZING, at=LATER) is not None

    moved = await asyncio.gather(move(db), move(await open_again()), move(await open_again()))
    assert sorted(moved) == [False, False, True]
    async with db.read() as tx:
        assert len(await activity.since(tx, 0)) == 1


async def test_tasks_are_found_by_where_they_stand_oldest_first(db: Database) -> None:
    async with db.begin() as tx:
        made = [await stored_task(tx, number) for number in range(4)]
        await tasks.move_task(tx, made[0].id, TaskStatus.DONE, at=LATER)
        await tasks.move_task(tx, made[1].id, TaskStatus.VERIFYING, at=LATER)
        waiting = {TaskStatus.QUEUED, TaskStatus.VERIFYING}
        assert {found.id for found in await tasks.tasks_in(tx, waiting)} == {one.id for one in made[1:]}
        assert len(await tasks.tasks_in(tx, waiting, 2)) == 2
        assert await tasks.tasks_in(tx, set()) == ()
