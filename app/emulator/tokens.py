"""Who is asking: the App by its JWT, or an installation by its token. Both expire by the stand-in's clock."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from app.emulator.accounts import Clock, Json
from app.emulator.state import Installation, Repository, State, Token
from app.emulator.world import Refused

LONGEST = 600  # seconds: a JWT may not expire later than this
DRIFT = 5  # seconds that the two clocks may differ
LEVELS = {"read": 1, "write": 2, "admin": 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class AppJwt:
    """Checks the App's JWTs."""

    clock: Clock
    app_id: int
    client_id: str
    public_key: RSAPublicKey

    def check(self, encoded: str) -> None:
        """Accept a JWT or raise Refused (401) with GitHub's words."""
        try:
            # The times are checked below, by our own clock.
            off = {"verify_exp": False, "verify_iat": False, "verify_nbf": False, "verify_aud": False}
            claims = jwt.decode(encoded, self.public_key, algorithms=["RS256"], options=off)  # type: ignore[arg-type]  # a plain mapping works
        except jwt.InvalidTokenError as error:
            raise Refused(401, "A JSON web token could not be decoded") from error
        if str(claims.get("iss")) not in {str(self.app_id), self.client_id}:
            raise Refused(401, "'Issuer' claim ('iss') must be an Integer or a client ID that belongs to the key")
        self._check_times(claims, self.clock().timestamp())

    def _check_times(self, claims: dict[str, Any], now: float) -> None:
        issued, expires = claims.get("iat"), claims.get("exp")
        if not isinstance(issued, int | float) or issued > now + DRIFT:
            raise Refused(401, "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued")
        if not isinstance(expires, int | float) or expires <= now:
            raise Refused(
                401,
                "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion "
                "expires",
            )
        if expires > now + LONGEST + DRIFT:
            raise Refused(401, "'Expiration time' claim ('exp') is too far in the future")


def mint(state: State, installation: Installation, body: Json, *, seconds: float, stateless: bool = True) -> Token:
    """Make an installation token, narrowed as asked. Raises Refused: 403 suspended, 422 ungranted or unknown repository."""
    if installation.suspended_at is not None:
        raise Refused(403, "This installation has been suspended")
    token = Token(
        value=_value(state.app.id, stateless=stateless),
        installation=installation,
        permissions=_narrowed(installation, body.get("permissions")),
        repository_ids=_chosen(state, installation, body),
        expires_at=state.clock() + timedelta(seconds=seconds),
    )
    state.tokens[token.value] = token
    return token


def _value(app_id: int, *, stateless: bool) -> str:
    """A token: since April 2026 GitHub's are long, with dots and underscores; the classic form has 40 characters."""
    if not stateless:
        return "ghs_" + secrets.token_hex(18)
    return f"ghs_{app_id}_{secrets.token_urlsafe(27)}.{secrets.token_urlsafe(255)}.{secrets.token_urlsafe(96)}"


def _narrowed(installation: Installation, wanted: Json | None) -> dict[str, str]:
    if not wanted:
        return dict(installation.permissions)
    for name, level in wanted.items():
        if LEVELS.get(level, 99) > LEVELS.get(installation.permissions.get(name, ""), 0):
            raise Refused(422, "The permissions requested are not granted to this installation.")
    return {"metadata": "read", **wanted}


def _chosen(state: State, installation: Installation, body: Json) -> frozenset[int] | None:
    names, ids = body.get("repositories"), body.get("repository_ids")
    if names is None and ids is None:
        return None
    covered = [repo for repo in state.repositories.values() if installation.covers(repo)]
    chosen = [repo.id for repo in covered if repo.name in (names or ()) or repo.id in (ids or ())]
    if len(chosen) != len(names or ()) + len(ids or ()):
        raise Refused(
            422,
            "There is at least one repository that does not exist or is not accessible to the parent installation.",
        )
    return frozenset(chosen)


def find(state: State, value: str) -> Token:
    """Look a token up. Raises Refused: 401 unknown or expired, 403 suspended."""
    token = state.tokens.get(value)
    if token is None or token.expires_at <= state.clock() or token.installation.id not in state.installations:
        raise Refused(401, "Bad credentials")
    if token.installation.suspended_at is not None:
        raise Refused(403, "This installation has been suspended")
    return token


def reaches(token: Token, repository: Repository) -> bool:
    """Tell whether a token covers a repository."""
    narrowed = token.repository_ids is None or repository.id in token.repository_ids
    return narrowed and token.installation.covers(repository)
