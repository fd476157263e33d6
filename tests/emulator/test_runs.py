"""Workflow runs: what starts them, how their jobs go, their logs, and re-runs."""

import asyncio
import io
import time
import zipfile
from pathlib import Path
from textwrap import dedent

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from app.emulator.github import GitHub
from app.emulator.repo import Repo
from tests.emulator.conftest import CI, Caller, Ear, Json

REPO = "/repos/acme/web"
WORKFLOW = ".github/workflows/ci.yml"


def workflow(text: str) -> dict[str, str]:
    return {WORKFLOW: dedent(text)}


CHAIN = workflow("""\
    name: Chain
    on: [push]
    jobs:
      first: {runs-on: ubuntu-latest, steps: [{uses: actions/checkout@v4}, {run: test -f ok}]}
      second: {needs: first, runs-on: ubuntu-latest, steps: [{run: 'true'}]}
      always: {needs: [second], if: always(), runs-on: ubuntu-latest, steps: [{run: 'true'}]}
      apart: {runs-on: ubuntu-latest, steps: [{run: 'true'}]}
    """)


async def results(api: Caller, run_id: int, attempt: int = 1) -> dict[str, str]:
    jobs = (await api("GET", f"{REPO}/actions/runs/{run_id}/attempts/{attempt}/jobs")).json["jobs"]
    return {job["name"]: job["conclusion"] for job in jobs}


async def test_a_failed_run_tells_jobs_steps_and_annotations(api: Caller, red: tuple[Repo, str]) -> None:
    repo, sha = red
    [run] = repo.runs(sha)
    told = (await api("GET", f"{REPO}/actions/runs/{run.id}")).json
    facts = ("name", "path", "event", "status", "conclusion", "head_sha", "head_branch", "run_attempt", "run_number")
    assert {name: told[name] for name in facts} == {
        "name": "CI",
        "path": WORKFLOW,
        "event": "push",
        "status": "completed",
        "conclusion": "failure",
        "head_sha": sha,
        "head_branch": "main",
        "run_attempt": 1,
        "run_number": 1,
    }
    [job] = (await api("GET", f"{REPO}/actions/runs/{run.id}/attempts/1/jobs")).json["jobs"]
    assert (job["name"], job["conclusion"], job["run_id"]) == ("check", "failure", run.id)
    assert ("Look", "failure") in [(step["name"], step["conclusion"]) for step in job["steps"]]
    assert job["check_run_url"].endswith(f"/check-runs/{job['id']}")
    [remark] = (await api("GET", f"{REPO}/check-runs/{job['id']}/annotations")).json
    assert remark["message"] == "Process completed with exit code 1."
    assert (await api("GET", f"{REPO}/actions/jobs/{job['id']}")).json == job


async def test_a_job_s_log_comes_by_redirect_in_github_s_format(api: Caller, red: tuple[Repo, str]) -> None:
    repo, sha = red
    job = repo.runs(sha)[0].latest.jobs[0]
    reply = await api("GET", f"{REPO}/actions/jobs/{job.id}/logs")
    assert reply.status == 302
    log = (await api.fetch(reply.headers["Location"])).raw.decode("utf-8-sig")
    assert "Z looking\n" in log
    assert "##[error]Process completed with exit code 1." in log


async def test_a_log_is_404_while_the_job_runs_and_410_once_expired(api: Caller, repo: Repo, github: GitHub) -> None:
    slow = CI.replace("echo looking", "sleep 0.3")
    sha = await repo.push("main", {WORKFLOW: slow, "state.txt": "fine\n"})
    [run] = repo.runs(sha)
    path = f"{REPO}/actions/jobs/{run.latest.jobs[0].id}/logs"
    assert (await api("GET", path)).status == 404
    assert (await api("GET", f"{REPO}/actions/runs/{run.id}")).json["conclusion"] is None
    await github.idle()
    assert (await api("GET", path)).status == 302
    repo.expire_logs(run.id)
    gone = await api("GET", path)
    assert (gone.status, gone.json["message"]) == (410, "Server Error")
    assert (await api("GET", f"{REPO}/actions/runs/{run.id}/logs")).status == 410


async def test_all_logs_come_as_a_zip(api: Caller, red: tuple[Repo, str]) -> None:
    repo, sha = red
    reply = await api("GET", f"{REPO}/actions/runs/{repo.runs(sha)[0].id}/attempts/1/logs")
    with zipfile.ZipFile(io.BytesIO((await api.fetch(reply.headers["Location"])).raw)) as archive:
        assert archive.namelist() == ["0_check.txt"]
        assert b"looking" in archive.read("0_check.txt")


