"""An edit: one file of a candidate, before and after."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One file's change. ``before`` is null for a new file, ``after`` for a deleted one; line endings are kept as they are."""

    path: str  # repository-relative, forward slashes
    before: str | None
    after: str | None
    mode: str = "100644"  # git file mode; anything else is committed through the git data API
    explanation: str = ""
