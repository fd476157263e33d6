"""Accounts, the people of commits, trees and files as GraphQL shows them. Each class is one type of the schema."""

from dataclasses import dataclass

from app.emulator import permissions
from app.emulator.accounts import Account, stamp
from app.emulator.graph.paging import named_id
from app.emulator.objects import Entry, Person
from app.emulator.routing import Call
from app.emulator.shapes.repositories import account_of
from app.emulator.state import Repository

SMALL = 2**31 - 1
MOST_TEXT = 512_000  # characters of a blob; what is longer is cut and marked


def small(number: int) -> int | None:
    """GraphQL's Int has 32 bits; a longer number cannot be said (``databaseId`` is declared Int)."""
    return number if number <= SMALL else None


def demand(call: Call, need: str) -> None:
    """Ask for a permission of the token. Raises Refused (FORBIDDEN)."""
    permissions.demand(call.token.permissions if call.token else {}, need)


@dataclass(frozen=True, slots=True)
class AccountView:
    """User, Organization or Bot."""

    account: Account

    @property
    def typename(self) -> str:
        """Which of the three."""
        return self.account.type

    @property
    def login(self) -> str:
        """The name; a bot's lacks the ``[bot]`` that REST shows."""
        return self.account.login.removesuffix("[bot]")

    @property
    def id(self) -> str:
        """The node id."""
        return self.account.node_id

    @property
    def database_id(self) -> int | None:
        """The number."""
        return small(self.account.id)

    @property
    def name(self) -> str:
        """The display name."""
        return self.account.name


@dataclass(frozen=True, slots=True)
class PersonView:
    """GitActor: who a commit says wrote it."""

    call: Call
    person: Person
    typename = "GitActor"

    @property
    def name(self) -> str:
        """The name in the commit."""
        return self.person.name

    @property
    def email(self) -> str:
        """The address in the commit."""
        return self.person.email

    @property
    def date(self) -> str | None:
        """When."""
        return stamp(self.person.at)

    @property
    def user(self) -> AccountView | None:
        """The account behind it; a bot is no User."""
        found = account_of(self.call.world.state, self.person)
        return AccountView(found) if found and found.type == "User" else None


@dataclass(frozen=True, slots=True)
class SignatureView:
    """GpgSignature of what GitHub committed itself."""

    typename = "GpgSignature"
    is_valid = True
    state = "VALID"
    was_signed_by_git_hub = True


@dataclass(frozen=True, slots=True)
class TreeView:
    """Tree."""

    repo: Repository
    oid: str
    typename = "Tree"

    @property
    def id(self) -> str:
        """The node id."""
        return named_id("T", self.repo.id, self.oid)

    @property
    def abbreviated_oid(self) -> str:
        """Seven characters of the id."""
        return self.oid[:7]


@dataclass(frozen=True, slots=True)
class BlobView:
    """Blob."""

    repo: Repository
    entry: Entry
    content: bytes
    typename = "Blob"

    @property
    def oid(self) -> str:
        """The object id."""
        return self.entry.sha

    @property
    def abbreviated_oid(self) -> str:
        """Seven characters of the id."""
        return self.entry.sha[:7]

    @property
    def id(self) -> str:
        """The node id."""
        return named_id("B", self.repo.id, self.entry.sha)

    @property
    def is_binary(self) -> bool:
        """Whether it holds a null byte near its start, git's own test."""
        return b"\0" in self.content[:8000]

    @property
    def is_truncated(self) -> bool:
        """Whether ``text`` is cut."""
        return len(self.content) > MOST_TEXT

    @property
    def text(self) -> str | None:
        """The content; null for binaries."""
        return None if self.is_binary else self.content[:MOST_TEXT].decode(errors="replace")

    @property
    def byte_size(self) -> int:
        """Its length."""
        return len(self.content)
