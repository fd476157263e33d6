"""A scripted model on loopback, the real client that asks it, and a small broken project."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from app.emulator.model.endpoint import ScriptedModel
from app.llm.model import Model, ModelAccess
from tests.llm.samples import CALC, TEST, Asking, Tree, tree


@pytest.fixture
def project(tmp_path: Path) -> Tree:
    return tree(tmp_path / "source", {"calc.py": CALC, "tests/test_calc.py": TEST, "README.md": "# Calc\n"})


@pytest_asyncio.fixture
async def endpoint() -> AsyncIterator[ScriptedModel]:
    one = await ScriptedModel.start(api_key="the key")
    yield one
    await one.close()


@pytest_asyncio.fixture
async def asking(endpoint: ScriptedModel) -> AsyncIterator[Asking]:
    """Makes models that ask the endpoint; closed at the end."""
    made: list[Model] = []

    def ask(**access: object) -> Model:
        known = {"base_url": endpoint.base_url, "name": "scripted", "api_key": "the key", "seconds": 5.0}
        made.append(Model(ModelAccess(**{**known, **access})))  # type: ignore[arg-type]  # the test names the fields
        return made[-1]

    yield ask
    for model in made:
        await model.close()


@pytest.fixture
def model(asking: Asking) -> Model:
    return asking()
