"""Which repository of which installation on which host: the address of everything DevFlowFix stores."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The user or organisation on which the App is installed."""

    id: int
    login: str
    type: str  # "User" or "Organization"


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """The App on one account; every call to GitHub for it uses its installation token."""

    host: str
    id: int
    account: Account
    repository_selection: str = "selected"  # or "all"
    permissions: tuple[tuple[str, str], ...] = ()
    suspended: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A repository, keyed by host and numeric id because names change."""

    host: str
    installation_id: int
    id: int
    full_name: str
    private: bool = False
    default_branch: str = ""  # empty where the payload did not say

    @property
    def owner(self) -> str:
        """The account's login: the part before the slash."""
        return self.full_name.partition("/")[0]

    @property
    def name(self) -> str:
        """The repository's own name: the part after the slash."""
        return self.full_name.partition("/")[2]
