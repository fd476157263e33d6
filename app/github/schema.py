"""JSON of GitHub's REST API and webhooks into values: one parser for both, because they send the same objects.

Nullable places are those that GITHUB's own description names: the head repository of a deleted fork, the branch of some fork and
tag runs, the account that has been deleted, the workflow's name, times of what has not happened yet. Everything else that is
missing or of another kind raises :class:`~app.github.errors.Unreadable` with the path to it. Older servers leave the path of the
workflow out of the run; the delivery has it in the workflow.
"""

import re
from collections.abc import Mapping

from app.domain.ci import Annotation, Job, Step, WorkflowRun
from app.domain.pull_request import PullRequest
from app.domain.repository import Account, Installation, Repository
from app.github.reading import Fields

_WITH_REF = re.compile(r"(?P<path>.+\.ya?ml)@.*", re.DOTALL)


def workflow_run(payload: Mapping[str, object]) -> WorkflowRun:
    """Read a workflow run: a ``workflow_run`` delivery, or a run as the REST API gives it."""
    top = Fields(payload, "payload")
    run = top.fields("workflow_run") if "workflow_run" in top else top
    workflow = top.fields_or_none("workflow")
    actor = run.fields_or_none("actor")
    head = run.fields_or_none("head_repository")
    commit = run.fields_or_none("head_commit")
    author = commit.fields_or_none("author") if commit else None
    return WorkflowRun(
        id=run.number("id"),
        attempt=run.number_or_none("run_attempt") or 1,
        workflow_id=run.number("workflow_id"),
        workflow_name=run.text_or("name") or (workflow.text_or("name") if workflow else ""),
        path=workflow_path((run if "path" in run or workflow is None else workflow).text("path")),
        event=run.text("event"),
        status=run.text_or("status"),
        conclusion=run.text_or_none("conclusion"),
        head_sha=run.text("head_sha"),
        head_branch=run.text_or_none("head_branch"),
        head_repository_id=head.number("id") if head else None,
        actor_login=actor.text("login") if actor else "",
        actor_type=actor.text_or("type", "User") if actor else "",
        check_suite_id=run.number_or_none("check_suite_id"),
        html_url=run.text_or("html_url"),
        created_at=run.time_or_none("created_at"),
        head_commit_message=commit.text_or("message") if commit else "",
        head_commit_author=author.text_or("name") if author else "",
        pull_requests=tuple(pull.number("number") for pull in run.each("pull_requests")),
    )


def workflow_path(path: str) -> str:
    """Take the ``@ref`` off a workflow's path, from the last ``@`` that follows a YAML file's name.

    A file may have ``@`` in its own name (``a@b.yml``) and a branch in its (``ci.yml@feat@2``).
    """
    found = _WITH_REF.fullmatch(path)
    if found is not None:
        return found["path"]
    if path.endswith((".yml", ".yaml")):
        return path
    return path.rpartition("@")[0] or path


def repository(payload: Mapping[str, object], host: str, installation_id: int | None = None) -> Repository:
    """Read the repository of a delivery, or one as the REST API gives it, which does not say its installation."""
    top = Fields(payload, "payload")
    repo = top.fields("repository") if "repository" in top else top
    return Repository(
        host=host,
        installation_id=top.fields("installation").number("id") if installation_id is None else installation_id,
        id=repo.number("id"),
        full_name=repo.text("full_name"),
        private=repo.flag("private"),
        default_branch=repo.text_or("default_branch"),
    )


def repositories_named(payload: Mapping[str, object], host: str) -> tuple[Repository, ...]:
    """Read the repositories that a lifecycle delivery brings: all of a new installation, or those that were added to one.

    GitHub gives id and name only here; the default branch comes with the repository's own deliveries.
    """
    top = Fields(payload, "payload")
    number = top.fields("installation").number("id")
    given = (*top.each("repositories"), *top.each("repositories_added"))
    return tuple(
        Repository(
            host=host,
            installation_id=number,
            id=repo.number("id"),
            full_name=repo.text("full_name"),
            private=repo.flag("private"),
        )
        for repo in given
    )


def installation(payload: Mapping[str, object], host: str) -> Installation:
    """Read the installation of an ``installation`` delivery, or one as the REST API gives it."""
    top = Fields(payload, "payload")
    inner = top.fields("installation") if "installation" in top else top
    account = inner.fields("account")
    return Installation(
        host=host,
        id=inner.number("id"),
        account=Account(id=account.number("id"), login=account.text("login"), type=account.text_or("type", "User")),
        repository_selection=inner.text_or("repository_selection", "selected"),
        permissions=tuple(sorted(inner.mapping("permissions").items())),
        suspended="suspended_at" in inner,
    )


def job(payload: Mapping[str, object]) -> Job:
    """Read a job with its steps: a ``workflow_job`` delivery, or a job as the REST API gives it."""
    top = Fields(payload, "job")
    inner = top.fields("workflow_job") if "workflow_job" in top else top
    return Job(
        id=inner.number("id"),
        name=inner.text("name"),
        status=inner.text("status"),
        conclusion=inner.text_or_none("conclusion"),
        html_url=inner.text_or("html_url"),
        started_at=inner.time_or_none("started_at"),
        completed_at=inner.time_or_none("completed_at"),
        steps=tuple(_step(step) for step in inner.each("steps")),
    )


def _step(step: Fields) -> Step:
    return Step(
        number=step.number("number"),
        name=step.text("name"),
        conclusion=step.text_or_none("conclusion"),
        started_at=step.time_or_none("started_at"),
        completed_at=step.time_or_none("completed_at"),
    )


def annotation(payload: Mapping[str, object]) -> Annotation:
    """Read an annotation as the REST API gives it; level, title and message may be null."""
    note = Fields(payload, "annotation")
    return Annotation(
        path=note.text("path"),
        start_line=note.number("start_line"),
        end_line=note.number("end_line"),
        level=note.text_or("annotation_level", "notice"),
        title=note.text_or("title"),
        message=note.text_or("message"),
    )


def pull_request(payload: Mapping[str, object]) -> PullRequest:
    """Read a pull request: a ``pull_request`` delivery, a full one, or one of a list (which says less)."""
    top = Fields(payload, "payload")
    pull = top.fields("pull_request") if "pull_request" in top else top
    head, base = pull.fields("head"), pull.fields("base")
    author, source, merger = pull.fields_or_none("user"), head.fields_or_none("repo"), pull.fields_or_none("merged_by")
    return PullRequest(
        number=pull.number("number"),
        node_id=pull.text("node_id"),
        url=pull.text_or("html_url"),
        title=pull.text("title"),
        state=pull.text("state"),
        head_branch=head.text("ref"),
        head_sha=head.text("sha"),
        base_branch=base.text("ref"),
        base_sha=base.text("sha"),
        head_repository_id=source.number("id") if source else None,
        author_login=author.text("login") if author else "",
        author_type=author.text_or("type", "User") if author else "User",
        is_draft=pull.flag("draft"),
        merged=pull.flag("merged") or "merged_at" in pull,
        body=pull.text_or("body"),
        created_at=pull.time_or_none("created_at"),
        updated_at=pull.time_or_none("updated_at"),
        merged_at=pull.time_or_none("merged_at"),
        closed_at=pull.time_or_none("closed_at"),
        merge_commit_sha=pull.text_or_none("merge_commit_sha"),
        merged_by=merger.text("login") if merger else "",
    )
