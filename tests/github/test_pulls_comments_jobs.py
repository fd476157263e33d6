"""Pull requests, comments, jobs, and the App's own facts: the answers that GitHub gives on ordinary and on bad days."""

from typing import Any

import pytest

from app.domain.ci import Annotation
from app.domain.repository import Repository
from app.github import comments, installation, jobs, pulls
from app.github.client import Client
from app.github.connect import GitHub
from app.github.errors import MissingPermission, QueryRefused, Refused

from .conftest import Reply, Script

AT = "/repos/octo/spoon"
NEW = pulls.NewPullRequest(head="devflowfix/auto-fix-lint-failure-abc", base="main", title="t", body="b")


def pull(number: int, state: str = "open", head: str = NEW.head) -> dict[str, Any]:
    side = {"sha": "a" * 40, "repo": {"id": 99}}
    return {
        "number": number,
        "node_id": "PR",
        "title": "t",
        "state": state,
        "head": {**side, "ref": head},
        "base": {**side, "ref": "main"},
    }


async def test_a_pull_request_is_opened(api: Script, client: Client, repo: Repository) -> None:
    api.on("POST", f"{AT}/pulls", Reply(status=201, json=pull(5)))
    assert (await pulls.open_pull_request(client, repo, NEW)).number == 5
    assert api.seen[-1].json == {"title": "t", "head": NEW.head, "base": "main", "body": "b", "draft": False}


async def test_opened_twice_the_first_is_found(api: Script, client: Client, repo: Repository) -> None:
    said = [{"resource": "PullRequest", "code": "custom", "message": f"A pull request already exists for octo:{NEW.head}."}]
    api.on("POST", f"{AT}/pulls", Reply(status=422, json={"message": "Validation Failed", "errors": said}))
    api.on("GET", f"{AT}/pulls", Reply(json=[pull(9, head="other"), pull(5)]))
    assert (await pulls.open_pull_request(client, repo, NEW)).number == 5
    assert api.seen[-1].query["head"] == f"octo:{NEW.head}"
    assert (api.seen[-1].query["base"], api.seen[-1].query["state"]) == ("main", "open")


@pytest.mark.parametrize("message", ["No commits between main and x", "Draft pull requests are not supported"])
async def test_a_pull_request_that_cannot_be_opened_says_why(api: Script, client: Client, repo: Repository, message: str) -> None:
    api.on(
        "POST",
        f"{AT}/pulls",
        Reply(status=422, json={"message": "Validation Failed", "errors": [{"code": "custom", "message": message}]}),
    )
    with pytest.raises(Refused, match=message):
        await pulls.open_pull_request(client, repo, NEW)


async def test_of_several_pull_requests_of_a_branch_the_open_one_counts_then_the_newest(
    api: Script, client: Client, repo: Repository
) -> None:
    api.on(
        "GET",
        f"{AT}/pulls",
        Reply(json=[pull(9, "closed"), pull(5), pull(7, "closed")]),
        Reply(json=[pull(7, "closed"), pull(9, "closed")]),
        Reply(json=[]),
    )
    found = [await pulls.find_pull_request(client, repo, NEW.head) for _ in range(3)]
    assert [one.number if one else None for one in found] == [5, 9, None]


async def test_closing_and_describing_are_edits_within_the_limits(api: Script, client: Client, repo: Repository) -> None:
    api.on("PATCH", f"{AT}/pulls/5", Reply(json=pull(5, "closed")))
    assert (await pulls.close(client, repo, 5)).state == "closed"
    await pulls.edit(client, repo, 5, body="line\n" * 20_000, title="x" * 300)
    assert api.asked("PATCH", f"{AT}/pulls/5")[0].json == {"state": "closed"}
    sent = api.asked("PATCH", f"{AT}/pulls/5")[1].json
    assert len(sent["body"]) <= 60_000
    assert len(sent["title"]) <= 256


