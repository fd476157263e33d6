"""What goes over the wire in a repair, and what the stand-in can be asked, is as GitHub describes it; and the check can fail."""

import re
from dataclasses import replace

import pytest

from app.domain.ids import is_our_branch
from app.emulator.github import ROWS, GitHub
from app.emulator.routing import Route
from app.emulator.server import Exchange
from tests.contract.checker import Contract, as_github_describes, check_exchanges
from tests.contract.rest import Sent
from tests.flows.language import FILES, UNUSED, Server
from tests.flows.test_main_job import a_repository

SHA = "0123456789abcdef0123456789abcdef01234567"
PLACES = {
    "sha": SHA,
    "ref:path": "heads/main",
    "basehead:path": "main...feature",
    "path:path": "a/b",
    "branch:path": "main",
    "sha:path": SHA,
}
REST = [row for row in ROWS if row.template != "/graphql"]


async def test_a_repair_from_red_to_merged(held: Contract, github: GitHub, server: Server) -> None:
    repo = await a_repository(github)
    await repo.push("main", {"web/a.py": UNUSED})
    await server.settles()
    await repo.merge(repo.pull_requests[0].number)
    await server.settles()
    assert {one.operation for one in github.requests} >= {"Surroundings", "Checks", "CreateBranchAndCommit"}
    assert {(one.method, one.template.rpartition("/")[2]) for one in github.requests} >= {
        ("POST", "pulls"),
        ("POST", "check-runs"),
    }
    assert check_exchanges(github) == []


async def test_a_repair_of_a_contributors_pull_request(held: Contract, github: GitHub, server: Server) -> None:
    repo = await a_repository(github)
    await repo.push("feature", {"web/a.py": UNUSED})
    theirs = await repo.open_pull_request("feature", title="A feature")
    await server.settles()
    assert any(is_our_branch(pull.head_ref) for pull in repo.pull_requests)
    assert repo.comments(theirs.number)
    assert check_exchanges(github) == []


async def test_a_repair_that_is_withdrawn(held: Contract, github: GitHub, server: Server) -> None:
    workflow = FILES[".github/workflows/ci.yml"].replace("test -f web/a.py", "test ! -f web/b.py || grep -q 'import os' web/b.py")
    repo = await a_repository(github, **{".github/workflows/ci.yml": workflow})
    await repo.push("main", {"web/b.py": UNUSED})
    await server.settles()
    assert repo.pull_requests == []
    assert check_exchanges(github) == []


@pytest.mark.parametrize("row", REST, ids=lambda row: f"{row.method} {row.template}")
def test_every_route_of_the_stand_in_is_one_of_githubs(held: Contract, row: Route) -> None:
    path = re.sub(r"\{([\w:]+)\}", lambda found: PLACES.get(found[1], "7"), row.template)
    operation = held.rest.operation(row.method, path)
    assert operation is not None
    assert _shape(operation.template) == _shape(row.template) or path.endswith("/contents")


def _shape(template: str) -> str:
    """Two templates of one shape are one route; of comparisons GitHub describes the halves as well."""
    return re.sub(r"\{[^}]*\}", "{}", template).replace("{}...{}", "{}")


SENT = Sent(method="POST", path="/repos/acme/web/pulls", query="", request=None, status=201, response=None)
PULL = {"title": "A", "head": "b", "base": "main"}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"path": "/repos/acme/web/pull"}, "POST /repos/acme/web/pull: GitHub has no such operation"),
        ({"request": None}, "POST /repos/acme/web/pulls: a body is needed"),
        ({"request": PULL | {"tittle": "A"}}, "POST /repos/acme/web/pulls request.tittle: not in GitHub's description"),
        ({"request": PULL | {"draft": "no"}}, 'POST /repos/acme/web/pulls request.draft: "no" is not of type "boolean"'),
        ({"query": "per_page=1"}, "POST /repos/acme/web/pulls: no query parameter 'per_page' in /repos/{owner}/{repo}/pulls"),
        ({"status": 202}, "POST /repos/acme/web/pulls 202 answer: GitHub's description knows no such status here"),
        ({"response": {}}, 'POST /repos/acme/web/pulls 201 answer: "node_id" is a required property'),
        (
            {"status": 422, "response": {"error": "no"}},
            'POST /repos/acme/web/pulls 422 answer: "message" is a required property',
        ),
        (
            {"method": "GET", "request": None, "query": "state=red"},
            "GET /repos/acme/web/pulls: query parameter state='red' does not fit",
        ),
        (
            {"method": "GET", "path": "/repos/acme/web/pulls/x", "status": 200},
            "GET /repos/acme/web/pulls/x: path parameter pull_number='x' does not fit",
        ),
        (
            {"method": "DELETE", "path": "/repos/acme/web/git/refs/heads/x", "status": 204, "response": {"a": 1}},
            "DELETE /repos/acme/web/git/refs/heads/x 204 answer: has no body in GitHub's description",
        ),
    ],
)
def test_what_github_would_not_take_or_give_is_told(held: Contract, change: dict[str, object], told: str) -> None:
    assert told in held.rest.problems(replace(replace(SENT, request=PULL), **change))  # type: ignore[arg-type]  # a table of changes


