"""What a repair costs in calls, and what it asks for in permissions: the manifest asks for that and no more."""

from collections.abc import Sequence

from app.demo.looks import calls_to_open_pull_request
from app.emulator.github import GitHub
from app.emulator.server import Exchange
from tests.flows.conftest import MANIFEST
from tests.flows.language import UNUSED, Server
from tests.flows.test_main_job import a_repository

LEVELS = {"read": 1, "write": 2}

ASKED_FOR_AHEAD = {
    "actions": "reading is used; writing is for re-runs of failed jobs, and an owner accepts permissions once",
    "statuses": "the results of other CI systems are read through GraphQL, whose permissions nobody lists",
}
"""Permissions of which no recorded call uses the level, each with the reason why it is asked for."""


def used(exchanges: Sequence[Exchange]) -> dict[str, str]:
    """The highest level of each permission that was used."""
    found: dict[str, str] = {}
    for exchange in exchanges:
        name, _, level = exchange.permission.partition("=")
        if level and LEVELS[level] > LEVELS.get(found.get(name, ""), 0):
            found[name] = level
    return found


async def test_a_repair_needs_at_most_nine_calls(github: GitHub, server: Server) -> None:
    repo = await a_repository(github)
    await server.settles()
    before = len(github.requests)
    await repo.push("main", {"web/a.py": UNUSED})
    await server.settles()
    assert len(repo.pull_requests) == 1
    assert calls_to_open_pull_request(github.requests[before:]) <= 9


async def test_the_manifest_asks_for_the_permissions_that_are_used_and_no_more(github: GitHub, server: Server) -> None:
    repo = await a_repository(github)
    await repo.push("feature", {"web/a.py": UNUSED})
    theirs = await repo.open_pull_request("feature")
    await server.settles()
    for pull in repo.pull_requests:
        if pull.number != theirs.number:
            await repo.merge(pull.number)
    await server.settles()
    asked = dict(MANIFEST["default_permissions"])
    needed = used(github.requests)
    assert all(LEVELS[asked[name]] >= LEVELS[level] for name, level in needed.items())
    assert {name for name, level in asked.items() if needed.get(name) != level} == set(ASKED_FOR_AHEAD)
