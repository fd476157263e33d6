"""Small words of the fixers' titles."""

from collections.abc import Sequence


def counted(number: int, thing: str) -> str:
    """Count things: ``1 file``, ``2 files``."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def listed(words: Sequence[str], most: int = 4) -> str:
    """List words: ``A``, ``A and B``, ``A, B, C, D and 2 more``."""
    if len(words) > most:
        return f"{', '.join(words[:most])} and {len(words) - most} more"
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
