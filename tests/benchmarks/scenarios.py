"""What whole repairs cost: the demo's scenes played without words; calls to GitHub, model turns, tokens and wall time of each."""

import asyncio
import os
import tempfile
from pathlib import Path

from rich.console import Console

from app.demo.script import perform
from app.demo.stage import Stage


def run(console: Console) -> None:
    """Print the table; the server is a process of its own, CI really runs, two seconds of each proof are the settling time."""
    with tempfile.TemporaryDirectory() as folder, Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        table = asyncio.run(perform(Stage(Console(file=nowhere)), Path(folder)))
    table.title = "Whole repairs, CI included"
    console.print(table)
