"""Refusals into typed errors: who has to act on a status and a message."""

from collections.abc import Mapping

from gidgethub import HTTPException

from app.github.errors import BadCredentials, Broken, GitHubError, MissingPermission, NotThere, Refused, Suspended

LATER = 30.0
"""Seconds until work that met a broken or silent GitHub is taken up again."""


def typed(exc: HTTPException, what: str) -> GitHubError:
    """Give a refused call the type that says who has to act."""
    status, message = int(exc.status_code), str(exc)
    if status == 401:
        return BadCredentials(f"{what}: GitHub refuses a token that it has just made, or the App's id and key")
    if status in (404, 410):
        return NotThere(what, gone=status == 410)
    if status >= 500:
        return Broken(LATER, f"{what}: {status}")
    if status == 403:
        return _forbidden(what, message, exc.headers)
    return Refused(what, message, status=status)


def _forbidden(what: str, message: str, headers: Mapping[str, str]) -> GitHubError:
    """Sort a 403 that is no rate limit. GitHub sends the header with every answer, so the message decides."""
    if "suspended" in message.lower():
        return Suspended(f"{what}: {message}")
    accepted = headers.get("x-accepted-github-permissions", "")
    if "not accessible" in message.lower() or (accepted and message in ("", "Forbidden")):
        return MissingPermission(what, accepted)
    return Refused(what, message, status=403)
