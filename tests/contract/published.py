"""GitHub's published descriptions of itself: npm packages, pinned with hashes in ``package-lock.json``, installed on first use.

They are read where they lie; nothing of them is executed.
"""

import fcntl
import json
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"
STAMP = MODULES / ".installed.json"  # a copy of the lock file that the folder was installed from
LOCK = HERE / "package-lock.json"

INSTALL = [
    "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error",
    "--fetch-retries=2", "--fetch-retry-mintimeout=500", "--fetch-retry-maxtimeout=2000",
]  # fmt: skip


class NotAtHandError(Exception):
    """The descriptions are not installed and cannot be; the message says why."""


def packages() -> Path:
    """The folder with the packages, installed where it is missing or of other versions. Raises NotAtHandError."""
    reason = _missing()
    if reason:
        raise NotAtHandError(reason)
    return MODULES


@cache
def _missing() -> str:
    """Install what is missing, once in a process, and say why where that cannot be.

    Several test processes may ask at once: one installs, the others wait for it.
    """
    if _current():
        return ""
    npm = shutil.which("npm")
    if npm is None:
        return "npm is not installed"
    with (HERE / ".npm.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return "" if _current() else _install(npm)


def _current() -> bool:
    return STAMP.exists() and STAMP.read_bytes() == LOCK.read_bytes()


def _install(npm: str) -> str:
    told = subprocess.run([npm, *INSTALL], cwd=HERE, capture_output=True, text=True, check=False, timeout=300)  # noqa: S603 - npm, with words of our own
    if told.returncode == 0:
        shutil.copyfile(LOCK, STAMP)
        return ""
    if "EINTEGRITY" in told.stderr:
        raise AssertionError(f"a package is not what the lock file says:\n{told.stderr}")
    return f"GitHub's descriptions are not installed and npm could not fetch them: {_first_line(told.stderr)}"


def _first_line(text: str) -> str:
    return next((line for line in text.splitlines() if line.strip()), "it did not say why")


def rest() -> Any:  # noqa: ANN401 - JSON
    """The OpenAPI description of the REST API and, under ``x-webhooks``, of webhook bodies."""
    return _json("@octokit/openapi/generated/api.github.com.json")


def webhook_examples() -> Any:  # noqa: ANN401 - JSON
    """Bodies that GitHub once sent: a list of objects with ``name`` (the event) and ``examples``."""
    return _json("@octokit/webhooks-examples/api.github.com/index.json")


def graphql() -> str:
    """The public GraphQL schema, in its own language."""
    return (packages() / "@octokit/graphql-schema/schema.graphql").read_text(encoding="utf-8")


def _json(path: str) -> Any:  # noqa: ANN401 - JSON
    return json.loads((packages() / path).read_text(encoding="utf-8"))
