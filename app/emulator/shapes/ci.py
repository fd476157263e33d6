"""How GitHub writes check runs, check suites, statuses, workflow runs and jobs."""

from app.emulator.accounts import Json, node_id, stamp
from app.emulator.ci_state import Attempt, CheckRun, CheckSuite, CommitStatus, Job, Workflow, WorkflowRun
from app.emulator.objects import CommitData
from app.emulator.shapes import people
from app.emulator.shapes.people import Addresses
from app.emulator.shapes.repositories import account_of, minimal_repository, url_of
from app.emulator.state import Repository, State


def pull_refs(at: Addresses, repo: Repository, sha: str, branch: str | None = None) -> list[Json]:
    """The open pull requests whose head is this commit or branch, as check and run objects list them; empty for forks' heads."""
    url = url_of(at, repo)
    short = {"id": repo.id, "url": url, "name": repo.name}
    return [
        {
            "id": pull.id,
            "number": pull.number,
            "url": f"{url}/pulls/{pull.number}",
            "head": {"ref": pull.head_ref, "sha": pull.head_sha, "repo": short},
            "base": {"ref": pull.base_ref, "sha": pull.base_sha, "repo": short},
        }
        for pull in repo.pulls.values()
        if pull.state == "open" and pull.head_repository is repo and (pull.head_sha == sha or pull.head_ref == branch)
    ]


def check_run(at: Addresses, repo: Repository, one: CheckRun) -> Json:
    """A check run."""
    url = f"{url_of(at, repo)}/check-runs/{one.id}"
    output = {
        "title": one.title,
        "summary": one.summary,
        "text": one.text,
        "annotations_count": len(one.annotations),
        "annotations_url": f"{url}/annotations",
    }
    return {
        "id": one.id,
        "node_id": node_id("CR", one.id),
        "name": one.name,
        "head_sha": one.suite.head_sha,
        "external_id": one.external_id,
        "url": url,
        "html_url": one.details_url or f"{at.web}/{repo.full_name}/runs/{one.id}",
        "details_url": one.details_url or f"{at.web}/apps/{one.suite.app.slug}",
        "status": one.status,
        "conclusion": one.conclusion,
        "started_at": stamp(one.started_at),
        "completed_at": stamp(one.completed_at),
        "output": output,
        "check_suite": {"id": one.suite.id},
        "app": people.app(at, one.suite.app),
        "pull_requests": pull_refs(at, repo, one.suite.head_sha),
    }


def hook_check_run(at: Addresses, repo: Repository, one: CheckRun, head: CommitData) -> Json:
    """A check run as its events carry it: with its whole suite."""
    suite = check_suite(at, repo, one.suite, head)
    kept = ("id", "node_id", "head_branch", "head_sha", "status", "conclusion", "url", "before", "after", "app")
    inner = {key: suite[key] for key in (*kept, "created_at", "updated_at", "pull_requests")}
    began = {"started_at": stamp(one.started_at or one.suite.created_at)}  # never null here, unlike in the REST API
    return check_run(at, repo, one) | {"check_suite": inner} | began


def annotation(at: Addresses, repo: Repository, sha: str, one: Json) -> Json:
    """An annotation, as the list of a check run's annotations shows it."""
    optional: Json = dict.fromkeys(("start_column", "end_column", "title", "raw_details"))
    return optional | one | {"blob_href": f"{at.web}/{repo.full_name}/blob/{sha}/{one['path']}"}


def head_commit(one: CommitData) -> Json:
    """The short form of a commit in runs and suites."""
    return {
        "id": one.sha,
        "tree_id": one.tree,
        "message": one.message,
        "timestamp": stamp(one.committer.at),
        "author": {"name": one.author.name, "email": one.author.email},
        "committer": {"name": one.committer.name, "email": one.committer.email},
    }


def check_suite(at: Addresses, repo: Repository, one: CheckSuite, head: CommitData) -> Json:
    """A check suite."""
    url = f"{url_of(at, repo)}/check-suites/{one.id}"
    return {
        "id": one.id,
        "node_id": node_id("CS", one.id),
        "head_branch": one.head_branch,
        "head_sha": one.head_sha,
        "status": one.status,
        "conclusion": one.conclusion,
        "url": url,
        "before": one.before,
        "after": one.head_sha,
        "pull_requests": pull_refs(at, repo, one.head_sha, one.head_branch),
        "app": people.app(at, one.app),
        "created_at": stamp(one.created_at),
        "updated_at": stamp(one.updated_at),
        "rerequestable": True,
        "runs_rerequestable": one.workflow_run is None,
        "latest_check_runs_count": len(one.runs),
        "check_runs_url": f"{url}/check-runs",
        "head_commit": head_commit(head),
        "repository": minimal_repository(at, repo),
    }


def status(at: Addresses, repo: Repository, one: CommitStatus) -> Json:
    """A commit status."""
    return simple_status(at, repo, one) | {"creator": people.user(at, one.creator)}


