"""Who may ask: the App's JWT and installation tokens, strict as GitHub is."""

import jwt
import pytest
from cryptography.hazmat.primitives import serialization

from app.emulator.beginning import new_key
from app.emulator.github import GitHub
from app.emulator.repo import Repo
from tests.emulator.conftest import Caller, Clock, Json


async def test_the_app_proves_itself_by_its_id_or_client_id(call: Caller, github: GitHub) -> None:
    for issuer in (str(github.app_id), github.client_id):
        reply = await call("GET", "/app", bearer=call.app_jwt(iss=issuer))
        assert (reply.status, reply.json["slug"]) == (200, "devflowfix")


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        ({"iss": "999"}, "'Issuer'"),
        ({"exp": -10}, "numeric value representing the future"),
        ({"exp": 700}, "too far in the future"),
        ({"iat": 60}, "'Issued at'"),
        ({"iat": None}, "'Issued at'"),
    ],
)
async def test_a_jwt_with_wrong_claims_is_refused(call: Caller, clock: Clock, claims: dict[str, Json], words: str) -> None:
    now = int(clock().timestamp())
    told = {name: now + value if isinstance(value, int) else value for name, value in claims.items()}
    reply = await call("GET", "/app", bearer=call.app_jwt(**told))
    assert reply.status == 401
    assert words in reply.json["message"]


async def test_a_jwt_of_another_key_or_algorithm_is_refused(call: Caller, github: GitHub, clock: Clock) -> None:
    other = new_key().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    now = int(clock().timestamp())
    claims = {"iat": now - 60, "exp": now + 500, "iss": str(github.app_id)}
    for forged in (jwt.encode(claims, other, algorithm="RS256"), jwt.encode(claims, "x" * 32, algorithm="HS256"), "nonsense"):
        reply = await call("GET", "/app", bearer=forged)
        assert (reply.status, reply.json["message"]) == (401, "A JSON web token could not be decoded")


async def test_the_key_is_handed_out_as_pkcs1(github: GitHub) -> None:
    assert github.private_key_pem.startswith("-----BEGIN RSA PRIVATE KEY-----")


async def test_a_token_is_long_and_holds_what_was_granted(call: Caller, installation: int, manifest: Json) -> None:
    reply = await call("POST", f"/app/installations/{installation}/access_tokens")
    assert reply.status == 201
    assert reply.json["token"].startswith("ghs_1234567_")
    assert 500 <= len(reply.json["token"]) <= 560
    assert reply.json["permissions"] == manifest["default_permissions"]
    assert reply.json["repository_selection"] == "all"
    assert "repositories" not in reply.json


async def test_the_classic_form_comes_on_request(call: Caller, installation: int) -> None:
    path = f"/app/installations/{installation}/access_tokens"
    reply = await call("POST", path, X_GitHub_Stateless_S2S_Token="disabled")
    assert len(reply.json["token"]) == 40


async def test_a_token_can_be_narrowed(call: Caller, github: GitHub, installation: int, repo: Repo) -> None:
    other = await github.create_repository("acme/other", {"x": "x"})
    wanted = {"repository_ids": [repo.id], "permissions": {"contents": "read"}}
    reply = await call("POST", f"/app/installations/{installation}/access_tokens", wanted)
    assert reply.json["permissions"] == {"metadata": "read", "contents": "read"}
    assert [one["full_name"] for one in reply.json["repositories"]] == ["acme/web"]
    listed = await call("GET", "/installation/repositories", bearer=reply.json["token"])
    assert [one["id"] for one in listed.json["repositories"]] == [repo.id]
    assert listed.json["total_count"] == 1
    denied = await call("DELETE", f"/repos/{other.full_name}/git/refs/heads/main", bearer=reply.json["token"])
    assert denied.status == 403


@pytest.mark.parametrize(
    "body",
    [
        {"permissions": {"administration": "read"}},
        {"permissions": {"statuses": "write"}},
        {"permissions": {"contents": "everything"}},
        {"repositories": ["nowhere"]},
        {"repository_ids": [1]},
    ],
)
async def test_more_than_was_granted_is_422(call: Caller, installation: int, body: Json) -> None:
    reply = await call("POST", f"/app/installations/{installation}/access_tokens", body)
    assert reply.status == 422


async def test_no_token_for_what_is_gone_or_suspended(call: Caller, github: GitHub, installation: int) -> None:
    path = f"/app/installations/{installation}/access_tokens"
    github.suspend(installation)
    assert (await call("POST", path)).status == 403
    github.suspend(installation, suspended=False)
    assert (await call("POST", path)).status == 201
    github.uninstall(installation)
    assert (await call("POST", path)).status == 404


async def test_a_token_ends_with_its_hour(api: Caller, clock: Clock) -> None:
    assert (await api("GET", "/repos/acme/web")).status == 200
    clock.forward(minutes=59)
    assert (await api("GET", "/repos/acme/web")).status == 200
    clock.forward(minutes=2)
    reply = await api("GET", "/repos/acme/web")
    assert (reply.status, reply.json["message"]) == (401, "Bad credentials")


async def test_how_long_tokens_live_can_be_set(call: Caller, github: GitHub, installation: int, clock: Clock) -> None:
    github.token_seconds = 5
    await call.login(installation)
    clock.forward(seconds=6)
    assert (await call("GET", "/repos/acme/web")).status == 401


async def test_a_token_ends_when_revoked_suspended_or_uninstalled(api: Caller, github: GitHub, installation: int) -> None:
    assert (await api("DELETE", "/installation/token")).status == 204
    assert (await api("GET", "/repos/acme/web")).status == 401
    await api.login(installation)
    github.revoke_tokens()
    assert (await api("GET", "/repos/acme/web")).status == 401
    await api.login(installation)
    github.suspend(installation)
    assert (await api("GET", "/repos/acme/web")).status == 403
    github.suspend(installation, suspended=False)
    github.uninstall(installation)
    assert (await api("GET", "/repos/acme/web")).status == 401


async def test_each_kind_of_credential_has_its_routes(api: Caller, call: Caller) -> None:
    assert (await api("GET", "/app")).status == 401
    assert (await call("GET", "/repos/acme/web", bearer=call.app_jwt())).status == 401
    bare = await call.fetch(call.github.api_url + "/repos/acme/web")
    assert (bare.status, bare.json["message"]) == (401, "Requires authentication")


async def test_installations_are_listed_and_found(call: Caller, installation: int) -> None:
    [one] = (await call("GET", "/app/installations")).json
    assert (one["id"], one["account"]["login"], one["account"]["type"]) == (installation, "acme", "Organization")
    assert (await call("GET", f"/app/installations/{installation}")).json == one
    assert (await call("GET", "/repos/acme/web/installation")).json["id"] == installation
    assert (await call("GET", "/app/installations/1")).status == 404


async def test_selected_repositories_alone_are_reached(github: GitHub, call: Caller, repo: Repo) -> None:
    secret = await github.create_repository("acme/secret", {"x": "x"}, private=True)
    installation = await github.install("acme", repositories=["web"])
    await call.login(installation)
    assert (await call("GET", "/repos/acme/secret")).status == 404
    github.add_repositories(installation, secret)
    assert (await call("GET", "/repos/acme/secret")).status == 200
    github.remove_repositories(installation, secret)
    assert (await call("GET", "/repos/acme/secret")).status == 404
