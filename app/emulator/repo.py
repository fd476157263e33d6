"""A repository of the stand-in, as tests and the demo drive it: in the user's language."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from app.emulator import changes, conversations
from app.emulator.accounts import Account
from app.emulator.checks import newest
from app.emulator.ci_state import CheckRun, CommitStatus, WorkflowRun
from app.emulator.state import Comment, Pull, Repository, Review
from app.emulator.world import World

Files = Mapping[str, str | bytes | None]
Role = Literal["read", "triage", "write", "maintain", "admin"]
Verdict = Literal["APPROVED", "CHANGES_REQUESTED", "COMMENTED"]


@dataclass(frozen=True, slots=True)
class Repo:
    """What people do in one repository, and what is there to see. Branches are named without ``refs/heads/``."""

    world: World
    state: Repository

    @property
    def full_name(self) -> str:
        """Owner, slash, name."""
        return self.state.full_name

    @property
    def id(self) -> int:
        """The number."""
        return self.state.id

    def _person(self, login: str) -> Account:
        kind = "Bot" if login.endswith("[bot]") else "User"
        return self.world.state.account(login, kind)

    # --- git ----------------------------------------------------------------------------------------------------------------

    async def push(
        self,
        branch: str,
        files: Files,
        *,
        author: str = "alice",
        message: str = "Change files",
        from_branch: str | None = None,
        run_ci: bool = True,
    ) -> str:
        """Commit files (null deletes) on a branch, made where it is new; tells the App and starts CI. Gives the sha."""
        ref, account = f"refs/heads/{branch}", self._person(author)
        async with self.state.git.lock:
            start = from_branch or (branch if await self.state.git.ref(ref) else self.state.default_branch)
            parent = await self.state.git.ref(ref) or await self.state.git.ref(f"refs/heads/{start}")
            who = self.world.person(account)
            sha = await self.state.git.write_commit(files, parent=parent, author=who, committer=who, message=message)
            await changes.move_ref(self.world, self.state, ref, sha, account, run_ci=run_ci)
        return sha

    async def force(self, branch: str, sha: str, *, by: str = "alice") -> None:
        """Point a branch at any commit, forwards or not."""
        async with self.state.git.lock:
            await changes.move_ref(self.world, self.state, f"refs/heads/{branch}", sha, self._person(by))

    async def tag(self, name: str, sha: str, *, by: str = "alice") -> None:
        """Push a tag."""
        await changes.move_ref(self.world, self.state, f"refs/tags/{name}", sha, self._person(by))

    async def delete_branch(self, branch: str, *, by: str = "alice") -> None:
        """Delete a branch; pull requests from it are closed."""
        await conversations.delete_branch(self.world, self.state, branch, self._person(by))

    async def branches(self) -> dict[str, str]:
        """Branch names and their heads."""
        return await self.state.git.branches()

    async def head(self, branch: str) -> str | None:
        """Where a branch stands; null when there is none."""
        return await self.state.git.ref(f"refs/heads/{branch}")

    async def file(self, ref: str, path: str) -> bytes | None:
        """A file on a branch, or at a commit; null when there is none."""
        sha = await self.state.git.resolve(ref)
        return None if sha is None else await self.state.git.file(sha, path)

    async def log(self, ref: str, limit: int = 50) -> list[str]:
        """The messages of a branch's commits, newest first."""
        sha = await self.state.git.resolve(ref)
        shas = [] if sha is None else await self.state.git.history(sha, limit)
        return [commit.message for commit in await self.state.git.commits(shas)]

    # --- pull requests ------------------------------------------------------------------------------------------------------

    @property
    def pull_requests(self) -> list[Pull]:
        """All of them, oldest first."""
        return list(self.state.pulls.values())

    async def open_pull_request(
        self,
        head: str,
        base: str | None = None,
        *,
        author: str = "alice",
        title: str = "",
        body: str | None = None,
        draft: bool = False,
    ) -> Pull:
        """Open a pull request; ``head`` may be ``owner:branch`` of a fork."""
        return await conversations.open_pull(
            self.world,
            self.state,
            title=title or f"Merge {head}",
            body=body,
            head=head,
            base=base or self.state.default_branch,
            draft=draft,
            author=self._person(author),
            maintainer_can_modify=True,
        )

    async def merge(self, number: int, *, by: str = "alice", method: str = "merge", delete_branch: bool = False) -> str:
        """Merge a pull request and give the new commit on its base."""
        pull = self.state.pulls[number]
        sha = await conversations.merge(self.world, self.state, pull, by=self._person(by), method=method)
        if delete_branch:
            await self.delete_branch(pull.head_ref, by=by)
        return sha

    async def close(self, number: int, *, by: str = "alice") -> None:
        """Close a pull request without merging it."""
        await changes.close(self.world, self.state, self.state.pulls[number], self._person(by))

    async def reopen(self, number: int, *, by: str = "alice") -> None:
        """Open a closed pull request again."""
        await conversations.reopen(self.world, self.state, self.state.pulls[number], self._person(by))

    async def ready(self, number: int, *, by: str = "alice") -> None:
        """Mark a draft ready for review."""
        await conversations.set_draft(self.world, self.state, self.state.pulls[number], self._person(by), draft=False)

    async def label(self, number: int, *names: str, by: str = "alice") -> None:
        """Put labels on a pull request."""
        await conversations.label(self.world, self.state, self.state.pulls[number], list(names), self._person(by))

    def comment(self, number: int, body: str, *, by: str = "alice") -> Comment:
        """Comment on a pull request."""
        return conversations.comment(self.world, self.state, number, body, self._person(by))

    def edit_comment(self, comment: Comment, body: str, *, by: str = "alice") -> None:
        """Change a comment."""
        conversations.edit_comment(self.world, self.state, comment, body, self._person(by))

    def delete_comment(self, comment: Comment, *, by: str = "alice") -> None:
        """Delete a comment."""
        conversations.delete_comment(self.world, self.state, comment, self._person(by))

    def comments(self, number: int) -> list[Comment]:
        """A pull request's conversation, oldest first."""
        return [one for one in self.state.comments.values() if one.number == number]

    def review(self, number: int, verdict: Verdict = "APPROVED", body: str = "", *, by: str = "bob") -> Review:
        """Review a pull request."""
        pull = self.state.pulls[number]
        return conversations.review(self.world, self.state, pull, state=verdict, body=body, by=self._person(by))

    # --- checks and runs ----------------------------------------------------------------------------------------------------

    def check_runs(self, sha: str, *, app: str | None = None) -> list[CheckRun]:
        """The check runs on a commit (the last of each name), of one App where it is named."""
        found = newest(run for suite in self.state.suites_of(sha) for run in suite.runs)
        return [run for run in found if app in {None, run.suite.app.slug}]

    def all_check_runs(self, *, app: str | None = None) -> list[CheckRun]:
        """Every check run ever made, so that a doubled one shows."""
        return [run for run in self.state.checks.values() if app in {None, run.suite.app.slug}]

    def runs(self, sha: str | None = None) -> list[WorkflowRun]:
        """Workflow runs, oldest first."""
        return [run for run in self.state.runs.values() if sha in {None, run.head_sha}]

    def expire_logs(self, run_id: int) -> None:
        """Let a run's logs be gone: 410 from now on."""
        self.state.runs[run_id].logs_expired = True

    async def rerun(self, run_id: int, *, by: str = "alice", failed_only: bool = False) -> None:
        """Run a workflow run again, as its next attempt."""
        run = self.state.runs[run_id]
        bad = {"failure", "timed_out", "cancelled"}
        await self.world.actions.rerun(
            self.state, run, self._person(by), lambda job: not failed_only or job.check.conclusion in bad
        )

    async def status(self, sha: str, state: str, context: str, *, description: str = "", by: str = "ci-bot") -> CommitStatus:
        """Let another CI system write a commit status."""
        now = self.world.state.clock()
        creator = self._person(by)
        one = CommitStatus(
            id=next(self.world.state.small),
            sha=sha,
            state=state,
            context=context,
            description=description,
            target_url=None,
            creator=creator,
            created_at=now,
        )
        self.state.statuses.append(one)
        branches = [name for name, head in (await self.branches()).items() if head == sha]
        self.world.events.status(self.state, one, await self.state.git.commit(sha), branches, creator)
        return one

    async def press(self, check: CheckRun, identifier: str, *, by: str = "alice") -> None:
        """Press a button of a check run: ``check_run.requested_action``."""
        if identifier not in {action["identifier"] for action in check.actions}:
            raise KeyError(identifier)
        head = await self.state.git.commit(check.suite.head_sha)
        asked = {"identifier": identifier}
        self.world.events.check_run("requested_action", self.state, check, head, self._person(by), requested_action=asked)

    async def rerequest(self, check: CheckRun, *, by: str = "alice") -> None:
        """Press "Re-run" on a check run of our App: ``check_run.rerequested``."""
        head = await self.state.git.commit(check.suite.head_sha)
        self.world.events.check_run("rerequested", self.state, check, head, self._person(by))

    # --- who may do what ----------------------------------------------------------------------------------------------------

    def protect(self, branch: str) -> None:
        """Protect a branch: an App's token may not move or delete it."""
        self.state.protected.add(branch)

    def add_collaborator(self, login: str, role: Role = "write") -> None:
        """Give someone a role."""
        self.state.roles[self._person(login).login.lower()] = role
