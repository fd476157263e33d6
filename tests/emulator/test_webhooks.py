"""Deliveries: signed, in order, filtered, recorded; lost, doubled, held, shuffled and redelivered on demand."""

import asyncio
import hashlib
import hmac
import random
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from app.emulator.github import GitHub
from app.emulator.repo import Repo
from app.emulator.webhooks import signatures
from tests.emulator.conftest import SECRET, Caller, Clock, Ear, Json

HOOKS = "/app/hook/deliveries"


def test_github_s_own_example_of_a_signature() -> None:
    signed = signatures("It's a Secret to Everybody", b"Hello, World!")
    assert signed["X-Hub-Signature-256"] == "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"


async def test_a_delivery_is_signed_and_named(github: GitHub, installation: int, ear: Ear) -> None:
    await github.idle()
    [(headers, raw)] = ear.heard
    [delivery] = github.deliveries
    assert headers["X-GitHub-Delivery"] == delivery.guid
    assert headers["X-GitHub-Event"] == "installation"
    assert headers["Content-Type"] == "application/json"
    assert headers["User-Agent"].startswith("GitHub-Hookshot/")
    assert headers["X-Hub-Signature-256"] == "sha256=" + hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()
    assert headers["X-Hub-Signature"].startswith("sha1=")
    assert (delivery.status_code, delivery.body, delivery.installation_id) == (202, raw, installation)


async def test_installing_tells_which_repositories(github: GitHub, installation: int, ear: Ear, manifest: Json) -> None:
    await github.idle()
    [body] = ear.bodies("installation", "created")
    assert body["installation"]["id"] == installation
    assert body["installation"]["permissions"] == manifest["default_permissions"]
    assert [one["full_name"] for one in body["repositories"]] == ["acme/web"]
    assert body["sender"]["type"] == "User"


async def test_an_installation_s_life_is_told(github: GitHub, installation: int, repo: Repo, ear: Ear) -> None:
    github.suspend(installation)
    await repo.push("main", {"unheard": "x"})
    github.suspend(installation, suspended=False)
    github.grant(installation, {"metadata": "read"})
    await repo.push("main", {"unheard": "y"})
    github.remove_repositories(installation, repo)
    github.uninstall(installation)
    await github.idle()
    assert ear.story == [
        "installation.created",
        "installation.suspend",
        "installation.unsuspend",
        "installation.new_permissions_accepted",
        "installation_repositories.removed",
        "installation.deleted",
    ]
    assert ear.bodies("installation", "suspend")[0]["installation"]["suspended_at"] is not None
    assert "repositories" not in ear.bodies("installation", "suspend")[0]


async def test_a_push_tells_its_commits(github: GitHub, installation: int, repo: Repo, ear: Ear) -> None:
    before = await repo.head("main")
    await repo.push("main", {"a.txt": "a", "src/a.py": "A = 2\n", "README.md": None}, message="Three things")
    await github.idle()
    [body] = ear.bodies("push")
    assert (body["ref"], body["before"], body["after"]) == ("refs/heads/main", before, await repo.head("main"))
    assert (body["created"], body["deleted"], body["forced"]) == (False, False, False)
    [commit] = body["commits"]
    assert (commit["added"], commit["modified"], commit["removed"]) == (["a.txt"], ["src/a.py"], ["README.md"])
    assert body["head_commit"] == commit
    assert (commit["author"]["username"], body["pusher"]["name"]) == ("alice", "alice")
    assert body["installation"]["id"] == installation
    assert (body["repository"]["full_name"], body["organization"]["login"]) == ("acme/web", "acme")


async def test_a_new_a_forced_and_a_deleted_branch_say_so(github: GitHub, installation: int, repo: Repo, ear: Ear) -> None:
    first = await repo.head("main") or ""
    await repo.push("side", {"s": "s"})
    await repo.push("side", {"s": "t"})
    await repo.force("side", first)
    await repo.delete_branch("side")
    await repo.tag("v1", first)
    await github.idle()
    told = [(body["ref"].split("/")[-1], body["created"], body["forced"], body["deleted"]) for body in ear.bodies("push")]
    assert told == [
        ("side", True, False, False),
        ("side", False, False, False),
        ("side", False, True, False),
        ("side", False, False, True),
        ("v1", True, False, False),
    ]
    assert ear.bodies("push")[3]["after"] == "0" * 40
    assert ear.bodies("push")[0]["before"] == "0" * 40


async def test_only_what_the_manifest_asks_for_is_delivered(tmp_path: Path, ear: Ear, key: RSAPrivateKey, manifest: Json) -> None:
    less = manifest | {"default_events": ["issue_comment"]}
    github = await GitHub.start(tmp_path, manifest=less, webhook_url=ear.url, webhook_secret=SECRET, key=key)
    repo = await github.create_repository("acme/web", {"x": "x"})
    await github.install("acme")
    await repo.push("feature", {"y": "y"})
    pull = await repo.open_pull_request("feature")
    repo.comment(pull.number, "Hello")
    await github.idle()
    await github.close()
    assert ear.story == ["installation.created", "issue_comment.created"]


async def test_nobody_is_told_of_repositories_without_the_app(github: GitHub, repo: Repo, ear: Ear) -> None:
    await repo.push("main", {"y": "y"})
    await github.idle()
    assert ear.heard == []
    assert github.deliveries == []


async def test_without_an_address_deliveries_are_recorded_only(github: GitHub, ear: Ear) -> None:
    github.webhook_url = None
    await github.install("acme")
    await github.idle()
    assert ear.heard == []
    assert [(one.event, one.attempts) for one in github.deliveries] == [("installation", [])]


