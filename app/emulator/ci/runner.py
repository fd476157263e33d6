"""Runs one job of a workflow on this machine, the way GitHub's runner does, and gives what GitHub would show of it.

The order is the runner's: *Set up job*, the steps, the parts of actions that run after the steps (the last first), then
*Complete job*.
"""

import asyncio
import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from app.emulator.ci import contexts, expressions, known_actions
from app.emulator.ci.expressions import Scope
from app.emulator.ci.known_actions import Action
from app.emulator.ci.log import Clock, JobLog, runner_paths
from app.emulator.ci.outcome import Outcome, StepError, display_name
from app.emulator.ci.plan import JobPlan, StepPlan, TriggerEvent
from app.emulator.ci.process import find_fence
from app.emulator.ci.scripts import run_script
from app.emulator.ci.session import RUNNER_NAME, Checkout, JobResult, Layout, Limits, Need, Session, StepResult, Surroundings
from app.emulator.ci.syntax import ExpressionError
from app.emulator.ci.values import text, truthy

__all__ = ["JobResult", "Limits", "Need", "StepResult", "Surroundings", "run_job"]

_IMAGE = (
    "Current runner version: '2.333.1'",
    *("##[group]Operating System", "Ubuntu", "24.04.4", "LTS", "##[endgroup]"),
    *("##[group]Runner Image", "Image: ubuntu-24.04", "Version: 20260420.95.1", "##[endgroup]"),
    *("##[group]GITHUB_TOKEN Permissions", "Contents: read", "Metadata: read", "##[endgroup]"),
    *("Secret source: None", "Prepare workflow directory", "Prepare all required actions"),
)
_ELSEWHERE = ("windows", "macos")


async def run_job(
    job: JobPlan,
    *,
    checkout: Checkout,
    folder: Path,
    tools_path: str,
    event: TriggerEvent,
    clock: Clock,
    around: Surroundings | None = None,
) -> JobResult:
    """Run a job to its end.

    Args:
        job: What to run.
        checkout: Writes the commit's files into a folder; called by ``actions/checkout``.
        folder: An empty folder for this job alone; the caller deletes it.
        tools_path: Folders with the tools of the demo, as in ``PATH``; they come before the system's.
        event: What started the run.
        clock: Tells the time that log and results show.
        around: Numbers of the run, results of the jobs this one needs, limits, cancellation.
    """
    around = around or Surroundings()
    started_at = clock()
    if not should_run(job, event, around.needs):
        return JobResult(conclusion="skipped", steps=(), log=b"", annotations=(), started_at=started_at, completed_at=clock())
    session = await _opened(job, event, around, folder=folder, checkout=checkout, tools_path=tools_path, clock=clock)
    if _set_up(session):
        posts = await _steps(session)
        _posts(session, posts)
    return _completed(session, started_at)


def should_run(job: JobPlan, event: TriggerEvent, needs: Mapping[str, Need]) -> bool:
    """Decide a job's ``if:``; without one it runs when every job that it needs succeeded. An ``if:`` that breaks is false."""
    results = [need.result for need in needs.values()]
    worst = next(
        (one for one in ("cancelled", "failure") if one in results), "success" if "skipped" not in results else "skipped"
    )
    known = contexts.planning(event, job.workflow, job.matrix)
    known["needs"] = {key: {"result": need.result, "outputs": dict(need.outputs)} for key, need in needs.items()}
    try:
        return expressions.condition(job.condition, Scope(contexts=known, status=worst))
    except ExpressionError:
        return False


async def _opened(
    job: JobPlan, event: TriggerEvent, around: Surroundings, *, folder: Path, checkout: Checkout, tools_path: str, clock: Clock
) -> Session:
    layout = await asyncio.to_thread(Layout.create, folder, event.repository)
    allowed = min(job.timeout_minutes * 60 if job.timeout_minutes else around.limits.seconds, around.limits.seconds)
    return Session(
        job=job,
        event=event,
        around=around,
        layout=layout,
        checkout=checkout,
        tools_path=tools_path,
        clock=clock,
        log=JobLog(clock, around.limits.log_bytes, runner_paths(layout.folder)),
        fence=around.fence if around.fence is not None else await asyncio.to_thread(find_fence),
        allowed=allowed,
        deadline=asyncio.get_running_loop().time() + allowed,
        cancel=around.cancel or asyncio.Event(),
    )


def _set_up(session: Session) -> bool:
    """*Set up job*: tells whether the steps can begin."""
    started_at = session.clock()
    session.log.lines(_IMAGE)
    trouble = _prepare(session)
    if trouble is None:
        session.log.line(f"Complete job name: {session.job.name}")
    else:
        session.error(trouble)
        session.status = "failure"
    _listed(session, 1, "Set up job", "failure" if trouble else "success", started_at)
    return trouble is None


def _prepare(session: Session) -> str | None:
    """Evaluate the environment and find every action; gives what stands in the way."""
    job = session.job
    if any(label.lower().startswith(_ELSEWHERE) for label in job.runs_on):
        return f"No runner matching the specified labels was found: {', '.join(job.runs_on)}"
    if job.in_container:
        return "Docker is not available on this runner: jobs in containers and with services cannot run."
    try:
        scope = session.scope()
        session.env = {name: expressions.interpolated(value, scope) for name, value in job.env.items()}
    except ExpressionError as error:
        return f"The template is not valid. {error}"
    session.event_path.parent.mkdir(parents=True, exist_ok=True)
    session.event_path.write_text(json.dumps(contexts.payload(session.event)))
    return _find_actions(session)


