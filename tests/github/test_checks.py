"""Checks: read whole, page by page; and our own check run within GitHub's limits."""

import itertools
from collections.abc import Sequence
from typing import Any

import pytest

from app.domain.ci import Annotation, Check, RunResult
from app.domain.repository import Repository
from app.github.checks import (
    CheckAction,
    CheckRunReport,
    create_check_run,
    find_check_run,
    read_checks,
    update_check_run,
)
from app.github.client import Client
from app.github.errors import MissingPermission, NotThere

from .conftest import Reply, Script

SHA = "a" * 40
RUNS = "/repos/octo/spoon/check-runs"


def check_run(name: str, **facts: object) -> dict[str, Any]:
    run = {
        "databaseId": 12,
        "event": "push",
        "file": {"path": ".github/workflows/ci.yml"},
        "workflow": {"databaseId": 3, "name": "CI"},
    }
    suite = {"app": {"slug": "github-actions"}, "workflowRun": run}
    node = {
        "__typename": "CheckRun",
        "name": name,
        "status": "COMPLETED",
        "conclusion": "SUCCESS",
        "detailsUrl": "u",
        "checkSuite": suite,
    }
    return {**node, **facts}


def commit(nodes: Sequence[object], *, after: str = "", suites: Sequence[object] = ()) -> dict[str, Any]:
    info = {"hasNextPage": bool(after), "endCursor": after or None}
    rollup = {"state": "SUCCESS", "contexts": {"totalCount": 1, "pageInfo": info, "nodes": nodes}}
    return {"oid": SHA, "checkSuites": {"nodes": suites}, "statusCheckRollup": rollup}


def answer(object_: object, ref: object = None, errors: list[object] | None = None) -> Reply:
    data = {"rateLimit": {"cost": 1}, "repository": {"id": "R", "ref": ref, "object": object_}}
    return Reply(json={"data": data, **({"errors": errors} if errors else {})})


def suite(status: str, slug: str = "github-actions", run: object = None) -> dict[str, Any]:
    workflow_run = run or {"databaseId": 12, "event": "push", "workflow": {"databaseId": 3, "name": "CI"}}
    return {"status": status, "conclusion": None, "app": {"slug": slug}, "workflowRun": workflow_run}


async def test_check_runs_and_statuses_are_read_alike(api: Script, client: Client, repo: Repository) -> None:
    nodes = [
        check_run("lint", conclusion="TIMED_OUT"),
        check_run("other", status="IN_PROGRESS", conclusion=None, checkSuite={"app": None, "workflowRun": None}),
        {"__typename": "StatusContext", "context": "ci/x", "state": "ERROR", "targetUrl": None},
        {"__typename": "StatusContext", "context": "ci/y", "state": "EXPECTED", "targetUrl": "u"},
        None,
    ]
    api.on("POST", "/graphql", answer(commit(nodes), ref={"target": {"oid": "h"}}))
    read = await read_checks(client, repo, SHA, "topic")
    assert read.checks == (
        Check(
            name="lint",
            status="completed",
            conclusion="timed_out",
            app_slug="github-actions",
            workflow_path=".github/workflows/ci.yml",
            event="push",
            run_id=12,
            url="u",
        ),
        Check(name="other", status="in_progress", conclusion=None, url="u"),
        Check(name="ci/x", status="completed", conclusion="error", is_status=True),
        Check(name="ci/y", status="expected", conclusion=None, url="u", is_status=True),
    )
    assert read.branch_head == "h"
    sent = api.asked("POST", "/graphql")[0].json["variables"]
    assert (sent["sha"], sent["ref"], sent["owner"], sent["name"]) == (SHA, "refs/heads/topic", "octo", "spoon")


