"""Making markdown fit into GitHub's limits: cut at a line's end, code blocks closed, and said so."""

import re

NOTE = "\n\n_… truncated: GitHub takes no more text here._"
_FENCE = re.compile(r"^ {0,3}(?P<ticks>`{3,}|~{3,})(?P<rest>.*)$")


def fitted(text: str, limit: int) -> str:
    """Shorten markdown so that it holds at most ``limit`` characters and as many bytes.

    GitHub's limits are written as characters, but some count bytes: keeping to both is safe.
    """
    if _size(text) <= limit:
        return text
    room = limit - len(NOTE.encode()) - 1
    kept = text.encode()[:room].decode(errors="ignore")
    kept = kept[: kept.rfind("\n")] if "\n" in kept else kept
    while kept and _size(kept + (closing := _closing(kept)) + NOTE) > limit:
        kept = kept[: kept.rfind("\n")] if "\n" in kept else kept[: -len(closing) - 1]
    return kept + _closing(kept) + NOTE


def fitted_line(text: str, limit: int) -> str:
    """Shorten one line so that it holds at most ``limit`` characters."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _size(text: str) -> int:
    return len(text.encode())


def _closing(text: str) -> str:
    """The line that closes a code block left open at the text's end; empty where none is."""
    fence = ""
    for line in text.splitlines():
        found = _FENCE.match(line)
        if found is None:
            continue
        ticks = found["ticks"]
        if not fence:
            fence = ticks
        elif ticks[0] == fence[0] and len(ticks) >= len(fence) and not found["rest"].strip():
            fence = ""
    return f"\n{fence}" if fence else ""
