"""The door: a delivery is checked, stored, and only then acknowledged. Nothing of what is refused is stored.

The order of the checks: content type, size, signature, headers, JSON. The rules, and the cap of 25 MB, are those of GitHub's
documents "Validating webhook deliveries" and "Webhook events and payloads".
"""

import asyncio
import hmac
import json
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from aiohttp import ClientError, web

from app.web.answers import failure, success
from app.web.metrics import METRICS
from storage.inbox import Delivery, State, Stored

PATHS = ("/api/v1/webhooks/github", "/webhooks/github")
MOST_BYTES = 25 * 1024 * 1024
"""GitHub sends no payload beyond 25 MB."""

READ_SECONDS = 30.0
"""GitHub waits 10 s for an answer, an Enterprise Server 30 s."""

_GUID = re.compile(r"[A-Za-z0-9-]{1,100}")
_EVENT = re.compile(r"[a-z_]{1,64}")
_WORD = re.compile(r"[A-Za-z0-9_.\-\[\]]{1,100}")
_CHUNK = 64 * 1024

log = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Intake:
    """What the door needs to know and to call."""

    secrets: Sequence[str]  # two while rotating
    store: Callable[[Delivery], Awaitable[Stored]]  # returns after the commit
    handled: Callable[[str, Mapping[str, Any]], bool]  # does anybody handle this event with this payload?
    arrived: Callable[[], None]  # something was stored
    allowed_accounts: frozenset[str] = frozenset()  # logins in lower case; empty: everybody's


INTAKE = web.AppKey("intake", Intake)


class Refused(Exception):  # noqa: N818 - it is an answer, not a fault
    """The delivery is answered with this status and code, and not stored."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


async def receive(request: web.Request) -> web.Response:
    """Take in one delivery."""
    try:
        answer, result = await _take_in(request, request.app[INTAKE])
    except Refused as refused:
        log.info("delivery refused", code=refused.code, guid=request.headers.get("X-GitHub-Delivery", "")[:100])
        answer, result = failure(refused.status, refused.code, str(refused)), refused.code
    request.app[METRICS].deliveries.labels(result).inc()
    return answer


async def _take_in(request: web.Request, intake: Intake) -> tuple[web.Response, str]:
    _check_type(request)
    body = await _read(request)
    if not signed(body, request.headers.get("X-Hub-Signature-256"), intake.secrets):
        raise Refused(401, "bad_signature", "X-Hub-Signature-256 does not match the body and the webhook secret")
    event, guid = _header(request, "X-GitHub-Event", _EVENT), _header(request, "X-GitHub-Delivery", _GUID)
    payload = _parse(body)
    if event == "ping":
        return success(message="pong"), "ping"
    delivery = describe(intake, guid, event, payload, body)
    try:
        stored = await intake.store(delivery)
    except Exception as error:  # whatever it is, GitHub must not count the delivery as done
        log.error("delivery not stored", guid=guid, error=repr(error))  # noqa: TRY400 - once a delivery: without a traceback
        raise Refused(503, "not_stored", "The delivery could not be stored; redeliver it later") from error
    if delivery.state is State.RECEIVED and stored is not Stored.FINISHED:
        intake.arrived()
    result = "dropped" if delivery.state is State.DROPPED else stored.value
    return success(202, delivery=guid, result=result, reason=delivery.reason), result


def _check_type(request: web.Request) -> None:
    if request.content_type != "application/json" or "Content-Encoding" in request.headers:
        raise Refused(415, "unsupported_media_type", "Send the payload as application/json, not encoded otherwise")


async def _read(request: web.Request) -> bytes:
    """Read the body, no more of it than is allowed, and no longer than GitHub would wait for the answer."""
    if (request.content_length or 0) > MOST_BYTES:
        raise _too_large()
    body = bytearray()
    try:
        async with asyncio.timeout(READ_SECONDS):
            async for chunk in request.content.iter_chunked(_CHUNK):
                body += chunk
                if len(body) > MOST_BYTES:
                    raise _too_large()
    except TimeoutError as error:
        raise Refused(408, "too_slow", f"The payload took longer than {READ_SECONDS:.0f} s") from error
    except (ConnectionError, ClientError, web.RequestPayloadError) as error:
        raise Refused(400, "incomplete", "The payload broke off") from error
    return bytes(body)


def _too_large() -> Refused:
    return Refused(413, "too_large", f"The payload is larger than {MOST_BYTES} bytes")


def signed(body: bytes, signature: str | None, secrets: Sequence[str]) -> bool:
    """Tell whether a signature header is that of the body under one of the secrets, in constant time; SHA-1 does not count."""
    given = (signature or "").encode("utf-8", "surrogateescape")
    expected = [b"sha256=" + hmac.digest(secret.encode(), body, "sha256").hex().encode() for secret in secrets]
    return any([hmac.compare_digest(one, given) for one in expected])  # noqa: C419 - a list, so that every secret is tried


def _header(request: web.Request, name: str, form: re.Pattern[str]) -> str:
    value = request.headers.get(name, "")
    if not form.fullmatch(value):
        raise Refused(400, "bad_header", f"{name} is missing or malformed")
    return value


def _parse(body: bytes) -> dict[str, Any]:
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refused(400, "bad_json", "The body is not JSON") from error
    if not isinstance(payload, dict):
        raise Refused(400, "bad_json", "The body is not a JSON object")
    return payload


def describe(intake: Intake, guid: str, event: str, payload: Mapping[str, Any], body: bytes) -> Delivery:
    """Say what is stored of a delivery: all of it, or, where nobody handles or may handle it, that it came."""
    account = account_of(payload)
    reason = ""
    if intake.allowed_accounts and account.lower() not in intake.allowed_accounts:
        reason = "account not served"
    elif not intake.handled(event, payload):
        reason = "nobody handles it"
    return Delivery(
        guid=guid,
        event=event,
        action=_word(payload.get("action")),
        installation_id=_id(payload, "installation"),
        repository_id=_id(payload, "repository"),
        account_login=account,
        body=None if reason else body,
        state=State.DROPPED if reason else State.RECEIVED,
        reason=reason,
    )


def account_of(payload: Mapping[str, Any]) -> str:
    """Find whose delivery it is: the repository's owner's, else the installation's account's, else the organisation's."""
    for path in (("repository", "owner", "login"), ("installation", "account", "login"), ("organization", "login")):
        value: object = payload
        for key in path:
            value = value.get(key) if isinstance(value, Mapping) else None
        if login := _word(value):
            return login
    return ""


def _word(value: object) -> str:
    """Take a plain word; anything else could not be stored by every database."""
    return value if isinstance(value, str) and _WORD.fullmatch(value) else ""


def _id(payload: Mapping[str, Any], key: str) -> int | None:
    holder = payload.get(key)
    value = holder.get("id") if isinstance(holder, Mapping) else None
    return value if isinstance(value, int) and 0 <= value < 2**63 else None
