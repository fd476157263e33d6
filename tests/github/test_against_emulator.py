"""Every call against the GitHub stand-in: real git, real CI runs, permissions of app.yml enforced."""

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from ruamel.yaml import YAML

from app.domain.ci import Annotation, WorkflowRun
from app.domain.patch.edit import Edit
from app.domain.repository import Repository
from app.emulator.github import GitHub as Emulator
from app.emulator.repo import Repo
from app.github import branches, checks, comments, installation, jobs, pulls, schema
from app.github.client import Client
from app.github.connect import GitHub
from app.github.errors import MissingPermission, NotThere, Suspended
from app.github.logs import job_log
from app.github.source import tarball
from app.github.surroundings import surroundings
from tests.contract.checker import as_github_describes

MANIFEST = YAML(typ="safe").load(Path(__file__).parents[2].joinpath("app.yml"))
OURS = "devflowfix/auto-fix-lint-failure-abc2345"
BODY = "Why.\n\nDevFlowFix-Task: task_1"
CI = """
name: CI
on: push
jobs:
  lint:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: |
          echo "::error file=a.py,line=3,title=Bad::This is bad"
          grep -q fixed a.py
  fine:
    runs-on: ubuntu-latest
    steps:
      - run: echo fine
"""
FILES: dict[str, str | bytes | None] = {
    ".github/workflows/ci.yml": CI,
    "a.py": "x = 1\n",
    ".github/devflowfix.yml": "mode: ready\n",
}


@pytest.fixture
async def emulator(tmp_path: Path, private_key: str) -> AsyncIterator[Emulator]:
    key = load_pem_private_key(private_key.encode(), None)
    assert isinstance(key, RSAPrivateKey)
    running = await Emulator.start(tmp_path / "github", manifest=MANIFEST, webhook_url=None, webhook_secret="s", key=key)
    yield running
    await running.close()
    as_github_describes(running)


@pytest.fixture
async def there(emulator: Emulator) -> Repo:
    """A repository whose CI fails on `lint`, on its default branch."""
    return await emulator.create_repository("octo/spoon", FILES)


@pytest.fixture
async def github(emulator: Emulator, session: aiohttp.ClientSession, private_key: str) -> GitHub:
    return GitHub(
        session,
        api_url=emulator.api_url,
        app_id=str(emulator.app_id),
        private_key=private_key,
        clock=emulator.world.state.clock,
    )


@pytest.fixture
async def repo(emulator: Emulator, github: GitHub, there: Repo) -> Repository:
    number = await emulator.install("octo")
    return Repository(host=github.host, installation_id=number, id=there.id, full_name="octo/spoon", default_branch="main")


@pytest.fixture
def client(github: GitHub, repo: Repository) -> Client:
    return github.installation(repo, purpose="test")


async def failed_run(emulator: Emulator, there: Repo, client: Client, repo: Repository, branch: str = "topic") -> WorkflowRun:
    sha = await there.push(branch, {"b.py": "y = 1\n"})
    await emulator.idle()
    runs = [item async for item in client.pages(f"/repos/{repo.full_name}/actions/runs?head_sha={sha}", "workflow_runs")]
    return schema.workflow_run(runs[0])


async def node_id(client: Client, repo: Repository) -> str:
    found: str = (await client.getitem(f"/repos/{repo.full_name}"))["node_id"]
    return found


async def test_jobs_log_annotations_and_source_of_a_failed_run(
    emulator: Emulator, there: Repo, client: Client, repo: Repository, tmp_path: Path
) -> None:
    run = await failed_run(emulator, there, client, repo)
    assert (run.conclusion, run.head_branch, run.path) == ("failure", "topic", ".github/workflows/ci.yml")
    (job,) = await jobs.failed_jobs(client, repo, run.id, run.attempt)
    assert job.name == "lint"
    assert job.steps[-1].conclusion in {"failure", "success", "skipped"}
    log = await job_log(client, repo, job.id)
    assert "##[error]Process completed with exit code 1." in log.text
    assert log.bytes > 0
    notes = await jobs.annotations(client, repo, job.id, 10)
    assert Annotation(path="a.py", start_line=3, end_line=3, level="failure", title="Bad", message="This is bad") in notes
    folder = tmp_path / "source"
    folder.mkdir()
    source = await tarball(client, repo, run.head_sha, folder)
    assert source.modes == {
        ".github/workflows/ci.yml": "100644",
        ".github/devflowfix.yml": "100644",
        "a.py": "100644",
        "b.py": "100644",
    }
    assert folder.joinpath("b.py").read_text() == "y = 1\n"


async def test_a_log_that_expired_is_gone(emulator: Emulator, there: Repo, client: Client, repo: Repository) -> None:
    run = await failed_run(emulator, there, client, repo)
    (job,) = await jobs.failed_jobs(client, repo, run.id, run.attempt)
    there.expire_logs(run.id)
    with pytest.raises(NotThere) as caught:
        await job_log(client, repo, job.id)
    assert caught.value.gone
    with pytest.raises(NotThere):
        await job_log(client, repo, 999_999)