def test_a_fault_on_demand_is_no_answer_of_githubs(held: Contract) -> None:
    failed = replace(SENT, request=PULL, status=599, response="<html>", refused_on_purpose=True)
    assert held.rest.problems(failed) == []
    assert held.rest.problems(replace(failed, request={}))


QUERY = "query Q($name: String!) { repository(owner: $name, name: $name) { id isPrivate pushedAt owner { __typename login } } }"
HERE = {"repository": {"id": "R_1", "isPrivate": False, "pushedAt": None, "owner": {"__typename": "User", "login": "a"}}}


def asked(**variables: object) -> dict[str, object]:
    return {"query": QUERY, "variables": variables}


def answered(**changes: object) -> dict[str, object]:
    return {"data": {"repository": HERE["repository"] | changes}}


@pytest.mark.parametrize(
    ("request_", "answer", "told"),
    [
        (asked(name="a"), {"data": HERE}, None),
        (asked(name="a"), {"data": {"repository": None}, "errors": [{"message": "no"}]}, None),
        ({"query": "{ viewer { nme } }"}, {"data": {"viewer": {"nme": "a"}}}, "Cannot query field 'nme' on type 'User'"),
        (asked(), {"data": HERE}, "Variable '$name' has invalid value"),
        (asked(name="a", nme="a"), {"data": HERE}, "the variable 'nme' is not declared"),
        (asked(name="a"), {"data": None}, "neither data nor errors"),
        (asked(name="a"), {"data": HERE, "errors": []}, "errors of another shape"),
        (asked(name="a"), {"data": {}}, "data.repository: asked for, not answered"),
        (asked(name="a"), answered(isPrivate=None), "data.repository.isPrivate: null, never null at GitHub"),
        (asked(name="a"), answered(isPrivate="no"), "data.repository.isPrivate: 'no' is no Boolean"),
        (asked(name="a"), answered(pushedAt="today"), "data.repository.pushedAt: 'today' is no DateTime"),
        (asked(name="a"), answered(more=1), "data.repository.more: answered, not asked for"),
        (
            asked(name="a"),
            answered(owner={"__typename": "Bot", "login": "a"}),
            "data.repository.owner: 'Bot' is no RepositoryOwner",
        ),
    ],
)
def test_what_graphql_would_not_take_or_give_is_told(
    held: Contract, request_: dict[str, object], answer: dict[str, object], told: str | None
) -> None:
    found = held.graph.problems(request_, answer)
    assert found == [] if told is None else told in " ".join(found)


async def test_every_exchange_and_every_delivery_is_looked_at(held: Contract, github: GitHub) -> None:
    await github.create_repository("acme/web", {"a": "a\n"})
    await github.install("acme")
    github.deliveries[0].body = b'{"action": "created"}'
    github.requests.append(_exchange("/repos/acme/web/nothing"))
    told = check_exchanges(github)
    assert "GET /repos/acme/web/nothing: GitHub has no such operation" in told
    assert 'installation-created: "installation" is a required property' in told
    with pytest.raises(AssertionError, match="web/nothing: GitHub has no such operation"):
        as_github_describes(github)
    github.requests.clear()
    github.deliveries.clear()


def _exchange(path: str) -> Exchange:
    facts = dict.fromkeys(Exchange.__dataclass_fields__, "")
    return Exchange(**facts | {"method": "GET", "path": path, "status": 200, "fault": False})  # type: ignore[arg-type]  # the rest is not looked at
