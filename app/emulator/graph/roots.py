"""Query and Mutation: where a document begins. Each mutation field succeeds or fails by itself, as on GitHub."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.emulator import changes, conversations, tokens
from app.emulator.accounts import Json, stamp
from app.emulator.graph.check_views import CheckView, SuiteView
from app.emulator.graph.git_views import CommitView, RefView, RepositoryView
from app.emulator.graph.object_views import AccountView, demand
from app.emulator.graph.paging import parts_of
from app.emulator.graph.pull_views import CommentView, PullView
from app.emulator.objects import GitError
from app.emulator.rest.git_data import decoded, make_ref, remove_ref
from app.emulator.routing import Call
from app.emulator.rules import may_bring, may_move, may_touch
from app.emulator.state import Repository
from app.emulator.world import Refused


def missing(text: str) -> Refused:
    """NOT_FOUND, as GitHub words it."""
    return Refused(200, f"Could not resolve to {text}", kind="NOT_FOUND")


def visible(call: Call) -> list[Repository]:
    """The repositories that the token reaches, and the public ones."""
    token = call.token
    return [
        repo for repo in call.world.state.repositories.values() if not repo.private or (token and tokens.reaches(token, repo))
    ]


def own(call: Call, repo: Repository) -> None:
    """Refuse to write to what the token does not reach. Raises Refused (FORBIDDEN)."""
    if call.token is None or not tokens.reaches(call.token, repo):
        raise Refused(200, "Resource not accessible by integration", kind="FORBIDDEN")


def by_id(call: Call, text: str) -> Any:  # noqa: ANN401 - any node
    """Find what a node id names. Raises Refused (NOT_FOUND)."""
    kind, number, name = parts_of(text)
    for repo in visible(call):
        found = _in_repository(call, repo, kind, number, name)
        if found is not None:
            return found
    raise missing(f"a node with the global id of '{text}'")


def _in_repository(call: Call, repo: Repository, kind: str, number: int, name: str) -> Any:  # noqa: ANN401 - any node
    if repo.id == number and kind in {"R", "REF"}:
        return RepositoryView(call, repo) if kind == "R" else RefView(call, repo, name, "")
    pulls = {pull.id: pull for pull in repo.pulls.values()}
    held: dict[str, tuple[Callable[..., Any], Mapping[int, Any]]] = {
        "PR": (PullView, pulls),
        "IC": (CommentView, repo.comments),
        "CR": (CheckView, repo.checks),
        "CS": (SuiteView, repo.suites),
    }
    if kind not in held:
        return None
    view, things = held[kind]
    return view(call, repo, things[number]) if number in things else None


@dataclass(frozen=True, slots=True)
class QueryRoot:
    """Query."""

    call: Call
    typename = "Query"

    @property
    def viewer(self) -> AccountView:
        """Who asks."""
        return AccountView(self.call.by)

    def rate_limit(self) -> Json:
        """The budget of GraphQL points."""
        budget = self.call.budgets[1]
        reset = self.call.world.state.clock().fromtimestamp(budget["reset"], tz=self.call.world.state.clock().tzinfo)
        counts = {name: budget[name] for name in ("limit", "remaining", "used")}
        return counts | {"cost": 1, "node_count": 0, "reset_at": stamp(reset)}

    def repository(self, *, owner: str, name: str, follow_renames: bool = True) -> RepositoryView:
        """A repository by name."""
        del follow_renames  # nothing is ever renamed here
        found = self.call.world.repository(f"{owner}/{name}")
        if found is None or found not in visible(self.call):
            raise missing(f"a Repository with the name '{owner}/{name}'.")
        return RepositoryView(self.call, found)

    def node(self, *, id: str) -> Any:  # noqa: A002, ANN401 - GitHub's word; any node
        """What a node id names."""
        return by_id(self.call, id)

    def nodes(self, *, ids: Sequence[str]) -> list[Any]:
        """What node ids name; errors stand beside the nulls."""
        if len(ids) > 100:
            raise Refused(200, f"You may not provide more than 100 node ids; you provided {len(ids)}.", kind="ARGUMENT_LIMIT")
        return [_or_error(self.call, one) for one in ids]


def _or_error(call: Call, text: str) -> Any:  # noqa: ANN401 - a node, or the error that stands for it
    try:
        return by_id(call, text)
    except Refused as refusal:
        return refusal


@dataclass(frozen=True, slots=True)
class MutationRoot:
    """Mutation."""

    call: Call
    typename = "Mutation"

    def _pull(self, text: str, need: str = "pull_requests=write") -> PullView:
        demand(self.call, need)
        found = by_id(self.call, text)
        if not isinstance(found, PullView):
            raise missing(f"a node with the global id of '{text}'")
        own(self.call, found.repo)
        return found

    async def _draft(self, given: Json, need: str, *, draft: bool) -> Json:
        view = self._pull(given["pullRequestId"], need)
        if view.pull.state != "open":
            raise Refused(200, "Pull request is not open")
        await conversations.set_draft(self.call.world, view.repo, view.pull, self.call.by, draft=draft)
        return _payload(given, pull_request=view)

    async def mark_pull_request_ready_for_review(self, *, input: Json) -> Json:  # noqa: A002 - GitHub's word
        """Draft to ready; an App needs contents: write besides."""
        return await self._draft(input, "pull_requests=write, contents=write", draft=False)

    async def convert_pull_request_to_draft(self, *, input: Json) -> Json:  # noqa: A002 - GitHub's word
        """Ready to draft."""
        return await self._draft(input, "pull_requests=write, contents=write", draft=True)

    async def close_pull_request(self, *, input: Json) -> Json:  # noqa: A002 - GitHub's word
        """Close without merging."""
        view = self._pull(input["pullRequestId"])
        if view.pull.state == "open":
            await changes.close(self.call.world, view.repo, view.pull, self.call.by)
        return _payload(input, pull_request=view)

    async def reopen_pull_request(self, *, input: Json) -> Json:  # noqa: A002 - GitHub's word
        """Open again."""
        view = self._pull(input["pullRequestId"])
        if view.pull.state == "closed":
            await conversations.reopen(self.call.world, view.repo, view.pull, self.call.by)
        return _payload(input, pull_request=view)

    def disable_pull_request_auto_merge(self, *, input: Json) -> Json:  # noqa: A002 - GitHub's word
        """Nothing here ever merges by itself, so there is nothing to disable."""
        self._pull(input["pullRequestId"])
        raise Refused(200, "Can't disable auto-merge for this pull request.")

    def minimize_comment(self, *, input: Json) -> Json:  # noqa: A002 - GitHub's word
        """Collapse a comment."""
        demand(self.call, "issues=write; pull_requests=write")
        found = by_id(self.call, input["subjectId"])
        if not isinstance(found, CommentView):
            raise missing(f"a node with the global id of '{input['subjectId']}'")
        own(self.call, found.repo)
        found.comment.minimized = input["classifier"].lower().replace("_", "-")
        return _payload(input, minimized_comment=found)

    async def create_ref(self, *, input: Json) -> Json:  # noqa: A002 - GitHub's word
        """Make a ref."""
        demand(self.call, "contents=write")
        view = by_id(self.call, input["repositoryId"])
        if not isinstance(view, RepositoryView):
            raise missing(f"a node with the global id of '{input['repositoryId']}'")
        own(self.call, view.repo)
        name, sha = input["name"], input["oid"]
        try:
            await make_ref(replace(self.call, repository=view.repo), name, sha)
        except Refused as refusal:
            if refusal.message == "Reference already exists":
                refusal.message = f'A ref named "{name}" already exists in the repository.'
            raise
        return _payload(input, ref=RefView(self.call, view.repo, name, sha))

    def _ref(self, text: str) -> RefView:
        demand(self.call, "contents=write")
        view = by_id(self.call, text)
        if not isinstance(view, RefView):
            raise missing(f"a node with the global id of '{text}'")
        own(self.call, view.repo)
        return view

    async def delete_ref(self, *, input: Json) -> Json:  # noqa: A002 - GitHub's word
        """Delete a ref."""
        view = self._ref(input["refId"])
        if await view.repo.git.ref(view.full_name) is None:
            raise missing(f"a node with the global id of '{input['refId']}'")
        await remove_ref(replace(self.call, repository=view.repo), view.full_name)
        return _payload(input)

    async def update_ref(self, *, input: Json) -> Json:  # noqa: A002 - GitHub's word
        """Move a ref; without force only forwards."""
        view, sha = self._ref(input["refId"]), input["oid"]
        async with view.repo.git.lock:
            before = await view.repo.git.ref(view.full_name)
            if before is None:
                raise missing(f"a node with the global id of '{input['refId']}'")
            may_move(view.repo, view.full_name)
            if await view.repo.git.kind(sha) != "commit":
                raise Refused(200, "Object does not exist")
            if not input.get("force") and not await view.repo.git.contains(sha, before):
                raise Refused(200, "Update is not a fast forward")
            await may_bring(view.repo, sha, self.call.token)
            await changes.move_ref(self.call.world, view.repo, view.full_name, sha, self.call.by)
        return _payload(input, ref=RefView(self.call, view.repo, view.full_name, sha))

    async def create_commit_on_branch(self, *, input: Json) -> Json:  # noqa: A002 - GitHub's word
        """One commit on a branch that stands where the caller expects it."""
        demand(self.call, "contents=write")
        repo, ref = self._branch(input["branch"])
        own(self.call, repo)
        async with repo.git.lock:
            head = await repo.git.ref(ref)
            if head is None:
                raise missing(f"the branch {ref.removeprefix('refs/heads/')}")
            if head != input["expectedHeadOid"]:
                expected = input["expectedHeadOid"]
                raise Refused(
                    200, f'Expected branch to point to "{expected}" but it did not. Pull and try again.', kind="STALE_DATA"
                )
            may_move(repo, ref)
            sha = await self._write(repo, head, input)
            await changes.move_ref(self.call.world, repo, ref, sha, self.call.by)
        commit = CommitView(self.call, repo, await repo.git.commit(sha))
        return _payload(input, ref=RefView(self.call, repo, ref, sha), commit=commit)

    def _branch(self, branch: Json) -> tuple[Repository, str]:
        if branch.get("id"):
            view = self._ref(branch["id"])
            return view.repo, view.full_name
        full_name = branch.get("repositoryNameWithOwner") or ""
        repo = self.call.world.repository(full_name)
        if repo is None or repo not in visible(self.call):
            raise missing(f"a Repository with the name '{full_name}'.")
        return repo, f"refs/heads/{(branch.get('branchName') or '').removeprefix('refs/heads/')}"

    async def _write(self, repo: Repository, head: str, given: Json) -> str:
        files = await _files(repo, head, given.get("fileChanges") or {})
        may_touch(files, self.call.token)
        message = given["message"]["headline"]
        if not message:
            raise Refused(200, "Commit message headline cannot be empty")
        if given["message"].get("body"):
            message += "\n\n" + given["message"]["body"]
        world = self.call.world
        try:
            return await repo.git.write_commit(
                files, parent=head, author=world.person(self.call.by), committer=world.web_flow(), message=message
            )
        except GitError as error:
            raise Refused(200, f"A path was not accepted: {error}") from error


async def _files(repo: Repository, head: str, given: Json) -> dict[str, bytes | None]:
    additions, deletions = given.get("additions") or [], given.get("deletions") or []
    paths = [one["path"] for one in [*additions, *deletions]]
    if len(paths) != len(set(paths)):
        raise Refused(200, "A path was given more than once in fileChanges")
    for path in paths:
        if not path or path.startswith("/") or {"..", ".", ".git", ""} & set(path.split("/")):
            raise Refused(200, f"A path was requested that is not allowed: {path!r}")
    for one in deletions:
        if await repo.git.find(head, one["path"]) is None:
            raise Refused(200, f"A path was requested for deletion which does not exist as of commit oid `{head}`: {one['path']}")
    files: dict[str, bytes | None] = {one["path"]: decoded(one["contents"]) for one in additions}
    return files | {one["path"]: None for one in deletions}


def _payload(given: Json, **facts: Any) -> Json:  # noqa: ANN401 - any views
    return {"client_mutation_id": given.get("clientMutationId"), **facts}
