"""Pull requests over HTTP: opened, listed, edited, merged, closed; what follows when branches move or go."""

import pytest

from app.emulator.github import GitHub
from app.emulator.repo import Repo
from tests.emulator.conftest import Caller, Ear, Json

PULLS = "/repos/acme/web/pulls"


async def propose(api: Caller, repo: Repo, branch: str = "fix", **more: Json) -> Json:
    await repo.push(branch, {f"{branch}.txt": "x\n"}, from_branch="main")
    reply = await api("POST", PULLS, {"title": f"Merge {branch}", "head": branch, "base": "main", **more})
    assert reply.status == 201, reply.raw
    return reply.json


async def test_a_pull_request_is_opened_by_the_bot(api: Caller, repo: Repo, github: GitHub, ear: Ear) -> None:
    told = await propose(api, repo, body="Why", draft=True)
    assert (told["number"], told["state"], told["draft"], told["body"]) == (1, "open", True, "Why")
    assert (told["user"]["login"], told["user"]["type"]) == ("devflowfix[bot]", "Bot")
    assert (told["head"]["ref"], told["head"]["label"], told["base"]["ref"]) == ("fix", "acme:fix", "main")
    assert (told["commits"], told["additions"], told["changed_files"], told["mergeable"]) == (1, 1, 1, True)
    assert told["mergeable_state"] == "draft"
    assert (await api("GET", f"{PULLS}/1")).json == told
    await github.idle()
    [event] = ear.bodies("pull_request", "opened")
    assert (event["number"], event["pull_request"]["head"]["sha"]) == (1, told["head"]["sha"])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, "A pull request already exists for acme:fix."),
        ({"head": "same"}, "No commits between main and same"),
        ({"head": "nowhere"}, "head"),
        ({"base": "nowhere", "head": "other"}, "base"),
        ({"head": "stranger:fix"}, "head"),
        ({"title": ""}, "title"),
        ({"head": "other", "body": "x" * 65_537}, "Body is too long"),
    ],
)
async def test_a_pull_request_that_cannot_be_is_422(api: Caller, repo: Repo, change: dict[str, str], words: str) -> None:
    await propose(api, repo)
    await repo.force("same", await repo.head("main") or "")
    await repo.push("other", {"o": "o"}, from_branch="main")
    reply = await api("POST", PULLS, {"title": "t", "head": "fix", "base": "main", **change})
    assert (reply.status, reply.json["message"]) == (422, "Validation Failed")
    assert words in str(reply.json["errors"])
    assert len(repo.pull_requests) == 1


async def test_lists_are_open_and_newest_first_unless_told_otherwise(api: Caller, repo: Repo) -> None:
    for name in ("one", "two", "three"):
        await propose(api, repo, name)
    await repo.close(2)

    async def found(query: str) -> list[int]:
        return [pull["number"] for pull in (await api("GET", f"{PULLS}?{query}")).json]

    assert await found("") == [3, 1]
    assert await found("state=all") == [3, 2, 1]
    assert await found("state=closed") == [2]
    assert await found("head=acme:one") == [1]
    assert await found("head=one") == []
    assert await found("base=other") == []
    assert await found("state=all&sort=created&direction=asc") == [1, 2, 3]
    assert (await found("state=all&sort=updated&direction=desc"))[0] in {2, 3}
    assert "mergeable" not in (await api("GET", PULLS)).json[0]
    assert (await api("GET", f"{PULLS}?sort=size")).status == 422


async def test_files_and_commits_are_those_of_the_branch_alone(api: Caller, repo: Repo) -> None:
    await propose(api, repo)
    await repo.push("main", {"later.txt": "x"})
    await repo.push("fix", {"README.md": "# Web\n\nMore\n"}, message="Second")
    files = (await api("GET", f"{PULLS}/1/files")).json
    assert [(one["filename"], one["status"], one["additions"]) for one in files] == [
        ("README.md", "modified", 2),
        ("fix.txt", "added", 1),
    ]
    commits = (await api("GET", f"{PULLS}/1/commits")).json
    assert [one["commit"]["message"] for one in commits] == ["Change files", "Second"]


