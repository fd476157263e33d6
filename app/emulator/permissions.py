"""What a token may do.

A route's need is written as GitHub's ``X-Accepted-GitHub-Permissions`` writes it: ``,`` is and, ``;`` is or. The table
itself stands beside the routes: each names its need where it is declared.
"""

from collections.abc import Mapping

from app.emulator.world import Refused

LEVELS = {"read": 1, "write": 2, "admin": 3}


def satisfied(permissions: Mapping[str, str], need: str) -> str | None:
    """Give the alternative of a need that the permissions satisfy; null when none does."""
    for alternative in need.split(";"):
        parts = [part.strip().split("=") for part in alternative.split(",")]
        if all(LEVELS.get(permissions.get(name, ""), 0) >= LEVELS[level] for name, level in parts):
            return alternative.strip()
    return None


def demand(permissions: Mapping[str, str], need: str) -> str:
    """Give the permission that is used. Raises Refused (403) with the header that says what would do."""
    used = satisfied(permissions, need)
    if used is None:
        refusal = Refused(403, "Resource not accessible by integration", kind="FORBIDDEN")
        refusal.headers["X-Accepted-GitHub-Permissions"] = need
        raise refusal
    return used
