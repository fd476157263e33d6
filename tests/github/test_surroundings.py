"""What one query tells about a failing commit."""

from datetime import UTC, datetime
from typing import Any

import pytest

from app.domain.ci import Commit, RunResult, WorkflowRun
from app.domain.incident import PullRequestRef
from app.domain.repository import Repository
from app.github.client import Client
from app.github.errors import NotThere
from app.github.surroundings import surroundings

from .conftest import Reply, Script

SHA, BASE, MAIN = "a" * 40, "b" * 40, "c" * 40


def run(**facts: Any) -> WorkflowRun:  # noqa: ANN401 - any field
    known = {
        "id": 12,
        "attempt": 1,
        "workflow_id": 3,
        "workflow_name": "CI",
        "path": ".github/workflows/ci.yml",
        "event": "push",
        "status": "completed",
        "conclusion": "failure",
        "head_sha": SHA,
        "head_branch": "topic",
        "head_repository_id": 99,
        "actor_login": "octocat",
        "actor_type": "User",
    }
    return WorkflowRun(**{**known, **facts})


def checks(*names: str, after: str = "") -> dict[str, Any]:
    nodes = [
        {"__typename": "CheckRun", "name": name, "status": "COMPLETED", "conclusion": "FAILURE", "checkSuite": None}
        for name in names
    ]
    return {"contexts": {"pageInfo": {"hasNextPage": bool(after), "endCursor": after or None}, "nodes": nodes}}


def pull(number: int, **facts: object) -> dict[str, Any]:
    base = {"name": "develop", "target": {"oid": BASE, "statusCheckRollup": checks("on develop")}}
    known = {
        "id": f"PR_{number}",
        "number": number,
        "title": "Add x",
        "state": "OPEN",
        "isDraft": False,
        "isCrossRepository": False,
        "headRefName": "topic",
        "headRefOid": SHA,
        "baseRefName": "develop",
        "baseRefOid": "e" * 40,
        "author": {"login": "octocat"},
        "baseRef": base,
    }
    return {**known, **facts}


def answer(*pulls: dict[str, Any], errors: list[object] | None = None, **facts: object) -> Reply:
    suites = [
        {
            "status": "COMPLETED",
            "conclusion": "SUCCESS",
            "app": {"slug": "github-actions"},
            "workflowRun": {"databaseId": 1, "event": "push", "workflow": {"databaseId": 3, "name": "CI"}},
        },
        {"status": "QUEUED", "conclusion": None, "app": {"slug": "other"}, "workflowRun": None},
    ]
    commits = [
        {
            "oid": SHA,
            "messageHeadline": "x",
            "message": "x\n\ny",
            "authoredDate": "2026-01-01T00:00:00Z",
            "author": {"name": "N", "user": None},
            "checkSuites": None,
        },
        {
            "oid": BASE,
            "messageHeadline": "z",
            "message": "z",
            "authoredDate": None,
            "author": {"name": "N", "user": {"login": "n"}},
            "checkSuites": {"nodes": suites},
        },
    ]
    repository = {
        "id": "R_1",
        "databaseId": 99,
        "nameWithOwner": "octo/spoon",
        "defaultBranchRef": {"name": "main", "target": {"oid": MAIN, "statusCheckRollup": checks("on main")}},
        "policy": {"text": "mode: ready\n", "isTruncated": False},
        "workflow": {"text": "on: push\n", "isTruncated": False},
        "headRef": {"target": {"oid": SHA}},
        "head": {
            "statusCheckRollup": checks("lint"),
            "history": {"nodes": commits},
            "associatedPullRequests": {"nodes": list(pulls)},
        },
    }
    return Reply(json={"data": {"repository": {**repository, **facts}}, **({"errors": errors} if errors else {})})


async def test_everything_is_read_in_one_request(api: Script, client: Client, repo: Repository) -> None:
    api.on("POST", "/graphql", answer(pull(5)))
    found = await surroundings(client, repo, run())
    assert (found.repository_node_id, found.default_branch) == ("R_1", "main")
    assert (found.policy_text, found.workflow_text) == ("mode: ready\n", "on: push\n")
    assert [check.name for check in found.head_checks] == ["lint"]
    assert (found.base_branch, found.base_sha, [check.name for check in found.base_checks]) == ("develop", BASE, ["on develop"])
    assert found.branch_head == SHA
    assert found.partial == ()
    assert found.pull_request == PullRequestRef(
        number=5,
        base_branch="develop",
        head_branch="topic",
        head_sha=SHA,
        author_login="octocat",
        is_fork=False,
        title="Add x",
        node_id="PR_5",
    )
    green = RunResult(run_id=1, workflow_id=3, workflow_name="CI", event="push", conclusion="success")
    assert found.history == (
        Commit(sha=SHA, headline="x", author_login="N", authored_at=datetime(2026, 1, 1, tzinfo=UTC), message="x\n\ny"),
        Commit(sha=BASE, headline="z", author_login="n", authored_at=None, message="z", runs=(green,)),
    )
    assert api.asked("POST", "/graphql")[0].json["variables"] == {
        "owner": "octo",
        "name": "spoon",
        "sha": SHA,
        "policy": "HEAD:.github/devflowfix.yml",
        "workflow": f"{SHA}:.github/workflows/ci.yml",
        "headRef": "refs/heads/topic",
    }


