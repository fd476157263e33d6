"""How many deliveries a second are acknowledged, and how long the slowest hundredth waits: 17 KB bodies, clients on loopback."""

import asyncio
import hashlib
import hmac
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvloop
from rich.console import Console
from rich.table import Table

from tests.postgres import binaries, running

ROOT = Path(__file__).parents[2]
CLIENTS = (1, 32, 128)
SECONDS = 3.0
SECRET = secrets.token_hex(16)
PAYLOAD = {
    "action": "completed",
    "workflow_run": {"id": 1, "conclusion": "failure", "filler": "x" * 16_700},
    "repository": {"id": 2, "full_name": "octo/box", "owner": {"login": "octo"}},
    "installation": {"id": 3},
}
BODY = json.dumps(PAYLOAD).encode()
SIGNATURE = hmac.new(SECRET.encode(), BODY, hashlib.sha256).hexdigest()
HEAD = (
    "POST /api/v1/webhooks/github HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    f"X-GitHub-Event: workflow_run\r\nX-Hub-Signature-256: sha256={SIGNATURE}\r\nContent-Length: {len(BODY)}\r\n"
)


@dataclass(frozen=True, slots=True)
class Cell:
    """What one server did for so many clients."""

    per_second: float
    p99: float  # seconds


def run(console: Console) -> None:
    """Print the table; each row is a server of its own."""
    table = Table(title=f"Acknowledged deliveries a second (p99), bodies of {len(BODY) / 1000:.0f} KB, {SECONDS:.0f} s a cell")
    table.add_column("server")
    for clients in CLIENTS:
        table.add_column(f"{clients} client{'s' if clients > 1 else ''}", justify="right")
    for name, arguments in _servers():
        cells = _measure(arguments)
        table.add_row(name, *(f"{cell.per_second:,.0f}/s ({cell.p99 * 1000:.0f} ms)" for cell in cells))
    console.print(table)
    if binaries() is None:
        console.print("PostgreSQL's initdb is not installed: those rows are missing.")


def _servers() -> Iterator[tuple[str, list[str]]]:
    """Every kind of server with its arguments; its databases live as long as its turn."""
    yield "bare aiohttp + HMAC", ["bare"]
    for kind in ("stored", "drained"):
        with tempfile.TemporaryDirectory() as folder:
            yield f"SQLite, {kind}", [kind, f"{folder}/inbox.db", f"{folder}/engine.db"]
    programs = binaries()
    if programs is None:
        return
    for kind in ("stored", "drained"):
        with running(programs, durable=True) as server:
            url = server.url(server.clone("template0"))
            yield f"PostgreSQL, {kind}", [kind, url, url]


def _measure(arguments: list[str]) -> list[Cell]:
    with _serving(arguments) as port:
        return [uvloop.run(_load(port, clients)) for clients in CLIENTS]


@contextmanager
def _serving(arguments: list[str]) -> Iterator[int]:
    command = [sys.executable, str(ROOT / "tests" / "benchmarks" / "door.py"), *arguments]
    environment = os.environ | {"SECRET": SECRET, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - ours
        try:
            assert process.stdout is not None
            yield int(process.stdout.readline())
        finally:
            process.kill()


async def _load(port: int, clients: int) -> Cell:
    end = time.perf_counter() + SECONDS
    begun = time.perf_counter()
    times = [one for client in await asyncio.gather(*(_client(port, end) for _ in range(clients))) for one in client]
    seconds = time.perf_counter() - begun
    return Cell(len(times) / seconds, sorted(times)[int(len(times) * 0.99)])


async def _client(port: int, end: float) -> list[float]:
    """Send one delivery after the other over one connection; a plain client, so that it costs less than the server."""
    times = []
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while (begun := time.perf_counter()) < end:
        writer.write(f"{HEAD}X-GitHub-Delivery: {uuid.uuid4()}\r\n\r\n".encode() + BODY)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 202"):
            raise RuntimeError(f"not acknowledged: {head!r}")
        await reader.readexactly(int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]))
        times.append(time.perf_counter() - begun)
    writer.close()
    await writer.wait_closed()
    return times