async def test_marking_ready_that_github_refuses_is_no_success(api: Script, client: Client) -> None:
    api.on("POST", "/graphql", Reply(json={"data": {"markPullRequestReadyForReview": {"pullRequest": {"id": "PR"}}}}))
    await pulls.mark_ready(client, "PR")
    for type_, kind in (("FORBIDDEN", MissingPermission), ("UNPROCESSABLE", QueryRefused)):
        error = {"type": type_, "message": "no", "path": ["markPullRequestReadyForReview"]}
        api.on("POST", "/graphql", Reply(json={"data": {"markPullRequestReadyForReview": None}, "errors": [error]}))
        with pytest.raises(kind):
            await pulls.mark_ready(client, "PR")


async def test_reviewers_are_asked_together_and_one_by_one_after_a_refusal(api: Script, client: Client, repo: Repository) -> None:
    def asked(seen: Any) -> Reply:  # noqa: ANN401 - what was asked
        bad = "stranger" in seen.json["reviewers"]
        return Reply(status=422, json={"message": "not collaborators", "errors": []}) if bad else Reply(status=201, json={})

    api.on("POST", f"{AT}/pulls/5/requested_reviewers", asked)
    assert await pulls.request_reviewers(client, repo, 5, ["a", "octo/team"]) == ()
    assert api.seen[-1].json == {"reviewers": ["a"], "team_reviewers": ["team"]}
    assert await pulls.request_reviewers(client, repo, 5, ["a", "stranger", "b"]) == ("stranger",)
    assert await pulls.request_reviewers(client, repo, 5, ["stranger"]) == ("stranger",)
    assert await pulls.request_reviewers(client, repo, 5, []) == ()


async def test_labels_are_added(api: Script, client: Client, repo: Repository) -> None:
    api.on("POST", f"{AT}/issues/5/labels", Reply(json=[]))
    await pulls.add_labels(client, repo, 5, ("devflowfix",))
    assert api.seen[-1].json == {"labels": ["devflowfix"]}


MARK = "<!-- devflowfix:summary -->"


def comment(number: int, body: str, app: int | None = 4711) -> dict[str, Any]:
    return {"id": number, "body": body, "html_url": "u", "performed_via_github_app": {"id": app} if app else None}


async def test_our_comment_is_known_by_its_marker_and_by_our_app(api: Script, client: Client, repo: Repository) -> None:
    others = [comment(1, MARK, app=None), comment(2, MARK, app=1), comment(3, "quoting " + MARK), comment(4, f"{MARK}\nours")]
    api.on("GET", f"{AT}/issues/5/comments", Reply(json=others))
    found = await comments.find_comment(client, repo, 5, MARK, 4711)
    assert found is not None
    assert found.id == 4
    assert await comments.find_comment(client, repo, 5, "<!-- other -->", 4711) is None


async def test_the_comment_is_edited_in_place_and_written_anew_if_somebody_deleted_it(
    api: Script, client: Client, repo: Repository
) -> None:
    api.on("PATCH", f"{AT}/issues/comments/4", Reply(json=comment(4, "x")), Reply(status=404, json={"message": "Not Found"}))
    api.on("POST", f"{AT}/issues/5/comments", Reply(status=201, json=comment(6, "x")))
    ids = [(await comments.upsert_comment(client, repo, 5, "x", known_id=known)).id for known in (4, 4, None)]
    assert ids == [4, 6, 6]


async def test_a_long_comment_is_cut(api: Script, client: Client, repo: Repository) -> None:
    api.on("POST", f"{AT}/issues/5/comments", Reply(status=201, json=comment(6, "x")))
    await comments.upsert_comment(client, repo, 5, MARK + "\n" + "line\n" * 20_000)
    body = api.seen[-1].json["body"]
    assert body.startswith(MARK)
    assert len(body) <= 60_000


