from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.fixers.projects import Project, written


@pytest.fixture
def project(tmp_path: Path) -> Callable[[Mapping[str, str]], Project]:
    def make(files: Mapping[str, str]) -> Project:
        return written(tmp_path / "source", files)

    return make
