"""GraphQL, executed for real: our own documents as they stand, the shared ones, errors in GitHub's shape."""

import base64

import pytest
from graphql import parse, validate

from app.emulator.accounts import node_id
from app.emulator.github import GitHub
from app.emulator.graph.engine import schema
from app.emulator.repo import Repo
from tests.emulator.conftest import ROOT, Caller, Ear, Json

DOCUMENTS = ROOT / "app" / "github"


def document(name: str) -> str:
    return (DOCUMENTS / name).read_text(encoding="utf-8")


def commit_input(repo: Repo, sha: str, on: str = "bot/fix", **changes: Json) -> Json:
    additions = [{"path": "src/a.py", "contents": base64.b64encode(b"A = 2\n").decode()}]
    return {
        "branch": {"repositoryNameWithOwner": repo.full_name, "branchName": on},
        "expectedHeadOid": sha,
        "message": {"headline": "fix: it", "body": "Because."},
        "fileChanges": {"additions": additions},
        **changes,
    }


COMMIT = """mutation C($input: CreateCommitOnBranchInput!) {
  createCommitOnBranch(input: $input) {
    clientMutationId ref { name } commit { oid tree { oid } signature { isValid wasSignedByGitHub state } }
  }
}"""


# --- the schema ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(path.name for path in DOCUMENTS.glob("*.graphql")))
def test_the_documents_of_the_app_fit_the_schema(name: str) -> None:
    assert validate(schema(), parse(document(name))) == []


# --- reading ------------------------------------------------------------------------------------------------------------------


async def test_the_surroundings_of_a_failed_commit(api: Caller, red: tuple[Repo, str]) -> None:
    repo, sha = red
    await repo.push("main", {".github/devflowfix.yml": "mode: ready\n"}, run_ci=False)
    told = await api.graphql(
        document("surroundings.graphql"),
        owner="acme",
        name="web",
        sha=sha,
        policy="HEAD:.github/devflowfix.yml",
        workflow=f"{sha}:.github/workflows/ci.yml",
        headRef="refs/heads/main",
    )
    assert "errors" not in told
    found = told["data"]["repository"]
    assert (found["nameWithOwner"], found["policy"]["text"]) == ("acme/web", "mode: ready\n")
    assert found["workflow"]["text"].startswith("name: CI")
    assert found["headRef"]["target"]["oid"] == await repo.head("main")
    [context] = found["head"]["statusCheckRollup"]["contexts"]["nodes"]
    assert (context["__typename"], context["name"], context["conclusion"]) == ("CheckRun", "check", "FAILURE")
    assert context["checkSuite"]["workflowRun"]["file"]["path"] == ".github/workflows/ci.yml"
    assert context["databaseId"] is None  # longer than GraphQL's Int: the address has it
    assert context["detailsUrl"].endswith(f"/actions/runs/{repo.runs(sha)[0].id}/job/{repo.runs(sha)[0].latest.jobs[0].id}")
    assert [one["messageHeadline"] for one in found["head"]["history"]["nodes"]] == ["Break it", "First commit"]
    assert found["head"]["history"]["nodes"][0]["author"]["user"]["login"] == "alice"


async def test_the_pull_request_around_a_commit(api: Caller, repo: Repo) -> None:
    sha = await repo.push("feature", {"f": "f"})
    pull = await repo.open_pull_request("feature", title="A feature", draft=True)
    query = """query Q($sha: GitObjectID!) { repository(owner: "acme", name: "web") { object(oid: $sha) { ... on Commit {
        associatedPullRequests(first: 10) { nodes { id number state isDraft headRefName headRefOid baseRefName baseRefOid
        isCrossRepository author { __typename login } baseRef { name } additions mergeable reviewDecision } } } } } }"""
    told = await api.graphql(query, sha=sha)
    [found] = told["data"]["repository"]["object"]["associatedPullRequests"]["nodes"]
    assert found == {
        "id": node_id("PR", pull.id),
        "number": 1,
        "state": "OPEN",
        "isDraft": True,
        "headRefName": "feature",
        "headRefOid": sha,
        "baseRefName": "main",
        "baseRefOid": await repo.head("main"),
        "isCrossRepository": False,
        "author": {"__typename": "User", "login": "alice"},
        "baseRef": {"name": "main"},
        "additions": 1,
        "mergeable": "MERGEABLE",
        "reviewDecision": None,
    }


