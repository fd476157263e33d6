"""The client: gidgethub's, with the manners that GITHUB's own advice asks for.

gidgethub builds requests, reads answers and pages. On its hooks this adds: the API version, time-outs, rate limits (short waits
inside, long ones handed to whoever runs the work), repeating reads that failed, a second token after a 401, moved repositories,
GraphQL through the same path with partial data kept, typed errors, and a record of every call.
"""

from collections.abc import AsyncGenerator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urljoin

import aiohttp
from gidgethub import HTTPException, RedirectionException
from gidgethub.abc import JSON_CONTENT_TYPE
from gidgethub.aiohttp import GitHubAPI
from gidgethub.sansio import accept_format

from app.github.answers import LATER, typed
from app.github.calls import CallRecord, route_of
from app.github.errors import Broken, Limited, Unreachable, Unreadable, UnsafeAddress
from app.github.graphql import GraphQLAnswer
from app.github.graphql import answer as read_answer
from app.github.tokens import Credential
from app.github.wire import Answer, Wire, same_origin

VERSION = "2022-11-28"
MAX_WAIT = 30.0  # seconds that a call waits inside for a limit to pass; longer waits end the work for now
MAX_TRIES = 4
_MOVED = frozenset({301, 307, 308})  # 302 is an answer: where a download is
_HOPS = 3


@dataclass(slots=True, kw_only=True)
class _Call:
    """One logical call: what may be done with it, and what its last answer said."""

    repeatable: bool
    redirect_wanted: bool = False
    graphql: str = ""  # the operation's name
    tries: int = 0  # that failed
    headers: Mapping[str, str] = field(default_factory=dict)
    uncounted: CallRecord | None = None  # waits for its points


_CALL: ContextVar[_Call] = ContextVar("github_call")


