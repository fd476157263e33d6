"""Comments, reactions, labels and assignees."""

import pytest
import pytest_asyncio

from app.emulator.github import GitHub
from app.emulator.repo import Repo
from tests.emulator.conftest import Caller, Ear

REPO = "/repos/acme/web"


@pytest_asyncio.fixture(autouse=True)
async def pull(repo: Repo) -> int:
    await repo.push("feature", {"f": "f"})
    return (await repo.open_pull_request("feature")).number


async def test_a_comment_is_written_edited_and_deleted(api: Caller, repo: Repo, github: GitHub, ear: Ear) -> None:
    made = await api("POST", f"{REPO}/issues/1/comments", {"body": "Hello"})
    assert (made.status, made.json["body"], made.json["user"]["login"]) == (201, "Hello", "devflowfix[bot]")
    assert made.json["performed_via_github_app"]["id"] == github.app_id
    path = f"{REPO}/issues/comments/{made.json['id']}"
    assert (await api("PATCH", path, {"body": "Bye"})).json["body"] == "Bye"
    assert (await api("GET", path)).json["body"] == "Bye"
    assert (await api("DELETE", path)).status == 204
    assert [(await api(method, path, {"body": "x"})).status for method in ("GET", "PATCH", "DELETE")] == [404, 404, 404]
    await github.idle()
    assert [one for one in ear.story if one.startswith("issue_comment")] == [
        "issue_comment.created",
        "issue_comment.edited",
        "issue_comment.deleted",
    ]
    [edited] = ear.bodies("issue_comment", "edited")
    assert edited["changes"] == {"body": {"from": "Hello"}}
    assert edited["issue"]["number"] == 1
    assert edited["issue"]["pull_request"]["url"].endswith("/pulls/1")


async def test_people_s_comments_are_no_app_s(api: Caller, repo: Repo) -> None:
    one = repo.comment(1, "/devflowfix help", by="bob")
    told = (await api("GET", f"{REPO}/issues/1/comments")).json
    assert [(each["id"], each["user"]["type"], each["performed_via_github_app"]) for each in told] == [(one.id, "User", None)]


@pytest.mark.parametrize(("body", "status"), [("x" * 65_536, 201), ("x" * 65_537, 422), ("", 422), (None, 422), (7, 422)])
async def test_a_body_has_its_limits(api: Caller, body: object, status: int) -> None:
    assert (await api("POST", f"{REPO}/issues/1/comments", {"body": body})).status == status


async def test_a_comment_needs_a_pull_request(api: Caller) -> None:
    assert (await api("POST", f"{REPO}/issues/99/comments", {"body": "x"})).status == 404


async def test_a_reaction_is_new_once(api: Caller, repo: Repo) -> None:
    one = repo.comment(1, "Look")
    path = f"{REPO}/issues/comments/{one.id}/reactions"
    first = await api("POST", path, {"content": "eyes"})
    second = await api("POST", path, {"content": "eyes"})
    assert (first.status, second.status, first.json["id"]) == (201, 200, second.json["id"])
    assert (await api("POST", path, {"content": "shrug"})).status == 422
    assert (await api("GET", f"{REPO}/issues/comments/{one.id}")).json["reactions"]["eyes"] == 1
    assert len((await api("GET", f"{path}?content=rocket")).json) == 0
    assert (await api("DELETE", f"{path}/{first.json['id']}")).status == 204
    assert (await api("DELETE", f"{path}/{first.json['id']}")).status == 404


async def test_reactions_take_the_issues_permission_alone(call: Caller, repo: Repo, installation: int) -> None:
    await call.login(installation, permissions={"pull_requests": "write"})
    one = repo.comment(1, "Look")
    assert (await call("POST", f"{REPO}/issues/1/comments", {"body": "x"})).status == 201
    assert (await call("POST", f"{REPO}/issues/comments/{one.id}/reactions", {"content": "eyes"})).status == 403


async def test_labels_are_made_when_unknown_and_told(api: Caller, github: GitHub, ear: Ear) -> None:
    told = await api("POST", f"{REPO}/issues/1/labels", {"labels": ["bug", "Bug", "ci"]})
    assert (told.status, [one["name"] for one in told.json]) == (200, ["bug", "ci"])
    assert [one["name"] for one in (await api("GET", f"{REPO}/issues/1/labels")).json] == ["bug", "ci"]
    assert (await api("POST", f"{REPO}/issues/1/labels", {"labels": "bug"})).status == 422
    await github.idle()
    assert [body["label"]["name"] for body in ear.bodies("pull_request", "labeled")] == ["bug", "ci"]


async def test_who_cannot_be_assigned_is_left_out(api: Caller, repo: Repo) -> None:
    repo.add_collaborator("bob")
    told = await api("POST", f"{REPO}/issues/1/assignees", {"assignees": ["bob", "stranger"]})
    assert (told.status, [one["login"] for one in told.json["assignees"]]) == (201, ["bob"])
    assert (await api("GET", f"{REPO}/issues/1")).json["assignee"]["login"] == "bob"
