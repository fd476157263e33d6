"""The client's manners, against a server that misbehaves."""

import asyncio

import aiohttp
import pytest

from app.domain.repository import Repository
from app.domain.retry import RetryLater
from app.github.calls import CallRecord
from app.github.client import Client
from app.github.connect import GitHub
from app.github.errors import (
    BadCredentials,
    Broken,
    Limited,
    MissingPermission,
    NotThere,
    QueryRefused,
    Refused,
    Suspended,
    Unreachable,
    UnsafeAddress,
)

from .conftest import START, Clock, Reply, Script, Seen, token

FINE = Reply(json={"fine": True})
MINT = "/app/installations/7/access_tokens"
NOW = START.timestamp()


def limits(remaining: int, reset: float = NOW + 600, resource: str = "core") -> dict[str, str]:
    return {
        "x-ratelimit-limit": "5000",
        "x-ratelimit-remaining": str(remaining),
        "x-ratelimit-reset": str(int(reset)),
        "x-ratelimit-resource": resource,
        "date": START.strftime("%a, %d %b %Y %H:%M:%S GMT"),
    }


async def test_every_call_says_the_api_version_and_who_asks(api: Script, client: Client) -> None:
    api.on("GET", "/thing", FINE)
    assert await client.getitem("/thing") == {"fine": True}
    headers = api.asked("GET", "/thing")[0].headers
    assert headers["x-github-api-version"] == "2022-11-28"
    assert headers["user-agent"] == "devflowfix"
    assert headers["authorization"] == f"Bearer {token(1)}"


async def test_every_exchange_is_counted_with_installation_resource_purpose_and_route(
    api: Script, client: Client, calls: list[CallRecord], github: GitHub
) -> None:
    api.on("GET", "/repos/octo/spoon/actions/runs/12/attempts/1/jobs", Reply(json={}, headers=limits(4000)))
    await client.getitem("/repos/octo/spoon/actions/runs/12/attempts/1/jobs")
    mint, call = calls
    assert (mint.installation_id, mint.purpose, mint.route) == (0, "token", "/app/installations/{id}/access_tokens")
    assert call == CallRecord(
        host=github.host,
        installation_id=7,
        resource="core",
        purpose="repair:inc_1",
        method="GET",
        route="/repos/{owner}/{repo}/actions/runs/{id}/attempts/{id}/jobs",
        status=200,
        points=1,
    )


@pytest.mark.parametrize(
    "broken", [Reply(status=502, body=b"<html>"), Reply(status=599), Reply(status=503, json={"message": "x"})]
)
async def test_a_read_that_github_failed_is_repeated(api: Script, client: Client, broken: Reply, slept: list[float]) -> None:
    api.on("GET", "/thing", broken, broken, FINE)
    assert await client.getitem("/thing") == {"fine": True}
    assert len(slept) == 2
    assert 1 <= slept[0] <= 2 <= slept[1] <= 4


async def test_a_read_that_fails_for_good_is_put_off(api: Script, client: Client) -> None:
    api.on("GET", "/thing", Reply(status=500))
    with pytest.raises(Broken) as caught:
        await client.getitem("/thing")
    assert isinstance(caught.value, RetryLater)
    assert len(api.asked("GET", "/thing")) == 4


async def test_a_write_that_github_failed_is_not_repeated(api: Script, client: Client) -> None:
    api.on("POST", "/thing", Reply(status=502), FINE)
    with pytest.raises(Broken):
        await client.post("/thing", data={})
    assert len(api.asked("POST", "/thing")) == 1


@pytest.mark.parametrize(
    "silence",
    [
        Reply(json={"a": "b" * 100}, cut=20),
        Reply(json={}, delay=2),
        Reply(body=b'{"cut sh', headers={"content-type": "application/json"}),
        Reply(body=b'{"a": "\xff"}', headers={"content-type": "application/json"}),
    ],
    ids=["cut", "slow", "half an answer", "bad bytes"],
)
async def test_a_read_without_a_readable_answer_is_repeated(api: Script, client: Client, silence: Reply) -> None:
    api.on("GET", "/thing", silence, FINE)
    assert await client.getitem("/thing") == {"fine": True}