async def test_a_pull_request_is_edited_retargeted_closed_and_reopened(api: Caller, repo: Repo, github: GitHub, ear: Ear) -> None:
    await propose(api, repo)
    await repo.force("next", await repo.head("main") or "")
    told = (await api("PATCH", f"{PULLS}/1", {"title": "New", "body": "Words", "base": "next"})).json
    assert (told["title"], told["body"], told["base"]["ref"]) == ("New", "Words", "next")
    assert (await api("PATCH", f"{PULLS}/1", {"base": "nowhere"})).status == 422
    assert (await api("PATCH", f"{PULLS}/1", {"state": "gone"})).status == 422
    assert (await api("PATCH", f"{PULLS}/1", {"state": "closed"})).json["state"] == "closed"
    assert (await api("PATCH", f"{PULLS}/1", {"state": "open"})).json["state"] == "open"
    await github.idle()
    assert [one for one in ear.story if one.startswith("pull_request")] == [
        "pull_request.opened",
        "pull_request.edited",
        "pull_request.closed",
        "pull_request.reopened",
    ]
    [edited] = ear.bodies("pull_request", "edited")
    assert edited["changes"]["title"] == {"from": "Merge fix"}
    assert ear.bodies("pull_request", "closed")[0]["pull_request"]["merged"] is False


@pytest.mark.parametrize(("method", "parents"), [("merge", 2), ("squash", 1)])
async def test_merging_moves_the_base(api: Caller, repo: Repo, github: GitHub, ear: Ear, method: str, parents: int) -> None:
    await propose(api, repo)
    reply = await api("PUT", f"{PULLS}/1/merge", {"merge_method": method})
    assert (reply.status, reply.json["merged"]) == (200, True)
    assert await repo.head("main") == reply.json["sha"]
    assert await repo.file("main", "fix.txt") == b"x\n"
    assert len((await repo.state.git.commit(reply.json["sha"])).parents) == parents
    told = (await api("GET", f"{PULLS}/1")).json
    assert (told["merged"], told["state"], told["merged_by"]["login"]) == (True, "closed", "devflowfix[bot]")
    assert (told["merge_commit_sha"], told["mergeable"]) == (reply.json["sha"], None)
    assert (await api("GET", f"{PULLS}/1/merge")).status == 204
    await github.idle()
    assert ear.bodies("pull_request", "closed")[0]["pull_request"]["merged"] is True
    assert len(ear.bodies("pull_request", "closed")) == 1


async def test_what_does_not_merge_is_405_and_a_moved_head_409(api: Caller, repo: Repo) -> None:
    await propose(api, repo)
    assert (await api("GET", f"{PULLS}/1/merge")).status == 404
    assert (await api("PUT", f"{PULLS}/1/merge", {"sha": "1" * 40})).status == 409
    assert (await api("PUT", f"{PULLS}/1/merge", {"merge_method": "glue"})).status == 422
    await repo.push("main", {"fix.txt": "other\n"})
    assert (await api("GET", f"{PULLS}/1")).json["mergeable_state"] == "dirty"
    assert (await api("PUT", f"{PULLS}/1/merge")).status == 405
    await propose(api, repo, "drafted", draft=True)
    assert (await api("PUT", f"{PULLS}/2/merge")).status == 405


async def test_a_push_synchronizes(api: Caller, repo: Repo, github: GitHub, ear: Ear) -> None:
    before = (await propose(api, repo))["head"]["sha"]
    after = await repo.push("fix", {"more": "x"})
    assert (await api("GET", f"{PULLS}/1")).json["head"]["sha"] == after
    await github.idle()
    [event] = ear.bodies("pull_request", "synchronize")
    assert (event["before"], event["after"]) == (before, after)


