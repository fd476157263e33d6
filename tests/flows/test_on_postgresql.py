"""The same flows on PostgreSQL: one setting, nothing else differs."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.emulator.github import GitHub
from tests.flows.language import Clock, Server, settings_for
from tests.flows.test_main_job import (
    test_a_fix_for_a_contributors_pull_request_is_stacked_on_its_branch,
    test_a_fix_that_breaks_something_else_is_withdrawn,
    test_a_red_base_is_repaired_on_the_base_and_the_contributor_gets_a_link,
    test_an_unused_import_becomes_a_proven_pull_request_and_is_merged,
)
from tests.flows.test_troubles import test_all_deliveries_redelivered_afterwards
from tests.postgres import empty_postgresql_url, postgresql_server

__all__ = [
    "empty_postgresql_url",
    "postgresql_server",
    "test_a_fix_for_a_contributors_pull_request_is_stacked_on_its_branch",
    "test_a_fix_that_breaks_something_else_is_withdrawn",
    "test_a_red_base_is_repaired_on_the_base_and_the_contributor_gets_a_link",
    "test_all_deliveries_redelivered_afterwards",
    "test_an_unused_import_becomes_a_proven_pull_request_and_is_merged",
]


@pytest.fixture
async def server(
    github: GitHub,
    tmp_path: Path,
    clock: Clock,
    port: int,
    empty_postgresql_url: str,
) -> AsyncIterator[Server]:
    """Our server on a database that is empty when it starts."""
    settings = settings_for(github, tmp_path / "data", port, DEVFLOWFIX_DATABASE_URL=empty_postgresql_url)
    one = Server(github, settings, clock)
    await one.start()
    yield one
    await one.stop()
    assert not (tmp_path / "data").exists(), "something was stored beside the database"
