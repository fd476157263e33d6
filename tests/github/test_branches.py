"""Our branches: one commit, however often it is asked for, and never anybody else's branch."""

import base64
from typing import Any

import pytest

from app.domain.patch.edit import Edit
from app.domain.repository import Repository
from app.github.branches import BranchMoved, CommitMade, branch_head, create_branch_and_commit, delete_branch
from app.github.client import Client
from app.github.errors import GitHubError, MissingPermission, NotOurBranch, QueryRefused, Refused

from .conftest import Reply, Script

OURS = "devflowfix/auto-fix-lint-failure-abc2345"
BASE, MADE, OTHER = "b" * 40, "c" * 40, "d" * 40
REF, REFS = f"/repos/octo/spoon/git/ref/heads/{OURS}", f"/repos/octo/spoon/git/refs/heads/{OURS}"
COMMITS = "/repos/octo/spoon/git/commits"
BODY = "Why.\n\nDevFlowFix-Task: task_1"
EDITS = (Edit(path="a.py", before="x", after="ü = 1\r\n"), Edit(path="old.py", before="y", after=None))


def graphql(ref: object, commit: object, *errors: dict[str, Any]) -> Reply:
    return Reply(json={"data": {"createRef": ref, "createCommitOnBranch": commit}, "errors": list(errors)})


def error(field: str, type_: str, message: str = "no") -> dict[str, Any]:
    return {"type": type_, "path": [field], "message": message}


TAKEN = error("createRef", "UNPROCESSABLE", "A ref named … already exists in the repository.")
STALE = error("createCommitOnBranch", "STALE_DATA", "Expected branch to point to …")
REF_MADE = {"ref": {"id": "REF_1"}}


async def commit(
    client: Client, repo: Repository, branch: str = OURS, edits: tuple[Edit, ...] = EDITS
) -> CommitMade | BranchMoved:
    return await create_branch_and_commit(client, repo, "R_1", branch, BASE, "fix: lint", BODY, edits)


def head(api: Script, sha: str, *, parent: str = BASE, message: str = f"fix: lint\n\n{BODY}") -> None:
    """The branch is there already."""
    api.on("GET", REF, Reply(json={"object": {"sha": sha}}))
    found = {"sha": sha, "html_url": "u", "message": message, "parents": [{"sha": parent}], "tree": {"sha": "t"}}
    api.on("GET", f"{COMMITS}/{sha}", Reply(json=found))


async def test_branch_and_commit_are_one_request(api: Script, client: Client, repo: Repository) -> None:
    api.on("POST", "/graphql", graphql(REF_MADE, {"commit": {"oid": MADE, "url": "u"}}))
    assert await commit(client, repo) == CommitMade(sha=MADE, url="u")
    sent = api.asked("POST", "/graphql")[0].json
    assert sent["variables"]["branch"] == {"repositoryId": "R_1", "name": f"refs/heads/{OURS}", "oid": BASE}
    made = sent["variables"]["commit"]
    assert made["branch"] == {"repositoryNameWithOwner": "octo/spoon", "branchName": OURS}
    assert made["expectedHeadOid"] == BASE
    assert made["message"] == {"headline": "fix: lint", "body": BODY}
    contents = base64.b64encode("ü = 1\r\n".encode()).decode()
    assert made["fileChanges"] == {"additions": [{"path": "a.py", "contents": contents}], "deletions": [{"path": "old.py"}]}


@pytest.mark.parametrize("branch", ["main", "topic", "devflowfix/other", "refs/heads/" + OURS, ""])
async def test_a_branch_that_is_not_ours_is_never_written_to(api: Script, client: Client, repo: Repository, branch: str) -> None:
    with pytest.raises(NotOurBranch):
        await commit(client, repo, branch)
    with pytest.raises(NotOurBranch):
        await delete_branch(client, repo, branch)
    assert api.seen == []


async def test_the_default_branch_is_not_ours_whatever_it_is_called(api: Script, client: Client) -> None:
    odd = Repository(host="h", installation_id=7, id=1, full_name="octo/spoon", default_branch=OURS)
    with pytest.raises(NotOurBranch):
        await commit(client, odd)
    assert api.seen == []


async def test_a_commit_without_our_trailer_is_not_made(client: Client, repo: Repository) -> None:
    with pytest.raises(ValueError, match="trailer"):
        await create_branch_and_commit(client, repo, "R_1", OURS, BASE, "fix: x", "no trailer", EDITS)


async def test_asked_for_twice_the_first_commit_is_found(api: Script, client: Client, repo: Repository) -> None:
    api.on("POST", "/graphql", graphql(None, None, TAKEN, STALE))
    head(api, MADE)
    assert await commit(client, repo) == CommitMade(sha=MADE, url="u")


@pytest.mark.parametrize(
    ("parent", "message"),
    [(OTHER, f"fix: lint\n\n{BODY}"), (BASE, "a person's commit"), (BASE, "fix: lint\n\nDevFlowFix-Task: task_2")],
)
async def test_a_branch_with_something_else_on_it_has_moved(
    api: Script, client: Client, repo: Repository, parent: str, message: str
) -> None:
    api.on("POST", "/graphql", graphql(None, None, TAKEN, STALE))
    head(api, OTHER, parent=parent, message=message)
    assert await commit(client, repo) == BranchMoved(head=OTHER)


