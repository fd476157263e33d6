"""One attempt of a workflow run: its jobs in the order of ``needs``, each really run, and the events on the way.

The order of the events is GitHub's: a job's check run and ``workflow_job`` first, then their check suite, and
``workflow_run.completed`` last, when every log is complete.
"""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from app.emulator.accounts import Account, Json, stamp
from app.emulator.checks import finish, make_check
from app.emulator.ci.contexts import RunNumbers
from app.emulator.ci.log import Annotation
from app.emulator.ci.runner import JobResult, Need, StepResult, Surroundings, run_job, should_run
from app.emulator.ci.workflow import JobPlan
from app.emulator.ci_state import Attempt, CheckRun, Job, WorkflowRun
from app.emulator.state import Repository
from app.emulator.world import World


@dataclass(slots=True)
class Work:
    """A job under way: its plan, its state, and the mark that it ended."""

    plan: JobPlan
    job: Job
    ended: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conductor:
    """Carries one attempt out. ``slots`` bounds the jobs that run at the same time over the whole stand-in."""

    world: World
    repo: Repository
    run: WorkflowRun
    attempt: Attempt
    tools_path: str
    slots: asyncio.Semaphore

    async def request(self, plans: Sequence[JobPlan], done: dict[str, Job]) -> list[Work]:
        """Announce the attempt with its jobs; those in ``done`` (by name) are carried over from the attempt before."""
        await self.tell_run("requested")
        work = [Work(plan, self._new_job(plan, done.get(plan.name))) for plan in plans]
        for one in work:
            await self._tell_check("created", one.job.check)
            if one.job.check.status == "queued":
                self._tell_job("queued", one.job)
        return work

    def _new_job(self, plan: JobPlan, old: Job | None) -> Job:
        now = self.world.state.clock()
        check = make_check(self.world, self.repo, self.attempt.suite, plan.name)
        check.details_url = f"{self.world.at.web}/{self.repo.full_name}/actions/runs/{self.run.id}/job/{check.id}"
        job = Job(
            id=check.id,
            key=plan.key,
            name=plan.name,
            attempt=self.attempt.number,
            check=check,
            created_at=now,
            labels=plan.runs_on,
        )
        if old is not None:
            job.steps, job.log, job.outputs = old.steps, old.log, old.outputs
            check.started_at, check.annotations = old.check.started_at, list(old.check.annotations)
            finish(check, old.check.conclusion or "success", old.check.completed_at or now)
        self.repo.jobs[job.id] = job
        self.attempt.jobs.append(job)
        return job

    async def carry_out(self, work: Sequence[Work]) -> None:
        """Run every job, then end the attempt."""
        async with asyncio.TaskGroup() as group:
            for one in work:
                group.create_task(self._in_turn(one, work))
        await self.end(conclude(work))

    async def _in_turn(self, one: Work, all_work: Sequence[Work]) -> None:
        before = [other for other in all_work if other.plan.key in one.plan.needs]
        for other in before:
            await other.ended.wait()
        if one.job.check.status != "completed":
            await self._job(one, needs_of(before))
            siblings = [other for other in all_work if other.plan.key == one.plan.key and other is not one]
            if one.plan.fail_fast and one.job.check.conclusion == "failure" and not one.plan.continue_on_error:
                for other in siblings:
                    other.job.cancel.set()
        one.ended.set()

    async def _job(self, one: Work, needs: dict[str, Need]) -> None:
        if not should_run(one.plan, self.run.trigger, needs):
            await self._ended(one.job, "skipped")
            return
        async with self.slots:
            if one.job.cancel.is_set():
                await self._ended(one.job, "cancelled")
                return
            await self._started(one.job)
            result = await self._execute(one, needs)
        one.job.log, one.job.outputs = result.log, dict(result.outputs)
        one.job.steps = [_step(step) for step in result.steps]
        one.job.check.started_at = result.started_at
        one.job.check.annotations = [_annotation(remark) for remark in result.annotations]
        await self._ended(one.job, result.conclusion)

    async def _started(self, job: Job) -> None:
        now = self.world.state.clock()
        job.check.status, job.check.started_at = "in_progress", now
        if self.attempt.status == "queued":
            self.attempt.status, self.attempt.updated_at, self.attempt.suite.status = "in_progress", now, "in_progress"
            await self.tell_run("in_progress")
        self._tell_job("in_progress", job)

    async def _execute(self, one: Work, needs: dict[str, Need]) -> JobResult:
        def checkout(folder: Path) -> Awaitable[None]:
            return self.repo.git.materialise(self.run.checkout_sha, folder)

        numbers = RunNumbers(id=self.run.id, number=self.run.number, attempt=self.attempt.number)
        with TemporaryDirectory(dir=self.world.folder, prefix="job-", ignore_cleanup_errors=True) as folder:
            return await run_job(
                one.plan,
                checkout=checkout,
                folder=Path(folder),
                tools_path=self.tools_path,
                event=self.run.trigger,
                clock=self.world.state.clock,
                around=Surroundings(run=numbers, needs=needs, cancel=one.job.cancel),
            )

    async def _ended(self, job: Job, conclusion: str) -> None:
        finish(job.check, conclusion, self.world.state.clock())
        await self._tell_check("completed", job.check)
        self._tell_job("completed", job)

    async def end(self, conclusion: str) -> None:
        """Settle run and suite, and tell it."""
        now, suite = self.world.state.clock(), self.attempt.suite
        self.attempt.status, self.attempt.conclusion, self.attempt.updated_at = "completed", conclusion, now
        suite.status, suite.conclusion, suite.updated_at = "completed", conclusion, now
        head = await self.repo.git.commit(self.run.head_sha)
        self.world.events.check_suite("completed", self.repo, suite, head, self._actor)
        await self.tell_run("completed")

    @property
    def _actor(self) -> Account:
        return self.attempt.triggering_actor

    async def tell_run(self, action: str) -> None:
        """Send ``workflow_run``."""
        head = await self.repo.git.commit(self.run.head_sha)
        self.world.events.workflow_run(action, self.repo, self.run, self.attempt, head, self._actor)

    async def _tell_check(self, action: str, check: CheckRun) -> None:
        head = await self.repo.git.commit(check.suite.head_sha)
        self.world.events.check_run(action, self.repo, check, head, self._actor)

    def _tell_job(self, action: str, job: Job) -> None:
        self.world.events.workflow_job(action, self.repo, self.run, job, self._actor)


