"""The HTTP side: finds the route, checks who asks and what they may, answers as GitHub does, and records every exchange."""

import asyncio
import hashlib
import json
import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from app.emulator import permissions, tokens
from app.emulator.accounts import Json
from app.emulator.faults import Asked, Failure, Faults
from app.emulator.limits import Limits
from app.emulator.reading import BROKEN, body_of, operation_of, path_of
from app.emulator.routing import Answer, Call, Page, Route, match
from app.emulator.state import Token
from app.emulator.tokens import AppJwt
from app.emulator.world import Refused, World

VERSIONS = ("2022-11-28", "2026-03-10")
DOCS = "https://docs.github.com/rest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request to the API and its answer, as tests and the demo look at it."""

    method: str
    template: str  # the route's path template; empty for an unknown route
    path: str
    query: str
    status: int
    installation_id: int | None
    permission: str  # what was used of the token's permissions
    purpose: str  # the caller's own label, if it sent one
    operation: str  # GraphQL: the operation's name
    request: Any
    response: Any
    size: int  # bytes of the answer's body
    seconds: float
    at: datetime
    fault: bool  # whether the answer was a fault on demand


@dataclass(slots=True)
class Heard:
    """What is learnt about a request while it is being answered."""

    template: str = ""
    permission: str = ""
    operation: str = ""
    token: Token | None = None
    fault: bool = False
    body: Any = None


