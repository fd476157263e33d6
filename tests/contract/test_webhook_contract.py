"""Webhook bodies: GitHub's own examples are read by our parsers, and the stand-in's are as GitHub describes them."""

from collections.abc import Callable
from typing import Any

import pytest

from app.emulator.github import GitHub
from app.emulator.repo import Repo
from app.github import schema
from handlers import router
from tests.contract import published
from tests.contract.checker import Contract, check_exchanges

Json = dict[str, Any]
HOST = "github.com"
CI = "on: push\njobs:\n  one:\n    runs-on: ubuntu-latest\n    steps:\n      - run: test -f fine\n"


def _status(body: Json) -> object:
    return [branch["name"] for branch in body["branches"]]


def _suite(body: Json) -> object:
    suite = body["check_suite"]
    return suite["head_branch"], suite["head_sha"], suite["app"]["id"]


PARSERS: dict[str, Callable[[Json], object]] = {
    "check_suite": _suite,
    "installation": lambda body: schema.installation(body, HOST),
    "installation_repositories": lambda body: (schema.installation(body, HOST), schema.repositories_named(body, HOST)),
    "pull_request": schema.pull_request,
    "status": _status,
    "workflow_job": schema.job,
    "workflow_run": schema.workflow_run,
}
"""What our handlers read of each event."""


def examples(event: str) -> list[Json]:
    try:
        return next(one["examples"] for one in published.webhook_examples() if one["name"] == event)
    except published.NotAtHandError as reason:
        pytest.skip(str(reason))


def test_every_event_that_has_a_handler_is_read_here() -> None:
    assert {*router._shallow_routes, *router._deep_routes} <= PARSERS.keys()


@pytest.mark.parametrize("event", PARSERS)
def test_githubs_own_examples_are_read(event: str) -> None:
    read = [PARSERS[event](body) for body in examples(event)]
    assert read
    assert all(read)


@pytest.mark.parametrize("event", sorted(PARSERS.keys() - {"installation", "installation_repositories"}))
def test_the_repository_of_githubs_own_examples_is_read(event: str) -> None:
    for body in examples(event):
        found = schema.repository(body, HOST, installation_id=body.get("installation", {}).get("id", 1))
        assert found.full_name == body["repository"]["full_name"]


async def people_at_work(github: GitHub) -> Repo:
    """Do everything that the stand-in tells its App about."""
    repo = await github.create_repository("acme/web", {"a": "a\n", ".github/workflows/ci.yml": CI})
    installation = await github.install("acme", repositories=["web"])
    sha = await repo.push("feature", {"fine": ""})
    await repo.push("red", {"b": "b\n"})
    await repo.status(sha, "pending", "elsewhere")
    await repo.tag("v1", sha)
    await conversation(repo)
    await github.idle()
    await repo.rerun(repo.runs(sha)[0].id)
    await repo.delete_branch("red")
    fork = await github.fork(repo, "mallory")
    await fork.push("change", {"c": "c\n"}, author="mallory")
    await repo.open_pull_request("mallory:change", author="mallory")
    await github.idle()
    installations(github, installation, await github.create_repository("acme/other", {"a": "a"}))
    await github.idle()
    return repo


async def conversation(repo: Repo) -> None:
    pull = await repo.open_pull_request("feature", title="A feature", body=None, draft=True)
    await repo.ready(pull.number)
    await repo.label(pull.number, "bug")
    written = repo.comment(pull.number, "Fine.")
    repo.edit_comment(written, "Very fine.")
    repo.delete_comment(written)
    for verdict in ("APPROVED", "CHANGES_REQUESTED", "COMMENTED"):
        repo.review(pull.number, verdict, "Words.")
    await repo.push("feature", {"d": "d\n"})
    await repo.close(pull.number)
    await repo.reopen(pull.number)
    await repo.merge(pull.number)


def installations(github: GitHub, installation: int, other: Repo) -> None:
    github.add_repositories(installation, other)
    github.remove_repositories(installation, other)
    github.grant(installation, {"metadata": "read"})
    github.suspend(installation)
    github.suspend(installation, suspended=False)
    github.uninstall(installation)


async def test_whatever_the_stand_in_tells_is_as_github_describes_it(held: Contract, github: GitHub) -> None:
    await people_at_work(github)
    assert {f"{one.event}.{one.action or ''}" for one in github.deliveries} >= {
        "check_run.completed", "check_run.created", "check_suite.completed", "installation.created", "installation.deleted",
        "installation.new_permissions_accepted", "installation.suspend", "installation.unsuspend",
        "installation_repositories.added", "installation_repositories.removed", "issue_comment.created",
        "issue_comment.deleted", "issue_comment.edited", "pull_request.closed", "pull_request.labeled", "pull_request.opened",
        "pull_request.ready_for_review", "pull_request.reopened", "pull_request.synchronize",
        "pull_request_review.submitted", "push.", "status.", "workflow_job.completed", "workflow_job.in_progress",
        "workflow_job.queued", "workflow_run.completed", "workflow_run.in_progress", "workflow_run.requested",
    }  # fmt: skip
    assert check_exchanges(github) == []
