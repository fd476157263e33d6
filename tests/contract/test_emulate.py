"""Our client against a GitHub that somebody else wrote: the npm package ``emulate``, pinned. What it lacks is skipped by name."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web

from app.domain.ci import Annotation
from app.domain.ids import BRANCH_PREFIX
from app.domain.patch.edit import Edit
from app.domain.repository import Repository
from app.github import branches, checks, comments, pulls, schema
from app.github.branches import CommitMade
from app.github.client import Client
from app.github.connect import GitHub
from app.github.errors import NotThere
from app.github.reading import Fields
from app.web.webhooks import signed
from tests.contract import published

HERE = Path(__file__).parent
APP, INSTALLATION, SECRET = 12345, 100, "a word that both sides know"
BRANCH = f"{BRANCH_PREFIX}lint-12345678"
BODY = "Because it was red.\n\nDevFlowFix-Candidate: one"
PERMISSIONS = {"contents": "write", "checks": "write", "pull_requests": "write", "issues": "write", "metadata": "read"}
EVENTS = ["push", "pull_request", "issue_comment", "check_run"]
REPORT = checks.CheckRunReport(
    name="DevFlowFix", head_sha="", status="in_progress", conclusion=None, title="Looking", summary="At it.", external_id="one",
    annotations=(Annotation(path="a.py", start_line=1, end_line=1, level="failure", title="F401", message="unused"),),
)  # fmt: skip


@dataclass(slots=True)
class Ear:
    """Hears webhooks."""

    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def hear(self, request: web.Request) -> web.Response:
        self.heard.append((dict(request.headers), await request.read()))
        return web.Response(status=202)

    async def named(self, event: str, action: str) -> tuple[dict[str, str], bytes]:
        """Wait for one delivery, five seconds at most."""
        for _ in range(100):
            for headers, body in self.heard:
                if headers.get("X-GitHub-Event") == event and json.loads(body).get("action", "") == action:
                    return headers, body
            await asyncio.sleep(0.05)
        raise AssertionError(f"no {event}.{action} among {[one[0].get('X-GitHub-Event') for one in self.heard]}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """The other GitHub, with one repository on which our App is installed."""

    github: GitHub
    repo: Repository
    client: Client
    ear: Ear
    base: str  # where its default branch stands

    async def commit(self) -> CommitMade:
        edit = Edit(path="run.sh", before=None, after="echo fine\n", mode="100755")  # an executable goes through the git data API
        made = await branches.create_branch_and_commit(self.client, self.repo, "", BRANCH, self.base, "Fix it", BODY, (edit,))
        assert isinstance(made, CommitMade)
        return made

    async def pull_request(self) -> int:
        new = pulls.NewPullRequest(head=BRANCH, base=self.repo.default_branch, title="Fix it", body="Proven green.")
        return (await pulls.open_pull_request(self.client, self.repo, new)).number


@pytest_asyncio.fixture
async def ear() -> AsyncIterator[tuple[Ear, str]]:
    one, app = Ear(), web.Application()
    app.router.add_post("/hook", one.hear)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield one, f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    await runner.cleanup()


def seed(webhook_url: str) -> bytes:
    install = {"installation_id": INSTALLATION, "account": "acme", "repository_selection": "all"}
    app = {
        "app_id": APP, "slug": "devflowfix", "name": "DevFlowFix", "permissions": PERMISSIONS, "events": EVENTS,
        "webhook_url": webhook_url, "webhook_secret": SECRET, "installations": [install],
    }  # fmt: skip
    repo = {"owner": "acme", "name": "web", "auto_init": True}
    facts = {"users": [{"login": "alice"}], "orgs": [{"login": "acme"}], "repos": [repo], "apps": [app]}
    return json.dumps({"github": facts}).encode() + b"\n"


@pytest_asyncio.fixture
async def there(ear: tuple[Ear, str]) -> AsyncIterator[Elsewhere]:
    """Start it, with an App of its own key."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    try:
        published.packages()
    except published.NotAtHandError as reason:
        pytest.skip(str(reason))
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(node, str(HERE / "emulate.mjs"), stdin=pipe, stdout=pipe)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(seed(ear[1]))
    started = json.loads(await asyncio.wait_for(process.stdout.readline(), 30))
    async with aiohttp.ClientSession() as session:
        yield await _installed(session, started["url"], started["key"], ear[0])
    process.stdin.close()
    await asyncio.wait_for(process.wait(), 10)


async def _installed(session: aiohttp.ClientSession, url: str, key: str, ear: Ear) -> Elsewhere:
    github = GitHub(session, api_url=url, app_id=str(APP), private_key=key, clock=lambda: datetime.now(UTC))
    found = await github.whole(INSTALLATION, purpose="test").getitem("/repos/acme/web", None)
    repo = schema.repository(found, github.host, INSTALLATION)
    client = github.installation(repo, purpose="test")
    base = await branches.branch_head(client, repo, repo.default_branch)
    assert base is not None
    return Elsewhere(github=github, repo=repo, client=client, ear=ear, base=base)


