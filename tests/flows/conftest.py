"""A GitHub and a server for each flow."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from ruamel.yaml import YAML

from app.bootstrap import APPLICATION_VERSION
from app.emulator.github import GitHub
from app.engine import Engine
from storage import migrate
from storage.database import Database
from storage.inbox import Inbox
from tests.contract.checker import as_github_describes
from tests.flows.language import SECRET, Clock, Server, free_port, settings_for

MANIFEST = YAML(typ="safe").load(Path(__file__).parents[2] / "app.yml")
TOOLS = f"{Path(sys.executable).parent}:{os.environ['PATH']}"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture(scope="session")
def migrated_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose databases are migrated, to be copied: migrating takes longer than starting."""
    folder = tmp_path_factory.mktemp("migrated") / "data"
    asyncio.run(_migrate(folder))
    return folder


async def _migrate(folder: Path) -> None:
    db = await Database.open(f"sqlite:///{folder / 'devflowfix.db'}")
    await migrate.upgrade(db)
    await db.close()
    await (await Inbox.open(str(folder / "inbox.db"))).close()
    engine = Engine(url=str(folder / "engine.db"), executor_id="template", application_version=APPLICATION_VERSION)
    await engine.launch()
    await engine.close()


@pytest_asyncio.fixture
async def github(tmp_path: Path, clock: Clock, port: int) -> AsyncIterator[GitHub]:
    """A GitHub on which our App is installed for `acme`; in the end all that was said is held against GitHub's descriptions."""
    stand_in = await GitHub.start(
        tmp_path / "github",
        manifest=MANIFEST,
        webhook_url=f"http://127.0.0.1:{port}/api/v1/webhooks/github",
        webhook_secret=SECRET,
        tools_path=TOOLS,
        clock=clock,
    )
    yield stand_in
    await stand_in.close()
    as_github_describes(stand_in)


@pytest_asyncio.fixture
async def server(github: GitHub, tmp_path: Path, clock: Clock, port: int) -> AsyncIterator[Server]:
    """Our server, running."""
    one = Server(github, settings_for(github, tmp_path / "data", port), clock)
    await one.start()
    yield one
    await one.stop()
