"""Accounts and Apps, and how GitHub writes moments and node ids."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

Clock = Callable[[], datetime]
Json = dict[str, Any]


def stamp(moment: datetime | None) -> str | None:
    """Write a moment as GitHub's REST and GraphQL do: UTC, whole seconds, ``Z``."""
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def node_id(prefix: str, number: int) -> str:
    """Make a global node id that looks like GitHub's and must be treated as opaque."""
    raw = b"\x92\x00" + number.to_bytes(8, "big")
    return f"{prefix}_{base64.urlsafe_b64encode(raw).decode().rstrip('=')}"


@dataclass(slots=True, kw_only=True)
class Account:
    """A person, an organisation or an App's bot."""

    id: int
    login: str
    type: str = "User"  # or Organization, Bot
    name: str = ""

    @property
    def node_id(self) -> str:
        """The global id."""
        return node_id({"Organization": "O", "Bot": "BOT"}.get(self.type, "U"), self.id)

    @property
    def email(self) -> str:
        """The address that commits carry."""
        return f"{self.id}+{self.login}@users.noreply.github.com"


@dataclass(slots=True, kw_only=True)
class App:
    """A registered GitHub App. GitHub Actions is one too."""

    id: int
    slug: str
    name: str
    owner: Account
    permissions: dict[str, str]
    events: tuple[str, ...]
    created_at: datetime
    bot: Account
    client_id: str = ""