@pytest.mark.parametrize(("review", "kind"), [(False, "issues"), (True, "pulls")])
async def test_a_reaction_goes_to_the_right_kind_of_comment(
    api: Script, client: Client, repo: Repository, kind: str, *, review: bool
) -> None:
    api.on("POST", f"{AT}/{kind}/comments/4/reactions", Reply(status=502), Reply(status=200, json={}))
    await comments.react(client, repo, 4, "eyes", on_review_comment=review)
    assert api.seen[-1].json == {"content": "eyes"}
    with pytest.raises(ValueError, match="wink"):
        await comments.react(client, repo, 4, "wink")


async def test_failed_jobs_are_those_of_this_attempt_that_failed(api: Script, client: Client, repo: Repository) -> None:
    path = f"{AT}/actions/runs/12/attempts/2/jobs"
    ends = ["success", "failure", "skipped", "timed_out", "cancelled", None]
    all_jobs: list[dict[str, object]] = [
        {"id": n, "name": f"j{n}", "status": "completed", "conclusion": end, "steps": []} for n, end in enumerate(ends)
    ]
    following = {"link": f'<{api.url}{path}?page=2>; rel="next"'}
    api.on(
        "GET",
        path,
        Reply(json={"total_count": 6, "jobs": all_jobs[:2]}, headers=following),
        Reply(json={"total_count": 6, "jobs": all_jobs[2:]}),
    )
    assert [job.id for job in await jobs.failed_jobs(client, repo, 12, 2)] == [1, 3]


async def test_annotations_stop_at_the_limit(api: Script, client: Client, repo: Repository) -> None:
    notes = [
        {"path": "a.py", "start_line": n, "end_line": n, "annotation_level": "failure", "title": "", "message": "m"}
        for n in range(1, 4)
    ]
    api.on("GET", f"{AT}/check-runs/7/annotations", Reply(json=notes, headers={"link": f'<{api.url}/never>; rel="next"'}))
    found = await jobs.annotations(client, repo, 7, 3)
    assert found[2] == Annotation(path="a.py", start_line=3, end_line=3, level="failure", title="", message="m")
    assert len(found) == 3
    assert not api.asked("GET", "/never")
    assert api.seen[-1].query == {"per_page": "3"}


async def test_failed_jobs_are_run_again_once(api: Script, client: Client, repo: Repository) -> None:
    api.on("POST", f"{AT}/actions/runs/12/rerun-failed-jobs", Reply(status=201, json={}))
    await jobs.rerun_failed_jobs(client, repo, 12)
    api.on("POST", f"{AT}/actions/runs/12/rerun-failed-jobs", Reply(status=403, json={"message": "created over a month ago"}))
    with pytest.raises(Refused, match="month"):
        await jobs.rerun_failed_jobs(client, repo, 12)


async def test_the_app_its_installations_and_their_repositories_are_listed(api: Script, github: GitHub) -> None:
    app = {
        "id": 4711,
        "slug": "devflowfix",
        "name": "DevFlowFix",
        "html_url": "u",
        "permissions": {"checks": "write"},
        "events": ["push"],
    }
    account = {"id": 3, "login": "octo", "type": "Organization"}
    api.on("GET", "/app", Reply(json=app))
    api.on("GET", "/app/installations", Reply(json=[{"id": 7, "account": account, "permissions": {}, "suspended_at": None}]))
    repo = {"id": 99, "full_name": "octo/spoon", "private": False, "default_branch": "main"}
    api.on("GET", "/installation/repositories", Reply(json={"total_count": 1, "repositories": [repo]}))
    details = await installation.get_app(github.app())
    assert (details.id, details.slug, details.permissions, details.events) == (
        4711,
        "devflowfix",
        (("checks", "write"),),
        ("push",),
    )
    (found,) = await installation.installations(github.app())
    assert (found.id, found.account.login, found.host, found.suspended) == (7, "octo", github.host, False)
    (listed,) = await installation.repositories(github.whole(7, purpose="doctor"))
    assert (listed.installation_id, listed.full_name, listed.default_branch) == (7, "octo/spoon", "main")
