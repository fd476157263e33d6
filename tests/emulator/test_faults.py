"""Faults on demand: failures, delays, limits, lost answers, and killing at a chosen moment."""

import asyncio
import subprocess
import sys
import time

import aiohttp
import pytest

from app.emulator.github import GitHub
from app.emulator.repo import Repo
from tests.emulator.conftest import Caller

REPO = "/repos/acme/web"


async def test_the_next_requests_fail_and_then_no_more(api: Caller, github: GitHub) -> None:
    github.fail_next(2, 502)
    assert [(await api("GET", REPO)).status for _ in range(3)] == [502, 502, 200]
    assert [exchange.fault for exchange in github.requests[-3:]] == [True, True, False]


async def test_a_fault_meets_only_what_it_is_meant_for(api: Caller, github: GitHub) -> None:
    github.fail_next(1, 500, method="POST", path_contains="/git/")
    assert (await api("GET", f"{REPO}/git/ref/heads/main")).status == 200
    assert (await api("POST", f"{REPO}/issues/1/comments", {"body": "x"})).status == 404
    assert (await api("POST", f"{REPO}/git/blobs", {"content": "x"})).status == 500
    assert (await api("POST", f"{REPO}/git/blobs", {"content": "x"})).status == 201


async def test_a_fault_can_name_a_graphql_operation(api: Caller, github: GitHub) -> None:
    github.fail_next(1, 503, path_contains="Who", body="<html>Unicorn!</html>")
    reply = await api("POST", "/graphql", {"query": "query Other { viewer { login } }"})
    assert reply.status == 200
    broken = await api("POST", "/graphql", {"query": "query Who { viewer { login } }"})
    assert (broken.status, broken.raw) == (503, b"<html>Unicorn!</html>")
    assert broken.headers["Content-Type"].startswith("text/html")


async def test_a_failed_write_has_no_effect_and_a_lost_answer_has_one(api: Caller, repo: Repo, github: GitHub) -> None:
    body = {"ref": "refs/heads/x", "sha": await repo.head("main")}
    github.fail_next(1, 502)
    assert (await api("POST", f"{REPO}/git/refs", body)).status == 502
    assert await repo.head("x") is None
    github.fail_next(1, 502, after=True)
    assert (await api("POST", f"{REPO}/git/refs", body)).status == 502
    assert await repo.head("x") == body["sha"]


async def test_the_secondary_limit_is_worded_as_github_words_it(api: Caller, github: GitHub) -> None:
    github.limit_next(retry_after=7)
    reply = await api("GET", REPO)
    assert (reply.status, reply.headers["Retry-After"]) == (403, "7")
    assert "secondary rate limit" in reply.json["message"]
    assert "X-RateLimit-Remaining" not in reply.headers


async def test_an_answer_can_be_late(api: Caller, github: GitHub) -> None:
    github.fail_next(1, None, delay=0.2)
    began = time.monotonic()
    assert (await api("GET", REPO)).status == 200
    assert time.monotonic() - began >= 0.2


@pytest.mark.parametrize(("when", "made"), [("before", False), ("after", True)])
async def test_a_killed_process_gets_no_answer(api: Caller, repo: Repo, github: GitHub, when: str, made: bool) -> None:  # noqa: FBT001 - parametrized
    process = await asyncio.to_thread(subprocess.Popen, [sys.executable, "-c", "import time; time.sleep(60)"])
    kill = github.kill_on(method="POST", path_contains="/git/refs", nth=2, when=when, pid=process.pid)  # type: ignore[arg-type]  # parametrized
    sha = await repo.head("main")
    assert (await api("POST", f"{REPO}/git/refs", {"ref": "refs/heads/one", "sha": sha})).status == 201
    assert kill.seen == 1
    with pytest.raises(aiohttp.ClientError):
        await api("POST", f"{REPO}/git/refs", {"ref": "refs/heads/two", "sha": sha})
    assert await asyncio.to_thread(process.wait) == -9
    assert kill.fired
    assert (await repo.head("two") is not None) is made
    assert (await api("GET", REPO)).status == 200


async def test_something_can_be_called_at_that_moment_and_the_request_goes_on(api: Caller, github: GitHub) -> None:
    github.kill_on(path_contains="/git/ref/", when="before", callback=github.revoke_tokens)
    assert (await api("GET", REPO)).status == 200
    assert (await api("GET", f"{REPO}/git/ref/heads/main")).status == 401


async def test_a_callback_may_wait_and_look_at_the_request(api: Caller, repo: Repo, github: GitHub) -> None:
    seen: list[str | None] = []

    async def look() -> None:
        await asyncio.sleep(0)
        seen.append(await repo.head("x"))

    sha = await repo.head("main")
    github.kill_on(lambda asked: asked.body == {"ref": "refs/heads/x", "sha": sha}, when="after", callback=look)
    github.kill_on(path_contains="/git/refs", when="before", callback=look)
    assert (await api("POST", f"{REPO}/git/refs", {"ref": "refs/heads/x", "sha": sha})).status == 201
    assert seen == [None, sha]


async def test_a_kill_needs_a_victim(github: GitHub) -> None:
    with pytest.raises(ValueError, match="whom to kill"):
        github.kill_on(when="before")


async def test_a_fault_of_the_stand_in_itself_is_500_and_loud(api: Caller, repo: Repo, github: GitHub) -> None:
    repo.state.protected = None  # type: ignore[assignment]  # something broken inside
    assert (await api("GET", f"{REPO}/rules/branches/main")).status == 500
    with pytest.raises(TypeError):
        await github.idle()
    github.world.failures.clear()