async def test_the_checks_of_a_commit_with_the_statuses_of_others(api: Caller, red: tuple[Repo, str]) -> None:
    repo, sha = red
    await repo.status(sha, "success", "travis")
    query = document("checks.graphql")
    told = await api.graphql(query, owner="acme", name="web", sha=sha, ref="refs/heads/main", after=None)
    rollup = told["data"]["repository"]["object"]["statusCheckRollup"]
    names = [one.get("name") or one["context"] for one in rollup["contexts"]["nodes"]]
    assert (rollup["state"], names) == ("FAILURE", ["check", "travis"])
    slugs = [one["app"]["slug"] for one in told["data"]["repository"]["object"]["checkSuites"]["nodes"]]
    assert slugs == ["devflowfix", "github-actions"]
    gone = await api.graphql(query, owner="acme", name="web", sha=sha, ref="refs/heads/gone", after=None)
    assert gone["data"]["repository"]["ref"] is None
    assert "errors" not in gone


@pytest.mark.parametrize(
    ("states", "rollup"),
    [
        (["success"], "SUCCESS"),
        (["success", "pending"], "PENDING"),
        (["pending", "failure"], "FAILURE"),
        (["error", "success"], "ERROR"),
        ([], None),
    ],
)
async def test_a_rollup_is_the_worst_of_all(api: Caller, repo: Repo, states: list[str], rollup: str | None) -> None:
    sha = await repo.head("main") or ""
    for number, state in enumerate(states):
        await repo.status(sha, state, f"c{number}")
    query = """{ repository(owner: "acme", name: "web") { object(expression: "main") { ... on Commit {
        statusCheckRollup { state } } } } }"""
    found = (await api.graphql(query))["data"]["repository"]["object"]["statusCheckRollup"]
    assert found == (None if rollup is None else {"state": rollup})


async def test_a_re_run_replaces_the_check_before(api: Caller, red: tuple[Repo, str], github: GitHub) -> None:
    repo, sha = red
    await repo.rerun(repo.runs(sha)[0].id)
    await github.idle()
    query = document("checks.graphql")
    told = await api.graphql(query, owner="acme", name="web", sha=sha, ref="refs/heads/main")
    contexts = told["data"]["repository"]["object"]["statusCheckRollup"]["contexts"]
    assert contexts["totalCount"] == 1
    assert contexts["nodes"][0]["detailsUrl"].endswith(str(repo.runs(sha)[0].attempts[1].jobs[0].id))


async def test_lists_page_by_cursor(api: Caller, repo: Repo) -> None:
    for number in range(4):
        await repo.push("main", {"n": f"{number}"}, message=f"Number {number}")
    query = """query H($after: String) { repository(owner: "acme", name: "web") { object(expression: "main") { ... on Commit {
        history(first: 2, after: $after) { totalCount pageInfo { hasNextPage endCursor } nodes { messageHeadline } } } } } }"""
    seen: list[str] = []
    after: str | None = None
    while True:
        page = (await api.graphql(query, after=after))["data"]["repository"]["object"]["history"]
        seen += [one["messageHeadline"] for one in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert seen == ["Number 3", "Number 2", "Number 1", "Number 0", "First commit"]
    assert page["totalCount"] == 5


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        ("", "MISSING_PAGINATION_BOUNDARIES"),
        ("(first: 101)", "EXCESSIVE_PAGINATION"),
        ('(first: 1, after: "x")', "INVALID_CURSOR_ARGUMENTS"),
    ],
)
async def test_a_list_wants_its_bounds(api: Caller, arguments: str, kind: str) -> None:
    told = await api.graphql(f'{{ repository(owner: "acme", name: "web") {{ pullRequests{arguments} {{ totalCount }} }} }}')
    assert [one["type"] for one in told["errors"]] == [kind]


async def test_nodes_are_found_by_their_ids_and_missing_ones_are_errors(api: Caller, red: tuple[Repo, str]) -> None:
    repo, sha = red
    await repo.push("feature", {"f": "f"})
    pull = await repo.open_pull_request("feature")
    [check] = repo.check_runs(sha, app="github-actions")
    ids = [node_id("PR", pull.id), node_id("CR", check.id), node_id("PR", 1), "nonsense"]
    query = """query N($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on PullRequest { number }
        ... on CheckRun { name annotations(first: 5) { nodes { message annotationLevel location { start { line } } } } } } }"""
    told = await api.graphql(query, ids=ids)
    first, second, third, fourth = told["data"]["nodes"]
    assert first == {"__typename": "PullRequest", "id": ids[0], "number": 1}
    assert second["annotations"]["nodes"][0]["annotationLevel"] == "FAILURE"
    assert (third, fourth) == (None, None)
    assert [(one["type"], one["path"]) for one in told["errors"]] == [("NOT_FOUND", ["nodes", 2]), ("NOT_FOUND", ["nodes", 3])]