async def test_jobs_wait_for_what_they_need(api: Caller, repo: Repo, github: GitHub) -> None:
    red = await repo.push("main", CHAIN)
    green = await repo.push("main", {"ok": ""})
    await github.idle()
    [failed], [passed] = repo.runs(red), repo.runs(green)
    assert await results(api, failed.id) == {"first": "failure", "second": "skipped", "always": "success", "apart": "success"}
    assert set((await results(api, passed.id)).values()) == {"success"}
    assert (failed.latest.conclusion, passed.latest.conclusion) == ("failure", "success")
    skipped = next(job for job in failed.latest.jobs if job.name == "second")
    assert (await api("GET", f"{REPO}/actions/jobs/{skipped.id}/logs")).status == 404


async def test_a_matrix_fails_fast_and_outputs_travel(api: Caller, repo: Repo, github: GitHub) -> None:
    files = workflow("""\
        on: [push]
        jobs:
          grid:
            runs-on: ubuntu-latest
            strategy: {matrix: {n: [1, 2, 3]}}
            steps: [{run: 'test ${{ matrix.n }} = 0 || { sleep 0.${{ matrix.n }}; exit 1; }'}]
          say:
            runs-on: ubuntu-latest
            outputs: {word: '${{ steps.it.outputs.word }}'}
            steps: [{id: it, run: 'echo word=hello >> $GITHUB_OUTPUT'}]
          hear:
            needs: say
            runs-on: ubuntu-latest
            steps: [{run: 'test ${{ needs.say.outputs.word }} = hello'}]
        """)
    sha = await repo.push("main", files)
    await github.idle()
    found = await results(api, repo.runs(sha)[0].id)
    assert found["hear"] == "success"
    assert sorted(found[name] for name in found if name.startswith("grid")) == ["cancelled", "cancelled", "failure"]


async def test_a_broken_workflow_file_is_a_startup_failure(api: Caller, repo: Repo, github: GitHub, ear: Ear) -> None:
    sha = await repo.push("main", workflow("on: [push]\njobs: {a: {steps: nonsense}}\n"))
    await github.idle()
    [run] = repo.runs(sha)
    told = (await api("GET", f"{REPO}/actions/runs/{run.id}")).json
    assert (told["conclusion"], told["name"]) == ("startup_failure", WORKFLOW)
    assert (await api("GET", f"{REPO}/actions/runs/{run.id}/jobs")).json == {"total_count": 0, "jobs": []}
    [body] = ear.bodies("workflow_run", "completed")
    assert body["workflow_run"]["conclusion"] == "startup_failure"


@pytest.mark.parametrize("mark", ["[skip ci]", "[ci skip]", "[skip actions]"])
async def test_a_commit_can_ask_for_no_runs(repo: Repo, mark: str) -> None:
    await repo.push("main", {WORKFLOW: CI, "state.txt": "fine\n"}, message=f"Quiet {mark}")
    assert repo.runs() == []


async def test_branches_and_paths_decide(repo: Repo, github: GitHub) -> None:
    text = "on: {push: {branches: [main], paths: ['src/**']}}\njobs: {a: {runs-on: x, steps: [{run: 'true'}]}}\n"
    await repo.push("main", {WORKFLOW: text}, run_ci=False)
    await repo.push("main", {"docs/x": "x"})
    await repo.push("other", {"src/x": "x"})
    assert repo.runs() == []
    sha = await repo.push("main", {"src/x": "x"})
    await github.idle()
    assert [run.head_sha for run in repo.runs()] == [sha]


async def test_a_pull_request_runs_on_the_merge_and_not_where_it_conflicts(
    repo: Repo, installation: int, github: GitHub, ear: Ear
) -> None:
    text = CI.replace("[push]", "[pull_request]").replace("grep -q fine state.txt", "grep -q fine state.txt && test -f on-main")
    await repo.push("feature", {"state.txt": "fine\n"}, run_ci=False)
    await repo.push("main", {WORKFLOW: text, "on-main": ""}, run_ci=False)
    pull = await repo.open_pull_request("feature", title="A feature")
    await github.idle()
    [run] = repo.runs()
    assert (run.event, run.head_sha, run.head_branch, run.latest.conclusion) == (
        "pull_request",
        pull.head_sha,
        "feature",
        "success",
    )
    told = ear.bodies("workflow_run", "completed")[0]["workflow_run"]
    assert [one["number"] for one in told["pull_requests"]] == [pull.number]
    assert told["display_title"] == "A feature"
    await repo.push("main", {"state.txt": "other\n"})
    await repo.push("feature", {"more.txt": "x"})
    await github.idle()
    assert len(repo.runs()) == 1


