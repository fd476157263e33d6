"""GraphQL connections with opaque cursors, and node ids."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.emulator.world import Refused

MOST = 100  # nodes of one page


@dataclass(frozen=True, slots=True, kw_only=True)
class PageInfo:
    """Whether there is more, and where it begins."""

    has_next_page: bool
    end_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One page of a list."""

    nodes: Sequence[Any]
    total_count: int
    page_info: PageInfo


def page(
    items: Sequence[Any],
    *,
    first: int | None = None,
    last: int | None = None,
    after: str | None = None,
    before: str | None = None,
) -> Connection:
    """Cut a page out of a list. Raises Refused where GitHub wants ``first`` or ``last`` from 1 to 100."""
    wanted = first if first is not None else last
    if wanted is None:
        raise Refused(
            200, "You must provide a `first` or `last` value to properly paginate.", kind="MISSING_PAGINATION_BOUNDARIES"
        )
    if not 0 <= wanted <= MOST:
        raise Refused(200, f"Requesting {wanted} records exceeds the limit of {MOST} records.", kind="EXCESSIVE_PAGINATION")
    start = _position(after) if after else 0
    end = _position(before) - 1 if before else len(items)
    start, end = (start, min(start + wanted, end)) if first is not None else (max(end - wanted, start), end)
    cursor = _cursor(end) if end > start else None
    return Connection(
        nodes=items[start:end], total_count=len(items), page_info=PageInfo(has_next_page=end < len(items), end_cursor=cursor)
    )


def _cursor(position: int) -> str:
    return base64.b64encode(f"cursor:{position}".encode()).decode()


def _position(cursor: str) -> int:
    try:
        kind, _, number = base64.b64decode(cursor, validate=True).decode().partition(":")
        if kind == "cursor":
            return int(number)
    except (binascii.Error, ValueError):
        pass  # said below, for every way a cursor can be wrong
    raise Refused(200, f"`{cursor}` does not appear to be a valid cursor.", kind="INVALID_CURSOR_ARGUMENTS")


def named_id(prefix: str, repository_id: int, name: str) -> str:
    """The node id of what has a name instead of a number: refs, commits."""
    return f"{prefix}_{base64.urlsafe_b64encode(f'{repository_id}:{name}'.encode()).decode().rstrip('=')}"


def parts_of(text: str) -> tuple[str, int, str]:
    """Take a node id apart: kind, number, name (empty for numbered things). Raises Refused (NOT_FOUND)."""
    prefix, _, rest = text.partition("_")
    try:
        raw = base64.urlsafe_b64decode(rest + "=" * (-len(rest) % 4))
        if raw[:2] == b"\x92\x00" and len(raw) == 10:
            return prefix, int.from_bytes(raw[2:], "big"), ""
        number, _, name = raw.decode().partition(":")
        return prefix, int(number), name
    except (binascii.Error, ValueError) as error:
        raise Refused(200, f"Could not resolve to a node with the global id of '{text}'", kind="NOT_FOUND") from error