async def test_failed_jobs_run_again_as_the_next_attempt(
    emulator: Emulator, there: Repo, client: Client, repo: Repository
) -> None:
    run = await failed_run(emulator, there, client, repo)
    await jobs.rerun_failed_jobs(client, repo, run.id)
    await emulator.idle()
    (again,) = await jobs.failed_jobs(client, repo, run.id, 2)
    (first,) = await jobs.failed_jobs(client, repo, run.id, 1)
    assert again.name == first.name == "lint"
    assert again.id != first.id


async def test_the_surroundings_of_a_failed_push(emulator: Emulator, there: Repo, client: Client, repo: Repository) -> None:
    main = await there.push("main", {"c.py": "z = 1\n"})
    run = await failed_run(emulator, there, client, repo)
    pull = await there.open_pull_request("topic", title="Add b")
    await emulator.idle()
    found = await surroundings(client, repo, run)
    assert found.policy_text == "mode: ready\n"
    assert found.workflow_text == CI
    assert {(c.name, c.conclusion, c.event, c.workflow_path) for c in found.head_checks} == {
        ("lint", "failure", "push", ".github/workflows/ci.yml"),
        ("fine", "success", "push", ".github/workflows/ci.yml"),
    }
    assert (found.default_branch, found.base_branch, found.base_sha) == ("main", "main", main)
    assert {(c.name, c.conclusion) for c in found.base_checks} == {("lint", "failure"), ("fine", "success")}
    assert [commit.sha for commit in found.history][:2] == [run.head_sha, main]
    assert [result.conclusion for result in found.history[1].runs] == ["failure"]
    assert found.branch_head == run.head_sha
    assert found.pull_request is not None
    assert (found.pull_request.number, found.pull_request.title, found.pull_request.is_fork) == (pull.number, "Add b", False)
    assert found.partial == ()


async def test_a_commit_on_our_branch_is_made_once_and_verified_by_ci(
    emulator: Emulator, there: Repo, client: Client, repo: Repository
) -> None:
    base = await there.head("main")
    assert base is not None
    commit = partial(branches.create_branch_and_commit, client, repo, await node_id(client, repo), OURS, base, "fix: lint", BODY)
    edits = (Edit(path="a.py", before="x = 1\n", after="x = 2  # fixed\n"), Edit(path="neu/ü.py", before=None, after="ü = 1\n"))
    before = len(emulator.requests)
    made = await commit(edits)
    assert isinstance(made, branches.CommitMade)
    assert len(emulator.requests) == before + 1
    assert await commit(edits) == made
    assert await there.file(OURS, "a.py") == b"x = 2  # fixed\n"
    assert await there.file(OURS, "neu/ü.py") == "ü = 1\n".encode()
    assert (await there.log(OURS))[0] == f"fix: lint\n\n{BODY}"
    await emulator.idle()
    read = await checks.read_checks(client, repo, made.sha, OURS)
    assert {(check.name, check.conclusion) for check in read.checks} == {("lint", "success"), ("fine", "success")}
    assert (read.pending, read.branch_head, read.partial) == ((), made.sha, ())
    person = await there.push(OURS, {"a.py": "mine\n"}, run_ci=False)
    assert await commit(edits) == branches.BranchMoved(head=person)
    assert await branches.delete_branch(client, repo, OURS)
    assert not await branches.delete_branch(client, repo, OURS)
    assert await branches.branch_head(client, repo, OURS) is None


async def test_a_script_keeps_its_mode_and_is_committed_once(
    emulator: Emulator, there: Repo, client: Client, repo: Repository
) -> None:
    base = await there.head("main")
    assert base is not None
    commit = partial(branches.create_branch_and_commit, client, repo, await node_id(client, repo), OURS, base, "fix: run", BODY)
    edits = (Edit(path="run.sh", before=None, after="#!/bin/sh\n", mode="100755"), Edit(path="a.py", before="x", after=None))
    made = await commit(edits)
    assert isinstance(made, branches.CommitMade)
    assert await commit(edits) == made
    assert await there.file(OURS, "run.sh") == b"#!/bin/sh\n"
    assert await there.file(OURS, "a.py") is None