async def test_the_app_proves_itself_and_gets_a_token_for_one_repository(there: Elsewhere) -> None:
    app = Fields(await there.github.app().getitem("/app", None), "app")
    assert (app.number("id"), app.text("slug")) == (APP, "devflowfix")
    assert there.repo.full_name == "acme/web"
    minted = await there.client.getitem("/_emulate/installation-tokens", None)
    assert str(there.repo.id) in json.dumps(minted)


async def test_a_commit_on_our_branch_is_made_once_and_found_again(there: Elsewhere) -> None:
    made = await there.commit()
    assert await branches.branch_head(there.client, there.repo, BRANCH) == made.sha
    commit = Fields(await there.client.getitem(f"/repos/acme/web/git/commits/{made.sha}", None), "commit")
    assert [parent.text("sha") for parent in commit.each("parents")] == [there.base]
    assert await there.commit() == made
    assert await branches.delete_branch(there.client, there.repo, BRANCH)
    assert await branches.branch_head(there.client, there.repo, BRANCH) is None


async def test_a_pull_request_is_opened_found_read_edited_and_closed(there: Elsewhere) -> None:
    made = await there.commit()
    number = await there.pull_request()
    found = await pulls.find_pull_request(there.client, there.repo, BRANCH, base=there.repo.default_branch)
    assert found is not None
    assert found.number == number
    read = await pulls.get(there.client, there.repo, number)
    assert (read.head_branch, read.head_sha, read.base_branch, read.state) == (
        BRANCH,
        made.sha,
        there.repo.default_branch,
        "open",
    )
    await pulls.add_labels(there.client, there.repo, number, ["devflowfix"])
    assert (await pulls.edit(there.client, there.repo, number, title="Fixed")).title == "Fixed"
    assert (await pulls.close(there.client, there.repo, number)).state == "closed"


async def test_a_check_run_is_created_found_and_completed(there: Elsewhere) -> None:
    report = replace(REPORT, head_sha=there.base)
    made = await checks.create_check_run(there.client, there.repo, report)
    found = await checks.find_check_run(there.client, there.repo, there.base, "DevFlowFix", "one", APP)
    assert found is not None
    assert (found.id, found.status) == (made.id, "in_progress")
    done = replace(report, status="completed", conclusion="neutral")
    ended = await checks.update_check_run(there.client, there.repo, made.id, done, annotations_shown=1)
    assert (ended.status, ended.conclusion) == ("completed", "neutral")


async def test_a_comment_is_written_and_edited(there: Elsewhere) -> None:
    await there.commit()
    number = await there.pull_request()
    written = await comments.upsert_comment(there.client, there.repo, number, "<!-- mark -->\nLooking.")
    edited = await comments.upsert_comment(there.client, there.repo, number, "<!-- mark -->\nFixed.", known_id=written.id)
    assert (edited.id, edited.body) == (written.id, "<!-- mark -->\nFixed.")


async def test_a_signed_webhook_comes_in_and_is_read(there: Elsewhere) -> None:
    await there.commit()
    number = await there.pull_request()
    headers, body = await there.ear.named("pull_request", "opened")
    assert signed(body, headers.get("X-Hub-Signature-256"), [SECRET])
    assert not signed(body + b" ", headers.get("X-Hub-Signature-256"), [SECRET])
    payload = json.loads(body)
    assert schema.repository(payload, there.github.host).installation_id == INSTALLATION
    assert schema.pull_request(payload).number == number
    assert headers["X-GitHub-Delivery"]


Attempt = Callable[[Elsewhere], Awaitable[object]]


async def _graphql(there: Elsewhere) -> object:
    return await checks.read_checks(there.client, there.repo, there.base, there.repo.default_branch)


async def _tarball(there: Elsewhere) -> object:
    return await there.client.location(f"/repos/acme/web/tarball/{there.base}")


async def _one_pull_request(there: Elsewhere) -> object:
    await there.commit()
    return await there.pull_request() == await there.pull_request()


async def _author_app(there: Elsewhere) -> object:
    await there.commit()
    number = await there.pull_request()
    await comments.upsert_comment(there.client, there.repo, number, "<!-- mark -->")
    return await comments.find_comment(there.client, there.repo, number, "<!-- mark -->", APP)


async def _reactions(there: Elsewhere) -> object:
    await there.commit()
    written = await comments.upsert_comment(there.client, there.repo, await there.pull_request(), "Hello.")
    await comments.react(there.client, there.repo, written.id, "eyes")
    return True


LACKING: dict[str, Attempt] = {
    "GraphQL: reading checks, createCommitOnBranch, markPullRequestReadyForReview": _graphql,
    "tarballs": _tarball,
    "refusal of a second pull request for one branch": _one_pull_request,
    "performed_via_github_app on comments": _author_app,
    "reactions": _reactions,
}
"""What this package does not have, tried each time: the day it does, the test runs."""


@pytest.mark.parametrize("what", LACKING)
async def test_what_the_package_lacks_is_named(there: Elsewhere, what: str) -> None:
    try:
        has_it = await LACKING[what](there)
    except NotThere:
        has_it = False
    if not has_it:
        pytest.skip(f"emulate 0.12.2 has no {what}")