async def test_a_write_without_an_answer_is_not_repeated_because_it_may_have_happened(
    api: Script, client: Client, calls: list[CallRecord]
) -> None:
    api.on("POST", "/thing", Reply(json={"a": "b" * 100}, cut=0), FINE)
    with pytest.raises(Unreachable):
        await client.post("/thing", data={})
    assert len(api.asked("POST", "/thing")) == 1
    assert calls[-1].status == 0


async def test_a_server_that_is_not_there_puts_the_work_off(
    session: aiohttp.ClientSession, private_key: str, clock: Clock
) -> None:
    async def sleep(_: float) -> None: ...

    github = GitHub(session, api_url="http://127.0.0.1:9", app_id="1", private_key=private_key, clock=clock, sleep=sleep)
    with pytest.raises(RetryLater):
        await github.app().getitem("/app")


async def test_a_short_limit_is_waited_for_inside(api: Script, client: Client, slept: list[float]) -> None:
    api.on("POST", "/thing", Reply(status=403, json={"message": "secondary rate limit"}, headers={"retry-after": "3"}), FINE)
    assert await client.post("/thing", data={}) == {"fine": True}
    assert slept == [3.0]


@pytest.mark.parametrize(
    ("refusal", "seconds"),
    [
        (Reply(status=429, json={"message": "slow down"}, headers={"retry-after": "120"}), 120),
        (Reply(status=403, json={"message": "API rate limit exceeded"}, headers=limits(0)), 601),
        (Reply(status=429, json={"message": "API rate limit exceeded"}, headers=limits(0)), 601),
        (Reply(status=403, json={"message": "You have exceeded a secondary rate limit"}, headers=limits(30)), 60),
        (Reply(status=429, json={"message": "?"}), 60),
    ],
    ids=["retry-after", "primary 403", "primary 429", "secondary", "429 that says nothing"],
)
async def test_a_long_limit_is_handed_to_whoever_runs_the_work(
    api: Script, client: Client, slept: list[float], refusal: Reply, seconds: float
) -> None:
    api.on("GET", "/thing", refusal)
    with pytest.raises(Limited) as caught:
        await client.getitem("/thing")
    assert caught.value.seconds == pytest.approx(seconds)
    assert slept == []
    assert len(api.asked("GET", "/thing")) == 1


async def test_secondary_limits_in_a_row_wait_twice_as_long_each(api: Script, client: Client, clock: Clock) -> None:
    api.on("GET", "/thing", Reply(status=403, json={"message": "secondary rate limit"}))
    waits = []
    for _ in range(3):
        with pytest.raises(Limited) as caught:
            await client.getitem("/thing")
        waits.append(caught.value.seconds)
        clock.pass_(caught.value.seconds)
    assert waits == [60, 120, 240]


async def test_a_secondary_limit_holds_back_every_call_of_its_installation(
    api: Script, client: Client, github: GitHub, repo: Repository
) -> None:
    api.on("GET", "/thing", Reply(status=403, json={"message": "secondary rate limit"}))
    with pytest.raises(Limited):
        await client.getitem("/thing")
    api.on("POST", "/graphql", Reply(json={"data": {"a": 1}}))
    api.on("GET", "/app", FINE)
    with pytest.raises(Limited):
        await github.installation(repo, purpose="other").graphql("query { a }")
    assert api.asked("POST", "/graphql") == []
    await github.app().getitem("/app")  # the App itself is another's matter


async def test_while_github_has_said_that_nothing_is_left_it_is_not_asked(
    api: Script, client: Client, github: GitHub, repo: Repository, clock: Clock
) -> None:
    api.on("GET", "/thing", Reply(json={}, headers=limits(0)))
    api.on("POST", "/graphql", Reply(json={"data": {"a": {}}}))
    await client.getitem("/thing")
    other = github.installation(repo, purpose="monitor")
    with pytest.raises(Limited) as caught:
        await other.getitem("/thing")
    assert caught.value.seconds == pytest.approx(600)
    assert len(api.asked("GET", "/thing")) == 1
    await other.graphql("query { a }")  # another bucket
    clock.pass_(601)
    await other.getitem("/thing")


