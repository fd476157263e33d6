"""GitHub Actions: which runs a push or a pull request starts, and re-runs. How one attempt goes is in ``attempts``."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from app.emulator.accounts import Account, Json
from app.emulator.attempts import Conductor
from app.emulator.ci.workflow import BrokenWorkflow, JobPlan, TriggerEvent, WorkflowPlan, triggered
from app.emulator.ci_state import Attempt, CheckSuite, Job, Workflow, WorkflowRun
from app.emulator.objects import ZERO
from app.emulator.shapes.pulls import pull as pull_shape
from app.emulator.shapes.repositories import hook_commit, repository
from app.emulator.state import Pull, Repository
from app.emulator.world import Refused, World

FOLDER = ".github/workflows/"
AT_ONCE = 2  # jobs that run at the same time
# Marks in a commit's message that keep push and pull_request workflows from starting.
SKIPS = ("[skip ci]", "[ci skip]", "[no ci]", "[skip actions]", "[actions skip]")
MAX_ATTEMPTS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """What starts runs: the event as workflows see it, and what GitHub keeps about it."""

    event: TriggerEvent
    branch: str  # head_branch of the runs
    actor: Account
    head: Repository  # where the head commit lives: a fork, for its pull requests
    before: str | None = None
    title: str = ""  # empty: the commit's headline

    @property
    def checkout(self) -> str:
        """The commit that the jobs see."""
        return self.event.sha or self.event.head_sha


@dataclass(slots=True)
class Actions:
    """Starts runs."""

    world: World
    tools_path: str
    _slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def pushed(self, repo: Repository, ref: str, before: str | None, sha: str, actor: Account) -> None:
        """Start the workflows of a push."""
        head = await repo.git.commit(sha)
        if skipped(head.message):
            return
        at, state = self.world.at, self.world.state
        told = {"ref": ref, "before": before or ZERO, "after": sha, "created": before is None, "repository": repository(at, repo)}
        event = TriggerEvent(
            name="push",
            ref=ref,
            head_branch=ref.split("/", 2)[2],
            changed_paths=await self._changed(repo, before, sha),
            head_sha=sha,
            head_message=head.message,
            repository=repo.full_name,
            actor=actor.login,
            payload=told | {"head_commit": hook_commit(at, state, repo, head)},
        )
        await self._start(repo, Cause(event=event, branch=ref.split("/", 2)[2], actor=actor, head=repo, before=before))

    async def pull_changed(self, repo: Repository, pull: Pull, action: str, actor: Account) -> None:
        """Start the workflows of a pull request; they see the merge of head and base, and do not run where that conflicts."""
        head = await repo.git.commit(pull.head_sha)
        if pull.state != "open" or skipped(head.message):
            return
        merge = await self._merge_commit(repo, pull, actor)
        if merge is None:
            return
        fork = await repo.git.merge_base(pull.base_sha, pull.head_sha)
        told = {"action": action, "number": pull.number, "pull_request": pull_shape(self.world.at, repo, pull)}
        event = TriggerEvent(
            name="pull_request",
            ref=f"refs/pull/{pull.number}/merge",
            base_branch=pull.base_ref,
            head_branch=pull.head_ref,
            action=action,
            changed_paths=await self._changed(repo, fork, pull.head_sha),
            head_sha=pull.head_sha,
            head_message=head.message,
            sha=merge,
            repository=repo.full_name,
            actor=actor.login,
            payload=told | {"repository": repository(self.world.at, repo)},
        )
        source = pull.head_repository or repo
        await self._start(repo, Cause(event=event, branch=pull.head_ref, actor=actor, head=source, title=pull.title))

    async def dispatched(self, repo: Repository, workflow: Workflow, branch: str, actor: Account, inputs: Json) -> bool:
        """Start one workflow by hand (``workflow_dispatch``); tells whether it allows that. Raises Refused."""
        sha = await repo.git.ref(f"refs/heads/{branch}")
        if sha is None:
            raise Refused(422, f"No ref found for: {branch}")
        event = TriggerEvent(
            name="workflow_dispatch",
            ref=f"refs/heads/{branch}",
            head_branch=branch,
            head_sha=sha,
            repository=repo.full_name,
            actor=actor.login,
            inputs=inputs,
            payload={"inputs": inputs, "repository": repository(self.world.at, repo)},
        )
        return await self._start(repo, Cause(event=event, branch=branch, actor=actor, head=repo), only=workflow.path) > 0

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

    async def _start(self, repo: Repository, cause: Cause, *, only: str | None = None) -> int:
        workflows = await self._workflow_files(repo, cause.checkout)
        if only is not None:
            workflows = {path: text for path, text in workflows.items() if path == only}
        found = triggered(workflows, cause.event)
        headline = (await repo.git.commit(cause.event.head_sha)).message.split("\n")[0]
        for plan in found:
            run = self._new_run(repo, plan, cause, headline)
            await self._begin(repo, run, self._new_suite(repo, run, cause.before), cause.actor)
        return len(found)

    async def _workflow_files(self, repo: Repository, sha: str) -> dict[str, str]:
        entries = [
            entry
            for entry in await repo.git.tree(sha, recursive=True)
            if entry.path.startswith(FOLDER) and entry.path.endswith((".yml", ".yaml")) and entry.path.count("/") == 2
        ]
        return {entry.path: (await repo.git.blob(entry.sha)).decode(errors="replace") for entry in entries}

    def _new_run(self, repo: Repository, plan: WorkflowPlan | BrokenWorkflow, cause: Cause, headline: str) -> WorkflowRun:
        workflow = self._workflow(repo, plan)
        shown = plan.run_name if isinstance(plan, WorkflowPlan) else ""
        run = WorkflowRun(
            id=next(self.world.state.small),
            number=1 + sum(other.workflow is workflow for other in repo.runs.values()),
            workflow=workflow,
            event=cause.event.name,
            head_branch=cause.branch,
            head_sha=cause.event.head_sha,
            head_repository=cause.head,
            actor=cause.actor,
            created_at=self.world.state.clock(),
            checkout_sha=cause.checkout,
            plan=plan,
            trigger=cause.event,
            display_title=shown or cause.title or headline,
        )
        repo.runs[run.id] = run
        return run

    def _workflow(self, repo: Repository, plan: WorkflowPlan | BrokenWorkflow) -> Workflow:
        """The workflow of a file; its name is the newest that the file gave itself."""
        known = repo.workflows.get(plan.path)
        if known is None:
            now = self.world.state.clock()
            known = Workflow(id=next(self.world.state.small), path=plan.path, name=plan.path, created_at=now)
            repo.workflows[plan.path] = known
        if isinstance(plan, WorkflowPlan):
            known.name = plan.name
        return known

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

    async def _begin(
        self,
        repo: Repository,
        run: WorkflowRun,
        suite: CheckSuite,
        actor: Account,
        done: dict[str, Job] | None = None,
    ) -> None:
        now = self.world.state.clock()
        attempt = Attempt(number=len(run.attempts) + 1, triggering_actor=actor, suite=suite, started_at=now, updated_at=now)
        run.attempts.append(attempt)
        suite.status, suite.conclusion = "queued", None
        conductor = Conductor(
            world=self.world, repo=repo, run=run, attempt=attempt, tools_path=self.tools_path, slots=self._slots
        )
        if isinstance(run.plan, BrokenWorkflow):
            await conductor.tell_run("requested")
            await conductor.end("startup_failure")
            return
        work = await conductor.request(run.plan.jobs, done or {})
        for one in work:
            if one.job.check.status == "completed":
                one.ended.set()
        self.world.background(lambda: conductor.carry_out(work))

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
        await self._begin(repo, run, attempt.suite, actor, done)

    def cancel(self, run: WorkflowRun) -> None:
        """Cancel what has not ended. Raises Refused (409)."""
        if run.latest.status == "completed":
            raise Refused(409, "Cannot cancel a workflow run that is completed.")
        for job in run.latest.jobs:
            job.cancel.set()


def skipped(message: str) -> bool:
    """Tell whether a commit asks for no runs."""
    return any(mark in message for mark in SKIPS)


def _with_dependents(plans: tuple[JobPlan, ...], keys: set[str]) -> set[str]:
    grown = set(keys)
    while True:
        more = {plan.key for plan in plans if grown & set(plan.needs)} - grown
        if not more:
            return grown
        grown |= more