@pytest.mark.parametrize("answer", [500, 302, 404])
async def test_a_refused_delivery_is_recorded_and_not_repeated(github: GitHub, ear: Ear, answer: int) -> None:
    ear.answer = answer
    await github.install("acme")
    await github.idle()
    [delivery] = github.deliveries
    assert (len(ear.heard), delivery.status_code, len(delivery.attempts)) == (1, answer, 1)


async def test_nobody_listening_is_recorded(github: GitHub, call: Caller) -> None:
    github.webhook_url = "http://127.0.0.1:9/nobody"
    await github.install("acme")
    await github.idle()
    assert github.deliveries[0].status_code == 0
    [listed] = (await call("GET", f"{HOOKS}?status=failure")).json
    assert listed["status"] == "failed to connect to host"


async def test_deliveries_are_lost_doubled_and_redelivered(github: GitHub, installation: int, repo: Repo, ear: Ear) -> None:
    await github.idle()
    github.lose_next(event="push")
    await repo.push("main", {"1": "1"})
    github.double_next(2)
    await repo.push("main", {"2": "2"})
    await github.idle()
    pushes = ear.bodies("push")
    assert len(pushes) == 2  # the first was lost, the second came twice
    assert pushes[0] == pushes[1]
    lost = next(one for one in github.deliveries if one.event == "push")
    assert lost.status_code == 0
    await github.redeliver(lost.guid)
    await github.idle()
    assert ear.bodies("push")[-1]["commits"][0]["added"] == ["1"]
    assert ear.heard[-1][0]["X-GitHub-Delivery"] == lost.guid
    assert [one.redelivery for one in lost.attempts] == [False, True]
    with pytest.raises(KeyError):
        await github.redeliver("no-such-guid")


async def test_deliveries_are_held_and_shuffled(github: GitHub, installation: int, repo: Repo, ear: Ear) -> None:
    await github.idle()
    github.hold_deliveries()
    for number in range(6):
        await repo.push("main", {f"{number}": "x"})
    await github.idle()
    assert len(ear.heard) == 1
    github.release(shuffle=random.Random(7))  # noqa: S311 - the same disorder every time
    await github.idle()
    came = [body["commits"][0]["added"][0] for body in ear.bodies("push")]
    assert sorted(came) == list("012345")
    assert came != list("012345")


async def test_deliveries_come_in_order_otherwise(github: GitHub, installation: int, repo: Repo, ear: Ear) -> None:
    for number in range(4):
        await repo.push("main", {f"{number}": "x"})
    await github.idle()
    assert [headers["X-GitHub-Delivery"] for headers, _ in ear.heard] == [one.guid for one in github.deliveries]


async def test_the_deliveries_api_lists_attempts_newest_first_and_redelivers(
    github: GitHub, call: Caller, installation: int, repo: Repo, ear: Ear
) -> None:
    await github.idle()
    ear.answer = 500
    await repo.push("main", {"1": "1"})
    await github.idle()
    ear.answer = 202
    [suite, push, first] = (await call("GET", HOOKS)).json
    assert [one["event"] for one in (suite, push, first)] == ["check_suite", "push", "installation"]
    assert (push["status_code"], first["status"], first["action"]) == (500, "OK", "created")
    failed = (await call("GET", f"{HOOKS}?status=failure")).json
    assert failed == [suite, push]
    whole = (await call("GET", f"{HOOKS}/{push['id']}")).json
    assert whole["request"]["payload"]["ref"] == "refs/heads/main"
    assert (await call("POST", f"{HOOKS}/{push['id']}/attempts")).status == 202
    await github.idle()
    again = (await call("GET", HOOKS)).json[0]
    assert (again["guid"], again["redelivery"], again["status"]) == (push["guid"], True, "OK")
    assert (await call("GET", f"{HOOKS}/999999")).status == 404


async def test_the_deliveries_api_pages_by_cursor(github: GitHub, call: Caller, installation: int, repo: Repo) -> None:
    for number in range(3):
        await repo.push("main", {f"{number}": "x"})
    await github.idle()
    seen: list[int] = []
    url: str | None = f"{HOOKS}?per_page=3"
    while url:
        page = await call("GET", url)
        seen += [one["id"] for one in page.json]
        url = page.headers["Link"].split(">")[0].strip("<") if "Link" in page.headers else None
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == len(set(seen)) == sum(len(one.attempts) for one in github.deliveries)


async def test_the_body_says_what_was_true_when_it_happened(github: GitHub, installation: int, repo: Repo, ear: Ear) -> None:
    await repo.push("feature", {"f": "f"})
    github.hold_deliveries()
    pull = await repo.open_pull_request("feature", title="First")
    pull.title = "Later"
    github.release()
    await github.idle()
    assert ear.bodies("pull_request", "opened")[0]["pull_request"]["title"] == "First"


async def test_idle_waits_for_background_work_and_raises_what_went_wrong(github: GitHub, clock: Clock) -> None:
    done: list[float] = []

    async def later() -> None:
        await asyncio.sleep(0.05)
        done.append(clock().timestamp())

    async def broken() -> None:
        await asyncio.sleep(0)
        raise ValueError("a fault of the stand-in")

    github.world.background(later)
    await github.idle()
    assert len(done) == 1
    github.world.background(broken)
    with pytest.raises(ValueError, match="a fault of the stand-in"):
        await github.idle()
    github.world.failures.clear()