async def test_synchronizing_runs_again(repo: Repo, github: GitHub) -> None:
    await repo.push("main", {WORKFLOW: CI.replace("[push]", "[pull_request]")}, run_ci=False)
    await repo.push("feature", {"state.txt": "broken\n"})
    await repo.open_pull_request("feature")
    await repo.push("feature", {"state.txt": "fine\n"})
    await github.idle()
    assert [run.latest.conclusion for run in repo.runs()] == ["failure", "success"]


async def test_a_re_run_of_failed_jobs_is_the_next_attempt(api: Caller, repo: Repo, github: GitHub, ear: Ear) -> None:
    sha = await repo.push("main", CHAIN)
    await github.idle()
    [run] = repo.runs(sha)
    before = {job.name: job.id for job in run.latest.jobs}
    assert (await api("POST", f"{REPO}/actions/runs/{run.id}/rerun-failed-jobs")).status == 201
    await github.idle()
    told = (await api("GET", f"{REPO}/actions/runs/{run.id}")).json
    assert (told["run_attempt"], told["conclusion"]) == (2, "failure")
    assert told["triggering_actor"]["login"] == "devflowfix[bot]"
    assert told["actor"]["login"] == "alice"
    again = {job.name: job for job in run.latest.jobs}
    assert all(job.id != before[name] for name, job in again.items())
    assert await results(api, run.id, 2) == await results(api, run.id, 1)
    assert again["apart"].log == next(job.log for job in run.attempts[0].jobs if job.name == "apart")
    assert [body["workflow_run"]["run_attempt"] for body in ear.bodies("workflow_run", "completed")] == [1, 2]
    everything = (await api("GET", f"{REPO}/actions/runs/{run.id}/jobs?filter=all")).json
    assert everything["total_count"] == 8
    assert (await api("GET", f"{REPO}/actions/runs/{run.id}/attempts/3")).status == 404
    assert (await api("GET", f"{REPO}/actions/runs/{run.id}/attempts/1")).json["run_attempt"] == 1


async def test_a_re_run_of_everything_and_of_one_job(api: Caller, red: tuple[Repo, str], github: GitHub) -> None:
    repo, sha = red
    [run] = repo.runs(sha)
    assert (await api("POST", f"{REPO}/actions/runs/{run.id}/rerun")).status == 201
    assert (await api("POST", f"{REPO}/actions/runs/{run.id}/rerun")).status == 403  # already running
    await github.idle()
    assert (await api("POST", f"{REPO}/actions/jobs/{run.latest.jobs[0].id}/rerun")).status == 201
    await github.idle()
    assert len(run.attempts) == 3


async def test_what_did_not_fail_has_no_failed_jobs(api: Caller, repo: Repo, github: GitHub) -> None:
    sha = await repo.push("main", {WORKFLOW: CI, "state.txt": "fine\n"})
    await github.idle()
    assert (await api("POST", f"{REPO}/actions/runs/{repo.runs(sha)[0].id}/rerun-failed-jobs")).status == 403


async def test_runs_are_found_by_what_is_known_of_them(api: Caller, red: tuple[Repo, str], github: GitHub) -> None:
    repo, sha = red
    green = await repo.push("side", {"state.txt": "fine\n"})
    await github.idle()

    async def found(query: str) -> list[str]:
        return [run["head_sha"] for run in (await api("GET", f"{REPO}/actions/runs?{query}")).json["workflow_runs"]]

    assert await found("") == [green, sha]
    assert await found(f"head_sha={sha}") == [sha]
    assert await found("branch=side") == [green]
    assert await found("status=failure") == [sha]
    assert await found("status=completed") == [green, sha]
    assert await found("event=pull_request") == []
    [one] = (await api("GET", f"{REPO}/actions/workflows")).json["workflows"]
    assert (one["path"], one["name"]) == (WORKFLOW, "CI")
    assert (await api("GET", f"{REPO}/actions/workflows/ci.yml")).json == one
    assert (await api("GET", f"{REPO}/actions/workflows/{one['id']}/runs")).json["total_count"] == 2
    assert (await api("GET", f"{REPO}/actions/workflows/none.yml")).status == 404