@dataclass(slots=True, kw_only=True)
class Server:
    """Answers requests to the REST API; GraphQL is a route among the others."""

    world: World
    rows: list[Route]
    app_jwt: AppJwt
    faults: Faults
    limits: Limits
    token_seconds: float = 3600.0
    requests: list[Exchange] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        began = time.monotonic()
        heard = Heard()
        answer = await self._answer(request, heard)
        response = self._respond(request, heard, answer)
        self._record(request, heard, answer, response, time.monotonic() - began)
        return response

    async def _answer(self, request: web.Request, heard: Heard) -> Answer:
        heard.body = await body_of(request)
        path = path_of(request)
        heard.operation = operation_of(path, heard.body)
        asked = Asked(method=request.method, path=path, operation=heard.operation, body=heard.body)
        kills = self.faults.due(asked)
        if await self.faults.fire(kills, "before"):
            return _gone(request)
        failure = self.faults.take(asked)
        heard.fault = failure is not None
        if failure is not None and not failure.after:
            if failure.delay:
                await asyncio.sleep(failure.delay)
            if failure.status is not None:
                return _failed(failure)
        answer = await self._really(request, path, heard)
        if failure is not None and failure.after:
            await asyncio.sleep(failure.delay)
            answer = _failed(failure) if failure.status is not None else answer
        return _gone(request) if await self.faults.fire(kills, "after") else answer

    async def _really(self, request: web.Request, path: str, heard: Heard) -> Answer:
        try:
            return await self._dispatch(request, path, heard)
        except Refused as refusal:
            body: Json = {"message": refusal.message}
            if refusal.errors is not None:
                body["errors"] = refusal.errors
            body |= {"documentation_url": DOCS, "status": str(refusal.status)}
            return Answer(status=refusal.status, body=body, headers=dict(refusal.headers))
        except Exception as error:  # noqa: BLE001 - a fault of the stand-in itself: answered, and raised by `idle`
            self.world.failures.append(error)
            return Answer(status=500, body={"message": f"The stand-in failed: {error!r}"})

    async def _dispatch(self, request: web.Request, path: str, heard: Heard) -> Answer:
        found = match(self.rows, request.method, path)
        if found is None:
            self.unknown.append(f"{request.method} {path}")
            raise Refused(404, "Not Found")
        row, params = found
        heard.template = row.template
        version = request.headers.get("X-GitHub-Api-Version", VERSIONS[0])
        if version not in VERSIONS:
            raise Refused(400, f"The API version {version!r} is not supported.")
        call = Call(
            world=self.world,
            params=params,
            query=request.query,
            headers=request.headers,
            body=heard.body,
            token_seconds=self.token_seconds,
        )
        self._authenticate(request, row, call, heard)
        asker = _asker(heard)
        call.budgets = (self.limits.budget(asker, "core"), self.limits.budget(asker, "graphql"))
        resource = "graphql" if row.template == "/graphql" else "core"
        if row.template != "/rate_limit" and self.limits.exhausted(asker, resource):
            return _exhausted(asker, resource)
        if heard.body is BROKEN:
            raise Refused(400, "Problems parsing JSON")
        if "owner" in params and "repo" in params:
            self._enter(row, call)
        if call.token is not None and row.auth == "installation":
            heard.permission = permissions.demand(call.token.permissions, row.need)
        result = await row.handler(call)
        return self._page(request, result) if isinstance(result, Page) else _as_answer(result)

    def _authenticate(self, request: web.Request, row: Route, call: Call, heard: Heard) -> None:
        scheme, _, credential = request.headers.get("Authorization", "").partition(" ")
        if not credential or scheme.lower() not in {"bearer", "token"}:
            if row.auth == "any":
                return
            raise Refused(401, "Requires authentication")
        if credential.startswith("ghs_"):
            call.token = heard.token = tokens.find(self.world.state, credential)
            if row.auth == "app":
                raise Refused(401, "A JSON web token could not be decoded")
            return
        if scheme.lower() != "bearer":
            raise Refused(401, "Bad credentials")
        self.app_jwt.check(credential)
        if row.auth == "installation":
            raise Refused(401, "Bad credentials")

    def _enter(self, row: Route, call: Call) -> None:
        """Find the repository of the path; what the token does not reach is 404 (403 for writes to a public one)."""
        repo = self.world.repository(f"{call.params['owner']}/{call.params['repo']}")
        if repo is None or (repo.private and call.token and not tokens.reaches(call.token, repo)):
            raise Refused(404, "Not Found")
        if call.token is not None and not tokens.reaches(call.token, repo) and row.method != "GET":
            raise Refused(403, "Resource not accessible by integration")
        call.repository = repo

    def _page(self, request: web.Request, page: Page) -> Answer:
        size = min(_number(request.query.get("per_page"), 30), 100)
        number = max(_number(request.query.get("page"), 1), 1)
        last = max(1, -(-len(page.items) // size))
        items = page.items[(number - 1) * size : number * size]
        relations = {"first": 1, "prev": number - 1} if number > 1 else {}
        if number < last:
            relations |= {"next": number + 1, "last": last}
        links = [f'<{self._url(request, page=other, per_page=size)}>; rel="{name}"' for name, other in relations.items()]
        body = items if page.key is None else {"total_count": len(page.items), page.key: items}
        return Answer(body=body, headers={"Link": ", ".join(links)} if links else {})

    def _url(self, request: web.Request, **changed: int) -> str:
        query = {**request.query, **{name: str(value) for name, value in changed.items()}}
        return f"{self.world.at.api}{path_of(request)}?{urlencode(query)}"

    def _respond(self, request: web.Request, heard: Heard, answer: Answer) -> web.Response:
        raw = isinstance(answer.body, bytes)
        content = answer.body if raw else b"" if answer.body is None else json.dumps(answer.body, separators=(",", ":")).encode()
        headers = {
            "X-GitHub-Media-Type": "github.v3; format=json",
            "X-GitHub-Request-Id": hashlib.sha256(content).hexdigest()[:16],
        }
        headers |= {} if heard.fault else self._limit_headers(heard, answer.status)
        headers.setdefault("Content-Type", "application/json; charset=utf-8")
        headers |= answer.headers
        if request.method == "GET" and answer.status == 200:
            headers["ETag"] = etag = _etag(request, content)
            if request.headers.get("If-None-Match") in {etag, etag.removeprefix("W/")}:
                self.limits.refund(_asker(heard))
                return web.Response(status=304, headers=headers)
        return web.Response(status=answer.status, body=content, headers=headers)

    def _limit_headers(self, heard: Heard, status: int) -> dict[str, str]:
        if status == 401:
            return {}
        resource = "graphql" if heard.template == "/graphql" else "core"
        return self.limits.spend(_asker(heard), resource, free=heard.template == "/rate_limit")

    def _record(self, request: web.Request, heard: Heard, answer: Answer, response: web.Response, seconds: float) -> None:
        self.requests.append(
            Exchange(
                method=request.method,
                template=heard.template,
                path=path_of(request),
                query=request.query_string,
                status=response.status,
                installation_id=heard.token.installation.id if heard.token else None,
                permission=heard.permission,
                purpose=request.headers.get("X-Purpose", ""),
                operation=heard.operation,
                request=None if heard.body is BROKEN else heard.body,
                response=answer.body,
                size=len(response.body) if isinstance(response.body, bytes) else 0,
                seconds=seconds,
                at=self.world.state.clock(),
                fault=heard.fault,
            )
        )


def _asker(heard: Heard) -> int:
    """The installation that asks; 0 for the App itself, which has a budget of its own."""
    return heard.token.installation.id if heard.token else 0


def _as_answer(result: Any) -> Answer:  # noqa: ANN401 - an answer, or the JSON of a 200
    return result if isinstance(result, Answer) else Answer(body=result)


def _exhausted(asker: int, resource: str) -> Answer:
    """The primary limit is reached: 403 for REST, 200 with an error for GraphQL."""
    message = f"API rate limit exceeded for installation ID {asker}."
    if resource == "graphql":
        return Answer(body={"errors": [{"type": "RATE_LIMITED", "message": message}]})
    return Answer(status=403, body={"message": message, "documentation_url": DOCS})


def _failed(failure: Failure) -> Answer:
    body = failure.body if failure.body is not None else {"message": "Server Error" if (failure.status or 0) >= 500 else "No"}
    if isinstance(body, str):
        return Answer(status=failure.status or 500, body=body.encode(), headers={"Content-Type": "text/html"} | failure.headers)
    return Answer(status=failure.status or 500, body=body, headers=dict(failure.headers))


def _gone(request: web.Request) -> Answer:
    """Whoever asked was killed: cut the connection, so that nobody reads an answer."""
    if request.transport is not None:
        request.transport.abort()
    return Answer(status=503, body={"message": "the caller is gone"})


def _etag(request: web.Request, content: bytes) -> str:
    """ETags are bound to the token: another token's copy never matches."""
    salt = request.headers.get("Authorization", "").encode() + request.headers.get("Accept", "").encode()
    return f'W/"{hashlib.sha256(salt + content).hexdigest()}"'


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isdecimal() and int(text) > 0 else default
