"""Workflow runs, their jobs and logs, and re-runs."""

import io
import zipfile

from app.emulator.accounts import Json
from app.emulator.ci_state import Attempt, Job, Workflow, WorkflowRun
from app.emulator.rest.repositories import REPO
from app.emulator.routing import Answer, Call, Page, Routes
from app.emulator.shapes import ci
from app.emulator.world import Refused

routes = Routes()

RUN = REPO + "/actions/runs/{run_id}"
FAILED = frozenset({"failure", "timed_out", "cancelled"})


def _run(call: Call) -> WorkflowRun:
    found = call.repo.runs.get(call.number("run_id"))
    if found is None:
        raise Refused(404, "Not Found")
    return found


def _attempt(call: Call) -> Attempt:
    number = call.number("attempt")
    found = next((attempt for attempt in _run(call).attempts if attempt.number == number), None)
    if found is None:
        raise Refused(404, "Not Found")
    return found


def _job(call: Call) -> tuple[WorkflowRun, Job]:
    number = call.number("job_id")
    for run in call.repo.runs.values():
        for attempt in run.attempts:
            for job in attempt.jobs:
                if job.id == number:
                    return run, job
    raise Refused(404, "Not Found")


async def _shape(call: Call, run: WorkflowRun, attempt: Attempt) -> Json:
    head = await call.repo.git.commit(run.head_sha)
    return ci.workflow_run(call.world.at, call.repo, run, attempt, head)


def _kept(call: Call, run: WorkflowRun) -> bool:
    """Tell whether a run meets the query's filters."""
    query, last = call.query, run.latest
    checks = {
        "head_sha": query.get("head_sha") == run.head_sha,
        "branch": query.get("branch") == run.head_branch,
        "event": query.get("event") == run.event,
        "actor": query.get("actor") == run.actor.login,
        "status": query.get("status") in {last.status, last.conclusion},
        "check_suite_id": query.get("check_suite_id") == str(last.suite.id),
    }
    return all(met for name, met in checks.items() if name in query)


async def _page_of_runs(call: Call, runs: list[WorkflowRun]) -> Page:
    found = sorted((run for run in runs if _kept(call, run)), key=lambda run: run.id, reverse=True)
    return Page(items=[await _shape(call, run, run.latest) for run in found], key="workflow_runs")


@routes("GET", REPO + "/actions/runs", "actions=read")
async def runs(call: Call) -> Page:
    """Runs, newest first."""
    return await _page_of_runs(call, list(call.repo.runs.values()))


@routes("GET", REPO + "/actions/workflows", "actions=read")
async def workflows(call: Call) -> Page:
    """Workflow files that ran at least once."""
    return Page(items=[ci.workflow(call.world.at, call.repo, one) for one in call.repo.workflows.values()], key="workflows")


def _workflow(call: Call) -> Workflow:
    name = call.params["workflow_id"]
    for one in call.repo.workflows.values():
        if name in {str(one.id), one.path.rsplit("/", 1)[-1]}:
            return one
    raise Refused(404, "Not Found")


@routes("GET", REPO + "/actions/workflows/{workflow_id}", "actions=read")
async def workflow(call: Call) -> Json:
    """One workflow, by number or file name."""
    return ci.workflow(call.world.at, call.repo, _workflow(call))


@routes("GET", REPO + "/actions/workflows/{workflow_id}/runs", "actions=read")
async def runs_of_workflow(call: Call) -> Page:
    """The runs of one workflow."""
    one = _workflow(call)
    return await _page_of_runs(call, [run for run in call.repo.runs.values() if run.workflow is one])


@routes("POST", REPO + "/actions/workflows/{workflow_id}/dispatches", "actions=write")
async def dispatch(call: Call) -> Answer:
    """Start a workflow by hand."""
    branch = call.text("ref", "WorkflowDispatch").removeprefix("refs/heads/")
    inputs = call.json.get("inputs") or {}
    if not await call.world.actions.dispatched(call.repo, _workflow(call), branch, call.by, inputs):
        raise Refused(422, "Workflow does not have 'workflow_dispatch' trigger")
    return Answer(status=204)