async def test_a_deleted_branch_closes_its_pull_request_and_cannot_be_reopened(api: Caller, repo: Repo) -> None:
    await propose(api, repo)
    await repo.delete_branch("fix")
    assert (await api("GET", f"{PULLS}/1")).json["state"] == "closed"
    assert (await api("PATCH", f"{PULLS}/1", {"state": "open"})).status == 422


async def test_a_pushed_merge_counts_as_merged(repo: Repo, api: Caller) -> None:
    sha = (await propose(api, repo))["head"]["sha"]
    await repo.force("main", sha)
    [pull] = repo.pull_requests
    assert (pull.merged, pull.merge_commit_sha) == (True, sha)


async def test_a_stacked_pull_request_is_retargeted_when_its_base_was_merged(api: Caller, repo: Repo) -> None:
    await propose(api, repo)
    await repo.push("upper", {"upper.txt": "u"}, from_branch="fix")
    stacked = await repo.open_pull_request("upper", "fix")
    await repo.merge(1, delete_branch=True)
    assert (stacked.state, stacked.base_ref) == ("open", "main")


async def test_a_stacked_pull_request_is_closed_when_its_base_just_goes(repo: Repo) -> None:
    await repo.push("lower", {"l": "l"})
    await repo.push("upper", {"u": "u"}, from_branch="lower")
    stacked = await repo.open_pull_request("upper", "lower")
    await repo.delete_branch("lower")
    assert (stacked.state, stacked.merged) == ("closed", False)


async def test_pull_requests_of_a_commit(api: Caller, repo: Repo) -> None:
    sha = (await propose(api, repo))["head"]["sha"]
    path = f"/repos/acme/web/commits/{sha}/pulls"
    assert [one["number"] for one in (await api("GET", path)).json] == [1]
    assert (await api("GET", f"/repos/acme/web/commits/{await repo.head('main')}/pulls")).json == []


async def test_reviews_are_asked_of_collaborators_only(api: Caller, repo: Repo) -> None:
    await propose(api, repo)
    repo.add_collaborator("bob")
    path = f"{PULLS}/1/requested_reviewers"
    told = await api("POST", path, {"reviewers": ["bob"]})
    assert (told.status, [one["login"] for one in told.json["requested_reviewers"]]) == (201, ["bob"])
    assert (await api("POST", path, {"reviewers": ["bob", "stranger"]})).status == 422


async def test_reviews_are_submitted_and_heard(api: Caller, repo: Repo, github: GitHub, ear: Ear) -> None:
    await propose(api, repo)
    repo.review(1, "CHANGES_REQUESTED", "No", by="bob")
    await github.idle()
    [event] = ear.bodies("pull_request_review", "submitted")
    assert (event["review"]["state"], event["review"]["user"]["login"]) == ("changes_requested", "bob")
    assert [one["state"] for one in (await api("GET", f"{PULLS}/1/reviews")).json] == ["CHANGES_REQUESTED"]


async def test_a_fork_s_pull_request_keeps_its_head_elsewhere(api: Caller, repo: Repo, github: GitHub) -> None:
    fork = await github.fork(repo, "eve")
    await fork.push("idea", {"idea.txt": "i"}, author="eve")
    pull = await repo.open_pull_request("eve:idea", author="eve")
    told = (await api("GET", f"{PULLS}/{pull.number}")).json
    assert (told["head"]["repo"]["full_name"], told["head"]["label"]) == ("eve/web", "eve:idea")
    assert told["maintainer_can_modify"] is True
    assert [one["filename"] for one in (await api("GET", f"{PULLS}/{pull.number}/files")).json] == ["idea.txt"]
    newer = await fork.push("idea", {"idea.txt": "j"}, author="eve")
    assert pull.head_sha == newer
    assert [one["number"] for one in (await api("GET", f"{PULLS}?head=eve:idea")).json] == [pull.number]
