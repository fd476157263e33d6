"""Check runs and suites: made, finished, summed up, and written by Apps within GitHub's limits."""

from collections.abc import Iterable
from datetime import datetime

from app.emulator.accounts import Json
from app.emulator.ci_state import CheckRun, CheckSuite
from app.emulator.state import Repository
from app.emulator.world import Refused, World

BAD = ("failure", "timed_out", "cancelled", "action_required", "startup_failure", "stale")
CONCLUSIONS = ("action_required", "cancelled", "failure", "neutral", "success", "skipped", "timed_out")
STATUSES = ("queued", "in_progress", "completed")
LEVELS = ("notice", "warning", "failure")
TEXT_LIMIT = 65_535
ANNOTATIONS_AT_ONCE = 50
ACTIONS = 3


def make_check(world: World, repo: Repository, suite: CheckSuite, name: str) -> CheckRun:
    """Add a check run to a suite."""
    check = CheckRun(id=next(world.state.checks), name=name, suite=suite, started_at=world.state.clock())
    suite.runs.append(check)
    repo.checks[check.id] = check
    return check


def finish(check: CheckRun, conclusion: str, at: datetime) -> None:
    """Complete a check run."""
    check.status, check.conclusion, check.completed_at = "completed", conclusion, at
    check.started_at = check.started_at or at


def newest(checks: Iterable[CheckRun]) -> list[CheckRun]:
    """Of several check runs with one name in one suite only the last counts."""
    latest: dict[tuple[int, str], CheckRun] = {}
    for check in sorted(checks, key=lambda one: one.id):
        latest[check.suite.id, check.name] = check
    return sorted(latest.values(), key=lambda one: one.id)


def settle_suite(suite: CheckSuite, at: datetime) -> bool:
    """Bring an App's suite up to date with its runs; tells whether it is now completed and was not."""
    before = suite.status
    runs = newest(suite.runs)
    done = bool(runs) and all(run.status == "completed" for run in runs)
    suite.status, suite.updated_at = ("completed" if done else "in_progress"), at
    suite.conclusion = worst([run.conclusion or "" for run in runs]) if done else None
    return done and before != "completed"


def worst(conclusions: list[str]) -> str:
    """Sum several conclusions up."""
    for bad in BAD:
        if bad in conclusions:
            return bad
    if "success" in conclusions:
        return "success"
    return "neutral" if "neutral" in conclusions else "skipped"


def write(check: CheckRun, body: Json, now: datetime) -> None:
    """Put what a request says into a check run. Raises Refused (422) where GitHub's limits say no; nothing is changed then."""
    problems = [*_enumerations(body), *_output(body.get("output")), *_buttons(body.get("actions"))]
    if problems:
        raise Refused(422, "Invalid request.\n\n" + "\n".join(problems))
    for name in ("name", "external_id", "details_url"):
        if body.get(name) is not None:
            setattr(check, name, body[name])
    _write_output(check, body.get("output") or {})
    if "actions" in body:
        check.actions = body["actions"] or []
    _write_state(check, body, now)


def _write_output(check: CheckRun, output: Json) -> None:
    for name in ("title", "summary", "text"):
        if name in output:
            setattr(check, name, output[name])
    check.annotations += output.get("annotations") or []


def _write_state(check: CheckRun, body: Json, now: datetime) -> None:
    if body.get("started_at"):
        check.started_at = datetime.fromisoformat(body["started_at"])
    if body.get("conclusion"):
        finish(check, body["conclusion"], _moment(body.get("completed_at"), now))
        return
    if body.get("status"):
        check.status = body["status"]
        if check.status != "completed":
            check.conclusion, check.completed_at = None, None
        if check.status == "in_progress":
            check.started_at = check.started_at or now


def _moment(text: str | None, now: datetime) -> datetime:
    return datetime.fromisoformat(text) if text else now


def _enumerations(body: Json) -> list[str]:
    problems = []
    if body.get("status") not in {None, *STATUSES}:
        problems.append(f"{body['status']} is not a possible value. Must be one of: {', '.join(STATUSES)}.")
    if body.get("conclusion") not in {None, *CONCLUSIONS}:
        problems.append(f"{body['conclusion']} is not a possible value. Must be one of: {', '.join(CONCLUSIONS)}.")
    if body.get("status") == "completed" and not body.get("conclusion"):
        problems.append('"conclusion" wasn\'t supplied.')
    return problems


def _output(output: Json | None) -> list[str]:
    if output is None:
        return []
    problems = [f'"{name}" wasn\'t supplied.' for name in ("title", "summary") if not output.get(name)]
    problems += [
        f"Only {TEXT_LIMIT} characters are allowed in {name}; {len(output[name])} were supplied."
        for name in ("summary", "text")
        if output.get(name) and max(len(output[name]), len(output[name].encode())) > TEXT_LIMIT
    ]
    annotations = output.get("annotations") or []
    if len(annotations) > ANNOTATIONS_AT_ONCE:
        problems.append(f"No more than {ANNOTATIONS_AT_ONCE} items are allowed; {len(annotations)} were supplied.")
    return problems + [problem for one in annotations for problem in _annotation(one)]


def _annotation(one: Json) -> list[str]:
    needed = ("path", "start_line", "end_line", "annotation_level", "message")
    problems = [f'"{name}" wasn\'t supplied.' for name in needed if one.get(name) in {None, ""}]
    if problems:
        return problems
    if one["annotation_level"] not in LEVELS:
        problems.append(f"{one['annotation_level']} is not a possible value. Must be one of: {', '.join(LEVELS)}.")
    if one["start_line"] < 1 or one["end_line"] < one["start_line"]:
        problems.append("end_line must be the same as or after start_line.")
    if ("start_column" in one or "end_column" in one) and one["start_line"] != one["end_line"]:
        problems.append("start_column and end_column are only allowed where start_line and end_line are the same.")
    if len(one.get("title") or "") > 255:
        problems.append("Only 255 characters are allowed in title.")
    too_long = [name for name in ("message", "raw_details") if len((one.get(name) or "").encode()) > 64 * 1024]
    return problems + [f"{name} must be at most 64 KB." for name in too_long]


def _buttons(actions: list[Json] | None) -> list[str]:
    if not actions:
        return []
    problems = []
    if len(actions) > ACTIONS:
        problems.append(f"No more than {ACTIONS} items are allowed; {len(actions)} were supplied.")
    for one in actions:
        for name, limit in (("label", 20), ("description", 40), ("identifier", 20)):
            if not one.get(name):
                problems.append(f'"{name}" wasn\'t supplied.')
            elif len(one[name]) > limit:
                problems.append(f"Only {limit} characters are allowed; {len(one[name])} were supplied.")
    return problems
