"""The door to one GitHub host: it makes clients, and keeps what they share."""

import asyncio
from urllib.parse import urlsplit

import aiohttp

from app.domain.repository import Repository
from app.github.calls import CallRecord, OnCall
from app.github.client import Client
from app.github.errors import Refused, Suspended
from app.github.reading import Fields
from app.github.tokens import READ_ONLY, AppCredential, AppKey, Clock, InstallationCredential, Scope, Token, Tokens
from app.github.wire import TIMEOUT, Sleep, Wire

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def _uncounted(record: CallRecord) -> None:
    """Nobody counts."""
    del record


class GitHub:
    """One host, one App. Clients made here share tokens, rate limits and the session."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        api_url: str,
        app_id: str,
        private_key: str,
        clock: Clock,
        on_call: OnCall = _uncounted,
        sleep: Sleep = asyncio.sleep,
        timeout: aiohttp.ClientTimeout = TIMEOUT,
    ) -> None:
        api_url = api_url.rstrip("/")
        self.host = host_of(api_url)
        self.app_id = str(app_id)
        self._key = AppKey(app_id, private_key, clock=clock)
        self._wire = Wire(
            session=session,
            api_url=api_url,
            graphql_url=graphql_url(api_url),
            host=self.host,
            clock=clock,
            on_call=on_call,
            sleep=sleep,
            timeout=timeout,
        )
        self._tokens = Tokens(self._mint, host=self.host, clock=clock)

    def __repr__(self) -> str:
        """Name host and App, no secret."""
        return f"GitHub(host={self.host!r}, app_id={self.app_id!r})"

    def app(self, *, purpose: str = "app") -> Client:
        """Make a client that speaks for the App itself."""
        return Client(self._wire, AppCredential(self._key), installation_id=0, purpose=purpose)

    def installation(self, repository: Repository, *, purpose: str) -> Client:
        """Make a client for one repository: its token is narrowed to it."""
        scope = Scope(repository_ids=(repository.id,))
        return self._for(repository.installation_id, scope, purpose)

    def reader(self, installation_id: int, *, purpose: str) -> Client:
        """Make a client that can only read, all repositories of an installation."""
        return self._for(installation_id, READ_ONLY, purpose)

    def whole(self, installation_id: int, *, purpose: str) -> Client:
        """Make a client with all that an installation was granted."""
        return self._for(installation_id, Scope(), purpose)

    def forget(self, installation_id: int) -> None:
        """Drop an installation's tokens: it was deleted, suspended, or its permissions or repositories changed."""
        self._tokens.forget(installation_id)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._wire.session.close()

    def _for(self, installation_id: int, scope: Scope, purpose: str) -> Client:
        credential = InstallationCredential(self._tokens, installation_id, scope)
        return Client(self._wire, credential, installation_id=installation_id, purpose=purpose)

    async def _mint(self, installation_id: int, scope: Scope) -> Token:
        """Ask for an installation token. Asking twice does no harm, so it is repeated like a read."""
        body: dict[str, object] = {}
        if scope.repository_ids:
            body["repository_ids"] = list(scope.repository_ids)
        if scope.permissions:
            body["permissions"] = dict(scope.permissions)
        client = self.app(purpose="token")
        try:
            answer = await client.safe_post(f"/app/installations/{installation_id}/access_tokens", body)
        except Refused as exc:
            if exc.status == 403:
                raise Suspended(f"installation {installation_id}: {exc.message}") from exc
            raise
        fields = Fields(answer, "token")
        return Token(value=fields.text("token"), expires_at=fields.time("expires_at"))


def host_of(api_url: str) -> str:
    """Name the host of an API address as people know it: ``github.com``, an Enterprise Server's name, ``SUB.ghe.com``.

    A loopback address keeps its port, which is what tells two emulators apart.
    """
    parts = urlsplit(api_url)
    name = parts.hostname or ""
    if name in _LOOPBACK:
        return parts.netloc
    if name.startswith("api.") and (name == "api.github.com" or name.endswith(".ghe.com")):
        return name.removeprefix("api.")
    return parts.netloc


def graphql_url(api_url: str) -> str:
    """Derive the GraphQL address: beside ``/api/v3`` on an Enterprise Server, under the API elsewhere."""
    if api_url.endswith("/api/v3"):
        return api_url.removesuffix("/v3") + "/graphql"
    return api_url + "/graphql"