async def test_pull_requests_are_chosen_and_ordered(api: Caller, repo: Repo) -> None:
    for name in ("one", "two"):
        await repo.push(name, {name: name})
        await repo.open_pull_request(name)
    await repo.merge(1)
    await repo.label(2, "bug")
    query = """{ repository(owner: "acme", name: "web") {
        open: pullRequests(first: 10, states: [OPEN]) { nodes { number } }
        merged: pullRequests(first: 10, states: [MERGED]) { nodes { number mergedBy { login } mergeCommit { oid } } }
        one: pullRequests(first: 10, headRefName: "one") { nodes { number } }
        bug: pullRequests(first: 10, labels: ["bug"]) { nodes { number labels(first: 5) { nodes { name } } } }
        all: pullRequests(first: 10, orderBy: {field: CREATED_AT, direction: DESC}) { nodes { number } }
        pullRequest(number: 2) {
          files(first: 5) { nodes { path changeType additions } } commits(last: 1) { nodes { commit { oid } } } }
    } }"""
    found = (await api.graphql(query))["data"]["repository"]
    numbers = {name: [one["number"] for one in found[name]["nodes"]] for name in ("open", "merged", "one", "bug", "all")}
    assert numbers == {"open": [2], "merged": [1], "one": [1], "bug": [2], "all": [2, 1]}
    assert found["merged"]["nodes"][0]["mergeCommit"]["oid"] == await repo.head("main")
    assert found["pullRequest"]["files"]["nodes"] == [{"path": "two", "changeType": "ADDED", "additions": 1}]
    assert found["pullRequest"]["commits"]["nodes"][0]["commit"]["oid"] == await repo.head("two")


async def test_what_the_token_does_not_reach_is_not_found(api: Caller, github: GitHub) -> None:
    await github.create_repository("other/hidden", {"x": "x"}, private=True)
    told = await api.graphql('{ repository(owner: "other", name: "hidden") { id } viewer { login } }')
    assert told["data"] == {"repository": None, "viewer": {"login": "devflowfix"}}
    [error] = told["errors"]
    assert (error["type"], error["path"]) == ("NOT_FOUND", ["repository"])
    assert error["message"] == "Could not resolve to a Repository with the name 'other/hidden'."


async def test_a_missing_permission_nulls_its_field_only(call: Caller, installation: int, red: tuple[Repo, str]) -> None:
    await call.login(installation, permissions={"contents": "read"})
    query = """{ repository(owner: "acme", name: "web") { object(expression: "main") { oid ... on Commit {
        statusCheckRollup { state } } } } }"""
    told = await call.graphql(query)
    assert told["data"]["repository"]["object"] == {"oid": red[1], "statusCheckRollup": None}
    assert [one["type"] for one in told["errors"]] == ["FORBIDDEN"]


@pytest.mark.parametrize(
    "query",
    ["{ nonsense }", "{ viewer {", "query Q($x: Int) { viewer { login } }", "mutation { createRef(input: {}) { ref { id } } }"],
)
async def test_an_invalid_document_is_an_error_without_data(api: Caller, query: str) -> None:
    told = await api.graphql(query)
    assert "data" not in told
    assert told["errors"][0]["message"]


async def test_a_wrong_variable_is_an_error(api: Caller) -> None:
    told = await api.graphql('query Q($name: String!) { repository(owner: "acme", name: $name) { id } }', name={"not": "a word"})
    assert "$name" in told["errors"][0]["message"]


async def test_a_body_without_query_is_an_error(api: Caller) -> None:
    assert "errors" in (await api("POST", "/graphql", {"variables": {}})).json


# --- writing ------------------------------------------------------------------------------------------------------------------


async def test_a_branch_and_a_commit_in_one_document(api: Caller, repo: Repo, github: GitHub, ear: Ear) -> None:
    sha = await repo.head("main") or ""
    branch = {"repositoryId": node_id("R", repo.id), "name": "refs/heads/bot/fix", "oid": sha}
    told = await api.graphql(document("commit.graphql"), branch=branch, commit=commit_input(repo, sha))
    assert "errors" not in told
    oid = told["data"]["createCommitOnBranch"]["commit"]["oid"]
    assert await repo.head("bot/fix") == oid
    assert await repo.file("bot/fix", "src/a.py") == b"A = 2\n"
    commit = await repo.state.git.commit(oid)
    assert (commit.author.name, commit.committer.name, commit.parents) == ("devflowfix[bot]", "GitHub", (sha,))
    assert commit.message == "fix: it\n\nBecause."
    await github.idle()
    assert [(body["created"], body["sender"]["login"]) for body in ear.bodies("push")] == [
        (True, "devflowfix[bot]"),
        (False, "devflowfix[bot]"),
    ]