def needs_of(before: Sequence[Work]) -> dict[str, Need]:
    """Sum up the jobs waited for, by key: the worst result of a matrix, the outputs of all."""
    needs: dict[str, Need] = {}
    for key in dict.fromkeys(one.plan.key for one in before):
        group = [one for one in before if one.plan.key == key]
        results = ["success" if one.plan.continue_on_error else one.job.check.conclusion for one in group]
        outputs = {name: value for one in group for name, value in one.job.outputs.items()}
        needs[key] = Need(result=_worst(results), outputs=outputs)
    return needs


def _worst(results: Sequence[str | None]) -> str:
    for bad in ("failure", "cancelled"):
        if bad in results or (bad == "failure" and "timed_out" in results):
            return bad
    return "success" if "success" in results else "skipped"


def conclude(work: Sequence[Work]) -> str:
    """The conclusion of a run from its jobs'; jobs that may fail do not count."""
    counted = [one.job.check.conclusion for one in work if not one.plan.continue_on_error]
    for bad in ("failure", "timed_out", "cancelled"):
        if bad in counted:
            return bad
    return "skipped" if counted and set(counted) == {"skipped"} else "success"


def _step(step: StepResult) -> Json:
    return {
        "name": step.name,
        "number": step.number,
        "status": step.status,
        "conclusion": step.conclusion,
        "started_at": stamp(step.started_at),
        "completed_at": stamp(step.completed_at),
    }


def _annotation(one: Annotation) -> Json:
    return {
        "path": one.path,
        "start_line": one.start_line,
        "end_line": one.end_line,
        "annotation_level": one.level,
        "title": one.title or None,
        "message": one.message,
    }
