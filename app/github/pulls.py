"""Pull requests: opened once per head branch, read, described, labelled, closed."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.pull_request import PullRequest
from app.domain.repository import Repository
from app.github import schema
from app.github.calls import quoted, under
from app.github.client import Client
from app.github.errors import NotThere, Refused
from app.github.fit import fitted, fitted_line
from app.github.graphql import document

_BODY = 60_000  # of 65,536
_TITLE = 250  # of 256


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPullRequest:
    """The pull request to open: ``head`` is a branch of the same repository."""

    head: str
    base: str
    title: str
    body: str
    draft: bool = False


async def open_pull_request(client: Client, repo: Repository, new: NewPullRequest) -> PullRequest:
    """Open a pull request; one that is open for that head and base already is found instead.

    Raises:
        Refused: 422, such as no commits between the branches, or drafts not in the account's plan.
    """
    body = {
        "title": fitted_line(new.title, _TITLE),
        "head": new.head,
        "base": new.base,
        "body": fitted(new.body, _BODY),
        "draft": new.draft,
    }
    try:
        return schema.pull_request(await client.post(under(repo, "pulls"), data=body))
    except Refused as exc:
        if exc.status != 422 or "already exists" not in exc.message.lower():
            raise
        found = await find_pull_request(client, repo, new.head, base=new.base, state="open")
        if found is None:
            raise
        return found


async def find_pull_request(
    client: Client, repo: Repository, head: str, *, base: str = "", state: str = "all"
) -> PullRequest | None:
    """Find the newest pull request from a branch of the same repository, open ones before others."""
    query = f"head={quoted(repo.owner)}:{quoted(head)}&state={state}&sort=created&direction=desc&per_page=100"
    url = under(repo, f"pulls?{query}" + (f"&base={quoted(base)}" if base else ""))
    found = [schema.pull_request(item) async for item in client.pages(url)]
    return max(
        (pull for pull in found if pull.head_branch == head), key=lambda pull: (pull.state == "open", pull.number), default=None
    )


async def get(client: Client, repo: Repository, number: int) -> PullRequest:
    """Read one pull request."""
    return schema.pull_request(await client.getitem(under(repo, f"pulls/{number}"), None))


async def edit(client: Client, repo: Repository, number: int, **changes: str) -> PullRequest:
    """Change ``title``, ``body``, ``base`` or ``state`` of a pull request."""
    if "body" in changes:
        changes["body"] = fitted(changes["body"], _BODY)
    if "title" in changes:
        changes["title"] = fitted_line(changes["title"], _TITLE)
    return schema.pull_request(await client.patch(under(repo, f"pulls/{number}"), data=dict(changes)))


async def close(client: Client, repo: Repository, number: int) -> PullRequest:
    """Close a pull request without merging; closed already is what was wanted."""
    return await edit(client, repo, number, state="closed")


async def mark_ready(client: Client, node_id: str) -> None:
    """Take a pull request out of draft."""
    answer = await client.graphql(document("mark_ready"), {"pullRequestId": node_id}, operation="MarkReady", query=False)
    if "markPullRequestReadyForReview" not in answer.fields:
        raise answer.failure("mark ready for review")


async def add_labels(client: Client, repo: Repository, number: int, labels: Sequence[str]) -> None:
    """Add labels; GitHub makes those that the repository does not have yet."""
    await client.post(under(repo, f"issues/{number}/labels"), data={"labels": list(labels)})


async def request_reviewers(client: Client, repo: Repository, number: int, reviewers: Sequence[str]) -> tuple[str, ...]:
    """Ask people (``login``) and teams (``org/team``) for a review; gives those that GitHub refused.

    GitHub refuses a whole list for one name that is no collaborator, so after a refusal each is asked alone.
    """
    if not reviewers:
        return ()
    if await _ask(client, repo, number, reviewers):
        return ()
    if len(reviewers) == 1:
        return tuple(reviewers)
    return tuple([name for name in reviewers if not await _ask(client, repo, number, [name])])


async def _ask(client: Client, repo: Repository, number: int, names: Sequence[str]) -> bool:
    body = {
        "reviewers": [name for name in names if "/" not in name],
        "team_reviewers": [name.partition("/")[2] for name in names if "/" in name],
    }
    try:
        await client.post(under(repo, f"pulls/{number}/requested_reviewers"), data=body)
    except (Refused, NotThere) as exc:
        if isinstance(exc, Refused) and exc.status != 422:
            raise
        return False
    return True
