from dataclasses import replace

import pytest

from app.domain.repository import Installation, Repository
from storage import incidents, installations
from storage.database import Database
from tests.storage.samples import BIG, HOST, INSTALLATION, NOW, REPOSITORY, incident, renamed


async def _installation(db: Database) -> Installation | None:
    async with db.read() as tx:
        return await installations.get_installation(tx, HOST, INSTALLATION.id)


async def _repository(db: Database) -> Repository | None:
    async with db.read() as tx:
        return await installations.get_repository(tx, HOST, REPOSITORY.id)


async def test_an_installation_comes_back_as_it_was_stored(db: Database) -> None:
    async with db.begin() as tx:
        await installations.save_installation(tx, INSTALLATION)
    assert await _installation(db) == INSTALLATION


async def test_the_same_id_on_another_host_is_another_installation(db: Database) -> None:
    elsewhere = replace(INSTALLATION, host="github.example", suspended=True)
    async with db.begin() as tx:
        await installations.save_installation(tx, INSTALLATION)
        await installations.save_installation(tx, elsewhere)
        assert await installations.list_installations(tx) == (INSTALLATION, elsewhere)


async def test_storing_again_changes_what_is_stored(db: Database) -> None:
    changed = replace(INSTALLATION, repository_selection="all", permissions=())
    async with db.begin() as tx:
        await installations.save_installation(tx, INSTALLATION)
        await installations.save_installation(tx, changed)
    assert await _installation(db) == changed


async def test_a_suspended_installation_is_known_as_suspended(db: Database) -> None:
    async with db.begin() as tx:
        await installations.save_installation(tx, INSTALLATION)
        assert await installations.set_suspended(tx, HOST, INSTALLATION.id, suspended=True)
    assert await _installation(db) == replace(INSTALLATION, suspended=True)


async def test_a_removed_installation_is_found_only_by_those_who_ask_for_all(db: Database) -> None:
    async with db.begin() as tx:
        await installations.save_installation(tx, INSTALLATION)
        await installations.save_repository(tx, REPOSITORY)
        assert await installations.remove_installation(tx, HOST, INSTALLATION.id, at=NOW)
    assert await _installation(db) is None
    assert await _repository(db) is None
    async with db.read() as tx:
        assert await installations.list_installations(tx) == ()
        assert await installations.list_installations(tx, active_only=False) == (INSTALLATION,)
        assert await installations.list_repositories(tx, HOST, INSTALLATION.id) == ()


async def test_an_installation_that_comes_back_is_active_again(db: Database) -> None:
    async with db.begin() as tx:
        await installations.save_installation(tx, INSTALLATION)
        await installations.remove_installation(tx, HOST, INSTALLATION.id)
        await installations.save_installation(tx, INSTALLATION)
    assert await _installation(db) == INSTALLATION


async def test_what_is_not_known_cannot_be_changed(db: Database) -> None:
    async with db.begin() as tx:
        assert not await installations.remove_installation(tx, HOST, 1)
        assert not await installations.set_suspended(tx, HOST, 1, suspended=True)
        assert not await installations.rename(tx, HOST, 1, "a/b")
        assert not await installations.remove_repository(tx, HOST, 1)


async def test_a_default_branch_that_a_payload_does_not_name_stays(db: Database) -> None:
    async with db.begin() as tx:
        await installations.save_repository(tx, REPOSITORY)
        await installations.save_repository(tx, replace(REPOSITORY, default_branch="", private=True))
        assert await installations.get_repository(tx, HOST, REPOSITORY.id) == replace(REPOSITORY, private=True)
        await installations.save_repository(tx, replace(REPOSITORY, default_branch="trunk"))
        assert await installations.get_repository(tx, HOST, REPOSITORY.id) == replace(REPOSITORY, default_branch="trunk")


async def test_adding_a_known_repository_changes_nothing(db: Database) -> None:
    async with db.begin() as tx:
        assert await installations.add_repository(tx, REPOSITORY)
        assert not await installations.add_repository(tx, renamed(REPOSITORY, "acme/old"))
    assert await _repository(db) == REPOSITORY


async def test_a_renamed_repository_keeps_its_id_and_its_incidents_know_the_new_name(db: Database) -> None:
    failed = incident()
    async with db.begin() as tx:
        await incidents.add_incident(tx, failed)
        assert await installations.rename(tx, HOST, REPOSITORY.id, "acme/store")
        found = await incidents.get_incident(tx, failed.id)
    assert found == replace(failed, repository=renamed(REPOSITORY, "acme/store"))


@pytest.mark.parametrize("name", ["acme/shop", "Acme/SHOP"])
async def test_a_repository_is_found_by_name_without_regard_to_case(db: Database, name: str) -> None:
    async with db.begin() as tx:
        await installations.save_repository(tx, REPOSITORY)
        assert await installations.repository_named(tx, HOST, name) == REPOSITORY
        assert await installations.repository_named(tx, HOST, "acme/shops") is None


async def test_a_removed_repository_is_not_listed_until_it_is_seen_again(db: Database) -> None:
    other = replace(REPOSITORY, id=BIG + 9, full_name="acme/app")
    async with db.begin() as tx:
        await installations.save_repository(tx, REPOSITORY)
        await installations.save_repository(tx, other)
        assert await installations.list_repositories(tx, HOST, BIG) == (other, REPOSITORY)
        assert await installations.remove_repository(tx, HOST, REPOSITORY.id)
        assert await installations.list_repositories(tx, HOST, BIG) == (other,)
        await installations.save_repository(tx, REPOSITORY)
        assert await installations.list_repositories(tx, HOST, BIG) == (other, REPOSITORY)
