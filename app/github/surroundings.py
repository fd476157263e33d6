"""Everything about a failing commit that one GraphQL request can tell."""

from dataclasses import dataclass

from app.domain.ci import Check, Commit, WorkflowRun
from app.domain.incident import PullRequestRef, Surroundings
from app.domain.repository import Repository
from app.github import rollup
from app.github.client import Client
from app.github.graphql import document
from app.github.reading import Fields

POLICY_PATH = ".github/devflowfix.yml"


async def surroundings(client: Client, repo: Repository, run: WorkflowRun) -> Surroundings:
    """Read policy, workflow file, checks here and on the base, history and pull request of a failing commit.

    The base is what the change is measured against: the base of the open pull request that the run's branch has, else the
    default branch. Checks beyond the first hundred of a commit cost a request more for each hundred.
    """
    answer = await client.graphql(document("surroundings"), _variables(repo, run), operation="Surroundings")
    here = answer.fields.fields_or_none("repository")
    if here is None:
        raise answer.missing(f"repository {repo.full_name}")
    head = here.fields_or_none("head")
    pull = _matching(head, repo, run)
    base = _base(here, pull)
    head_checks, missed = await rollup.rest_of(client, repo, run.head_sha, rollup.page(head))
    base_checks, missed_there = await _base_checks(client, repo, base)
    return Surroundings(
        repository_node_id=here.text("id"),
        default_branch=_default_branch(here, repo),
        policy_text=_blob(here, "policy"),
        workflow_text=_blob(here, "workflow"),
        head_checks=head_checks,
        base_branch=base.branch,
        base_sha=base.sha,
        base_checks=base_checks,
        history=_history(head),
        pull_request=_pull_request(pull) if pull is not None else None,
        branch_head=_oid(here.fields_or_none("headRef")),
        partial=answer.partial + _cut_blobs(here) + missed + missed_there,
    )


def _variables(repo: Repository, run: WorkflowRun) -> dict[str, object]:
    own = run.head_branch is not None and run.head_repository_id == repo.id  # a fork's branch is none of ours
    return {
        "owner": repo.owner,
        "name": repo.name,
        "sha": run.head_sha,
        "policy": f"HEAD:{POLICY_PATH}",
        "workflow": f"{run.head_sha}:{run.path}",
        "headRef": f"refs/heads/{run.head_branch}" if own else rollup.NO_REF,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Base:
    branch: str
    sha: str | None
    commit: Fields | None


def _base(here: Fields, pull: Fields | None) -> _Base:
    """Take the pull request's base as it stands now, else the default branch."""
    if pull is None:
        ref = here.fields_or_none("defaultBranchRef")
        return _Base(branch=ref.text("name") if ref else "", sha=_oid(ref), commit=ref.fields_or_none("target") if ref else None)
    ref = pull.fields_or_none("baseRef")  # null when the base branch has been deleted
    sha = _oid(ref) or pull.text_or_none("baseRefOid")
    return _Base(branch=pull.text("baseRefName"), sha=sha, commit=ref.fields_or_none("target") if ref else None)


async def _base_checks(client: Client, repo: Repository, base: _Base) -> tuple[tuple[Check, ...], tuple[str, ...]]:
    if base.sha is None or base.commit is None:
        return (), ()
    return await rollup.rest_of(client, repo, base.sha, rollup.page(base.commit))


def _matching(head: Fields | None, repo: Repository, run: WorkflowRun) -> Fields | None:
    """Find the open pull request of the run's branch; GitHub lists every one that holds the commit, merged ones too."""
    listed = head.fields_or_none("associatedPullRequests") if head is not None else None
    fork = run.head_repository_id != repo.id
    fitting = [
        pull
        for pull in (listed.each("nodes") if listed is not None else ())
        if pull.text("state") == "OPEN" and pull.text("headRefName") == run.head_branch and pull.flag("isCrossRepository") == fork
    ]
    return max(fitting, key=lambda pull: _fit(pull, run), default=None)


def _fit(pull: Fields, run: WorkflowRun) -> tuple[bool, bool, int]:
    """Order pull requests of one branch: the one at the failing commit, one that the run names, the newest."""
    number = pull.number("number")
    return pull.text("headRefOid") == run.head_sha, number in run.pull_requests, number


def _pull_request(pull: Fields) -> PullRequestRef:
    author = pull.fields_or_none("author")
    return PullRequestRef(
        number=pull.number("number"),
        base_branch=pull.text("baseRefName"),
        head_branch=pull.text("headRefName"),
        head_sha=pull.text("headRefOid"),
        author_login=author.text("login") if author else "",
        is_fork=pull.flag("isCrossRepository"),
        is_draft=pull.flag("isDraft"),
        title=pull.text_or("title"),
        node_id=pull.text_or("id"),
    )


def _history(head: Fields | None) -> tuple[Commit, ...]:
    listed = head.fields_or_none("history") if head is not None else None
    return tuple(_commit(node) for node in listed.each("nodes")) if listed is not None else ()


def _commit(node: Fields) -> Commit:
    author = node.fields_or_none("author")
    user = author.fields_or_none("user") if author else None
    return Commit(
        sha=node.text("oid"),
        headline=node.text_or("messageHeadline"),
        author_login=user.text("login") if user else (author.text_or("name") if author else ""),
        authored_at=node.time_or_none("authoredDate"),
        message=node.text_or("message"),
        runs=rollup.runs(node),
    )


def _default_branch(here: Fields, repo: Repository) -> str:
    ref = here.fields_or_none("defaultBranchRef")  # null for an empty repository
    return ref.text("name") if ref else repo.default_branch


def _oid(ref: Fields | None) -> str | None:
    target = ref.fields_or_none("target") if ref is not None else None
    return target.text_or_none("oid") if target is not None else None


def _blob(here: Fields, key: str) -> str | None:
    """Read a file's text; null where there is no such file, or it is binary."""
    blob = here.fields_or_none(key)
    return blob.text_or_none("text") if blob is not None else None


def _cut_blobs(here: Fields) -> tuple[str, ...]:
    """Name the files of which GitHub sent only a part."""
    found = ((key, here.fields_or_none(key)) for key in ("policy", "workflow"))
    return tuple(
        f"repository.{key}: the file is too long to be sent whole" for key, blob in found if blob and blob.flag("isTruncated")
    )
