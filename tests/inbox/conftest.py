"""Inboxes and engines on real databases: files, and PostgreSQL too, where its programs are installed."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from storage.inbox import Inbox
from tests.engine.conftest import engine_file, engine_template, make
from tests.postgres import empty_postgresql_url, postgresql_server

__all__ = ["empty_postgresql_url", "engine_file", "engine_template", "make", "postgresql_server"]

Open = Callable[..., Awaitable[Inbox]]


@pytest.fixture(params=["sqlite", "postgresql"])
def inbox_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        address: str = request.getfixturevalue("empty_postgresql_url")
        return address
    return str(tmp_path / "inbox.db")


@pytest.fixture
async def open_inbox(inbox_url: str) -> AsyncIterator[Open]:
    """Open the test's inbox, as often as wanted, each time as another process would."""
    opened: list[Inbox] = []

    async def open_one(**more: Any) -> Inbox:  # noqa: ANN401 - the inbox's own arguments
        opened.append(await Inbox.open(inbox_url, synchronous="OFF", **more))
        return opened[-1]

    yield open_one
    for inbox in opened:
        await inbox.close()


@pytest.fixture
async def inbox(open_inbox: Open) -> Inbox:
    return await open_inbox()
