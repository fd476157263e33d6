"""GitHub Actions: which runs a push or a pull request starts, their jobs in the order of ``needs``, and re-runs.

The steps really run (``app.emulator.ci``); here stands what GitHub keeps of it, and the order of the events: a run's jobs first,
their check suite, ``workflow_run.completed`` last.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from app.emulator.checks import finish, make_check
from app.emulator.ci.runner import JobResult, run_job
from app.emulator.ci.workflow import BrokenWorkflow, JobPlan, TriggerEvent, WorkflowPlan, triggered
from app.emulator.git import ZERO
from app.emulator.state import Account, Attempt, CheckRun, CheckSuite, Job, Json, Pull, Repository, Workflow, WorkflowRun, stamp
from app.emulator.world import Refused, World

FOLDER = ".github/workflows/"
AT_ONCE = 2  # jobs that run at the same time
SKIPS = ("[skip ci]", "[ci skip]", "[no ci]", "[skip actions]", "[actions skip]")
MAX_ATTEMPTS = 50


@dataclass(slots=True)
class Actions:
    """Starts runs and keeps their state."""

    world: World
    tools_path: str
    _slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    # --- what starts runs ---------------------------------------------------------------------------------------------------

    async def pushed(self, repo: Repository, ref: str, before: str | None, sha: str, actor: Account) -> None:
        """Start the workflows of a push."""
        head = await repo.git.commit(sha)
        if any(mark in head.message for mark in SKIPS):
            return
        event = TriggerEvent(
            name="push",
            ref=ref,
            base_branch=None,
            action=None,
            changed_paths=await self._changed(repo, before, sha),
            head_sha=sha,
            repository=repo.full_name,
            actor=actor.login,
        )
        await self._start(repo, event, checkout=sha, branch=ref.split("/", 2)[2], actor=actor, before=before)

    async def pull_changed(self, repo: Repository, pull: Pull, action: str, actor: Account) -> None:
        """Start the workflows of a pull request; they see the merge of head and base, and do not run where that conflicts."""
        head = await repo.git.commit(pull.head_sha)
        if pull.state != "open" or any(mark in head.message for mark in SKIPS):
            return
        merge = await self._merge_commit(repo, pull, actor)
        if merge is None:
            return
        event = TriggerEvent(
            name="pull_request",
            ref=f"refs/pull/{pull.number}/merge",
            base_branch=pull.base_ref,
            action=action,
            changed_paths=await self._changed(repo, await repo.git.merge_base(pull.base_sha, pull.head_sha), pull.head_sha),
            head_sha=pull.head_sha,
            repository=repo.full_name,
            actor=actor.login,
        )
        await self._start(repo, event, checkout=merge, branch=pull.head_ref, actor=actor, before=None, title=pull.title)

    async def dispatched(self, repo: Repository, workflow: Workflow, branch: str, actor: Account) -> bool:
        """Start one workflow by hand (``workflow_dispatch``); tells whether it allows that."""
        sha = await repo.git.ref(f"refs/heads/{branch}")
        if sha is None:
            raise Refused(422, f"No ref found for: {branch}")
        event = TriggerEvent(
            name="workflow_dispatch",
            ref=f"refs/heads/{branch}",
            base_branch=None,
            action=None,
            changed_paths=(),
            head_sha=sha,
            repository=repo.full_name,
            actor=actor.login,
        )
        return await self._start(repo, event, checkout=sha, branch=branch, actor=actor, before=None, only=workflow.path) > 0

    async def _changed(self, repo: Repository, before: str | None, sha: str) -> tuple[str, ...]:
        if before is None:
            default = await repo.git.ref(f"refs/heads/{repo.default_branch}")
            before = await repo.git.merge_base(default, sha) if default and default != sha else None
        if before is None or before == ZERO:
            return tuple(entry.path for entry in await repo.git.tree(sha, recursive=True) if entry.kind == "blob")
        return tuple(change.path for change in await repo.git.changes(before, sha))

    async def _merge_commit(self, repo: Repository, pull: Pull, actor: Account) -> str | None:
        base = await repo.git.ref(f"refs/heads/{pull.base_ref}")
        tree = await repo.git.merged_tree(base, pull.head_sha) if base else None
        if base is None or tree is None:
            return None
        message = f"Merge {pull.head_sha} into {base}"
        made = await repo.git.write_commit_of_tree(
            tree, [base, pull.head_sha], author=self.world.person(actor), committer=self.world.web_flow(), message=message
        )
        ref = f"refs/pull/{pull.number}/merge"
        await repo.git.set_ref(ref, made, await repo.git.ref(ref))
        pull.merge_commit_sha = made
        return made

    async def _start(
        self,
        repo: Repository,
        event: TriggerEvent,
        *,
        checkout: str,
        branch: str,
        actor: Account,
        before: str | None,
        title: str = "",
        only: str | None = None,
    ) -> int:
        workflows = await self._workflow_files(repo, checkout)
        if only is not None:
            workflows = {path: text for path, text in workflows.items() if path == only}
        found = triggered(workflows, event)
        headline = title or (await repo.git.commit(event.head_sha)).message.split("\n")[0]
        for plan in found:
            run = self._new_run(repo, plan, event, checkout=checkout, branch=branch, actor=actor, title=headline)
            suite = self._new_suite(repo, run, before)
            await self._begin(repo, run, suite, actor, plan)
        return len(found)

    async def _workflow_files(self, repo: Repository, sha: str) -> dict[str, str]:
        entries = [
            entry
            for entry in await repo.git.tree(sha, recursive=True)
            if entry.path.startswith(FOLDER) and entry.path.endswith((".yml", ".yaml")) and entry.path.count("/") == 2
        ]
        return {entry.path: (await repo.git.blob(entry.sha)).decode(errors="replace") for entry in entries}

    def _new_run(
        self,
        repo: Repository,
        plan: WorkflowPlan | BrokenWorkflow,
        event: TriggerEvent,
        *,
        checkout: str,
        branch: str,
        actor: Account,
        title: str,
    ) -> WorkflowRun:
        now = self.world.state.clock()
        workflow = repo.workflows.get(plan.path)
        if workflow is None:
            name = plan.name if isinstance(plan, WorkflowPlan) else plan.path
            workflow = Workflow(id=next(self.world.state.small), path=plan.path, name=name, created_at=now)
            repo.workflows[plan.path] = workflow
        run = WorkflowRun(
            id=next(self.world.state.small),
            number=1 + sum(other.workflow is workflow for other in repo.runs.values()),
            workflow=workflow,
            event=event.name,
            head_branch=branch,
            head_sha=event.head_sha,
            actor=actor,
            created_at=now,
            checkout_sha=checkout,
            plan=plan,
            trigger=event,
            display_title=title,
        )
        repo.runs[run.id] = run
        return run

    def _new_suite(self, repo: Repository, run: WorkflowRun, before: str | None) -> CheckSuite:
        now = self.world.state.clock()
        suite = CheckSuite(
            id=next(self.world.state.suites),
            app=self.world.state.actions_app,
            head_sha=run.head_sha,
            head_branch=run.head_branch,
            before=before,
            created_at=now,
            updated_at=now,
            workflow_run=run,
        )
        repo.suites[suite.id] = suite
        return suite

    # --- one attempt --------------------------------------------------------------------------------------------------------

    async def _begin(
        self,
        repo: Repository,
        run: WorkflowRun,
        suite: CheckSuite,
        actor: Account,
        plan: WorkflowPlan | BrokenWorkflow,
        done: dict[str, Job] | None = None,
    ) -> None:
        now = self.world.state.clock()
        attempt = Attempt(number=len(run.attempts) + 1, triggering_actor=actor, suite=suite, started_at=now, updated_at=now)
        run.attempts.append(attempt)
        suite.status, suite.conclusion = "queued", None
        await self._tell_run("requested", repo, run, attempt)
        if isinstance(plan, BrokenWorkflow):
            await self._end(repo, run, attempt, "startup_failure")
            return
        jobs = [self._new_job(repo, run, attempt, job, (done or {}).get(job.name)) for job in plan.jobs]
        for job in jobs:
            await self._tell_check("created", repo, job.check, run.actor)
            if job.check.status == "queued":
                self.world.events.workflow_job("queued", repo, run, job, run.actor)
        self.world.background(lambda: self._carry_out(repo, run, attempt, list(zip(plan.jobs, jobs, strict=True))))

    def _new_job(self, repo: Repository, run: WorkflowRun, attempt: Attempt, plan: JobPlan, old: Job | None) -> Job:
        """Make a job; one that passed in the attempt before is carried over with its log."""
        check = make_check(self.world, repo, attempt.suite, plan.name)
        check.details_url = f"{self.world.at.web}/{repo.full_name}/actions/runs/{run.id}/job/{check.id}"
        job = Job(
            id=check.id, key=plan.key, name=plan.name, attempt=attempt.number, check=check, created_at=self.world.state.clock()
        )
        if old is not None:
            job.steps, job.log = old.steps, old.log
            check.started_at, check.annotations = old.check.started_at, list(old.check.annotations)
            finish(check, old.check.conclusion or "success", old.check.completed_at or self.world.state.clock())
        repo.jobs[job.id] = job
        attempt.jobs.append(job)
        return job

    async def _carry_out(self, repo: Repository, run: WorkflowRun, attempt: Attempt, work: list[tuple[JobPlan, Job]]) -> None:
        flow = [(plan, job, asyncio.Event()) for plan, job in work]

        async def one(plan: JobPlan, job: Job, ended: asyncio.Event) -> None:
            before = [(other, mark) for other_plan, other, mark in flow if other_plan.key in plan.needs]
            for _, mark in before:
                await mark.wait()
            if job.check.status != "completed":
                await self._one_job(repo, run, attempt, plan, job, [other for other, _ in before])
            ended.set()

        async with asyncio.TaskGroup() as group:
            for plan, job, ended in flow:
                group.create_task(one(plan, job, ended))
        await self._end(repo, run, attempt, conclude(work))

    async def _one_job(
        self, repo: Repository, run: WorkflowRun, attempt: Attempt, plan: JobPlan, job: Job, before: list[Job]
    ) -> None:
        if any(other.check.conclusion != "success" for other in before) and not _runs_anyway(plan):
            finish(job.check, "skipped", self.world.state.clock())
            await self._tell_check("completed", repo, job.check, run.actor)
            self.world.events.workflow_job("completed", repo, run, job, run.actor)
            return
        async with self._slots:
            await self._started(repo, run, attempt, job)
            result = await self._execute(repo, run, plan)
        job.log = result.log
        job.steps = [_step(step) for step in result.steps]
        job.check.started_at = result.started_at
        job.check.annotations = [_annotation(one) for one in result.annotations]
        finish(job.check, result.conclusion, result.completed_at)
        await self._tell_check("completed", repo, job.check, run.actor)
        self.world.events.workflow_job("completed", repo, run, job, run.actor)

    async def _started(self, repo: Repository, run: WorkflowRun, attempt: Attempt, job: Job) -> None:
        now = self.world.state.clock()
        job.check.status, job.check.started_at = "in_progress", now
        if attempt.status == "queued":
            attempt.status, attempt.updated_at, attempt.suite.status = "in_progress", now, "in_progress"
            await self._tell_run("in_progress", repo, run, attempt)
        self.world.events.workflow_job("in_progress", repo, run, job, run.actor)

    async def _execute(self, repo: Repository, run: WorkflowRun, plan: JobPlan) -> JobResult:
        def checkout(folder: Path) -> Awaitable[None]:
            return repo.git.materialise(run.checkout_sha, folder)

        with TemporaryDirectory(dir=self.world.folder, prefix="job-") as folder:
            return await run_job(
                plan,
                checkout=checkout,
                folder=Path(folder),
                tools_path=self.tools_path,
                event=run.trigger,
                clock=self.world.state.clock,
            )

    async def _end(self, repo: Repository, run: WorkflowRun, attempt: Attempt, conclusion: str) -> None:
        now = self.world.state.clock()
        attempt.status, attempt.conclusion, attempt.updated_at = "completed", conclusion, now
        suite = attempt.suite
        suite.status, suite.conclusion, suite.updated_at = "completed", conclusion, now
        head = await repo.git.commit(run.head_sha)
        self.world.events.check_suite("completed", repo, suite, head, run.actor)
        await self._tell_run("completed", repo, run, attempt)

    async def _tell_run(self, action: str, repo: Repository, run: WorkflowRun, attempt: Attempt) -> None:
        head = await repo.git.commit(run.head_sha)
        self.world.events.workflow_run(action, repo, run, attempt, head, attempt.triggering_actor)

    async def _tell_check(self, action: str, repo: Repository, check: CheckRun, actor: Account) -> None:
        self.world.events.check_run(action, repo, check, await repo.git.commit(check.suite.head_sha), actor)

    # --- again --------------------------------------------------------------------------------------------------------------

    async def rerun(
        self, repo: Repository, run: WorkflowRun, actor: Account, wanted: Callable[[Job], bool] = lambda _: True
    ) -> None:
        """Run again as the next attempt: the jobs that are wanted and those that need them. Raises Refused."""
        attempt = run.latest
        if attempt.status != "completed":
            raise Refused(403, "This workflow is already running")
        if len(run.attempts) >= MAX_ATTEMPTS:
            raise Refused(403, "The workflow run cannot be retried: the limit of attempts is reached")
        if isinstance(run.plan, BrokenWorkflow):
            raise Refused(403, "The workflow run cannot be retried")
        again = {job.key for job in attempt.jobs if wanted(job)}
        again = _with_dependents(run.plan.jobs, again)
        done = {job.name: job for job in attempt.jobs if job.key not in again}
        await self._begin(repo, run, attempt.suite, actor, run.plan, done)


def _with_dependents(plans: tuple[JobPlan, ...], keys: set[str]) -> set[str]:
    grown = set(keys)
    while True:
        more = {plan.key for plan in plans if grown & set(plan.needs)} - grown
        if not more:
            return grown
        grown |= more


def _runs_anyway(plan: JobPlan) -> bool:
    condition = plan.condition or ""
    return "always()" in condition or "failure()" in condition or "!cancelled()" in condition


def conclude(work: list[tuple[JobPlan, Job]]) -> str:
    """The conclusion of a run from its jobs'; jobs that may fail do not count."""
    counted = [job.check.conclusion for plan, job in work if not plan.continue_on_error]
    for bad in ("failure", "timed_out", "cancelled"):
        if bad in counted:
            return bad
    return "skipped" if counted and set(counted) == {"skipped"} else "success"


def _step(step: object) -> Json:
    facts: Json = {name: getattr(step, name) for name in ("name", "number", "status", "conclusion")}
    return facts | {name: stamp(getattr(step, name)) for name in ("started_at", "completed_at")}


def _annotation(one: tuple[str, int, int, str, str, str]) -> Json:
    path, start, end, level, title, message = one
    return {
        "path": path,
        "start_line": start,
        "end_line": end,
        "annotation_level": level,
        "title": title or None,
        "message": message,
    }
