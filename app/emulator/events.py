"""Which events the App is told about, and what their bodies hold (GITHUB.md calls them by the same names).

An event goes out when the App subscribed to it in its manifest and its installation was granted the permission that the event
needs. The body is written when the thing happens, not when it is delivered.
"""

from dataclasses import dataclass
from typing import Any

from app.emulator.accounts import Account, Json, node_id, stamp
from app.emulator.ci_state import Attempt, CheckRun, CheckSuite, CommitStatus, Job, WorkflowRun
from app.emulator.objects import ZERO, CommitData
from app.emulator.shapes import ci, people, pulls
from app.emulator.shapes import repositories as repos
from app.emulator.shapes.people import Addresses
from app.emulator.shapes.pulls import PullSize
from app.emulator.state import Comment, Installation, Pull, Repository, Review, State
from app.emulator.webhooks import Outbox

ALWAYS = frozenset({"installation", "installation_repositories", "installation_target"})
NEEDS = {
    "check_run": ("checks",),
    "check_suite": ("checks",),
    "issue_comment": ("issues",),
    "pull_request": ("pull_requests",),
    "pull_request_review": ("pull_requests",),
    "push": ("contents",),
    "status": ("statuses",),
    "workflow_job": ("actions",),
    "workflow_run": ("actions",),
}
PUSHED_COMMITS = 2048  # at most so many stand in one push event