async def test_githubs_own_clock_counts_for_the_reset(api: Script, client: Client) -> None:
    late = {**limits(0, reset=NOW - 3600 + 90), "date": "Sun, 01 Mar 2026 11:00:00 GMT"}  # GitHub's clock is an hour behind ours
    api.on("GET", "/thing", Reply(status=403, json={"message": "API rate limit exceeded"}, headers=late))
    with pytest.raises(Limited) as caught:
        await client.getitem("/thing")
    assert caught.value.seconds == pytest.approx(91)


async def test_a_missing_permission_is_not_retried_and_says_what_would_do(api: Script, client: Client) -> None:
    headers = {**limits(4000), "x-accepted-github-permissions": "checks=write"}
    api.on("POST", "/thing", Reply(status=403, json={"message": "Resource not accessible by integration"}, headers=headers))
    with pytest.raises(MissingPermission) as caught:
        await client.post("/thing", data={})
    assert caught.value.accepted == "checks=write"
    assert len(api.asked("POST", "/thing")) == 1


@pytest.mark.parametrize(("status", "gone"), [(404, False), (410, True)])
async def test_what_is_not_there_says_whether_it_is_gone(api: Script, client: Client, status: int, *, gone: bool) -> None:
    api.on("GET", "/thing", Reply(status=status, json={"message": "Server Error"}))
    with pytest.raises(NotThere) as caught:
        await client.getitem("/thing")
    assert caught.value.gone is gone


@pytest.mark.parametrize(
    ("status", "message"),
    [(400, "Problems parsing JSON"), (422, "Validation Failed"), (403, "created over a month ago"), (409, "x")],
)
async def test_other_refusals_keep_status_and_message(api: Script, client: Client, status: int, message: str) -> None:
    headers = {"x-accepted-github-permissions": "actions=write"}
    api.on("POST", "/thing", Reply(status=status, json={"message": message, "errors": []}, headers=headers))
    with pytest.raises(Refused) as caught:
        await client.post("/thing", data={})
    assert (caught.value.status, caught.value.message) == (status, message)


async def test_a_token_that_ran_out_is_dropped_and_minted_once_again(api: Script, client: Client) -> None:
    api.on("GET", "/thing", Reply(status=401, json={"message": "Bad credentials"}), FINE)
    assert await client.getitem("/thing") == {"fine": True}
    used = [seen.headers["authorization"] for seen in api.asked("GET", "/thing")]
    assert used == [f"Bearer {token(1)}", f"Bearer {token(2)}"]


async def test_calls_that_meet_the_same_dead_token_share_the_next_one(api: Script, client: Client) -> None:
    def by_token(seen: Seen) -> Reply:
        dead = seen.headers["authorization"] == f"Bearer {token(1)}"
        return Reply(status=401, json={"message": "Bad credentials"}, delay=int(seen.query["n"]) / 50) if dead else FINE

    api.on("GET", "/thing", by_token)
    assert await asyncio.gather(*(client.getitem(f"/thing?n={n}") for n in range(5))) == [{"fine": True}] * 5
    assert len(api.asked("POST", MINT)) == 2


async def test_a_new_token_that_is_refused_at_first_gets_a_moment(api: Script, client: Client, slept: list[float]) -> None:
    refused = Reply(status=401, json={"message": "Bad credentials"})
    api.on("GET", "/thing", refused, refused, FINE)
    assert await client.getitem("/thing") == {"fine": True}
    assert slept == [2.0]
    assert len(api.asked("POST", MINT)) == 2


async def test_credentials_that_are_always_refused_are_a_persons_matter(api: Script, client: Client) -> None:
    api.on("GET", "/thing", Reply(status=401, json={"message": "Bad credentials"}))
    with pytest.raises(BadCredentials):
        await client.getitem("/thing")