async def test_a_branch_that_was_made_before_its_commit_gets_it_now(api: Script, client: Client, repo: Repository) -> None:
    api.on("POST", "/graphql", graphql(None, {"commit": {"oid": MADE, "url": "u"}}, TAKEN))
    assert await commit(client, repo) == CommitMade(sha=MADE, url="u")


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (graphql(None, None, error("createRef", "FORBIDDEN"), error("createCommitOnBranch", "NOT_FOUND")), MissingPermission),
        (graphql(None, None, error("createRef", "UNPROCESSABLE"), error("createCommitOnBranch", "NOT_FOUND")), QueryRefused),
    ],
)
async def test_a_branch_that_may_not_be_made_says_why(
    api: Script, client: Client, repo: Repository, answer: Reply, kind: type[GitHubError]
) -> None:
    api.on("POST", "/graphql", answer)
    with pytest.raises(kind):
        await commit(client, repo)


async def test_a_refused_commit_leaves_no_branch_behind(api: Script, client: Client, repo: Repository) -> None:
    api.on("POST", "/graphql", graphql(REF_MADE, None, error("createCommitOnBranch", "FORBIDDEN", "workflows permission")))
    api.on("DELETE", REFS, Reply(status=204))
    with pytest.raises(MissingPermission):
        await commit(client, repo)
    assert len(api.asked("DELETE", REFS)) == 1


SCRIPT = (Edit(path="run.sh", before="a", after="b", mode="100755"), EDITS[1])


def by_git_data(api: Script, ref: Reply) -> None:
    api.on("GET", f"{COMMITS}/{BASE}", Reply(json={"sha": BASE, "tree": {"sha": "t1"}, "parents": [], "message": "m"}))
    api.on("POST", "/repos/octo/spoon/git/trees", Reply(status=201, json={"sha": "t2"}))
    api.on("POST", COMMITS, Reply(status=201, json={"sha": MADE, "html_url": "u"}))
    api.on("POST", "/repos/octo/spoon/git/refs", ref)


async def test_a_file_with_another_mode_goes_through_the_git_data_api_and_stays_signed(
    api: Script, client: Client, repo: Repository
) -> None:
    by_git_data(api, Reply(status=201, json={}))
    assert await commit(client, repo, edits=SCRIPT) == CommitMade(sha=MADE, url="u")
    tree = api.asked("POST", "/repos/octo/spoon/git/trees")[0].json
    assert tree == {
        "base_tree": "t1",
        "tree": [
            {"path": "run.sh", "mode": "100755", "type": "blob", "content": "b"},
            {"path": "old.py", "mode": "100644", "type": "blob", "sha": None},
        ],
    }
    made = api.asked("POST", COMMITS)[0].json
    assert made == {"message": f"fix: lint\n\n{BODY}", "tree": "t2", "parents": [BASE]}
    assert api.asked("POST", "/repos/octo/spoon/git/refs")[0].json == {"ref": f"refs/heads/{OURS}", "sha": MADE}


EXISTS = Reply(status=422, json={"message": "Reference already exists", "errors": []})


async def test_through_the_git_data_api_the_first_commit_is_found_too(api: Script, client: Client, repo: Repository) -> None:
    by_git_data(api, EXISTS)
    head(api, OTHER)
    assert await commit(client, repo, edits=SCRIPT) == CommitMade(sha=OTHER, url="u")


async def test_through_the_git_data_api_a_bare_branch_moves_forward_without_force(
    api: Script, client: Client, repo: Repository
) -> None:
    by_git_data(api, EXISTS)
    api.on("GET", REF, Reply(json={"object": {"sha": BASE}}))
    api.on("PATCH", REFS, Reply(json={}))
    assert await commit(client, repo, edits=SCRIPT) == CommitMade(sha=MADE, url="u")
    assert api.asked("PATCH", REFS)[0].json == {"sha": MADE, "force": False}


async def test_any_other_refusal_of_the_branch_is_raised(api: Script, client: Client, repo: Repository) -> None:
    by_git_data(api, Reply(status=422, json={"message": "Repository rule violations found", "errors": []}))
    with pytest.raises(Refused):
        await commit(client, repo, edits=SCRIPT)


@pytest.mark.parametrize(
    ("answer", "there"),
    [
        (Reply(status=204), True),
        (Reply(status=404, json={"message": "Not Found"}), False),
        (Reply(status=422, json={"message": "Reference does not exist", "errors": []}), False),
    ],
)
async def test_deleting_a_branch_that_is_gone_is_fine(
    api: Script, client: Client, repo: Repository, answer: Reply, *, there: bool
) -> None:
    api.on("DELETE", REFS, answer)
    assert await delete_branch(client, repo, OURS) is there


async def test_a_branch_that_cannot_be_deleted_is_no_success(api: Script, client: Client, repo: Repository) -> None:
    api.on("DELETE", REFS, Reply(status=422, json={"message": "Cannot delete protected branch", "errors": []}))
    head(api, MADE)
    with pytest.raises(Refused):
        await delete_branch(client, repo, OURS)


async def test_odd_branch_names_are_asked_for_as_they_are(api: Script, client: Client, repo: Repository) -> None:
    api.on("GET", "/repos/octo/spoon/git/ref/heads/feat/{x}#1?ü%2F", Reply(json={"object": {"sha": MADE}}))
    assert await branch_head(client, repo, "feat/{x}#1?ü%2F") == MADE
    assert await branch_head(client, repo, "not/there") is None
