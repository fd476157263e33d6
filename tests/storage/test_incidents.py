from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from app.domain.failure.types import FailureType
from storage import incidents, installations
from storage.database import Database
from storage.errors import Missing
from tests.storage.samples import BIG, HOST, NOW, REPOSITORY, diagnosis, incident


async def test_an_incident_comes_back_as_it_was_stored_with_hostile_text_and_64_bit_ids(db: Database) -> None:
    failed = incident()
    async with db.begin() as tx:
        assert await incidents.add_incident(tx, failed)
    async with db.read() as tx:
        assert await incidents.get_incident(tx, failed.id) == failed


async def test_a_run_attempt_is_one_incident_however_often_it_is_told_of(db: Database) -> None:
    failed = incident()
    async with db.begin() as tx:
        assert await incidents.add_incident(tx, failed)
    async with db.begin() as tx:
        assert not await incidents.add_incident(tx, replace(failed, delivery="another-guid"))
        assert not await incidents.add_incident(tx, replace(failed, id="inc_other"))
        assert await incidents.get_incident(tx, failed.id) == failed


async def test_an_incident_is_found_by_its_run_attempt(db: Database) -> None:
    first, second = incident(attempt=1), incident(attempt=2)
    async with db.begin() as tx:
        await incidents.add_incident(tx, first)
        await incidents.add_incident(tx, second)
        assert await incidents.incident_of_run(tx, HOST, REPOSITORY.id, BIG, 2) == second
        assert await incidents.incident_of_run(tx, HOST, REPOSITORY.id, BIG, 3) is None
        assert await incidents.incident_of_run(tx, "github.example", REPOSITORY.id, BIG, 2) is None


async def test_an_incident_does_not_overwrite_what_is_known_of_its_repository(db: Database) -> None:
    async with db.begin() as tx:
        await installations.save_repository(tx, REPOSITORY)
        stale = replace(REPOSITORY, full_name="acme/old", default_branch="")
        await incidents.add_incident(tx, incident(repository=stale))
        assert await installations.get_repository(tx, HOST, REPOSITORY.id) == REPOSITORY


async def test_times_come_back_in_utc_whatever_zone_they_were_told_in(db: Database) -> None:
    kolkata = NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))
    failed = replace(incident(), created_at=kolkata)
    async with db.begin() as tx:
        await incidents.add_incident(tx, failed)
        found = await incidents.get_incident(tx, failed.id)
    assert found is not None
    assert found.created_at == NOW
    assert found.created_at.utcoffset() == timedelta(0)


async def test_a_time_without_zone_is_refused(db: Database) -> None:
    async with db.begin() as tx:
        with pytest.raises(Exception, match="has no time zone"):
            await incidents.add_incident(tx, replace(incident(), created_at=datetime(2026, 3, 1)))  # noqa: DTZ001 - on purpose


async def test_text_that_no_database_can_hold_is_marked_and_kept(db: Database) -> None:
    failed = replace(incident(), delivery="a\x00b\ud83dc")
    async with db.begin() as tx:
        await incidents.add_incident(tx, failed)
        found = await incidents.get_incident(tx, failed.id)
    assert found is not None
    assert found.delivery == "a\ufffdb\ufffdc"


async def test_a_diagnosis_comes_back_and_a_new_one_takes_its_place(db: Database) -> None:
    failed = incident()
    async with db.begin() as tx:
        await incidents.add_incident(tx, failed)
        assert await incidents.get_diagnosis(tx, failed.id) is None
        await incidents.save_diagnosis(tx, diagnosis(failed))
        assert await incidents.get_diagnosis(tx, failed.id) == diagnosis(failed)
        better = replace(diagnosis(failed), failure_type=FailureType.FORMAT, fingerprint="f2", readings=())
        await incidents.save_diagnosis(tx, better)
        assert await incidents.get_diagnosis(tx, failed.id) == better


async def test_a_diagnosis_of_nothing_is_refused(db: Database) -> None:
    async with db.begin() as tx:
        with pytest.raises(Missing, match=r"there is no incident inc_"):
            await incidents.save_diagnosis(tx, diagnosis(incident()))


async def test_incidents_that_failed_in_the_same_way_come_newest_first(db: Database) -> None:
    failed = [replace(incident(number), created_at=NOW + timedelta(hours=number)) for number in range(4)]
    async with db.begin() as tx:
        for one in failed:
            await incidents.add_incident(tx, one)
            await incidents.save_diagnosis(tx, diagnosis(one, "f1" if one is not failed[2] else "f2"))
        found = await incidents.incidents_with_fingerprint(tx, HOST, REPOSITORY.id, "f1", 2)
        assert found == (failed[3], failed[1])
        assert await incidents.incidents_with_fingerprint(tx, HOST, REPOSITORY.id + 1, "f1") == ()
