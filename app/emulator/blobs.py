"""The second origin: what GitHub keeps in signed blob storage (logs, tarballs) and hands out by addresses that live one minute.

As the real storage does, it answers 403 to whoever sends an Authorization header along.
"""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from aiohttp import web

from app.emulator.accounts import Clock

LIVES = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Blob:
    """A document behind a signed address."""

    content: bytes
    content_type: str
    expires_at: datetime


@dataclass(slots=True, kw_only=True)
class Blobs:
    """The storage; ``url`` is known once the server listens. ``downloads`` records what was fetched, with the status."""

    clock: Clock
    url: str = ""
    downloads: list[tuple[str, int]] = field(default_factory=list)
    _held: dict[str, Blob] = field(default_factory=dict)

    def offer(self, name: str, content: bytes, content_type: str) -> str:
        """Put a document up and give its signed address."""
        key = f"/{name}?sig={secrets.token_urlsafe(24)}"
        self._held[key] = Blob(content=content, content_type=content_type, expires_at=self.clock() + LIVES)
        return self.url + key

    async def serve(self, request: web.Request) -> web.Response:
        """Answer one download."""
        key = str(request.rel_url)
        response = self._answer(request, self._held.get(key))
        self.downloads.append((request.path, response.status))
        return response

    def _answer(self, request: web.Request, blob: Blob | None) -> web.Response:
        if "Authorization" in request.headers:
            return _error(403, "AuthenticationFailed", "Server failed to authenticate the request.")
        if blob is None:
            return _error(404, "BlobNotFound", "The specified blob does not exist.")
        if self.clock() > blob.expires_at:
            return _error(403, "AuthenticationFailed", "Signature not valid in the specified time frame.")
        return web.Response(body=blob.content, headers={"Content-Type": blob.content_type})


def _error(status: int, code: str, message: str) -> web.Response:
    body = f'<?xml version="1.0" encoding="utf-8"?><Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return web.Response(status=status, text=body, content_type="application/xml")
