"""Our own branches: one signed commit on one branch, made so that making it twice finds the first.

Only branches that begin with :data:`app.domain.ids.BRANCH_PREFIX` are ever written to, and never the default branch.
"""

import base64
import re
from dataclasses import dataclass

from app.domain.ids import is_our_branch
from app.domain.patch.edit import Edit
from app.domain.repository import Repository
from app.github.calls import quoted, under
from app.github.client import Client
from app.github.errors import NotOurBranch, NotThere, Refused
from app.github.graphql import STALE_DATA, GraphQLAnswer, document
from app.github.reading import Fields

_PLAIN = "100644"  # the only mode that createCommitOnBranch makes
_TRAILER = re.compile(r"^DevFlowFix-[A-Za-z-]+: .+$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitMade:
    """Our commit, made now or by an earlier try."""

    sha: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchMoved:
    """The branch is there with something else on it: a person's commit, or a different candidate's."""

    head: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _New:
    """The commit to make."""

    branch: str
    base_sha: str
    headline: str
    body: str
    edits: tuple[Edit, ...]

    @property
    def message(self) -> str:
        """Headline and body as git keeps them."""
        return f"{self.headline}\n\n{self.body}".strip()


async def create_branch_and_commit(
    client: Client, repo: Repository, node_id: str, branch: str, base_sha: str, headline: str, body: str, edits: tuple[Edit, ...]
) -> CommitMade | BranchMoved:
    """Make our branch at a commit and put one commit on it.

    Files with another mode than 100644 go through the git data API: four calls instead of one.

    Args:
        client: for the repository.
        repo: where.
        node_id: the repository's GraphQL id.
        branch: must begin with our prefix.
        base_sha: the commit to start from.
        headline: of the message.
        body: of the message; carries a trailer ``DevFlowFix-…: …``, by which an earlier try is known again.
        edits: whole files.

    Raises:
        NotOurBranch: the branch is not one of ours; nothing was sent.
        QueryRefused, Refused, MissingPermission: GitHub said no; no branch is left behind.
    """
    _guard(branch, repo)
    if not _TRAILER.search(body):
        raise ValueError("the commit's body carries no DevFlowFix trailer, so a second try could not know it again")
    new = _New(branch=branch, base_sha=base_sha, headline=headline, body=body, edits=edits)
    if all(edit.mode == _PLAIN or edit.after is None for edit in edits):
        return await _by_graphql(client, repo, node_id, new)
    return await _by_git_data(client, repo, new)


def _guard(branch: str, repo: Repository) -> None:
    if not is_our_branch(branch) or branch == repo.default_branch:
        raise NotOurBranch(branch)


async def _by_graphql(client: Client, repo: Repository, node_id: str, new: _New) -> CommitMade | BranchMoved:
    variables = {
        "branch": {"repositoryId": node_id, "name": f"refs/heads/{new.branch}", "oid": new.base_sha},
        "commit": {
            "branch": {"repositoryNameWithOwner": repo.full_name, "branchName": new.branch},
            "expectedHeadOid": new.base_sha,
            "message": {"headline": new.headline, "body": new.body},
            "fileChanges": _changes(new.edits),
        },
    }
    answer = await client.graphql(document("commit"), variables, operation="CreateBranchAndCommit", query=False)
    commit = answer.fields.path_or_none("createCommitOnBranch", "commit")
    if commit is not None:
        return CommitMade(sha=commit.text("oid"), url=commit.text_or("url"))
    return await _not_committed(client, repo, new, answer)


async def _not_committed(client: Client, repo: Repository, new: _New, answer: GraphQLAnswer) -> CommitMade | BranchMoved:
    """The branch stood elsewhere: perhaps our own commit is on it. Any other refusal leaves no branch behind."""
    if any(error.type == STALE_DATA for error in answer.of("createCommitOnBranch")):
        return await _existing(client, repo, new)
    made_branch = "createRef" in answer.fields
    if made_branch:
        await delete_branch(client, repo, new.branch)
    raise answer.failure(f"commit on {new.branch}", "createCommitOnBranch" if made_branch else "createRef")


def _changes(edits: tuple[Edit, ...]) -> dict[str, object]:
    additions = [
        {"path": edit.path, "contents": base64.b64encode(edit.after.encode()).decode()}
        for edit in edits
        if edit.after is not None
    ]
    return {"additions": additions, "deletions": [{"path": edit.path} for edit in edits if edit.after is None]}


async def _existing(client: Client, repo: Repository, new: _New) -> CommitMade | BranchMoved:
    """Tell whether the head of a branch that is there already is the commit that we were to make."""
    head = await branch_head(client, repo, new.branch)
    if head is None:
        raise NotThere(f"branch {new.branch}", gone=True)
    commit = Fields(await client.getitem(under(repo, f"git/commits/{head}"), None), "commit")
    parents = [parent.text("sha") for parent in commit.each("parents")]
    if parents == [new.base_sha] and trailers(commit.text("message")) == trailers(new.body):
        return CommitMade(sha=head, url=commit.text_or("html_url"))
    return BranchMoved(head=head)


def trailers(message: str) -> frozenset[str]:
    """The trailers of ours that a commit message carries."""
    return frozenset(line.strip() for line in _TRAILER.findall(message))


async def _by_git_data(client: Client, repo: Repository, new: _New) -> CommitMade | BranchMoved:
    """Make tree and commit first and the branch last, so that it never shows half of it.

    Author and committer are left out: only then does GitHub sign the commit.
    """
    start = Fields(await client.getitem(under(repo, f"git/commits/{new.base_sha}"), None), "commit")
    tree = {"base_tree": start.fields("tree").text("sha"), "tree": [_entry(edit) for edit in new.edits]}
    tree_sha = Fields(await client.safe_post(under(repo, "git/trees"), tree), "tree").text("sha")
    body = {"message": new.message, "tree": tree_sha, "parents": [new.base_sha]}
    commit = Fields(await client.safe_post(under(repo, "git/commits"), body), "commit")
    made = CommitMade(sha=commit.text("sha"), url=commit.text_or("html_url"))
    try:
        await client.post(under(repo, "git/refs"), data={"ref": f"refs/heads/{new.branch}", "sha": made.sha})
    except Refused as exc:
        if exc.status != 422 or "already exists" not in exc.message:
            raise
        return await _put_on_existing(client, repo, new, made)
    return made


async def _put_on_existing(client: Client, repo: Repository, new: _New, made: CommitMade) -> CommitMade | BranchMoved:
    """The branch is there: at the base it takes our commit (a fast forward), anywhere else it is looked at."""
    if await branch_head(client, repo, new.branch) != new.base_sha:
        return await _existing(client, repo, new)
    url = under(repo, f"git/refs/heads/{quoted(new.branch)}")
    await client.patch(url, data={"sha": made.sha, "force": False})
    return made


def _entry(edit: Edit) -> dict[str, object]:
    entry: dict[str, object] = {"path": edit.path, "mode": edit.mode, "type": "blob"}
    return {**entry, "sha": None} if edit.after is None else {**entry, "content": edit.after}


async def branch_head(client: Client, repo: Repository, branch: str) -> str | None:
    """Read where a branch stands; null when there is no such branch."""
    try:
        ref = await client.getitem(under(repo, f"git/ref/heads/{quoted(branch)}"), None)
    except NotThere:
        return None
    return Fields(ref, "ref").fields("object").text("sha")


async def delete_branch(client: Client, repo: Repository, branch: str) -> bool:
    """Delete a branch of ours; tells whether it was there. A branch that is gone already is what was wanted."""
    _guard(branch, repo)
    try:
        await client.delete(under(repo, f"git/refs/heads/{quoted(branch)}"), None)
    except NotThere:
        return False
    except Refused as exc:
        if exc.status != 422 or await branch_head(client, repo, branch) is not None:
            raise
        return False
    return True
