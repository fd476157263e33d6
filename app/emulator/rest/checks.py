"""Check runs, check suites, annotations and commit statuses."""

from app.emulator import checks
from app.emulator.accounts import Json
from app.emulator.ci_state import CheckRun, CheckSuite, CommitStatus
from app.emulator.rest.repositories import REPO, resolve
from app.emulator.routing import Answer, Call, Page, Routes
from app.emulator.shapes import ci
from app.emulator.shapes.repositories import minimal_repository, url_of
from app.emulator.world import Refused, invalid

routes = Routes()

STATES = ("error", "failure", "pending", "success")


def _check(call: Call) -> CheckRun:
    found = call.repo.checks.get(call.number("check_run_id"))
    if found is None:
        raise Refused(404, "Not Found")
    return found


async def _own_suite(call: Call, sha: str) -> CheckSuite:
    """The suite of our App on a commit; made when the push did not make one."""
    state = call.world.state
    for suite in call.repo.suites_of(sha):
        if suite.app is state.app:
            return suite
    now = state.clock()
    branch = next((name for name, head in (await call.repo.git.branches()).items() if head == sha), None)
    suite = CheckSuite(
        id=next(state.suites), app=state.app, head_sha=sha, head_branch=branch, before=None, created_at=now, updated_at=now
    )
    call.repo.suites[suite.id] = suite
    return suite


@routes("POST", REPO + "/check-runs", "checks=write")
async def create(call: Call) -> Answer:
    """Make a check run of our App on a commit."""
    body = call.json
    name, sha = call.text("name", "CheckRun"), call.text("head_sha", "CheckRun")
    if await call.repo.git.resolve(sha) != sha:
        raise Refused(422, f"No commit found for SHA: {sha}")
    suite = await _own_suite(call, sha)
    now = call.world.state.clock()
    check = CheckRun(id=next(call.world.state.checks), name=name, suite=suite, started_at=now)
    checks.write(check, body, now)
    suite.runs.append(check)
    call.repo.checks[check.id] = check
    await _tell(call, check, "created")
    return Answer(status=201, body=ci.check_run(call.world.at, call.repo, check))


@routes("PATCH", REPO + "/check-runs/{check_run_id}", "checks=write")
async def update(call: Call) -> Json:
    """Change a check run of our App; annotations are added to those before."""
    check = _check(call)
    if check.suite.app is not call.world.state.app:
        raise Refused(
            403, f"Invalid app_id `{check.suite.app.id}` - check run can only be modified by the GitHub App that created it."
        )
    before = check.status
    checks.write(check, call.json, call.world.state.clock())
    await _tell(call, check, None if before == "completed" else "updated")
    return ci.check_run(call.world.at, call.repo, check)


async def _tell(call: Call, check: CheckRun, action: str | None) -> None:
    world, head = call.world, await call.repo.git.commit(check.suite.head_sha)
    if action == "created":
        world.events.check_run("created", call.repo, check, head, call.by)
    if action is not None and check.status == "completed":
        world.events.check_run("completed", call.repo, check, head, call.by)
    if checks.settle_suite(check.suite, world.state.clock()):
        world.events.check_suite("completed", call.repo, check.suite, head, call.by)


@routes("GET", REPO + "/check-runs/{check_run_id}", "checks=read")
async def get(call: Call) -> Json:
    """One check run."""
    return ci.check_run(call.world.at, call.repo, _check(call))


@routes("GET", REPO + "/check-runs/{check_run_id}/annotations", "checks=read")
async def annotations(call: Call) -> Page:
    """Its annotations, a flat list."""
    check = _check(call)
    return Page(items=[ci.annotation(call.world.at, call.repo, check.suite.head_sha, one) for one in check.annotations])