@dataclass(frozen=True, slots=True, kw_only=True)
class Events:
    """Writes event bodies and hands them to the outbox."""

    state: State
    outbox: Outbox
    at: Addresses

    def _send(self, event: str, repo: Repository, sender: Account, payload: Json) -> None:
        installation = self.state.installation_for(repo)
        if installation is None or not self._wanted(event, installation):
            return
        common: Json = {
            "repository": repos.repository(self.at, repo),
            "sender": people.user(self.at, sender),
            "installation": {"id": installation.id, "node_id": node_id("MDIzOkludGVncmF0aW9u", installation.id)},
        }
        if repo.owner.type == "Organization":
            common["organization"] = people.organization(self.at, repo.owner)
        self.outbox.post(event, payload | common, installation=installation, repository_id=repo.id)

    def _wanted(self, event: str, installation: Installation) -> bool:
        granted = all(installation.permissions.get(name) for name in NEEDS.get(event, ()))
        return event in ALWAYS or (event in installation.events and granted)

    def installation(self, action: str, one: Installation, sender: Account, **extra: Any) -> None:  # noqa: ANN401 - JSON
        """``installation``: created, deleted, suspend, unsuspend, new_permissions_accepted."""
        facts = {"installation": people.installation(self.at, self.state, one), "sender": people.user(self.at, sender)}
        self.outbox.post("installation", {"action": action} | facts | extra, installation=one)

    def installation_repositories(
        self, one: Installation, sender: Account, added: list[Repository], gone: list[Repository]
    ) -> None:
        """``installation_repositories``: added or removed."""
        body = {
            "action": "added" if added else "removed",
            "installation": people.installation(self.at, self.state, one),
            "repository_selection": one.repository_selection,
            "repositories_added": [repos.listed_repository(repo) for repo in added],
            "repositories_removed": [repos.listed_repository(repo) for repo in gone],
            "requester": None,
            "sender": people.user(self.at, sender),
        }
        self.outbox.post("installation_repositories", body, installation=one)

    def push(
        self,
        repo: Repository,
        ref: str,
        sender: Account,
        *,
        before: str | None,
        after: str | None,
        commits: list[CommitData],
        files: dict[str, tuple[list[str], list[str], list[str]]],
        forced: bool,
    ) -> None:
        """``push``; ``commits`` oldest first, ``files`` the added, removed and modified paths of each."""
        listed = [
            repos.hook_commit(self.at, self.state, repo, one)
            | dict(zip(("added", "removed", "modified"), files[one.sha], strict=True))
            for one in commits[-PUSHED_COMMITS:]
        ]
        web = f"{self.at.web}/{repo.full_name}"
        body = {
            "ref": ref,
            "before": before or ZERO,
            "after": after or ZERO,
            "created": before is None,
            "deleted": after is None,
            "forced": forced,
            "base_ref": None,
            "compare": f"{web}/compare/{(before or ZERO)[:12]}...{(after or ZERO)[:12]}",
            "commits": listed,
            "head_commit": listed[-1] if listed and after else None,
            "pusher": {"name": sender.login, "email": sender.email},
        }
        self._send("push", repo, sender, body)

    def pull_request(
        self,
        action: str,
        repo: Repository,
        pull: Pull,
        size: PullSize,
        sender: Account,
        **extra: Any,  # noqa: ANN401 - JSON
    ) -> None:
        """``pull_request``; ``extra`` is what an action adds: before and after, changes, label."""
        shape = pulls.full_pull(self.at, repo, pull, size)
        self._send("pull_request", repo, sender, {"action": action, "number": pull.number, "pull_request": shape} | extra)

    def review(self, repo: Repository, pull: Pull, review: Review, sender: Account) -> None:
        """``pull_request_review.submitted``."""
        written = pulls.review(self.at, repo, review, pull)
        written["state"] = review.state.lower()
        body = {"action": "submitted", "review": written, "pull_request": pulls.pull(self.at, repo, pull)}
        self._send("pull_request_review", repo, sender, body)

    def issue_comment(self, action: str, repo: Repository, comment: Comment, sender: Account, **extra: Any) -> None:  # noqa: ANN401 - JSON
        """``issue_comment``: created, edited (with ``changes``), deleted."""
        issue = pulls.issue(self.at, repo, repo.pulls[comment.number])
        shape = pulls.comment(self.at, repo, comment, self.state.app)
        self._send("issue_comment", repo, sender, {"action": action, "issue": issue, "comment": shape} | extra)

    def check_run(
        self,
        action: str,
        repo: Repository,
        run: CheckRun,
        head: CommitData,
        sender: Account,
        **extra: Any,  # noqa: ANN401 - JSON
    ) -> None:
        """``check_run``: created, completed, rerequested, requested_action (with ``requested_action``)."""
        self._send(
            "check_run", repo, sender, {"action": action, "check_run": ci.hook_check_run(self.at, repo, run, head)} | extra
        )

    def check_suite(self, action: str, repo: Repository, suite: CheckSuite, head: CommitData, sender: Account) -> None:
        """``check_suite``: requested, rerequested (both for our App's only), completed."""
        shape = ci.check_suite(self.at, repo, suite, head)
        del shape["repository"]  # the delivery has it beside the suite
        self._send("check_suite", repo, sender, {"action": action, "check_suite": shape})

    def workflow_run(
        self, action: str, repo: Repository, run: WorkflowRun, attempt: Attempt, head: CommitData, sender: Account
    ) -> None:
        """``workflow_run``: requested, in_progress, completed."""
        body = {
            "action": action,
            "workflow_run": ci.workflow_run(self.at, repo, run, attempt, head),
            "workflow": ci.workflow(self.at, repo, run.workflow),
        }
        self._send("workflow_run", repo, sender, body)

    def workflow_job(self, action: str, repo: Repository, run: WorkflowRun, job: Job, sender: Account) -> None:
        """``workflow_job``: queued, in_progress, completed."""
        self._send("workflow_job", repo, sender, {"action": action, "workflow_job": ci.job(self.at, repo, run, job)})

    def status(self, repo: Repository, one: CommitStatus, head: CommitData, branches: list[str], sender: Account) -> None:
        """``status``."""
        url = f"{repos.url_of(self.at, repo)}/commits/{one.sha}"
        body = {
            "id": one.id,
            "sha": one.sha,
            "name": repo.full_name,
            "target_url": one.target_url,
            "context": one.context,
            "description": one.description,
            "state": one.state,
            "commit": repos.commit(self.at, self.state, repo, head),
            "branches": [{"name": name, "commit": {"sha": one.sha, "url": url}, "protected": False} for name in branches],
            "created_at": stamp(one.created_at),
            "updated_at": stamp(one.created_at),
        }
        self._send("status", repo, sender, body)