async def test_a_run_is_dispatched_by_hand(api: Caller, repo: Repo, github: GitHub) -> None:
    sha = await repo.push("main", {WORKFLOW: CI.replace("[push]", "[push, workflow_dispatch]"), "state.txt": "fine\n"})
    path = f"{REPO}/actions/workflows/ci.yml/dispatches"
    assert (await api("POST", path, {"ref": "main"})).status == 204
    assert (await api("POST", path, {"ref": "nowhere"})).status == 422
    await github.idle()
    assert [(run.event, run.head_sha) for run in repo.runs()] == [("push", sha), ("workflow_dispatch", sha)]
    await repo.push("main", {WORKFLOW: CI})
    assert (await api("POST", path, {"ref": "main"})).status == 422


async def test_a_run_is_cancelled(api: Caller, repo: Repo, github: GitHub) -> None:
    sha = await repo.push("main", {WORKFLOW: CI.replace("echo looking", "sleep 30"), "state.txt": "fine\n"})
    [run] = repo.runs(sha)
    assert (await api("POST", f"{REPO}/actions/runs/{run.id}/cancel")).status == 202
    await github.idle()
    assert run.latest.conclusion == "cancelled"
    assert (await api("POST", f"{REPO}/actions/runs/{run.id}/cancel")).status == 409


@pytest.mark.parametrize("path", ["actions/runs/1", "actions/jobs/1", "actions/jobs/x", "actions/runs/1/attempts/1/jobs"])
async def test_unknown_numbers_are_404(api: Caller, path: str) -> None:
    assert (await api("GET", f"{REPO}/{path}")).status == 404


async def test_the_events_of_a_run_come_in_github_s_order(red: tuple[Repo, str], ear: Ear) -> None:
    told = [one for one in ear.story if not one.startswith("installation")]
    assert told == [
        "push",
        "check_suite.requested",
        "workflow_run.requested",
        "check_run.created",
        "workflow_job.queued",
        "workflow_run.in_progress",
        "workflow_job.in_progress",
        "check_run.completed",
        "workflow_job.completed",
        "check_suite.completed",
        "workflow_run.completed",
    ]


async def test_a_failed_run_s_event_holds_what_the_docs_promise(red: tuple[Repo, str], ear: Ear, installation: int) -> None:
    repo, sha = red
    [body] = ear.bodies("workflow_run", "completed")
    run: dict[str, Json] = body["workflow_run"]
    assert (run["head_sha"], run["conclusion"], run["head_commit"]["message"]) == (sha, "failure", "Break it")
    assert run["head_repository"]["id"] == repo.id == body["repository"]["id"]
    assert run["actor"]["login"] == run["triggering_actor"]["login"] == body["sender"]["login"] == "alice"
    assert body["installation"]["id"] == installation
    assert body["workflow"]["id"] == run["workflow_id"]
    assert body["organization"]["login"] == "acme"


def job_folders(folder: Path) -> list[Path]:
    return list(folder.glob("job-*"))


async def test_closing_ends_what_runs_at_once(tmp_path: Path, key: RSAPrivateKey, manifest: Json) -> None:
    github = await GitHub.start(tmp_path, manifest=manifest, webhook_url=None, webhook_secret="s", key=key)
    slow = CI.replace("echo looking", "sleep 60; echo survived > survived.txt")
    repo = await github.create_repository("acme/web", {WORKFLOW: slow, "state.txt": "fine\n"}, run_ci=True)
    while repo.runs()[0].latest.status != "in_progress":  # noqa: ASYNC110 - the stand-in has no event for that
        await asyncio.sleep(0.01)
    began = time.monotonic()
    await github.close()
    assert time.monotonic() - began < 10
    assert github.world.tasks == set()
    assert job_folders(tmp_path) == []


async def test_a_flaky_job_passes_when_run_again_and_so_does_what_needed_it(api: Caller, repo: Repo, github: GitHub) -> None:
    sha = await repo.push("main", {**CHAIN, WORKFLOW: CHAIN[WORKFLOW].replace("test -f ok", "test $GITHUB_RUN_ATTEMPT = 2")})
    await github.idle()
    [run] = repo.runs(sha)
    assert (await api("POST", f"{REPO}/actions/runs/{run.id}/rerun-failed-jobs")).status == 201
    await github.idle()
    assert await results(api, run.id, 1) == {"first": "failure", "second": "skipped", "always": "success", "apart": "success"}
    assert set((await results(api, run.id, 2)).values()) == {"success"}
    assert [attempt.conclusion for attempt in run.attempts] == ["failure", "success"]
    assert {run.conclusion for run in repo.check_runs(sha, app="github-actions")} == {"success"}
