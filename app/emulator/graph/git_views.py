"""Repositories, refs, commits and files as GraphQL shows them. Each class is one type of the schema, fields in snake case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.emulator.accounts import Json, node_id, stamp
from app.emulator.graph.object_views import AccountView, BlobView, PersonView, SignatureView, TreeView, demand, small
from app.emulator.graph.paging import Connection, named_id, page
from app.emulator.objects import CommitData
from app.emulator.routing import Call
from app.emulator.shapes.repositories import verification
from app.emulator.state import Repository
from app.emulator.world import Refused

if TYPE_CHECKING:
    from app.emulator.graph.pull_views import PullView
    from app.emulator.graph.rollup import RollupView, StatusView

HISTORY = 1000


@dataclass(frozen=True, slots=True)
class RepositoryView:
    """Repository."""

    call: Call
    repo: Repository
    typename = "Repository"

    @property
    def facts(self) -> Json:
        """The plain fields."""
        return {
            "id": node_id("R", self.repo.id),
            "database_id": small(self.repo.id),
            "name": self.repo.name,
            "name_with_owner": self.repo.full_name,
            "url": f"{self.call.world.at.web}/{self.repo.full_name}",
            "is_private": self.repo.private,
            "is_fork": self.repo.fork_of is not None,
            "is_archived": False,
            "created_at": stamp(self.repo.created_at),
            "pushed_at": stamp(self.repo.pushed_at),
            "owner": lambda: AccountView(self.repo.owner),
        }

    async def is_empty(self) -> bool:
        """Whether nothing was ever pushed."""
        return not await self.repo.git.branches()

    async def default_branch_ref(self) -> RefView | None:
        """The default branch."""
        return await self.ref(qualified_name=f"refs/heads/{self.repo.default_branch}")

    async def ref(self, *, qualified_name: str) -> RefView | None:
        """A ref by its full name, or a branch by its short one."""
        demand(self.call, "contents=read")
        for name in (qualified_name, f"refs/heads/{qualified_name}", f"refs/tags/{qualified_name}"):
            if name.startswith("refs/") and (sha := await self.repo.git.ref(name)):
                return RefView(self.call, self.repo, name, sha)
        return None

    async def refs(self, *, ref_prefix: str, query: str | None = None, **paging: Any) -> Connection:  # noqa: ANN401 - paging
        """Refs under a prefix."""
        demand(self.call, "contents=read")
        found = (await self.repo.git.refs(ref_prefix)).items()
        return page([RefView(self.call, self.repo, name, sha) for name, sha in found if (query or "") in name], **paging)

    async def object(self, *, oid: str | None = None, expression: str | None = None) -> CommitView | BlobView | TreeView | None:
        """A git object by its id, or by an expression such as ``main:path``."""
        demand(self.call, "contents=read")
        name, colon, path = (expression or oid or "").partition(":")
        sha = await self.repo.git.resolve(name)
        if sha is None:
            return None
        if not colon:
            return CommitView(self.call, self.repo, await self.repo.git.commit(sha))
        entry = await self.repo.git.find(sha, path.strip("/"))
        if entry is None:
            return None
        return (
            BlobView(self.repo, entry, await self.repo.git.blob(entry.sha))
            if entry.kind == "blob"
            else TreeView(self.repo, entry.sha)
        )

    def pull_request(self, *, number: int) -> PullView:
        """One pull request."""
        from app.emulator.graph.pull_views import PullView  # noqa: PLC0415 - the two views show each other

        demand(self.call, "pull_requests=read")
        if number not in self.repo.pulls:
            raise Refused(200, f"Could not resolve to a PullRequest with the number of {number}.", kind="NOT_FOUND")
        return PullView(self.call, self.repo, self.repo.pulls[number])

    def pull_requests(self, **wanted: Any) -> Connection:  # noqa: ANN401 - filters and paging
        """Pull requests."""
        from app.emulator.graph.pull_views import chosen  # noqa: PLC0415 - the two views show each other

        demand(self.call, "pull_requests=read")
        return chosen(self.call, self.repo, **wanted)


@dataclass(frozen=True, slots=True)
class RefView:
    """Ref."""

    call: Call
    repo: Repository
    full_name: str
    sha: str
    typename = "Ref"

    @property
    def id(self) -> str:
        """The node id."""
        return named_id("REF", self.repo.id, self.full_name)

    @property
    def prefix(self) -> str:
        """``refs/heads/`` or ``refs/tags/``."""
        return "/".join(self.full_name.split("/")[:2]) + "/"

    @property
    def name(self) -> str:
        """The name without its prefix."""
        return self.full_name.removeprefix(self.prefix)

    @property
    def repository(self) -> RepositoryView:
        """Its repository."""
        return RepositoryView(self.call, self.repo)

    async def target(self) -> CommitView | None:
        """The commit it points at."""
        sha = self.sha or await self.repo.git.ref(self.full_name)
        return CommitView(self.call, self.repo, await self.repo.git.commit(sha)) if sha else None

    def associated_pull_requests(self, **wanted: Any) -> Connection:  # noqa: ANN401 - filters and paging
        """Pull requests whose head it is."""
        return RepositoryView(self.call, self.repo).pull_requests(head_ref_name=self.name, **wanted)


@dataclass(frozen=True, slots=True)
class CommitView:
    """Commit."""

    call: Call
    repo: Repository
    data: CommitData
    typename = "Commit"

    @property
    def facts(self) -> Json:
        """The plain fields."""
        data = self.data
        return {
            "oid": data.sha,
            "id": named_id("C", self.repo.id, data.sha),
            "abbreviated_oid": data.sha[:7],
            "message": data.message,
            "message_headline": data.message.split("\n", 1)[0],
            "message_body": data.message.partition("\n\n")[2],
            "authored_date": stamp(data.author.at),
            "committed_date": stamp(data.committer.at),
            "author": lambda: PersonView(self.call, data.author),
            "committer": lambda: PersonView(self.call, data.committer),
            "tree": lambda: TreeView(self.repo, data.tree),
            "url": f"{self.call.world.at.web}/{self.repo.full_name}/commit/{data.sha}",
            "signature": lambda: SignatureView() if verification(data)["verified"] else None,
        }

    async def parents(self, **paging: Any) -> Connection:  # noqa: ANN401 - paging
        """Its parents."""
        return page([CommitView(self.call, self.repo, one) for one in await self.repo.git.commits(self.data.parents)], **paging)

    async def history(self, *, path: str | None = None, **paging: Any) -> Connection:  # noqa: ANN401 - paging
        """The commits from here backwards."""
        shas = await self.repo.git.history(self.data.sha, HISTORY, path=path)
        return page([CommitView(self.call, self.repo, one) for one in await self.repo.git.commits(shas)], **paging)

    def check_suites(self, *, filter_by: dict[str, Any] | None = None, **paging: Any) -> Connection:  # noqa: ANN401 - paging
        """Check suites on it."""
        from app.emulator.graph.rollup import suites_of  # noqa: PLC0415 - the two views show each other

        demand(self.call, "checks=read")
        return page(suites_of(self.call, self.repo, self.data.sha, filter_by or {}), **paging)

    def status_check_rollup(self) -> RollupView | None:
        """All checks and statuses on it, summed up; null when there is none."""
        from app.emulator.graph.rollup import rollup_of  # noqa: PLC0415 - the two views show each other

        demand(self.call, "checks=read, statuses=read")
        return rollup_of(self.call, self.repo, self.data.sha)

    def status(self) -> StatusView | None:
        """The statuses of other systems; null when there is none."""
        from app.emulator.graph.rollup import status_of  # noqa: PLC0415 - the two views show each other

        demand(self.call, "statuses=read")
        return status_of(self.call, self.repo, self.data.sha)

    async def associated_pull_requests(self, **paging: Any) -> Connection:  # noqa: ANN401 - paging
        """Pull requests that bring it in, or brought it."""
        from app.emulator.graph.pull_views import PullView, bringing  # noqa: PLC0415 - the two views show each other

        demand(self.call, "pull_requests=read")
        return page([PullView(self.call, self.repo, one) for one in await bringing(self.repo, self.data.sha)], **paging)
