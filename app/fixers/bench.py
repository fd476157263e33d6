"""A throw-away folder in which a tool may work: real text where it is to work, empty files elsewhere.

The empty files stand for the modules that are there: whether an import is the project's own is told by names on disk.
Configuration files are not laid out; what a tool is to know of them is handed over sanitised.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from app.fixers.view import View

PYTHON = (".py", ".pyi")


@dataclass(frozen=True, slots=True)
class Bench:
    """The folder: ``tree`` holds the files, ``aside`` is for what must not lie among them."""

    tree: Path
    aside: Path
    view: View

    async def texts(self, paths: Iterable[str]) -> dict[str, str]:
        """Read files back, line endings kept."""
        wanted = tuple(paths)
        return await asyncio.to_thread(lambda: {path: (self.tree / path).read_bytes().decode("utf-8") for path in wanted})


@asynccontextmanager
async def python_bench(view: View, targets: Iterable[str]) -> AsyncIterator[Bench]:
    """Lay out the Python files of a source, those in ``targets`` with their text; gone when the block ends."""
    with tempfile.TemporaryDirectory(prefix="devflowfix-fix-") as name:
        bench = Bench(Path(name, "tree"), Path(name, "aside"), view)
        await asyncio.to_thread(_lay_out, bench, frozenset(targets))
        yield bench


def _lay_out(bench: Bench, targets: frozenset[str]) -> None:
    bench.tree.mkdir()
    bench.aside.mkdir()
    for path in {*bench.view.paths(*PYTHON), *targets}:
        text = (bench.view.read(path) if path in targets else None) or ""
        file = bench.tree / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode("utf-8"))
