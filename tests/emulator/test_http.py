"""The manners of the HTTP side: unknown routes, versions, permissions, pages, ETags, limits, records."""

import pytest

from app.emulator.github import GitHub
from app.emulator.reading import operation_of
from app.emulator.repo import Repo
from tests.emulator.conftest import Caller, Clock


async def test_an_unknown_route_is_404_and_loud(api: Caller, github: GitHub) -> None:
    reply = await api("GET", "/repos/acme/web/nothing-like-it")
    assert (reply.status, reply.json["message"], reply.json["status"]) == (404, "Not Found", "404")
    assert github.unknown_requests == ["GET /repos/acme/web/nothing-like-it"]


async def test_a_route_answers_to_its_own_methods_only(api: Caller, github: GitHub) -> None:
    assert (await api("PUT", "/repos/acme/web")).status == 404
    assert github.unknown_requests == ["PUT /repos/acme/web"]


async def test_the_addresses_of_enterprise_server_work_too(api: Caller) -> None:
    assert (await api("GET", "/api/v3/repos/acme/web")).json["full_name"] == "acme/web"
    reply = await api("POST", "/api/graphql", {"query": "{ viewer { login } }"})
    assert reply.json == {"data": {"viewer": {"login": "devflowfix"}}}


@pytest.mark.parametrize(("version", "status"), [("2022-11-28", 200), ("2026-03-10", 200), ("2019-01-01", 400)])
async def test_an_unknown_version_is_400(api: Caller, version: str, status: int) -> None:
    assert (await api("GET", "/repos/acme/web", X_GitHub_Api_Version=version)).status == status


async def test_broken_json_is_400(api: Caller) -> None:
    reply = await api("POST", "/repos/acme/web/pulls", raw=b"{")
    assert (reply.status, reply.json["message"]) == (400, "Problems parsing JSON")
    assert (await api("POST", "/repos/acme/web/pulls", ["a list"])).status == 400


async def test_a_missing_permission_is_403_and_says_what_would_do(call: Caller, installation: int) -> None:
    await call.login(installation, permissions={"contents": "read"})
    reply = await call("POST", "/repos/acme/web/issues/1/comments", {"body": "x"})
    assert (reply.status, reply.json["message"]) == (403, "Resource not accessible by integration")
    assert reply.headers["X-Accepted-GitHub-Permissions"] == "issues=write; pull_requests=write"


async def test_reading_is_not_writing(call: Caller, installation: int, repo: Repo) -> None:
    await call.login(installation, permissions={"contents": "read"})
    head = await repo.head("main")
    assert (await call("GET", "/repos/acme/web/git/ref/heads/main")).status == 200
    reply = await call("POST", "/repos/acme/web/git/refs", {"ref": "refs/heads/x", "sha": head})
    assert (reply.status, reply.headers["X-Accepted-GitHub-Permissions"]) == (403, "contents=write")


async def test_what_an_owner_did_not_grant_is_refused(github: GitHub, call: Caller, repo: Repo) -> None:
    await call.login(await github.install("acme", permissions={"metadata": "read", "contents": "read"}))
    assert (await call("GET", "/repos/acme/web/pulls")).status == 403


async def test_private_repositories_of_others_are_404_and_public_ones_cannot_be_written(github: GitHub, api: Caller) -> None:
    await github.create_repository("other/hidden", {"x": "x"}, private=True)
    shown = await github.create_repository("other/shown", {"x": "x"})
    assert (await api("GET", "/repos/other/hidden")).status == 404
    assert (await api("GET", "/repos/other/shown")).status == 200
    body = {"ref": "refs/heads/x", "sha": await shown.head("main")}
    assert (await api("POST", "/repos/other/shown/git/refs", body)).status == 403


async def test_names_do_not_care_about_case(api: Caller) -> None:
    assert (await api("GET", "/repos/ACME/Web")).json["full_name"] == "acme/web"


async def test_lists_come_in_pages_that_link_to_each_other(api: Caller, repo: Repo) -> None:
    for number in range(5):
        await repo.push(f"b{number}", {"n": f"{number}\n"})
    first = await api("GET", "/repos/acme/web/branches?per_page=2")
    assert [one["name"] for one in first.json] == ["b0", "b1"]
    links = dict(reversed(part.split("; ")) for part in first.headers["Link"].split(", "))
    assert set(links) == {'rel="next"', 'rel="last"'}
    second = await api("GET", links['rel="next"'].strip("<>"))
    assert [one["name"] for one in second.json] == ["b2", "b3"]
    last = await api("GET", links['rel="last"'].strip("<>"))
    assert [one["name"] for one in last.json] == ["b4", "main"]
    assert "next" not in last.headers["Link"]
    assert "Link" not in (await api("GET", "/repos/acme/web/branches")).headers