@routes("GET", REPO + "/commits/{ref:path}/check-runs", "checks=read")
async def of_commit(call: Call) -> Page:
    """The check runs on a commit; ``filter=latest`` (the default) gives the last of each name."""
    sha = await resolve(call, call.params["ref"], status=422)
    found = [run for suite in call.repo.suites_of(sha) for run in suite.runs]
    if call.query.get("filter", "latest") == "latest":
        found = checks.newest(found)
    if "check_name" in call.query:
        found = [run for run in found if run.name == call.query["check_name"]]
    if "status" in call.query:
        found = [run for run in found if run.status == call.query["status"]]
    if "app_id" in call.query:
        found = [run for run in found if str(run.suite.app.id) == call.query["app_id"]]
    return Page(items=[ci.check_run(call.world.at, call.repo, run) for run in found], key="check_runs")


@routes("GET", REPO + "/commits/{ref:path}/check-suites", "checks=read")
async def suites_of_commit(call: Call) -> Page:
    """The check suites on a commit."""
    sha = await resolve(call, call.params["ref"], status=422)
    head = await call.repo.git.commit(sha)
    items = [ci.check_suite(call.world.at, call.repo, suite, head) for suite in call.repo.suites_of(sha)]
    return Page(items=items, key="check_suites")


@routes("GET", REPO + "/check-suites/{check_suite_id}", "checks=read")
async def suite(call: Call) -> Json:
    """One check suite."""
    found = call.repo.suites.get(call.number("check_suite_id"))
    if found is None:
        raise Refused(404, "Not Found")
    return ci.check_suite(call.world.at, call.repo, found, await call.repo.git.commit(found.head_sha))


@routes("GET", REPO + "/commits/{ref:path}/status", "statuses=read")
async def combined(call: Call) -> Json:
    """The statuses of other CI systems on a commit, the newest of each context, summed up."""
    sha = await resolve(call, call.params["ref"])
    latest = {one.context: one for one in call.repo.statuses if one.sha == sha}
    states = {one.state for one in latest.values()}
    state = "failure" if states & {"error", "failure"} else "success" if states == {"success"} else "pending"
    url = f"{url_of(call.world.at, call.repo)}/commits/{sha}"
    return {
        "state": state,
        "statuses": [ci.simple_status(call.world.at, call.repo, one) for one in latest.values()],
        "sha": sha,
        "total_count": len(latest),
        "repository": minimal_repository(call.world.at, call.repo),
        "commit_url": url,
        "url": f"{url}/status",
    }


@routes("POST", REPO + "/statuses/{sha}", "statuses=write")
async def create_status(call: Call) -> Answer:
    """Write a commit status."""
    sha = await resolve(call, call.params["sha"], status=422)
    one = await write_status(call, sha, call.json)
    return Answer(status=201, body=ci.status(call.world.at, call.repo, one))


async def write_status(call: Call, sha: str, body: Json) -> CommitStatus:
    """Keep a status and tell about it. Raises Refused (422)."""
    if body.get("state") not in STATES:
        raise invalid("Status", "state")
    state = call.world.state
    one = CommitStatus(
        id=next(state.small),
        sha=sha,
        state=body["state"],
        context=body.get("context") or "default",
        description=body.get("description"),
        target_url=body.get("target_url"),
        creator=call.by,
        created_at=state.clock(),
    )
    call.repo.statuses.append(one)
    branches = [name for name, head in (await call.repo.git.branches()).items() if head == sha]
    call.world.events.status(call.repo, one, await call.repo.git.commit(sha), branches, call.by)
    return one


@routes("PATCH", REPO + "/check-suites/preferences", "checks=write")
async def preferences(call: Call) -> Json:
    """Say for which Apps a push makes a check suite by itself."""
    if call.repo.locked_suites:
        raise Refused(404, "Not Found")
    app_id = call.world.state.app.id
    for one in call.json.get("auto_trigger_checks", []):
        if one.get("app_id") != app_id:
            raise invalid("CheckSuitePreferences", "auto_trigger_checks")
        call.repo.auto_suites = bool(one.get("setting", True))
    now = [{"app_id": app_id, "setting": call.repo.auto_suites}]
    return {"preferences": {"auto_trigger_checks": now}, "repository": minimal_repository(call.world.at, call.repo)}
