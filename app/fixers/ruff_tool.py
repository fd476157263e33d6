"""Running the ruff of our own environment: as a child process with a clean environment and a time limit, on a bench.

Nothing of the repository is executed: ruff reads text and writes text.
"""

import asyncio
import contextlib
import json
import os
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from ruff import find_ruff_bin  # type: ignore[import-untyped]  # the package carries a binary and one untyped function

from app.domain.patch.paths import trick
from app.fixers.bench import Bench
from app.fixers.ruff_config import RuffConfig
from app.fixers.toml import Toml, dumps

TIME_LIMIT = 60.0  # seconds for one run; ruff reads some hundred thousand lines a second
_MISFIT = 2  # ruff's exit status for a configuration or an argument that it does not understand
_CONFIG_ERRORS = ("Failed to load configuration", "Unknown rule selector")


class RuffFailed(Exception):  # noqa: N818 - an outcome that fixers tell, not a fault of theirs
    """Ruff could not do it; the text says why, in its own first lines."""


async def check(
    bench: Bench, config: RuffConfig, codes: Iterable[str], paths: Iterable[str], *, fix: bool
) -> set[tuple[str, str]]:
    """Check files for some rules, fixing what is safe to fix where asked; gives (path, code) of what is left."""
    mode = ["--fix", "--no-unsafe-fixes", "--no-show-fixes"] if fix else ["--no-fix"]
    select = ["--select", ",".join(sorted(codes)), "--output-format", "json"]
    printed = await _run(bench, config, ["check", *mode, *select], paths)
    return {(_relative(bench, row["filename"]), str(row["code"])) for row in json.loads(printed)}


async def unformatted(bench: Bench, config: RuffConfig, paths: Iterable[str]) -> set[str]:
    """Tell which files the formatter would change; those that the project excludes are not among them."""
    printed = await _run(bench, config, ["format", "--check", "--force-exclude", "--output-format", "json"], paths)
    return {_relative(bench, row["filename"]) for row in json.loads(printed) if row["code"] == "unformatted"}


async def reformat(bench: Bench, config: RuffConfig, paths: Iterable[str], *, named: bool) -> None:
    """Format files in place; one that cannot be parsed stays as it is, and one that is excluded and not named by a log."""
    await _run(bench, config, ["format", "--quiet", *([] if named else ["--force-exclude"])], paths)


async def _run(bench: Bench, config: RuffConfig, arguments: list[str], paths: Iterable[str]) -> str:
    """Run ruff under a repository's configuration, and under the plainest part of it where the whole is not understood."""
    status, printed, said = await _once(bench, config, config.table, arguments, paths)
    if status == _MISFIT and any(words in said for words in _CONFIG_ERRORS) and not printed.strip():
        status, printed, said = await _once(bench, config, config.plainest, arguments, paths)
    if status == _MISFIT and not printed.strip() and arguments[0] == "check":
        raise RuffFailed(said[:500])
    return printed or "[]"


async def _once(
    bench: Bench, config: RuffConfig, table: Mapping[str, Toml], arguments: list[str], paths: Iterable[str]
) -> tuple[int, str, str]:
    file = await asyncio.to_thread(_configuration, bench.aside, table)
    common = ["--config", str(file), "--no-cache", "--no-respect-gitignore"]
    root = bench.tree / config.root
    files = [str((bench.tree / path).relative_to(root)) for path in sorted(paths) if not trick(path)]
    return await _child([find_ruff_bin(), *arguments, *common, "--", *files], root, bench.aside)


def _configuration(folder: Path, table: Mapping[str, Toml]) -> Path:
    handle, name = tempfile.mkstemp(suffix=".toml", dir=folder)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(dumps(table))
    return Path(name)


async def _child(command: list[str], folder: Path, home: Path, limit: float = TIME_LIMIT) -> tuple[int, str, str]:
    """Run a command to its end, or end it: at the time limit, or when we are cancelled ourselves."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env={"HOME": str(home), "TMPDIR": str(home), "NO_COLOR": "1", "RAYON_NUM_THREADS": "2"},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        printed, said = await asyncio.wait_for(process.communicate(), limit)
    except TimeoutError:
        raise RuffFailed(f"ruff did not end within {limit:.0f} seconds") from None
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):  # it ended by itself in this very moment
                process.kill()
            await process.wait()
    return process.returncode or 0, printed.decode("utf-8", "replace"), said.decode("utf-8", "replace")


def _relative(bench: Bench, filename: str) -> str:
    """Give a file's repository-relative path from the absolute one that ruff prints."""
    return Path(filename).relative_to(bench.tree.resolve()).as_posix()