def simple_status(at: Addresses, repo: Repository, one: CommitStatus) -> Json:
    """A commit status inside the sum of them all: without who wrote it."""
    return {
        "url": f"{url_of(at, repo)}/statuses/{one.sha}",
        "avatar_url": people.user(at, one.creator)["avatar_url"],
        "id": one.id,
        "node_id": node_id("SC", one.id),
        "state": one.state,
        "description": one.description,
        "target_url": one.target_url,
        "context": one.context,
        "created_at": stamp(one.created_at),
        "updated_at": stamp(one.created_at),
    }


def workflow(at: Addresses, repo: Repository, one: Workflow) -> Json:
    """A workflow file."""
    return {
        "id": one.id,
        "node_id": node_id("W", one.id),
        "name": one.name,
        "path": one.path,
        "state": "active",
        "created_at": stamp(one.created_at),
        "updated_at": stamp(one.created_at),
        "url": f"{url_of(at, repo)}/actions/workflows/{one.id}",
        "html_url": f"{at.web}/{repo.full_name}/blob/{repo.default_branch}/{one.path}",
        "badge_url": f"{at.web}/{repo.full_name}/workflows/{one.name}/badge.svg",
    }


def _run_links(at: Addresses, repo: Repository, one: WorkflowRun, attempt: Attempt) -> Json:
    base = url_of(at, repo)
    url = f"{base}/actions/runs/{one.id}"
    before = attempt.number - 1
    return {
        "url": url,
        "html_url": f"{at.web}/{repo.full_name}/actions/runs/{one.id}",
        "jobs_url": f"{url}/jobs",
        "logs_url": f"{url}/logs",
        "check_suite_url": f"{base}/check-suites/{attempt.suite.id}",
        "artifacts_url": f"{url}/artifacts",
        "cancel_url": f"{url}/cancel",
        "rerun_url": f"{url}/rerun",
        "previous_attempt_url": f"{url}/attempts/{before}" if before else None,
        "workflow_url": f"{base}/actions/workflows/{one.workflow.id}",
    }


def workflow_run(at: Addresses, repo: Repository, one: WorkflowRun, attempt: Attempt, head: CommitData) -> Json:
    """One attempt of a workflow run."""
    return {
        "id": one.id,
        "name": one.workflow.name,
        "node_id": node_id("WFR", one.id),
        "head_branch": one.head_branch,
        "head_sha": one.head_sha,
        "path": one.workflow.path,
        "display_title": one.display_title,
        "run_number": one.number,
        "run_attempt": attempt.number,
        "event": one.event,
        "status": attempt.status,
        "conclusion": attempt.conclusion,
        "workflow_id": one.workflow.id,
        "check_suite_id": attempt.suite.id,
        "check_suite_node_id": node_id("CS", attempt.suite.id),
        "pull_requests": pull_refs(at, repo, one.head_sha, one.head_branch),
        "created_at": stamp(one.created_at),
        "updated_at": stamp(attempt.updated_at),
        "run_started_at": stamp(attempt.started_at),
        "actor": people.user(at, one.actor),
        "triggering_actor": people.user(at, attempt.triggering_actor),
        "referenced_workflows": [],
        "head_commit": head_commit(head),
        "repository": minimal_repository(at, repo),
        "head_repository": minimal_repository(at, one.head_repository),
    } | _run_links(at, repo, one, attempt)


def job(at: Addresses, repo: Repository, run: WorkflowRun, one: Job) -> Json:
    """A job. Its runner fields are null until it starts."""
    base = url_of(at, repo)
    started = one.check.started_at is not None and one.check.conclusion != "skipped"
    return {
        "id": one.id,
        "run_id": run.id,
        "workflow_name": run.workflow.name,
        "head_branch": run.head_branch,
        "run_url": f"{base}/actions/runs/{run.id}",
        "run_attempt": one.attempt,
        "node_id": node_id("CR", one.id),
        "head_sha": run.head_sha,
        "url": f"{base}/actions/jobs/{one.id}",
        "html_url": one.check.details_url,
        "status": one.check.status,
        "conclusion": one.check.conclusion,
        "created_at": stamp(one.created_at),
        "started_at": stamp(one.check.started_at or one.created_at),
        "completed_at": stamp(one.check.completed_at),
        "name": one.name,
        "steps": one.steps,
        "check_run_url": f"{base}/check-runs/{one.id}",
        "labels": list(one.labels),
        "runner_id": 1 if started else None,
        "runner_name": "emulator 1" if started else None,
        "runner_group_id": 0 if started else None,
        "runner_group_name": "GitHub Actions" if started else None,
    }


def author_login(state: State, one: CommitData) -> str | None:
    """The login of a commit's author, where an account stands behind it."""
    found = account_of(state, one.author)
    return found.login if found else None