async def test_the_commit_runs_though_the_branch_was_there(api: Caller, repo: Repo) -> None:
    sha = await repo.head("main") or ""
    await repo.force("bot/fix", sha)
    branch = {"repositoryId": node_id("R", repo.id), "name": "refs/heads/bot/fix", "oid": sha}
    told = await api.graphql(document("commit.graphql"), branch=branch, commit=commit_input(repo, sha))
    assert told["data"]["createRef"] is None
    assert told["data"]["createCommitOnBranch"]["commit"]["oid"] == await repo.head("bot/fix")
    [error] = told["errors"]
    assert (error["type"], error["path"]) == ("UNPROCESSABLE", ["createRef"])
    assert "already exists" in error["message"]


async def test_a_head_that_moved_is_stale(api: Caller, repo: Repo) -> None:
    old = await repo.head("main") or ""
    new = await repo.push("bot/fix", {"x": "x"})
    told = await api.graphql(COMMIT, input=commit_input(repo, old))
    assert (told["data"]["createCommitOnBranch"], told["errors"][0]["type"]) == (None, "STALE_DATA")
    assert await repo.head("bot/fix") == new


async def test_a_commit_is_signed_and_keeps_modes(api: Caller, repo: Repo) -> None:
    git = repo.state.git
    head = await repo.head("main") or ""
    tree = await git.write_tree(head, [("run.sh", "100755", await git.write_blob(b"#!/bin/sh\n"))])
    who = repo.world.web_flow()
    start = await git.write_commit_of_tree(tree, [head], author=who, committer=who, message="Executable")
    await repo.force("bot/fix", start)
    files = {
        "additions": [{"path": "run.sh", "contents": base64.b64encode(b"#!/bin/sh\nx\n").decode()}],
        "deletions": [{"path": "README.md"}],
    }
    told = await api.graphql(COMMIT, input=commit_input(repo, start, fileChanges=files, clientMutationId="mine"))
    made = told["data"]["createCommitOnBranch"]
    assert made["clientMutationId"] == "mine"
    assert made["commit"]["signature"] == {"isValid": True, "wasSignedByGitHub": True, "state": "VALID"}
    entry = await git.find(made["commit"]["oid"], "run.sh")
    assert entry is not None
    assert entry.mode == "100755"
    assert await repo.file("bot/fix", "README.md") is None


X = base64.b64encode(b"x").decode()


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"fileChanges": {"deletions": [{"path": "none"}]}}, "UNPROCESSABLE"),
        ({"fileChanges": {"additions": [{"path": "a", "contents": X}] * 2}}, "UNPROCESSABLE"),
        ({"fileChanges": {"additions": [{"path": "../a", "contents": X}]}}, "UNPROCESSABLE"),
        ({"fileChanges": {"additions": [{"path": "a", "contents": "%%"}]}}, "UNPROCESSABLE"),
        ({"fileChanges": {"additions": [{"path": ".github/workflows/x.yml", "contents": X}]}}, "FORBIDDEN"),
        ({"fileChanges": {"deletions": [{"path": ".github/workflows/old.yml"}]}}, "FORBIDDEN"),
        ({"message": {"headline": ""}}, "UNPROCESSABLE"),
        ({"branch": {"repositoryNameWithOwner": "acme/web", "branchName": "none"}}, "NOT_FOUND"),
        ({"branch": {"repositoryNameWithOwner": "acme/none", "branchName": "main"}}, "NOT_FOUND"),
        ({"branch": {"repositoryNameWithOwner": "acme/web", "branchName": "release"}}, "UNPROCESSABLE"),
    ],
)
async def test_a_commit_that_cannot_be_changes_nothing(api: Caller, repo: Repo, changes: Json, kind: str) -> None:
    sha = await repo.push(
        "bot/fix", {".github/workflows/old.yml": "on: [workflow_dispatch]\njobs: {a: {runs-on: x, steps: [{run: a}]}}\n"}
    )
    await repo.force("release", sha)
    repo.protect("release")
    before = await repo.branches()
    told = await api.graphql(COMMIT, input=commit_input(repo, sha, **changes))
    assert [one["type"] for one in told["errors"]] == [kind]
    assert await repo.branches() == before


