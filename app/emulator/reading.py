"""What a request says: its path, its body, the name of its GraphQL operation."""

import json
import re
from collections.abc import Callable
from typing import Any

from aiohttp import web

PREFIXES = ("/api/v3", "/api")
BROKEN: Callable[[], None] = lambda: None  # noqa: E731 - a mark that is nothing else: the body was no JSON


async def body_of(request: web.Request) -> Any:  # noqa: ANN401 - JSON
    """The body as JSON; null when empty, ``BROKEN`` when it is none."""
    raw = await request.read()
    if not raw:
        return None
    try:
        return json.loads(raw)
    except ValueError:
        return BROKEN


def path_of(request: web.Request) -> str:
    """The path without the prefixes of Enterprise Server."""
    path = request.path
    for prefix in PREFIXES:
        if path.startswith(f"{prefix}/"):
            return path.removeprefix(prefix)
    return path


def operation_of(path: str, body: Any) -> str:  # noqa: ANN401 - JSON
    """The name of a GraphQL operation; empty elsewhere and for unnamed ones."""
    if path != "/graphql" or not isinstance(body, dict):
        return ""
    if body.get("operationName"):
        return str(body["operationName"])
    found = re.search(r"^\s*(?:query|mutation)\s+(\w+)", str(body.get("query", "")), re.MULTILINE)
    return found[1] if found else ""