async def test_more_than_a_hundred_checks_are_read_page_by_page(api: Script, client: Client, repo: Repository) -> None:
    api.on(
        "POST",
        "/graphql",
        answer(commit([check_run("a")], after="x")),
        answer(commit([check_run("b")], after="y")),
        answer(commit([check_run("c")])),
    )
    read = await read_checks(client, repo, SHA, "topic")
    assert [check.name for check in read.checks] == ["a", "b", "c"]
    assert [seen.json["variables"]["after"] for seen in api.asked("POST", "/graphql")] == [None, "x", "y"]


async def test_only_the_suites_of_actions_that_are_under_way_are_pending(api: Script, client: Client, repo: Repository) -> None:
    suites = [
        suite("QUEUED"),
        suite("COMPLETED"),
        suite("QUEUED", "other-app"),
        {"status": "QUEUED", "app": {"slug": "us"}, "workflowRun": None},
    ]
    api.on("POST", "/graphql", answer(commit([], suites=suites)))
    read = await read_checks(client, repo, SHA, "topic")
    assert read.pending == (RunResult(run_id=12, workflow_id=3, workflow_name="CI", event="push", conclusion=None),)
    assert (read.checks, read.branch_head) == ((), None)


async def test_what_github_left_out_is_said(api: Script, client: Client, repo: Repository) -> None:
    errors: list[object] = [{"type": "RESOURCE_LIMITS_EXCEEDED", "message": "cut", "path": ["repository", "object"]}]
    api.on("POST", "/graphql", answer(commit([check_run("a")]), errors=errors))
    assert (await read_checks(client, repo, SHA, "topic")).partial == ("repository.object: RESOURCE_LIMITS_EXCEEDED: cut",)


async def test_a_repository_that_we_may_not_see_is_a_missing_permission(api: Script, client: Client, repo: Repository) -> None:
    error = {"type": "FORBIDDEN", "message": "Resource not accessible by integration", "path": ["repository"]}
    api.on("POST", "/graphql", Reply(json={"data": {"rateLimit": {"cost": 1}, "repository": None}, "errors": [error]}))
    with pytest.raises(MissingPermission):
        await read_checks(client, repo, SHA, "topic")


async def test_a_commit_that_is_not_there_says_so(api: Script, client: Client, repo: Repository) -> None:
    api.on("POST", "/graphql", answer(None))
    with pytest.raises(NotThere):
        await read_checks(client, repo, SHA, "topic")


def note(number: int) -> Annotation:
    return Annotation(path="a.py", start_line=number, end_line=number, level="failure", title="T", message="M")


def report(**facts: Any) -> CheckRunReport:  # noqa: ANN401 - any field
    return CheckRunReport(
        **{
            "name": "DevFlowFix",
            "head_sha": SHA,
            "status": "in_progress",
            "conclusion": None,
            "title": "t",
            "summary": "s",
            **facts,
        }
    )


MADE = {
    "id": 5,
    "status": "in_progress",
    "conclusion": None,
    "html_url": "u",
    "external_id": "inc_1",
    "output": {"annotations_count": 0},
}


async def test_a_check_run_is_made_with_what_the_report_says(api: Script, client: Client, repo: Repository) -> None:
    api.on("POST", RUNS, Reply(status=201, json=MADE))
    made = await create_check_run(client, repo, report(external_id="inc_1", text="x", details_url="https://example.org/"))
    assert (made.id, made.url, made.external_id, made.annotations) == (5, "u", "inc_1", 0)
    assert api.asked("POST", RUNS)[0].json == {
        "name": "DevFlowFix",
        "head_sha": SHA,
        "status": "in_progress",
        "external_id": "inc_1",
        "details_url": "https://example.org/",
        "output": {"title": "t", "summary": "s", "text": "x"},
    }