@routes("GET", RUN, "actions=read")
async def run(call: Call) -> Json:
    """One run, in its newest attempt."""
    found = _run(call)
    return await _shape(call, found, found.latest)


@routes("GET", RUN + "/attempts/{attempt}", "actions=read")
async def attempt(call: Call) -> Json:
    """One attempt of a run."""
    return await _shape(call, _run(call), _attempt(call))


def _page_of_jobs(call: Call, found: WorkflowRun, listed: list[Job]) -> Page:
    return Page(items=[ci.job(call.world.at, call.repo, found, job) for job in listed], key="jobs")


@routes("GET", RUN + "/jobs", "actions=read")
async def jobs(call: Call) -> Page:
    """The jobs of the newest attempt, or of all (``filter=all``)."""
    found = _run(call)
    attempts = found.attempts if call.query.get("filter") == "all" else [found.latest]
    return _page_of_jobs(call, found, [job for each in attempts for job in each.jobs])


@routes("GET", RUN + "/attempts/{attempt}/jobs", "actions=read")
async def jobs_of_attempt(call: Call) -> Page:
    """The jobs of one attempt."""
    return _page_of_jobs(call, _run(call), _attempt(call).jobs)


@routes("GET", REPO + "/actions/jobs/{job_id}", "actions=read")
async def job(call: Call) -> Json:
    """One job."""
    return ci.job(call.world.at, call.repo, *_job(call))


@routes("GET", REPO + "/actions/jobs/{job_id}/logs", "actions=read")
async def job_log(call: Call) -> Answer:
    """A job's log, by redirect; 404 while it runs, 410 once it expired."""
    found, one = _job(call)
    if found.logs_expired:
        raise Refused(410, "Server Error")
    if one.log is None:
        raise Refused(404, "Not Found")
    return Answer(
        status=302, headers={"Location": call.world.blobs.offer(f"logs/{one.id}.txt", one.log, "text/plain; charset=utf-8")}
    )


@routes("GET", RUN + "/logs", "actions=read")
async def logs(call: Call) -> Answer:
    """All logs of the newest attempt as a zip, by redirect."""
    return _zipped(call, _run(call), _run(call).latest)


@routes("GET", RUN + "/attempts/{attempt}/logs", "actions=read")
async def logs_of_attempt(call: Call) -> Answer:
    """All logs of one attempt as a zip, by redirect."""
    return _zipped(call, _run(call), _attempt(call))


def _zipped(call: Call, found: WorkflowRun, one: Attempt) -> Answer:
    if found.logs_expired:
        raise Refused(410, "Server Error")
    if one.status != "completed":
        raise Refused(404, "Not Found")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, each in enumerate(one.jobs):
            archive.writestr(f"{number}_{each.name.replace('/', '_')}.txt", each.log or b"")
    name = f"logs/{found.id}-{one.number}.zip"
    return Answer(status=302, headers={"Location": call.world.blobs.offer(name, packed.getvalue(), "application/zip")})


@routes("POST", RUN + "/rerun", "actions=write")
async def rerun(call: Call) -> Answer:
    """Run everything again."""
    await call.world.actions.rerun(call.repo, _run(call), call.by)
    return Answer(status=201, body={})


@routes("POST", RUN + "/rerun-failed-jobs", "actions=write")
async def rerun_failed(call: Call) -> Answer:
    """Run the failed jobs again, and those that need them."""
    found = _run(call)
    if not any(one.check.conclusion in FAILED for one in found.latest.jobs):
        raise Refused(403, "The workflow run containing these jobs cannot be retried: there are no failed jobs")
    await call.world.actions.rerun(call.repo, found, call.by, lambda one: one.check.conclusion in FAILED)
    return Answer(status=201, body={})


@routes("POST", REPO + "/actions/jobs/{job_id}/rerun", "actions=write")
async def rerun_job(call: Call) -> Answer:
    """Run one job again, and those that need it."""
    found, one = _job(call)
    await call.world.actions.rerun(call.repo, found, call.by, lambda other: other.name == one.name)
    return Answer(status=201, body={})


@routes("POST", RUN + "/cancel", "actions=write")
async def cancel(call: Call) -> Answer:
    """Cancel what has not ended."""
    call.world.actions.cancel(_run(call))
    return Answer(status=202, body={})
