"""Formatting, lint, types and import contracts are tests: what they refuse does not pass."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent

CHECKS = {
    "formatting": [str(BIN / "ruff"), "format", "--check", "."],
    "lint": [str(BIN / "ruff"), "check", "."],
    "types": [sys.executable, "-m", "mypy"],
    "import contracts": [str(BIN / "lint-imports"), "--no-cache"],
}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", CHECKS)
def test_the_code_is_held_to(name: str) -> None:
    told = subprocess.run(CHECKS[name], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - our own tools
    assert told.returncode == 0, told.stdout + told.stderr
