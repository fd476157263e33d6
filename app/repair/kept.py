"""Artifacts of a repair: what a stage found, kept in our own tables, so that any later stage can be replayed from them."""

from typing import TypeVar

from app.services import Services
from storage import artifacts, encoding

T = TypeVar("T")


async def keep(services: Services, incident_id: str, kind: str, value: object, *, name: str = "") -> None:
    """Keep a value under a kind (and a name, where there are several); keeping it again replaces it."""
    async with services.db.begin() as tx:
        await artifacts.put(tx, incident_id, kind, name, encoding.dumps(value), services.clock())


async def kept(services: Services, incident_id: str, kind: str, shape: type[T], *, name: str = "") -> T | None:
    """Read a kept value back; null when there is none."""
    async with services.db.read() as tx:
        body = await artifacts.get(tx, incident_id, kind, name)
    return None if body is None else encoding.loads(shape, body)


async def needed(services: Services, incident_id: str, kind: str, shape: type[T], *, name: str = "") -> T:
    """Read a kept value that an earlier stage must have left.

    Raises:
        LookupError: when it is not there, which is our own fault.
    """
    value = await kept(services, incident_id, kind, shape, name=name)
    if value is None:
        raise LookupError(f"{incident_id} has no kept {kind} {name}".rstrip())
    return value
