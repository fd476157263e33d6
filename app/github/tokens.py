"""Tokens: the App's own JWT, and installation tokens, made once and used until five minutes before they end.

A token is an opaque word of any length (since 2026 some have more than 520 characters): it is never parsed, logged or shown.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from weakref import WeakValueDictionary

import jwt
from cachetools import TLRUCache

Clock = Callable[[], datetime]

_RENEW_BEFORE = 300.0  # seconds before its end at which a token is no longer handed out
_TOKENS = 15_000  # kept at most, as GitHub's own client library does
_BACKDATED = 60  # seconds: GitHub's advice against clock drift
_JWT_LIFE = 540  # seconds after its issue time; GitHub takes at most ten minutes
_JWT_RENEWED = 420.0  # seconds of our clock after which a new one is made


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a token is narrowed to; empty means all that the installation has."""

    repository_ids: tuple[int, ...] = ()
    permissions: tuple[tuple[str, str], ...] = ()


READ_ONLY = Scope(
    permissions=tuple(
        (name, "read") for name in ("actions", "checks", "contents", "issues", "metadata", "pull_requests", "statuses")
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """An installation token. Its value never shows in ``repr``."""

    value: str = field(repr=False)
    expires_at: datetime


Mint = Callable[[int, Scope], Awaitable[Token]]
_Key = tuple[str, int, tuple[int, ...], tuple[tuple[str, str], ...]]


class Tokens:
    """Installation tokens of one host, one mint in flight for each key."""

    def __init__(self, mint: Mint, *, host: str, clock: Clock) -> None:
        self._mint = mint
        self._host = host
        self._cache: TLRUCache[_Key, Token] = TLRUCache(
            _TOKENS,
            ttu=lambda _key, token, _now: token.expires_at.timestamp() - _RENEW_BEFORE,
            timer=lambda: clock().timestamp(),
        )
        self._locks: WeakValueDictionary[_Key, asyncio.Lock] = WeakValueDictionary()
        self._forgotten: dict[int, int] = {}  # installation → how often it was forgotten

    async def get(self, installation_id: int, scope: Scope) -> Token:
        """Give a token with at least five minutes left; the errors are those of minting."""
        key = (self._host, installation_id, scope.repository_ids, scope.permissions)
        lock = self._locks.setdefault(key, asyncio.Lock())
        async with lock:
            token = self._cache.get(key)
            if token is None:
                before = self._forgotten.get(installation_id, 0)
                token = await self._mint(installation_id, scope)
                if self._forgotten.get(installation_id, 0) == before:
                    self._cache[key] = token
            return token

    def drop(self, installation_id: int, scope: Scope, value: str) -> None:
        """Drop the token that GitHub refused, unless somebody has renewed it already."""
        key = (self._host, installation_id, scope.repository_ids, scope.permissions)
        token = self._cache.get(key)
        if token is not None and token.value == value:
            del self._cache[key]

    def forget(self, installation_id: int) -> None:
        """Drop every token of an installation: it was deleted, suspended, or its permissions or repositories changed."""
        self._forgotten[installation_id] = self._forgotten.get(installation_id, 0) + 1
        for key in [key for key in self._cache if key[1] == installation_id]:
            self._cache.pop(key, None)


class AppKey:
    """The App's identity: signs the short-lived JWT by which it speaks for itself and asks for tokens."""

    def __init__(self, app_id: str, private_key: str, *, clock: Clock) -> None:
        self.app_id = str(app_id)  # PyJWT and GitHub want a string
        self._private_key = private_key.replace("\\n", "\n")  # an environment variable often carries it as two characters
        self._clock = clock
        self._jwt = ""
        self._made = float("-inf")

    def __repr__(self) -> str:
        """Name the App, never its key."""
        return f"AppKey(app_id={self.app_id!r})"

    def jwt(self) -> str:
        """Give a JWT that is good for some minutes at least."""
        now = self._clock().timestamp()
        if not self._jwt or not 0 <= now - self._made < _JWT_RENEWED:
            issued = int(now) - _BACKDATED
            claims = {"iat": issued, "exp": issued + _JWT_LIFE, "iss": self.app_id}
            self._jwt, self._made = jwt.encode(claims, self._private_key, algorithm="RS256"), now
        return self._jwt

    def drop(self, value: str) -> None:
        """Forget a JWT that was refused: the next one is signed anew."""
        if self._jwt == value:
            self._jwt = ""


class AppCredential:
    """Speaks for the App itself."""

    second_chances = (0.0,)  # seconds before each further try after a 401

    def __init__(self, key: AppKey) -> None:
        self._key = key

    async def token(self) -> str:
        """The JWT."""
        return self._key.jwt()

    def drop(self, value: str) -> None:
        """GitHub refused this one."""
        self._key.drop(value)


class InstallationCredential:
    """Speaks for one installation. The second of its chances waits: a fresh token may take a moment to reach all of GitHub."""

    second_chances = (0.0, 2.0)

    def __init__(self, tokens: Tokens, installation_id: int, scope: Scope) -> None:
        self._tokens = tokens
        self._installation_id = installation_id
        self._scope = scope

    async def token(self) -> str:
        """The installation token, minted if need be."""
        return (await self._tokens.get(self._installation_id, self._scope)).value

    def drop(self, value: str) -> None:
        """GitHub refused this one: the next is minted anew."""
        self._tokens.drop(self._installation_id, self._scope, value)


Credential = AppCredential | InstallationCredential
