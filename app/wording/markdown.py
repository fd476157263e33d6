"""Quoting other people's text in markdown so that it stays text: no mentions, no markup, no way out of a fence."""

import re

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~!])")
_MENTION = re.compile(r"@(?=[A-Za-z0-9_])")
_REFERENCE = re.compile(r"(?<![\w&])#(?=\d)")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]")
_WORD_JOINER = "\u2060"  # after @ it breaks the mention and shows nothing


def visible(text: str) -> str:
    """Drop zero-width and bidirectional characters and control characters except tab and newline."""
    text = _INVISIBLE.sub("", text)
    return "".join(c for c in text if c in "\t\n" or (c >= " " and c != "\x7f"))


def plain(text: str) -> str:
    """Escape text for use inside a sentence: one line, no markup, no mention, no issue reference."""
    line = " ".join(visible(text).split())
    line = _MARKUP.sub(r"\\\1", line)
    return _MENTION.sub("@" + _WORD_JOINER, line)


def title(text: str, limit: int = 200) -> str:
    """Make one line for places that show no markup but do resolve mentions, such as titles."""
    line = _MENTION.sub("@" + _WORD_JOINER, " ".join(visible(text).split()))
    return _REFERENCE.sub("#" + _WORD_JOINER, line)[:limit]


def code(text: str) -> str:
    """Make inline code, whatever backticks the text holds."""
    line = " ".join(visible(text).split())
    if not line:
        return "``"
    ticks = "`" * (_longest_run(line) + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{ticks}{pad}{line}{pad}{ticks}"


def fence(text: str, language: str = "text") -> str:
    """Put text in a code block whose fence is longer than any run of backticks in it."""
    ticks = "`" * max(3, _longest_run(text) + 1)
    return f"{ticks}{language}\n{visible(text).rstrip()}\n{ticks}"


def folded(summary: str, body: str) -> str:
    """Put text behind a click; the summary must already be safe."""
    return f"<details><summary>{summary}</summary>\n\n{body}\n\n</details>"


def link(label: str, url: str) -> str:
    """Make a link; a label from outside must already be escaped. Without an address it is the label alone."""
    return f"[{label}]({url})" if url else label


def cut(text: str, limit: int) -> str:
    """Shorten text at a line's end so that it holds at most ``limit`` characters, and say so."""
    if len(text) <= limit:
        return text
    note = "\n… cut here"
    kept = text[: limit - len(note)]
    return kept[: kept.rfind("\n")] + note if "\n" in kept else kept + note


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)
