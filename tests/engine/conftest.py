"""Engines on real files: a migrated template is copied for each test, because migrating takes longer than most tests."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from app.engine import Engine
from tests.postgres import empty_postgresql_url, postgresql_server

__all__ = ["empty_postgresql_url", "postgresql_server"]

Make = Callable[..., Engine]


@pytest.fixture(scope="session")
def engine_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("engine") / "template.db"

    async def migrate() -> None:
        engine = Engine(url=str(path), executor_id="template", application_version="1", synchronous="OFF")
        engine.register("nothing", _nothing)
        engine.register("nothing to deliver", _nothing, queue="inbox")
        await engine.launch()
        await engine.close()

    asyncio.run(migrate())
    return path


async def _nothing(_run: object) -> None:
    pass


@pytest.fixture
def engine_file(engine_template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(engine_template, tmp_path / "engine.db"))


@pytest.fixture
async def make(engine_file: Path) -> AsyncIterator[Make]:
    """Make engines on the test's file; whichever is open at the end is closed."""
    made: list[Engine] = []

    def one(executor_id: str = "one", **more: Any) -> Engine:  # noqa: ANN401 - the engine's own arguments
        options: dict[str, Any] = {"polling": 0.02, "synchronous": "OFF", "application_version": "1"} | more
        engine = Engine(url=str(engine_file), executor_id=executor_id, **options)
        made.append(engine)
        return engine

    yield one
    for engine in made:
        await engine.close()