class Client(GitHubAPI):
    """Speaks to one host for one installation (or for the App itself), for one purpose. Cheap to make; tokens are shared."""

    def __init__(self, wire: Wire, credential: Credential, *, installation_id: int, purpose: str) -> None:
        super().__init__(wire.session, "devflowfix", base_url=wire.api_url)
        self.wire = wire
        self.installation_id = installation_id
        self.purpose = purpose
        self._credential = credential

    @property
    def host(self) -> str:
        """The host's name, as it is stored."""
        return self.wire.host

    async def sleep(self, seconds: float) -> None:
        """Wait; tests make it short."""
        await self.wire.sleep(seconds)

    async def pages(self, url: str, key: str | None = None) -> AsyncGenerator[Any, None]:
        """Go through all pages of a list; ``key`` names it inside an object, none means that the answer is the list."""
        async for item in self.getiter(url, None, iterable_key=key):
            yield item

    async def safe_post(self, url: str, data: object) -> Any:  # noqa: ANN401 - JSON
        """POST what does no harm if it happens twice: it is repeated like a read."""
        return await self._speak(_Call(repeatable=True), "POST", url, data)

    async def location(self, url: str) -> str:
        """Ask where a download is: the address of the 302 answer, whose body is not read."""
        call = _Call(repeatable=True, redirect_wanted=True)
        try:
            await self._speak(call, "GET", url, b"")
        except RedirectionException as exc:
            if "location" in exc.headers:
                return urljoin(self.wire.api_url, exc.headers["location"])
        raise Unreadable("expected a redirect with a location", route_of(url, self.wire.api_url))

    async def graphql(  # type: ignore[override]  # gidgethub's own drops partial data and headers, and knows one host only
        self, document: str, variables: Mapping[str, object] | None = None, *, operation: str = "", query: bool = True
    ) -> GraphQLAnswer:
        """Ask GraphQL. Queries are repeated like reads and raise where nothing at all came; mutations always answer.

        Args:
            document: the text with one or more operations.
            variables: for it.
            operation: the name of the one to run, where the document holds several; also what calls are counted under.
            query: false for mutations.
        """
        body: dict[str, object] = {"query": document, "variables": dict(variables or {})}
        if operation:
            body["operationName"] = operation
        call = _Call(repeatable=query, graphql=operation or "unnamed")
        while True:
            data = await self._speak(call, "POST", self.wire.graphql_url, body)
            answer = read_answer(data)
            self._count_points(call, answer.points)
            if not await self._graphql_again(call, answer):
                break
        if query and answer.empty and answer.errors:
            raise answer.failure(f"GraphQL {call.graphql}")
        return answer

    async def _graphql_again(self, call: _Call, answer: GraphQLAnswer) -> bool:
        """Wait out a rate limit that came with status 200; tells whether to ask again."""
        error = answer.limited
        if error is None:
            return False
        wait = self.wire.rates.pause_after(self.installation_id, call.headers, error.message, self.wire.now(), sure=True)
        wait = 60.0 if wait is None else wait
        if not answer.empty:
            raise Limited(wait, "GitHub limited a GraphQL request midway")
        await self._wait_inside(call, wait)
        return True

    async def _make_request(  # noqa: PLR0913, PLR0917 - gidgethub's signature
        self,
        method: str,
        url: str,
        url_vars: Mapping[str, Any] | None,
        data: Any,  # noqa: ANN401 - gidgethub's signature
        accept: str,
        jwt: str | None = None,
        oauth_token: str | None = None,
        content_type: str = JSON_CONTENT_TYPE,
        extra_headers: dict[str, str] | None = None,
    ) -> tuple[bytes, str | None, int]:
        """Give gidgethub's own methods the same treatment as ours."""
        call = _Call(repeatable=method == "GET")
        args = (method, url, url_vars, data, accept, jwt, oauth_token, content_type, extra_headers)
        return await self._guarded(call, args)

    async def _speak(self, call: _Call, method: str, url: str, data: object) -> Any:  # noqa: ANN401 - JSON
        args = (method, url, None, data, accept_format(), None, None, JSON_CONTENT_TYPE, None)
        body, _, _ = await self._guarded(call, args)
        return body

    async def _guarded(self, call: _Call, args: tuple[Any, ...]) -> tuple[bytes, str | None, int]:
        """Make one logical call: repeat it while the network fails and it may be repeated, and give errors their types."""
        what = f"{args[0]} {call.graphql or route_of(args[1], self.wire.api_url)}"
        reset = _CALL.set(call)
        try:
            while True:
                try:
                    return await super()._make_request(*args)
                except (aiohttp.ClientError, TimeoutError) as exc:
                    if not await self._again(call):
                        raise Unreachable(LATER, f"{what}: {type(exc).__name__}") from exc
                except ValueError as exc:  # JSON cut short, bytes in the wrong charset
                    if not await self._again(call):
                        raise Broken(LATER, f"{what}: unreadable answer ({type(exc).__name__})") from exc
                except HTTPException as exc:
                    if call.redirect_wanted and int(exc.status_code) == 302:
                        raise
                    raise typed(exc, what) from exc
        finally:
            _CALL.reset(reset)

    async def _again(self, call: _Call) -> bool:
        """Tell whether a failed call is repeated, after waiting a little longer each time."""
        call.tries += 1
        if not call.repeatable or call.tries >= MAX_TRIES:
            return False
        await self.sleep((0.5 + 0.5 * self.wire.jitter()) * 2**call.tries)
        return True

    async def _wait_inside(self, call: _Call, seconds: float) -> None:
        """Wait for a limit to pass, or hand the wait to whoever runs the work."""
        call.tries += 1
        if seconds > MAX_WAIT or call.tries >= MAX_TRIES:
            raise Limited(seconds, f"GitHub's rate limit, {self.purpose}")
        await self.sleep(seconds)

    async def manage_rate_limit(self, *, method: str, url: str) -> None:
        """Do not even ask while GitHub has said that there is nothing left."""
        del method
        wait = self.wire.rates.wait(self.installation_id, self.wire.resource_of(url), self.wire.now())
        if wait > 0:
            await self._wait_inside(_CALL.get(), wait)

    async def handle_rate_limit_error(self, *, method: str, url: str, exception: HTTPException, attempt: int) -> bool:
        """Decide about a refused attempt: a rate limit is waited for, a broken answer to a read is asked for again."""
        del method, url, attempt
        call, status = _CALL.get(), int(exception.status_code)
        if status >= 500:
            return await self._again(call)
        if status not in (403, 429):
            return False
        wait = self.wire.rates.pause_after(
            self.installation_id, exception.headers, str(exception), self.wire.now(), sure=status == 429
        )
        if wait is None:
            return False
        await self._wait_inside(call, wait)
        return True

    async def _request(self, method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """Send one attempt; a 401 gets a new token and is sent again."""
        if not same_origin(url, self.wire.api_url):
            raise UnsafeAddress(f"{method} {url}: our credentials are for {self.host} alone")
        token = await self._credential.token()
        answer = await self._with_token(token, method, url, headers, body)
        for chance, pause in enumerate(self._credential.second_chances):
            if answer[0] != 401:
                break
            if chance == 0:
                self._credential.drop(token)  # the one that was refused: somebody else may have renewed it by now
            if pause:
                await self.sleep(pause)
            token = await self._credential.token()
            answer = await self._with_token(token, method, url, headers, body)
        return answer

    async def _with_token(self, token: str, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send with a token, following a repository that has moved."""
        sent = {**headers, "authorization": f"Bearer {token}", "x-github-api-version": VERSION}
        answer = await self._send(method, url, sent, body)
        for _ in range(_HOPS):
            target = urljoin(url, answer[1].get("location", ""))
            if answer[0] not in _MOVED or (answer[0] == 301 and method != "GET") or not same_origin(target, url):
                break
            url = target
            answer = await self._send(method, url, sent, body)
        return answer

    async def _send(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Exchange one request and answer, and count it."""
        call = _CALL.get()
        try:
            answer = await self.wire.exchange(method, url, headers, body, read_200=not call.redirect_wanted)
        except (aiohttp.ClientError, TimeoutError):
            self._count(call, method, url, status=0, headers={})
            raise
        call.headers = answer[1]
        self._count(call, method, url, status=answer[0], headers=answer[1])
        return answer

    def _count(self, call: _Call, method: str, url: str, *, status: int, headers: Mapping[str, str]) -> None:
        """Record an exchange; an answered GraphQL request waits for its points."""
        resource = headers.get("x-ratelimit-resource") or self.wire.resource_of(url)
        route = route_of(url, self.wire.api_url) if not call.graphql else f"/graphql {call.graphql}"
        record = CallRecord(
            host=self.host,
            installation_id=self.installation_id,
            resource=resource,
            purpose=self.purpose,
            method=method,
            route=route,
            status=status,
            points=0 if status in (0, 304) else 1,
        )
        self.wire.rates.note(self.installation_id, headers, self.wire.now(), accepted=200 <= status < 400)
        self.wire.warn_of_retirement(route, headers)
        if call.graphql and status == 200:
            call.uncounted = record
        else:
            self.wire.on_call(record)

    def _count_points(self, call: _Call, points: int) -> None:
        """Record an answered GraphQL request with what it cost."""
        if call.uncounted is not None:
            self.wire.on_call(replace(call.uncounted, points=points))
            call.uncounted = None
