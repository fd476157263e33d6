"""Check runs of our App, within GitHub's limits, and the statuses of other systems."""

import pytest

from app.emulator.github import GitHub
from app.emulator.repo import Repo
from tests.emulator.conftest import Caller, Ear, Json

CHECKS = "/repos/acme/web/check-runs"
REMARK = {"path": "a", "start_line": 1, "end_line": 1, "annotation_level": "notice", "message": "m"}


async def make(api: Caller, repo: Repo, **body: Json) -> Json:
    reply = await api("POST", CHECKS, {"name": "DevFlowFix", "head_sha": await repo.head("main"), **body})
    assert reply.status == 201, reply.raw
    return reply.json


async def test_a_check_run_is_made_and_completed(api: Caller, repo: Repo, github: GitHub, ear: Ear) -> None:
    made = await make(api, repo, status="in_progress", external_id="task_1")
    assert (made["status"], made["conclusion"], made["external_id"]) == ("in_progress", None, "task_1")
    assert made["id"] > 2**31
    output = {"title": "Fixed", "summary": "All good", "annotations": [REMARK]}
    done = (await api("PATCH", f"{CHECKS}/{made['id']}", {"conclusion": "neutral", "output": output})).json
    assert (done["status"], done["conclusion"], done["output"]["title"]) == ("completed", "neutral", "Fixed")
    assert done["completed_at"] is not None
    assert (await api("GET", f"{CHECKS}/{made['id']}")).json == done
    [remark] = (await api("GET", f"{CHECKS}/{made['id']}/annotations")).json
    assert {name: remark[name] for name in REMARK} == REMARK
    assert remark["title"] is None
    await github.idle()
    assert [one for one in ear.story if one.startswith("check_")] == [
        "check_run.created",
        "check_run.completed",
        "check_suite.completed",
    ]


async def test_annotations_add_up(api: Caller, repo: Repo) -> None:
    made = await make(api, repo)
    for _ in range(2):
        output = {"title": "t", "summary": "s", "annotations": [REMARK] * 50}
        assert (await api("PATCH", f"{CHECKS}/{made['id']}", {"output": output})).status == 200
    reply = await api("GET", f"{CHECKS}/{made['id']}/annotations?per_page=100")
    assert len(reply.json) == 100


def output(**changes: Json) -> dict[str, Json]:
    return {"output": {"title": "t", "summary": "s", **changes}}


def remark(**changes: Json) -> dict[str, Json]:
    return output(annotations=[{**REMARK, **changes}])


def button(**changes: Json) -> dict[str, Json]:
    return {"actions": [{"label": "Fix", "description": "Fix it", "identifier": "fix", **changes}]}


@pytest.mark.parametrize(
    "body",
    [
        {"status": "waiting"},
        {"conclusion": "stale"},
        {"status": "completed"},
        output(title=""),
        {"output": {"title": "t"}},
        output(summary="x" * 65_536),
        output(text="ö" * 32_768),
        output(annotations=[REMARK] * 51),
        remark(message=""),
        remark(annotation_level="error"),
        remark(start_line=0),
        remark(end_line=0),
        remark(end_line=2, start_column=1),
        remark(title="x" * 256),
        remark(raw_details="x" * 65_537),
        {"actions": button()["actions"] * 4},
        button(label="x" * 21),
        button(description="x" * 41),
        button(identifier="x" * 21),
        button(identifier=""),
    ],
)
async def test_beyond_the_limits_is_422_and_changes_nothing(api: Caller, repo: Repo, body: dict[str, Json]) -> None:
    made = await make(api, repo)
    reply = await api("PATCH", f"{CHECKS}/{made['id']}", body)
    assert reply.status == 422
    assert reply.json["message"].startswith("Invalid request.")
    assert (await api("GET", f"{CHECKS}/{made['id']}")).json == made
    assert (await api("POST", CHECKS, {"name": "n", "head_sha": await repo.head("main"), **body})).status == 422
    assert len(repo.all_check_runs()) == 1


@pytest.mark.parametrize(
    "body",
    [
        output(summary="x" * 65_535),
        output(annotations=[REMARK] * 50),
        {"actions": button()["actions"] * 3},
        button(label="x" * 20),
        remark(start_column=1, end_column=2),
    ],
)
async def test_up_to_the_limits_is_fine(api: Caller, repo: Repo, body: dict[str, Json]) -> None:
    await make(api, repo, **body)


@pytest.mark.parametrize(
    "body", [{"name": "x"}, {"head_sha": "HEAD"}, {"name": "x", "head_sha": "1" * 40}, {"name": "x", "head_sha": "main"}]
)
async def test_a_check_run_needs_a_name_and_a_commit(api: Caller, repo: Repo, body: dict[str, str]) -> None:
    head = await repo.head("main") or ""
    assert (await api("POST", CHECKS, {k: head if v == "HEAD" else v for k, v in body.items()})).status == 422


