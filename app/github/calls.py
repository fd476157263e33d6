"""What is known of one call to GitHub: counted by installation, resource and purpose."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from app.domain.repository import Repository

_SHA = re.compile(r"[0-9a-f]{40}")
_NAMED = {"heads": "{branch}", "tags": "{tag}", "contents": "{path}"}  # the rest of the path is one name
_NEXT = {"collaborators": "{login}", "users": "{login}", "orgs": "{org}", "apps": "{slug}", "labels": "{label}"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    """One HTTP exchange with GitHub's API. ``status`` is 0 where no answer came."""

    host: str
    installation_id: int  # 0 for the App itself
    resource: str  # the rate-limit bucket: core, graphql, search, …
    purpose: str  # what it was made for, such as "repair:inc_…"
    method: str
    route: str  # with placeholders, so that there are few
    status: int
    points: int  # of the bucket: what GraphQL says a query cost, else 1


OnCall = Callable[[CallRecord], None]


def route_of(url: str, api_url: str) -> str:
    """Replace what varies in an API address by placeholders."""
    path = urlsplit(url).path.removeprefix(urlsplit(api_url).path.rstrip("/")).strip("/")
    out: list[str] = []
    for index, part in enumerate(path.split("/")):
        previous = out[-1] if out else ""
        if previous in _NAMED:
            return "/" + "/".join([*out, _NAMED[previous]])
        out.append(_placeholder(part, previous, index, out))
    return "/" + "/".join(out)


def _placeholder(part: str, previous: str, index: int, before: list[str]) -> str:
    if before[:1] == ["repos"] and index in (1, 2):
        return "{owner}" if index == 1 else "{repo}"
    if part.isdigit():
        return "{id}"
    if _SHA.fullmatch(part):
        return "{sha}"
    return _NEXT.get(previous, part)


def under(repo: Repository, path: str) -> str:
    """Build the address of something in a repository; ``path`` is already quoted."""
    return f"/repos/{quote(repo.owner, safe='')}/{quote(repo.name, safe='')}/{path}"


def quoted(name: str) -> str:
    """Quote a branch name or path for an address, slashes kept. No URI template variables: they would treat slashes otherwise."""
    return quote(name, safe="/")