async def test_our_check_run_is_made_found_and_ended(emulator: Emulator, there: Repo, client: Client, repo: Repository) -> None:
    sha = await there.head("main")
    assert sha is not None
    notes = tuple(
        Annotation(path="a.py", start_line=n, end_line=n, level="failure", title="T", message="M") for n in range(1, 61)
    )
    facts: dict[str, Any] = {"name": "DevFlowFix", "head_sha": sha, "external_id": "inc_1", "title": "t", "summary": "s"}
    begun = checks.CheckRunReport(**facts, status="in_progress", conclusion=None, annotations=notes)
    made = await checks.create_check_run(client, repo, begun)
    found = await checks.find_check_run(client, repo, sha, "DevFlowFix", "inc_1", emulator.app_id)
    assert found is not None
    assert (found.id, found.status, found.annotations) == (made.id, "in_progress", 60)
    ended = checks.CheckRunReport(**facts, status="completed", conclusion="neutral", annotations=notes)
    done = await checks.update_check_run(client, repo, made.id, ended, annotations_shown=60)
    assert (done.conclusion, done.annotations) == ("neutral", 60)
    assert await checks.find_check_run(client, repo, sha, "DevFlowFix", "inc_2", emulator.app_id) is None


async def test_a_pull_request_is_opened_once_described_and_closed(
    emulator: Emulator, there: Repo, client: Client, repo: Repository
) -> None:
    await there.push(OURS, {"a.py": "fixed\n"}, run_ci=False)
    new = pulls.NewPullRequest(head=OURS, base="main", title="DevFlowFix: Lint Failure", body="proof", draft=True)
    opened = await pulls.open_pull_request(client, repo, new)
    assert await pulls.open_pull_request(client, repo, new) == opened
    assert (opened.is_draft, opened.head_branch, opened.base_branch, opened.author_type) == (True, OURS, "main", "Bot")
    await pulls.mark_ready(client, opened.node_id)
    assert not (await pulls.get(client, repo, opened.number)).is_draft
    await pulls.add_labels(client, repo, opened.number, ["devflowfix"])
    there.add_collaborator("bob", "write")
    assert await pulls.request_reviewers(client, repo, opened.number, ["bob", "stranger"]) == ("stranger",)
    assert (await pulls.edit(client, repo, opened.number, body="more proof")).body == "more proof"
    assert (await pulls.close(client, repo, opened.number)).state == "closed"
    found = await pulls.find_pull_request(client, repo, OURS)
    assert found is not None
    assert (found.number, found.state, found.merged) == (opened.number, "closed", False)


async def test_one_comment_is_written_found_and_edited(emulator: Emulator, there: Repo, client: Client, repo: Repository) -> None:
    await there.push("topic", {"b.py": "1\n"}, run_ci=False)
    pull = await there.open_pull_request("topic")
    marker = "<!-- devflowfix:summary -->"
    written = await comments.upsert_comment(client, repo, pull.number, f"{marker}\none")
    found = await comments.find_comment(client, repo, pull.number, marker, emulator.app_id)
    assert found == written
    edited = await comments.upsert_comment(client, repo, pull.number, f"{marker}\ntwo", known_id=written.id)
    assert (edited.id, edited.body) == (written.id, f"{marker}\ntwo")
    await comments.react(client, repo, written.id, "eyes")
    await comments.react(client, repo, written.id, "eyes")


async def test_the_app_knows_where_it_is_installed(emulator: Emulator, github: GitHub, repo: Repository) -> None:
    details = await installation.get_app(github.app())
    assert (details.id, details.slug) == (emulator.app_id, emulator.app_slug)
    (found,) = await installation.installations(github.app())
    assert (found.id, found.account.login, found.host) == (repo.installation_id, "octo", github.host)
    (listed,) = await installation.repositories(github.whole(repo.installation_id, purpose="doctor"))
    assert listed == repo
    reader = github.reader(repo.installation_id, purpose="monitor")
    assert [one.id for one in await installation.repositories(reader)] == [repo.id]


async def test_a_reader_may_not_write_and_is_told_what_is_missing(
    emulator: Emulator, there: Repo, github: GitHub, repo: Repository
) -> None:
    sha = await there.head("main")
    assert sha is not None
    reader = github.reader(repo.installation_id, purpose="monitor")
    report = checks.CheckRunReport(name="n", head_sha=sha, status="queued", conclusion=None, title="t", summary="s")
    with pytest.raises(MissingPermission) as caught:
        await checks.create_check_run(reader, repo, report)
    assert "checks=write" in caught.value.accepted


async def test_tokens_that_are_revoked_midway_are_minted_again(emulator: Emulator, client: Client, repo: Repository) -> None:
    assert await branches.branch_head(client, repo, "main") is not None
    emulator.revoke_tokens()
    assert await branches.branch_head(client, repo, "main") is not None


async def test_a_suspended_installation_says_so(emulator: Emulator, client: Client, repo: Repository) -> None:
    emulator.suspend(repo.installation_id)
    with pytest.raises(Suspended):
        await branches.branch_head(client, repo, "main")


async def test_a_repository_outside_the_installation_is_not_there(
    emulator: Emulator, client: Client, github: GitHub, repo: Repository
) -> None:
    await emulator.create_repository("other/secret", {"a": "b"}, private=True)
    with pytest.raises(NotThere):
        await client.getitem("/repos/other/secret")