async def test_one_app_cannot_change_another_s(api: Caller, red: tuple[Repo, str]) -> None:
    repo, sha = red
    [theirs] = repo.check_runs(sha, app="github-actions")
    assert (await api("PATCH", f"{CHECKS}/{theirs.id}", {"conclusion": "success"})).status == 403


async def test_of_one_name_the_last_counts(api: Caller, repo: Repo) -> None:
    first = await make(api, repo)
    second = await make(api, repo)
    sha = await repo.head("main")
    listed = (await api("GET", f"/repos/acme/web/commits/{sha}/check-runs")).json
    assert ([one["id"] for one in listed["check_runs"]], listed["total_count"]) == ([second["id"]], 1)
    everything = (await api("GET", f"/repos/acme/web/commits/main/check-runs?filter=all&app_id={api.github.app_id}")).json
    assert [one["id"] for one in everything["check_runs"]] == [first["id"], second["id"]]
    assert (await api("GET", f"/repos/acme/web/commits/{sha}/check-runs?check_name=other")).json["total_count"] == 0
    assert (await api("GET", f"/repos/acme/web/commits/{sha}/check-runs?status=queued")).json["total_count"] == 1


async def test_a_push_makes_our_app_s_suite_and_our_runs_settle_it(api: Caller, repo: Repo, github: GitHub, ear: Ear) -> None:
    sha = await repo.push("feature", {"x": "x"})
    await github.idle()
    [asked] = ear.bodies("check_suite", "requested")
    assert asked["check_suite"]["head_sha"] == sha
    path = f"/repos/acme/web/check-suites/{asked['check_suite']['id']}"
    assert (await api("GET", path)).json["status"] == "queued"
    await api("POST", CHECKS, {"name": "a", "head_sha": sha, "conclusion": "success"})
    await api("POST", CHECKS, {"name": "b", "head_sha": sha, "status": "in_progress"})
    assert (await api("GET", path)).json["status"] == "in_progress"
    [b] = [run for run in repo.check_runs(sha) if run.name == "b"]
    await api("PATCH", f"{CHECKS}/{b.id}", {"conclusion": "failure"})
    told = (await api("GET", path)).json
    assert (told["status"], told["conclusion"], told["latest_check_runs_count"]) == ("completed", "failure", 2)
    assert (await api("GET", f"/repos/acme/web/commits/{sha}/check-suites")).json["total_count"] == 1


async def test_a_check_run_that_is_reopened_is_no_longer_concluded(api: Caller, repo: Repo) -> None:
    made = await make(api, repo, conclusion="neutral")
    again = (await api("PATCH", f"{CHECKS}/{made['id']}", {"status": "in_progress"})).json
    assert (again["status"], again["conclusion"], again["completed_at"]) == ("in_progress", None, None)


async def test_statuses_of_other_systems_are_summed_up(
    github: GitHub, call: Caller, repo: Repo, manifest: Json, ear: Ear
) -> None:
    granted = manifest["default_permissions"] | {"statuses": "write"}
    await call.login(await github.install("acme", permissions=granted))
    sha = await repo.head("main") or ""
    path = f"/repos/acme/web/commits/{sha}/status"
    assert (await call("GET", path)).json["state"] == "pending"
    await repo.status(sha, "pending", "travis")
    await repo.status(sha, "success", "travis")
    assert (await call("GET", path)).json["state"] == "success"
    made = await call(
        "POST", f"/repos/acme/web/statuses/{sha}", {"state": "failure", "context": "circle", "target_url": "http://x"}
    )
    assert made.status == 201
    told = (await call("GET", path)).json
    assert (told["state"], [one["context"] for one in told["statuses"]]) == ("failure", ["travis", "circle"])
    assert (await call("POST", f"/repos/acme/web/statuses/{sha}", {"state": "fine"})).status == 422
    await github.idle()
    told = ear.bodies("status")[-1]
    assert (told["state"], told["context"], told["branches"][0]["name"]) == ("failure", "circle", "main")


async def test_a_button_is_pressed_by_somebody(api: Caller, repo: Repo, github: GitHub, ear: Ear) -> None:
    await make(api, repo, conclusion="neutral", external_id="task_1", **button())
    [check] = repo.all_check_runs(app="devflowfix")
    await repo.press(check, "fix", by="alice")
    await repo.rerequest(check, by="bob")
    with pytest.raises(KeyError):
        await repo.press(check, "nothing")
    await github.idle()
    [pressed] = ear.bodies("check_run", "requested_action")
    assert pressed["requested_action"] == {"identifier": "fix"}
    assert (pressed["sender"]["login"], pressed["check_run"]["external_id"]) == ("alice", "task_1")
    assert ear.bodies("check_run", "rerequested")[0]["sender"]["login"] == "bob"
