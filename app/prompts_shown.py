"""``devflowfix prompt``: what a model was sent and what it answered about an incident, as it was kept, redacted."""

from rich.console import Console

from app.bootstrap import application_url
from app.repair.ask_model import KIND, Asked
from app.settings import Settings
from storage import artifacts, encoding
from storage.database import Database


async def show(settings: Settings, incident_id: str) -> None:
    """Print every conversation with the model about an incident, oldest first.

    Raises:
        LookupError: none was kept: no model was asked, or there is no such incident.
    """
    db = await Database.open(application_url(settings))
    try:
        asked = await _asked(db, incident_id)
    finally:
        await db.close()
    if not asked:
        raise LookupError(f"No model was asked about {incident_id}, or there is no such incident.")
    console = Console()
    for number, one in asked:
        _print(console, number, one)


async def _asked(db: Database, incident_id: str) -> list[tuple[int, Asked]]:
    async with db.read() as tx:
        numbers = sorted(int(name) for kind, name in await artifacts.names(tx, incident_id) if kind == KIND)
        bodies = [(number, await artifacts.get(tx, incident_id, KIND, str(number))) for number in numbers]
    return [(number, encoding.loads(Asked, body)) for number, body in bodies if body is not None]


def _print(console: Console, number: int, asked: Asked) -> None:
    price = f"US$ {asked.usd}" if asked.priced else "price not known"
    tokens = f"{asked.prompt_tokens} + {asked.completion_tokens} tokens"
    console.rule(f"candidate {number}: {asked.model}, {asked.turns} turns, {tokens}, {price}", align="left")
    for turn, entry in enumerate(asked.transcript, start=1):
        for message in entry.get("sent", []):
            console.print(f"\n[{turn}] → {message.get('role', '')}", style="bold", markup=False)
            console.print(str(message.get("content", "")), markup=False, highlight=False)
        console.print(f"\n[{turn}] ← {asked.model}", style="bold", markup=False)
        console.print(str(entry.get("received", "")), markup=False, highlight=False)
    console.print(f"\nIt ended: {asked.end}. {asked.sentence}", markup=False, highlight=False)