def _find_actions(session: Session) -> str | None:
    used = dict.fromkeys(step.uses for step in session.job.steps if step.uses and not _is_local(step.uses))
    if used:
        session.log.line("Getting action download info")
    for uses in used:
        name, at, _ = uses.partition("@")
        if not at:
            return f"Expected format {{org}}/{{repo}}[/path]@ref. Actual '{uses}'"
        if known_actions.named(uses) is None:
            return f"Unable to resolve action `{name}`, repository not found"
        sha = hashlib.sha1(uses.encode(), usedforsecurity=False).hexdigest()
        session.log.line(f"Download action repository '{uses}' (SHA:{sha})")
    return None


def _is_local(uses: str) -> bool:
    return uses.startswith(("./", "docker://"))


async def _steps(session: Session) -> list[tuple[str, Action]]:
    """Run the steps; gives the actions that want to run again at the end, with the names of their steps."""
    posts: list[tuple[str, Action]] = []
    for index, step in enumerate(session.job.steps):
        if session.status != "cancelled" and (session.cancel.is_set() or session.remaining() <= 0):
            session.canceled()
        started_at, name = session.clock(), display_name(step, session.scope())
        outcome = await _outcome(session, step, index + 2)
        conclusion = _conclusion(session, step, outcome)
        _remember(session, step, outcome, conclusion)
        _listed(session, index + 2, name, conclusion, started_at)
        action = known_actions.named(step.uses or "") if outcome is not None else None
        if action is not None and action.post:
            posts.append((name, action))
    return posts


async def _outcome(session: Session, step: StepPlan, number: int) -> Outcome | None:
    """Run a step if its condition allows; null when it is skipped."""
    try:
        if not expressions.condition(step.condition, session.scope()):
            return None
        env = session.step_env(step)
        return await (_use(session, step, env) if step.run is None else run_script(session, step, number, env))
    except StepError as error:
        return Outcome.failure(str(error))
    except ExpressionError as error:
        return Outcome.failure(f"The template is not valid. {error}")


async def _use(session: Session, step: StepPlan, env: Mapping[str, str]) -> Outcome:
    uses = step.uses or ""
    action = known_actions.named(uses)
    if action is None:
        raise StepError(f"This runner runs neither local nor container actions: {uses}")
    inputs = session.inputs(step, env)
    known_actions.announce(session, step, action, inputs, env)
    return Outcome(conclusion="success", outputs=await action.main(session, inputs))


def _conclusion(session: Session, step: StepPlan, outcome: Outcome | None) -> str:
    """Log the errors of a step and decide how it counts."""
    if outcome is None:
        return "skipped"
    for error in outcome.errors:
        session.error(error)
    if outcome.conclusion != "failure":
        return outcome.conclusion
    try:
        forgiven = truthy(session.evaluated(step.continue_on_error, session.env))
    except ExpressionError as error:
        session.error(f"The template is not valid. {error}")
        forgiven = False
    if forgiven:
        return "success"
    session.status = "cancelled" if session.status == "cancelled" else "failure"
    return "failure"


def _remember(session: Session, step: StepPlan, outcome: Outcome | None, conclusion: str) -> None:
    """Let later expressions see ``steps.<id>``."""
    if step.id:
        before = outcome.conclusion if outcome else "skipped"
        outputs = dict(outcome.outputs) if outcome else {}
        session.steps[step.id] = {"outputs": outputs, "outcome": before, "conclusion": conclusion}


def _posts(session: Session, posts: list[tuple[str, Action]]) -> None:
    """Let actions clean up, the last that ran first. Their numbers end right before *Complete job*'s, as on GitHub."""
    first = _last_number(session) - len(posts)
    for index, (name, action) in enumerate(reversed(posts)):
        started_at = session.clock()
        runs = action.post == "always" or session.status == "success"
        if runs:
            session.log.lines(["Post job cleanup.", *action.goodbye])
        _listed(session, first + index, f"Post {name}", "success" if runs else "skipped", started_at)


def _last_number(session: Session) -> int:
    """The number of *Complete job*: GitHub keeps one number free for what might follow each step and the set-up."""
    return 2 * (len(session.job.steps) + 1) + 1


def _completed(session: Session, started_at: datetime) -> JobResult:
    finishing = session.clock()
    outputs = _outputs(session)
    session.log.line("Cleaning up orphan processes")
    _listed(session, _last_number(session), "Complete job", "success", finishing)
    if session.timed_out:
        minutes = f"{session.allowed / 60:g}"
        session.remark(f"The job running on runner {RUNNER_NAME} has exceeded the maximum execution time of {minutes} minutes.")
    return JobResult(
        conclusion="timed_out" if session.timed_out else session.status,
        steps=tuple(session.results),
        log=session.log.content(),
        annotations=tuple(session.annotations),
        started_at=started_at,
        completed_at=session.clock(),
        outputs=outputs,
    )


def _outputs(session: Session) -> dict[str, str]:
    """Evaluate the job's ``outputs:``; one that cannot be evaluated fails the job."""
    if not session.job.outputs:
        return {}
    session.log.line("Evaluate and set job outputs")
    found: dict[str, str] = {}
    for name, written in session.job.outputs.items():
        try:
            found[name] = text(session.evaluated(written, session.env))
        except ExpressionError as error:
            session.error(f"The template is not valid. {error}")
            session.status = "failure"
        else:
            session.log.line(f"Set output '{name}'")
    return found


def _listed(session: Session, number: int, name: str, conclusion: str, started_at: datetime) -> None:
    shown = session.log.masked(name)
    done = session.clock()
    session.results.append(
        StepResult(number=number, name=shown, status="completed", conclusion=conclusion, started_at=started_at, completed_at=done)
    )