async def test_a_key_that_github_does_not_know_is_a_persons_matter(api: Script, client: Client) -> None:
    api.on("POST", MINT, Reply(status=401, json={"message": "A JSON web token could not be decoded"}))
    with pytest.raises(BadCredentials):
        await client.getitem("/thing")


async def test_a_suspended_installation_says_so(api: Script, client: Client) -> None:
    api.on("POST", MINT, Reply(status=403, json={"message": "This installation has been suspended"}))
    with pytest.raises(Suspended):
        await client.getitem("/thing")


async def test_a_renamed_repository_is_followed_on_the_same_host(api: Script, client: Client) -> None:
    api.on("POST", "/repos/octo/old/pulls", Reply(status=307, headers={"location": "/repositories/99/pulls"}))
    api.on("POST", "/repositories/99/pulls", FINE)
    assert await client.post("/repos/octo/old/pulls", data={"title": "x"}) == {"fine": True}
    assert api.asked("POST", "/repositories/99/pulls")[0].json == {"title": "x"}


async def test_a_moved_address_is_not_written_to_where_the_method_would_change(api: Script, client: Client) -> None:
    api.on("POST", "/old", Reply(status=301, headers={"location": "/new"}))
    api.on("POST", "/new", FINE)
    with pytest.raises(Refused):
        await client.post("/old", data={})
    assert api.asked("POST", "/new") == []


async def test_a_redirect_to_another_host_never_gets_our_token(api: Script, storage: Script, client: Client) -> None:
    storage.on("GET", "/thing", FINE)
    api.on("GET", "/thing", Reply(status=301, headers={"location": f"{storage.url}/thing"}))
    with pytest.raises(Refused):
        await client.getitem("/thing")
    assert storage.seen == []


async def test_a_next_page_on_another_host_never_gets_our_token(api: Script, storage: Script, client: Client) -> None:
    api.on("GET", "/list", Reply(json=[{"n": 1}], headers={"link": f'<{storage.url}/list?page=2>; rel="next"'}))
    with pytest.raises(UnsafeAddress):
        assert [item async for item in client.pages("/list")]
    assert storage.seen == []


async def test_pages_are_followed_by_their_link(api: Script, client: Client) -> None:
    following = {"link": f'<{api.url}/list?page=2>; rel="next"'}
    api.on("GET", "/list", Reply(json={"jobs": [{"n": 1}]}, headers=following), Reply(json={"jobs": [{"n": 2}]}))
    assert [item["n"] async for item in client.pages("/list", "jobs")] == [1, 2]


async def test_what_github_will_retire_is_logged_once(api: Script, client: Client, caplog: pytest.LogCaptureFixture) -> None:
    api.on("GET", "/thing", Reply(json={}, headers={"sunset": "Wed, 10 Mar 2027 00:00:00 GMT"}))
    await client.getitem("/thing")
    await client.getitem("/thing")
    assert [record.getMessage() for record in caplog.records] == ["GitHub retires /thing on Wed, 10 Mar 2027 00:00:00 GMT"]


async def test_graphql_keeps_partial_data_with_the_types_of_its_errors(
    api: Script, client: Client, calls: list[CallRecord]
) -> None:
    error = {"type": "RESOURCE_LIMITS_EXCEEDED", "message": "too heavy", "path": ["repository", "head"]}
    data = {"rateLimit": {"cost": 3}, "repository": {"id": "R_1", "head": None}}
    api.on("POST", "/graphql", Reply(json={"data": data, "errors": [error]}))
    answer = await client.graphql("query Q { … }", {"a": 1}, operation="Q")
    assert answer.fields.fields("repository").text("id") == "R_1"
    assert answer.has("RESOURCE_LIMITS_EXCEEDED")
    assert answer.partial == ("repository.head: RESOURCE_LIMITS_EXCEEDED: too heavy",)
    assert api.asked("POST", "/graphql")[0].json == {"query": "query Q { … }", "variables": {"a": 1}, "operationName": "Q"}
    assert (calls[-1].route, calls[-1].points, calls[-1].resource) == ("/graphql Q", 3, "graphql")