async def test_annotations_go_fifty_at_a_time_and_each_once(api: Script, client: Client, repo: Repository) -> None:
    api.on("POST", RUNS, Reply(status=201, json=MADE))
    api.on("PATCH", f"{RUNS}/5", Reply(json=MADE))
    await create_check_run(client, repo, report(annotations=tuple(map(note, range(1, 121)))))
    requests = [*api.asked("POST", RUNS), *api.asked("PATCH", f"{RUNS}/5")]
    sent = [[one["start_line"] for one in seen.json["output"]["annotations"]] for seen in requests]
    assert [len(lines) for lines in sent] == [50, 50, 20]
    assert list(itertools.chain(*sent)) == list(range(1, 121))
    assert all({"title", "summary"} <= set(seen.json["output"]) for seen in requests)


async def test_an_update_sends_only_the_annotations_that_are_not_shown_yet(api: Script, client: Client, repo: Repository) -> None:
    api.on("PATCH", f"{RUNS}/5", Reply(json=MADE))
    await update_check_run(client, repo, 5, report(annotations=(note(1), note(2), note(3))), annotations_shown=2)
    await update_check_run(client, repo, 5, report(annotations=(note(1),)), annotations_shown=1)
    first, second = [seen.json for seen in api.asked("PATCH", f"{RUNS}/5")]
    assert [one["start_line"] for one in first["output"]["annotations"]] == [3]
    assert "annotations" not in second["output"]
    assert "head_sha" not in first


async def test_texts_are_cut_to_githubs_limits(api: Script, client: Client, repo: Repository) -> None:
    api.on("POST", RUNS, Reply(status=201, json=MADE))
    long = "```text\n" + "ü line\n" * 20_000 + "```"
    odd = Annotation(path="a.py", start_line=0, end_line=-3, level="odd", title="", message="m" * 70_000)
    await create_check_run(client, repo, report(title="x\n" * 200, summary=long, text=long, annotations=(odd,)))
    output = api.asked("POST", RUNS)[0].json["output"]
    assert len(output["title"]) == 255
    assert len(output["summary"].encode()) <= 65_535
    assert "truncated" in output["text"]
    assert output["text"].count("```") == 2
    sent = output["annotations"][0]
    assert (sent["start_line"], sent["end_line"], sent["annotation_level"]) == (1, 1, "notice")
    assert len(sent["message"]) <= 65_536


async def test_an_ended_check_run_has_its_buttons_and_loses_old_ones(api: Script, client: Client, repo: Repository) -> None:
    api.on("PATCH", f"{RUNS}/5", Reply(json=MADE))
    button = CheckAction(identifier="fix", label="Fix", description="Propose a fix")
    await update_check_run(client, repo, 5, report(status="completed", conclusion="neutral", actions=(button,) * 4))
    await update_check_run(client, repo, 5, report(status="completed", conclusion="success"))
    first, second = [seen.json for seen in api.asked("PATCH", f"{RUNS}/5")]
    assert first["actions"] == [{"identifier": "fix", "label": "Fix", "description": "Propose a fix"}] * 3
    assert (second["actions"], second["conclusion"]) == ([], "success")


def test_a_button_with_too_many_words_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="too long"):
        CheckAction(identifier="x" * 21, label="Fix", description="Fix")


async def test_our_check_run_is_found_by_name_and_external_id(api: Script, client: Client, repo: Repository) -> None:
    runs = [{**MADE, "id": 1}, {**MADE, "id": 3, "output": {"annotations_count": 7}}, {**MADE, "id": 9, "external_id": "inc_2"}]
    api.on("GET", f"/repos/octo/spoon/commits/{SHA}/check-runs", Reply(json={"total_count": 3, "check_runs": runs}))
    found = await find_check_run(client, repo, SHA, "DevFlow Fix&x", "inc_1", 4711)
    assert found is not None
    assert (found.id, found.annotations) == (3, 7)
    assert await find_check_run(client, repo, SHA, "DevFlowFix", "inc_3") is None
    query = api.asked("GET", f"/repos/octo/spoon/commits/{SHA}/check-runs")[0].query
    assert (query["check_name"], query["app_id"], query["filter"]) == ("DevFlow Fix&x", "4711", "all")
