"""Tokens: minted once, renewed in time, narrowed, never shown."""

import asyncio
from datetime import timedelta

import jwt
import pytest
from cryptography.hazmat.primitives import serialization

from app.domain.repository import Repository
from app.github.connect import GitHub, graphql_url, host_of
from app.github.errors import Refused
from app.github.tokens import READ_ONLY, AppKey, Scope, Token, Tokens

from .conftest import Clock, Mint, Reply, Script, token

MINT = "/app/installations/7/access_tokens"
ALL = Scope()


class Minter:
    """Makes tokens for an hour, slowly."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.asked: list[tuple[int, Scope]] = []

    async def __call__(self, installation_id: int, scope: Scope) -> Token:
        self.asked.append((installation_id, scope))
        number = len(self.asked)
        await asyncio.sleep(0.01)
        return Token(value=token(number), expires_at=self.clock() + timedelta(hours=1))


@pytest.fixture
def minter(clock: Clock) -> Minter:
    return Minter(clock)


@pytest.fixture
def tokens(minter: Minter, clock: Clock) -> Tokens:
    return Tokens(minter, host="github.com", clock=clock)


async def test_a_token_is_minted_once_for_everybody_who_asks_at_the_same_time(tokens: Tokens, minter: Minter) -> None:
    got = await asyncio.gather(*(tokens.get(7, ALL) for _ in range(20)))
    assert {one.value for one in got} == {token(1)}
    assert len(minter.asked) == 1


async def test_other_installations_and_scopes_get_their_own(tokens: Tokens, minter: Minter) -> None:
    for installation, scope in [(7, ALL), (8, ALL), (7, READ_ONLY), (7, Scope(repository_ids=(1,)))]:
        await tokens.get(installation, scope)
    assert len(minter.asked) == 4


@pytest.mark.parametrize(("minutes", "mints"), [(54, 1), (56, 2), (120, 2)])
async def test_a_token_is_renewed_with_five_minutes_left(
    tokens: Tokens, minter: Minter, clock: Clock, minutes: int, mints: int
) -> None:
    await tokens.get(7, ALL)
    clock.pass_(minutes * 60)
    await tokens.get(7, ALL)
    assert len(minter.asked) == mints


async def test_a_refused_token_is_dropped_unless_somebody_renewed_it_already(tokens: Tokens, minter: Minter) -> None:
    old = await tokens.get(7, ALL)
    tokens.drop(7, ALL, old.value)
    new = await tokens.get(7, ALL)
    tokens.drop(7, ALL, old.value)
    assert (await tokens.get(7, ALL)).value == new.value == token(2)
    assert len(minter.asked) == 2


async def test_a_forgotten_installation_loses_all_its_tokens_and_others_keep_theirs(tokens: Tokens, minter: Minter) -> None:
    for installation, scope in [(7, ALL), (7, READ_ONLY), (8, ALL)]:
        await tokens.get(installation, scope)
    tokens.forget(7)
    for installation, scope in [(7, ALL), (7, READ_ONLY), (8, ALL)]:
        await tokens.get(installation, scope)
    assert [installation for installation, _ in minter.asked] == [7, 7, 8, 7, 7]


async def test_a_token_that_was_being_minted_while_its_installation_was_forgotten_is_not_kept(
    tokens: Tokens, minter: Minter
) -> None:
    minting = asyncio.create_task(tokens.get(7, ALL))
    await asyncio.sleep(0)
    tokens.forget(7)
    await minting
    await tokens.get(7, ALL)
    assert len(minter.asked) == 2


async def test_a_mint_that_failed_leaves_the_next_one_free_to_try(clock: Clock) -> None:
    async def mint(installation_id: int, scope: Scope) -> Token:
        del installation_id, scope
        answers.append(1)
        if len(answers) == 1:
            raise Refused("mint", "no", status=422)
        return Token(value="t", expires_at=clock() + timedelta(hours=1))

    answers: list[int] = []
    tokens = Tokens(mint, host="github.com", clock=clock)
    with pytest.raises(Refused):
        await tokens.get(7, ALL)
    assert (await tokens.get(7, ALL)).value == "t"


def test_no_secret_shows_when_things_are_printed(clock: Clock, private_key: str, github: GitHub) -> None:
    shown = repr(Token(value="hidden-word", expires_at=clock())) + repr(AppKey("1", private_key, clock=clock)) + repr(github)
    assert "hidden-word" not in shown
    assert "PRIVATE" not in shown


@pytest.mark.parametrize("written", ["as it is", "newlines as two characters"])
def test_the_apps_jwt_is_backdated_short_and_issued_by_a_string(private_key: str, clock: Clock, written: str) -> None:
    key = AppKey("4711", private_key if written == "as it is" else private_key.replace("\n", "\\n"), clock=clock)
    public = serialization.load_pem_private_key(private_key.encode(), None).public_key()
    claims = jwt.decode(key.jwt(), public, algorithms=["RS256"], options={"verify_exp": False, "verify_iat": False})  # type: ignore[arg-type]  # an RSA key, made so
    now = int(clock().timestamp())
    assert claims == {"iss": "4711", "iat": now - 60, "exp": now + 480}


@pytest.mark.parametrize(("seconds", "same"), [(0, True), (400, True), (430, False), (-5, False)])
def test_the_apps_jwt_is_kept_for_some_minutes(private_key: str, clock: Clock, seconds: float, *, same: bool) -> None:
    key = AppKey("4711", private_key, clock=clock)
    first = key.jwt()
    clock.pass_(seconds)
    assert (key.jwt() == first) is same


async def test_a_repairs_token_is_narrowed_to_its_repository_and_a_readers_can_only_read(
    api: Script, github: GitHub, repo: Repository
) -> None:
    api.on("GET", "/thing", Reply(json={}))
    await github.installation(repo, purpose="repair").getitem("/thing")
    await github.reader(7, purpose="monitor").getitem("/thing")
    await github.whole(7, purpose="doctor").getitem("/thing")
    narrow, reader, whole = [seen.json for seen in api.asked("POST", MINT)]
    assert narrow == {"repository_ids": [99]}
    assert set(reader) == {"permissions"}
    assert set(reader["permissions"].values()) == {"read"}
    assert whole == {}


async def test_clients_of_one_repository_share_a_token(api: Script, github: GitHub, repo: Repository) -> None:
    api.on("GET", "/thing", Reply(json={}))
    for purpose in ("one", "two"):
        await github.installation(repo, purpose=purpose).getitem("/thing")
    assert len(api.asked("POST", MINT)) == 1
    github.forget(7)
    await github.installation(repo, purpose="three").getitem("/thing")
    assert len(api.asked("POST", MINT)) == 2


async def test_a_mint_that_meets_a_bad_gateway_is_repeated(api: Script, github: GitHub, repo: Repository) -> None:
    api.on("POST", MINT, Reply(status=502), Mint())
    api.on("GET", "/thing", Reply(json={}))
    await github.installation(repo, purpose="x").getitem("/thing")
    assert len(api.asked("POST", MINT)) == 2


@pytest.mark.parametrize(
    ("api_url", "host", "graphql"),
    [
        ("https://api.github.com", "github.com", "https://api.github.com/graphql"),
        ("https://ghes.example/api/v3", "ghes.example", "https://ghes.example/api/graphql"),
        ("https://ghes.example:8443/api/v3", "ghes.example:8443", "https://ghes.example:8443/api/graphql"),
        ("https://api.octo.ghe.com", "octo.ghe.com", "https://api.octo.ghe.com/graphql"),
        ("http://127.0.0.1:4000", "127.0.0.1:4000", "http://127.0.0.1:4000/graphql"),
        ("http://localhost:4000/api/v3", "localhost:4000", "http://localhost:4000/api/graphql"),
    ],
)
def test_host_and_graphql_address_follow_from_the_api_address(api_url: str, host: str, graphql: str) -> None:
    assert host_of(api_url) == host
    assert graphql_url(api_url) == graphql