@pytest.mark.parametrize(
    "other",
    [
        pull(5, state="MERGED"),
        pull(5, state="CLOSED"),
        pull(5, headRefName="elsewhere"),
        pull(5, isCrossRepository=True),
    ],
    ids=["merged", "closed", "of another branch", "of a fork"],
)
async def test_without_a_fitting_pull_request_the_base_is_the_default_branch(
    api: Script, client: Client, repo: Repository, other: dict[str, Any]
) -> None:
    api.on("POST", "/graphql", answer(other))
    found = await surroundings(client, repo, run())
    assert found.pull_request is None
    assert (found.base_branch, found.base_sha, [check.name for check in found.base_checks]) == ("main", MAIN, ["on main"])


@pytest.mark.parametrize(
    ("pulls", "named", "number"),
    [
        ([pull(5), pull(6)], (), 6),
        ([pull(5), pull(6)], (5,), 5),
        ([pull(5), pull(6, headRefOid=MAIN)], (6,), 5),
    ],
    ids=["the newest", "the one that the run names", "the one at the failing commit"],
)
async def test_of_several_pull_requests_the_best_fitting_is_taken(
    api: Script, client: Client, repo: Repository, pulls: list[dict[str, Any]], named: tuple[int, ...], number: int
) -> None:
    api.on("POST", "/graphql", answer(*pulls))
    found = await surroundings(client, repo, run(pull_requests=named))
    assert found.pull_request is not None
    assert found.pull_request.number == number


@pytest.mark.parametrize("facts", [{"head_repository_id": 5}, {"head_repository_id": None}, {"head_branch": None}])
async def test_a_branch_of_a_fork_is_never_looked_for_among_our_own(
    api: Script, client: Client, repo: Repository, facts: dict[str, Any]
) -> None:
    api.on("POST", "/graphql", answer(pull(5, isCrossRepository=True, author=None), headRef=None))
    found = await surroundings(client, repo, run(**facts))
    assert api.asked("POST", "/graphql")[0].json["variables"]["headRef"] == "refs/devflowfix/none"
    assert found.branch_head is None
    assert (found.pull_request is not None) == ("head_repository_id" in facts)


async def test_a_base_branch_that_is_gone_leaves_its_last_commit(api: Script, client: Client, repo: Repository) -> None:
    api.on("POST", "/graphql", answer(pull(5, baseRef=None)))
    found = await surroundings(client, repo, run())
    assert (found.base_branch, found.base_sha, found.base_checks) == ("develop", "e" * 40, ())


async def test_a_repository_without_policy_workflow_or_checks_is_read_too(api: Script, client: Client, repo: Repository) -> None:
    bare = {"policy": None, "workflow": None, "head": None, "headRef": None, "defaultBranchRef": None}
    api.on("POST", "/graphql", answer(**bare))
    found = await surroundings(client, repo, run())
    assert (found.policy_text, found.workflow_text, found.head_checks, found.history) == (None, None, (), ())
    assert (found.default_branch, found.base_branch, found.base_sha) == ("main", "", None)


async def test_checks_beyond_the_first_hundred_are_fetched_for_head_and_base(
    api: Script, client: Client, repo: Repository
) -> None:
    main = {"name": "main", "target": {"oid": MAIN, "statusCheckRollup": checks("on main", after="m")}}
    first = answer(head={"statusCheckRollup": checks("a", after="h")}, defaultBranchRef=main)
    more = [
        Reply(json={"data": {"repository": {"object": {"statusCheckRollup": checks(name)}}}}) for name in ("b", "more on main")
    ]
    api.on("POST", "/graphql", first, *more)
    found = await surroundings(client, repo, run())
    assert [check.name for check in found.head_checks] == ["a", "b"]
    assert [check.name for check in found.base_checks] == ["on main", "more on main"]
    asked = [seen.json["variables"] for seen in api.asked("POST", "/graphql")[1:]]
    assert [(one["sha"], one["after"]) for one in asked] == [(SHA, "h"), (MAIN, "m")]


async def test_what_is_missing_is_listed(api: Script, client: Client, repo: Repository) -> None:
    error = {"type": "RESOURCE_LIMITS_EXCEEDED", "message": "cut", "path": ["repository", "head", "history"]}
    api.on("POST", "/graphql", answer(errors=[error], policy={"text": "mode:", "isTruncated": True}))
    assert (await surroundings(client, repo, run())).partial == (
        "repository.head.history: RESOURCE_LIMITS_EXCEEDED: cut",
        "repository.policy: the file is too long to be sent whole",
    )


async def test_a_repository_that_is_gone_says_so(api: Script, client: Client, repo: Repository) -> None:
    error = {"type": "NOT_FOUND", "message": "Could not resolve to a Repository", "path": ["repository"]}
    api.on("POST", "/graphql", Reply(json={"data": {"repository": None}, "errors": [error]}))
    with pytest.raises(NotThere):
        await surroundings(client, repo, run())