@pytest.mark.parametrize(
    ("type_", "kind"),
    [("FORBIDDEN", MissingPermission), ("NOT_FOUND", NotThere), ("SOMETHING", QueryRefused), (None, QueryRefused)],
)
async def test_a_query_without_any_data_raises_by_the_type_of_its_error(
    api: Script, client: Client, type_: str | None, kind: type[Exception]
) -> None:
    error = {"message": "no", "path": ["repository"], **({"type": type_} if type_ else {})}
    api.on("POST", "/graphql", Reply(json={"data": {"rateLimit": {"cost": 1}, "repository": None}, "errors": [error]}))
    with pytest.raises(kind):
        await client.graphql("query { repository { id } }")


async def test_a_mutation_always_answers_with_what_went_wrong(api: Script, client: Client) -> None:
    error = {"type": "STALE_DATA", "message": "Expected branch to point to …", "path": ["createCommitOnBranch"]}
    api.on("POST", "/graphql", Reply(json={"data": {"createCommitOnBranch": None}, "errors": [error]}))
    answer = await client.graphql("mutation { … }", query=False)
    assert [e.type for e in answer.of("createCommitOnBranch")] == ["STALE_DATA"]


async def test_a_query_is_repeated_after_a_bad_gateway_and_a_mutation_is_not(api: Script, client: Client) -> None:
    api.on(
        "POST",
        "/graphql",
        Reply(status=502, body=b"<html>", headers={"content-type": "text/html"}),
        Reply(json={"data": {"a": 1}}),
    )
    assert (await client.graphql("query { a }")).data == {"a": 1}
    api.on("POST", "/graphql", Reply(status=502, body=b"<html>", headers={"content-type": "text/html"}))
    with pytest.raises(Broken):
        await client.graphql("mutation { a }", query=False)
    assert len(api.asked("POST", "/graphql")) == 3


async def test_a_graphql_rate_limit_with_status_200_is_a_limit(api: Script, client: Client) -> None:
    body = {"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]}
    api.on("POST", "/graphql", Reply(json=body, headers=limits(0, resource="graphql")))
    with pytest.raises(Limited) as caught:
        await client.graphql("query { a }")
    assert caught.value.seconds == pytest.approx(601)


async def test_a_short_graphql_limit_is_waited_for_inside(api: Script, client: Client, slept: list[float]) -> None:
    body = {"data": None, "errors": [{"message": "You have exceeded a secondary rate limit"}]}
    api.on("POST", "/graphql", Reply(json=body, headers={"retry-after": "4"}), Reply(json={"data": {"a": 1}}))
    assert (await client.graphql("query { a }")).data == {"a": 1}
    assert slept == [4.0]


async def test_a_mutation_that_was_limited_midway_is_not_done_twice(api: Script, client: Client, slept: list[float]) -> None:
    body = {"data": {"one": {"id": 1}, "two": None}, "errors": [{"type": "RATE_LIMITED", "message": "limit", "path": ["two"]}]}
    api.on("POST", "/graphql", Reply(json=body, headers={"retry-after": "2"}))
    with pytest.raises(Limited):
        await client.graphql("mutation { one two }", query=False)
    assert len(api.asked("POST", "/graphql")) == 1
    assert slept == []


async def test_clients_of_two_purposes_at_once_are_counted_apart(
    api: Script, github: GitHub, repo: Repository, calls: list[CallRecord]
) -> None:
    api.on("GET", "/thing", Reply(json={}, delay=0.05))
    api.on("GET", "/other", Reply(json={}, delay=0.01))
    one, two = github.installation(repo, purpose="one"), github.installation(repo, purpose="two")
    await asyncio.gather(one.getitem("/thing"), two.getitem("/other"), one.getitem("/thing"))
    assert sorted((c.purpose, c.route) for c in calls if c.installation_id) == [
        ("one", "/thing"),
        ("one", "/thing"),
        ("two", "/other"),
    ]