async def test_reading_permission_does_not_commit(call: Caller, installation: int, repo: Repo) -> None:
    await call.login(installation, permissions={"contents": "read"})
    told = await call.graphql(COMMIT, input=commit_input(repo, await repo.head("main") or "", "main"))
    assert told["errors"][0]["type"] == "FORBIDDEN"


PULL_STATE = "pullRequest { isDraft state }"


async def test_a_pull_request_is_turned_closed_and_reopened(api: Caller, repo: Repo, github: GitHub, ear: Ear) -> None:
    await repo.push("feature", {"f": "f"})
    pull = await repo.open_pull_request("feature", draft=True)

    async def do(mutation: str) -> Json:
        query = f"mutation M($id: ID!) {{ {mutation}(input: {{pullRequestId: $id}}) {{ {PULL_STATE} }} }}"
        return await api.graphql(query, id=node_id("PR", pull.id))

    ready = await do("markPullRequestReadyForReview")
    assert ready["data"]["markPullRequestReadyForReview"]["pullRequest"] == {"isDraft": False, "state": "OPEN"}
    assert (await do("convertPullRequestToDraft"))["data"]["convertPullRequestToDraft"]["pullRequest"]["isDraft"] is True
    assert (await do("closePullRequest"))["data"]["closePullRequest"]["pullRequest"]["state"] == "CLOSED"
    assert (await do("markPullRequestReadyForReview"))["errors"][0]["type"] == "UNPROCESSABLE"
    assert (await do("reopenPullRequest"))["data"]["reopenPullRequest"]["pullRequest"]["state"] == "OPEN"
    assert (await do("disablePullRequestAutoMerge"))["errors"][0]["type"] == "UNPROCESSABLE"
    await github.idle()
    actions = [body["action"] for body in ear.bodies("pull_request")]
    assert actions == ["opened", "ready_for_review", "converted_to_draft", "closed", "reopened"]


async def test_ready_for_review_takes_contents_too(call: Caller, installation: int, repo: Repo) -> None:
    await repo.push("feature", {"f": "f"})
    pull = await repo.open_pull_request("feature", draft=True)
    await call.login(installation, permissions={"pull_requests": "write"})
    query = "mutation M($id: ID!) { markPullRequestReadyForReview(input: {pullRequestId: $id}) { pullRequest { id } } }"
    assert (await call.graphql(query, id=node_id("PR", pull.id)))["errors"][0]["type"] == "FORBIDDEN"
    assert pull.draft


async def test_a_ref_is_moved_and_deleted_by_its_id(api: Caller, repo: Repo) -> None:
    first = await repo.head("main") or ""
    await repo.push("bot/x", {"x": "x"})
    query = 'query R { repository(owner: "acme", name: "web") { ref(qualifiedName: "bot/x") { id prefix name } } }'
    ref = (await api.graphql(query))["data"]["repository"]["ref"]
    assert (ref["prefix"], ref["name"]) == ("refs/heads/", "bot/x")
    move = """mutation M($id: ID!, $oid: GitObjectID!, $f: Boolean) {
        updateRef(input: {refId: $id, oid: $oid, force: $f}) { ref { name } } }"""
    assert (await api.graphql(move, id=ref["id"], oid=first))["errors"][0]["type"] == "UNPROCESSABLE"
    assert "errors" not in await api.graphql(move, id=ref["id"], oid=first, f=True)
    assert await repo.head("bot/x") == first
    delete = 'mutation D($id: ID!) { deleteRef(input: {refId: $id, clientMutationId: "c"}) { clientMutationId } }'
    assert (await api.graphql(delete, id=ref["id"]))["data"]["deleteRef"]["clientMutationId"] == "c"
    assert await repo.head("bot/x") is None
    assert (await api.graphql(delete, id=ref["id"]))["errors"][0]["type"] == "NOT_FOUND"


async def test_a_comment_is_minimized(api: Caller, repo: Repo) -> None:
    await repo.push("feature", {"f": "f"})
    await repo.open_pull_request("feature")
    one = repo.comment(1, "Old news")
    query = """mutation M($id: ID!) { minimizeComment(input: {subjectId: $id, classifier: OUTDATED}) {
        minimizedComment { isMinimized minimizedReason } } }"""
    told = await api.graphql(query, id=node_id("IC", one.id))
    assert told["data"]["minimizeComment"]["minimizedComment"] == {"isMinimized": True, "minimizedReason": "outdated"}