async def test_an_etag_saves_the_answer_and_its_cost_while_nothing_changes(api: Caller, repo: Repo) -> None:
    first = await api("GET", "/repos/acme/web/git/ref/heads/main")
    used = int(first.headers["X-RateLimit-Used"])
    again = await api("GET", "/repos/acme/web/git/ref/heads/main", If_None_Match=first.headers["ETag"])
    assert (again.status, again.raw) == (304, b"")
    await repo.push("main", {"more": "x"})
    changed = await api("GET", "/repos/acme/web/git/ref/heads/main", If_None_Match=first.headers["ETag"])
    assert changed.status == 200
    assert int(changed.headers["X-RateLimit-Used"]) == used + 1


async def test_an_etag_belongs_to_its_token(api: Caller, installation: int) -> None:
    etag = (await api("GET", "/repos/acme/web")).headers["ETag"]
    await api.login(installation)
    assert (await api("GET", "/repos/acme/web", If_None_Match=etag)).status == 200


async def test_every_answer_tells_what_is_left(api: Caller) -> None:
    first = await api("GET", "/repos/acme/web")
    second = await api("GET", "/repos/acme/web")
    assert int(first.headers["X-RateLimit-Remaining"]) - int(second.headers["X-RateLimit-Remaining"]) == 1
    assert second.headers["X-RateLimit-Resource"] == "core"
    reply = await api("POST", "/graphql", {"query": "{ rateLimit { limit used } }"})
    assert reply.headers["X-RateLimit-Resource"] == "graphql"
    assert reply.json["data"]["rateLimit"] == {"limit": 5000, "used": 0}


async def test_asking_for_the_limits_is_free(api: Caller) -> None:
    before = (await api("GET", "/rate_limit")).json["resources"]["core"]
    after = (await api("GET", "/rate_limit")).json["resources"]["core"]
    assert before == after
    assert set(before) == {"limit", "remaining", "used", "reset"}


async def test_a_spent_budget_is_403_until_the_hour_ends(api: Caller, github: GitHub, installation: int, clock: Clock) -> None:
    github.set_limit("core", 2)
    assert [(await api("GET", "/repos/acme/web")).status for _ in range(3)] == [200, 200, 403]
    reply = await api("GET", "/repos/acme/web")
    assert "API rate limit exceeded" in reply.json["message"]
    assert reply.headers["X-RateLimit-Remaining"] == "0"
    clock.forward(seconds=int(reply.headers["X-RateLimit-Reset"]) - clock().timestamp() + 1)
    await api.login(installation)
    assert (await api("GET", "/repos/acme/web")).status == 200


async def test_a_spent_graphql_budget_is_200_with_an_error(api: Caller, github: GitHub) -> None:
    github.set_limit("graphql", 0)
    reply = await api("POST", "/graphql", {"query": "{ viewer { login } }"})
    assert (reply.status, reply.json["errors"][0]["type"]) == (200, "RATE_LIMITED")


async def test_every_exchange_is_recorded(api: Caller, github: GitHub, installation: int) -> None:
    await api("GET", "/repos/acme/web/contents/README.md?ref=main")
    last = github.requests[-1]
    assert (last.method, last.template) == ("GET", "/repos/{owner}/{repo}/contents/{path:path}")
    assert (last.path, last.query, last.status) == ("/repos/acme/web/contents/README.md", "ref=main", 200)
    assert (last.installation_id, last.permission, last.fault) == (installation, "contents=read", False)
    assert last.response["path"] == "README.md"
    assert last.size > 50
    await api("POST", "/graphql", {"query": "query Who { viewer { login } }"})
    assert github.requests[-1].operation == "Who"


@pytest.mark.parametrize("path", ["/users/alice", "/users/Alice"])
async def test_accounts_are_found(api: Caller, repo: Repo, path: str) -> None:
    assert (await api("GET", path)).json["login"] == "alice"


async def test_the_bot_is_an_account_and_strangers_are_not(api: Caller) -> None:
    assert (await api("GET", "/users/devflowfix%5Bbot%5D")).json["type"] == "Bot"
    assert (await api("GET", "/users/nobody-at-all")).status == 404


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"query": "# one query for all\nquery Surroundings($x: Int) { a }"}, "Surroundings"),
        ({"query": "mutation Make{ a }"}, "Make"),
        ({"query": "query A { a }\nquery B { b }", "operationName": "B"}, "B"),
        ({"query": "{ a }"}, ""),
        ({"query": "query { a }"}, ""),
        (None, ""),
    ],
)
def test_a_graphql_operation_is_known_by_its_name(body: object, name: str) -> None:
    assert operation_of("/graphql", body) == name
    assert operation_of("/repos", body) == ""
