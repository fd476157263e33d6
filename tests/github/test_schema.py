"""JSON into values: nulls where GitHub has nulls, and a clear word about everything else."""

from datetime import UTC, datetime
from typing import Any

import pytest

from app.domain.ci import Annotation, Job, Step
from app.domain.repository import Account, Installation, Repository
from app.github import schema
from app.github.errors import Unreadable

RUN: dict[str, Any] = {
    "id": 30433642,
    "name": "Build",
    "run_attempt": 2,
    "workflow_id": 159038,
    "path": ".github/workflows/build.yml@main",
    "event": "push",
    "status": "completed",
    "conclusion": "failure",
    "head_sha": "a" * 40,
    "head_branch": "main",
    "head_repository": {"id": 217723378},
    "actor": {"login": "octocat", "type": "User"},
    "check_suite_id": 42,
    "html_url": "https://github.com/octo/spoon/actions/runs/30433642",
    "created_at": "2020-01-22T19:33:08Z",
    "head_commit": {"message": "fix: x\n\nDevFlowFix-Task: t", "author": {"name": "Octo Cat", "email": "e"}},
    "pull_requests": [{"number": 5}],
}


def test_a_run_reads_the_same_from_a_delivery_and_from_the_api() -> None:
    run = schema.workflow_run(RUN)
    assert schema.workflow_run({"workflow_run": RUN, "workflow": {"name": "Other"}, "action": "completed"}) == run
    assert (run.id, run.attempt, run.workflow_name, run.conclusion) == (30433642, 2, "Build", "failure")
    assert run.path == ".github/workflows/build.yml"
    assert run.created_at == datetime(2020, 1, 22, 19, 33, 8, tzinfo=UTC)
    assert (run.head_commit_author, run.pull_requests, run.actor_type) == ("Octo Cat", (5,), "User")


@pytest.mark.parametrize(
    "nothing",
    [
        "head_repository",
        "head_branch",
        "actor",
        "head_commit",
        "name",
        "conclusion",
        "check_suite_id",
        "pull_requests",
        "created_at",
    ],
)
def test_a_run_may_lack_what_github_says_it_may(nothing: str) -> None:
    without = {key: value for key, value in RUN.items() if key != nothing}
    assert schema.workflow_run({**RUN, nothing: None}) == schema.workflow_run(without)


def test_a_run_without_a_name_is_called_like_its_workflow() -> None:
    assert schema.workflow_run({"workflow_run": {**RUN, "name": None}, "workflow": {"name": "CI"}}).workflow_name == "CI"
    assert schema.workflow_run({"workflow_run": {**RUN, "name": None}, "workflow": None}).workflow_name == ""


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"id": "12"}, "payload.id"),
        ({"id": True}, "payload.id"),
        ({"head_sha": None}, "payload.head_sha"),
        ({"created_at": "yesterday"}, "payload.created_at"),
        ({"created_at": "2020-01-22T19:33:08"}, "payload.created_at"),
        ({"actor": "octocat"}, "payload.actor"),
        ({"pull_requests": {"number": 1}}, "payload.pull_requests"),
        ({"pull_requests": [{"number": None}]}, "payload.pull_requests[0].number"),
    ],
)
def test_a_run_of_another_shape_is_refused_with_the_place(change: dict[str, Any], where: str) -> None:
    with pytest.raises(Unreadable) as caught:
        schema.workflow_run({**RUN, **change})
    assert caught.value.where == where


@pytest.mark.parametrize(
    ("written", "path"),
    [
        (".github/workflows/ci.yml", ".github/workflows/ci.yml"),
        (".github/workflows/ci.yaml@refs/heads/main", ".github/workflows/ci.yaml"),
        (".github/workflows/ci.yml@feat@2", ".github/workflows/ci.yml"),
        (".github/workflows/a@b.yml", ".github/workflows/a@b.yml"),
        (".github/workflows/a@b.yml@main", ".github/workflows/a@b.yml"),
        ("dynamic/pages/pages-build-deployment@main", "dynamic/pages/pages-build-deployment"),
        ("dynamic/dependabot", "dynamic/dependabot"),
    ],
)
def test_a_workflows_path_loses_its_ref(written: str, path: str) -> None:
    assert schema.workflow_path(written) == path


def test_a_repository_reads_the_same_from_a_delivery_and_from_the_api() -> None:
    repo = {"id": 1, "full_name": "octo/spoon", "private": True, "default_branch": "main"}
    expected = Repository(host="h", installation_id=7, id=1, full_name="octo/spoon", private=True, default_branch="main")
    assert schema.repository({"repository": repo, "installation": {"id": 7}}, "h") == expected
    assert schema.repository(repo, "h", 7) == expected
    with pytest.raises(Unreadable, match=r"payload\.installation"):
        schema.repository({"repository": repo}, "h")


def test_an_installation_is_read_with_its_permissions_and_whether_it_sleeps() -> None:
    inner = {
        "id": 7,
        "account": {"id": 3, "login": "octo", "type": "Organization"},
        "repository_selection": "all",
        "permissions": {"checks": "write", "actions": "read"},
        "suspended_at": None,
    }
    account = Account(id=3, login="octo", type="Organization")
    awake = Installation(
        host="h", id=7, account=account, repository_selection="all", permissions=(("actions", "read"), ("checks", "write"))
    )
    assert schema.installation({"installation": inner}, "h") == awake
    assert schema.installation({**inner, "suspended_at": "2020-01-22T19:33:08Z"}, "h").suspended


def test_a_job_is_read_with_its_steps() -> None:
    step = {
        "number": 1,
        "name": "Set up job",
        "status": "completed",
        "conclusion": "success",
        "started_at": "2026-01-01T00:00:00.000Z",
    }
    job = {"id": 2**33, "name": "lint", "status": "completed", "conclusion": "failure", "steps": [step], "started_at": None}
    expected = Job(
        id=2**33,
        name="lint",
        status="completed",
        conclusion="failure",
        steps=(Step(number=1, name="Set up job", conclusion="success", started_at=datetime(2026, 1, 1, tzinfo=UTC)),),
    )
    assert schema.job(job) == expected
    assert schema.job({"workflow_job": job}) == expected


def test_an_annotation_may_say_little() -> None:
    note = {"path": "a.py", "start_line": 3, "end_line": 4, "annotation_level": None, "title": None, "message": None}
    assert schema.annotation(note) == Annotation(path="a.py", start_line=3, end_line=4, level="notice", title="", message="")


PULL: dict[str, Any] = {
    "number": 5,
    "node_id": "PR_1",
    "html_url": "u",
    "title": "t",
    "state": "closed",
    "head": {"ref": "topic", "sha": "a" * 40, "repo": {"id": 9}},
    "base": {"ref": "main", "sha": "b" * 40, "repo": {"id": 1}},
    "user": {"login": "octocat", "type": "User"},
    "draft": False,
    "merged_at": "2026-01-01T00:00:00Z",
    "body": None,
}


def test_a_pull_request_of_a_list_says_by_its_time_that_it_was_merged() -> None:
    assert schema.pull_request(PULL).merged
    assert schema.pull_request({"pull_request": {**PULL, "merged": True}, "action": "closed"}) == schema.pull_request(PULL)
    assert not schema.pull_request({**PULL, "merged_at": None}).merged


def test_a_pull_request_outlives_its_author_and_its_fork() -> None:
    pull = schema.pull_request({**PULL, "user": None, "head": {**PULL["head"], "repo": None}})
    assert (pull.author_login, pull.head_repository_id) == ("", None)
