"""What a path really names: spellings that a file system, git or an eye would take for another one.

On Windows and macOS ``.GITHUB/Workflows`` is ``.github/workflows``; HFS+ ignores zero-width characters, NTFS ignores dots and
spaces at a name's end and knows ``git~1`` for ``.git`` (the cases that git itself guards against in ``verify_path``). A path is
therefore judged in its folded spelling, and refused when it is written in a way that only a trick needs.
"""

import re
import unicodedata

_DRIVE = re.compile(r"^[A-Za-z]:")
_SHORT_GIT = re.compile(r"^git~\d+$")


def folded(path: str) -> str:
    """Give the spelling under which two paths are the same file somewhere: compatibility form, no case, nothing ignorable."""
    shown = path if path.isascii() and path.isprintable() else _without_ignorables(unicodedata.normalize("NFKC", path))
    parts = (part.rstrip(". ") or part for part in shown.casefold().replace("\\", "/").split("/"))
    return "/".join(".git" if _SHORT_GIT.match(part) else part for part in parts)


def _without_ignorables(text: str) -> str:
    """Drop what file systems and eyes skip: control and format characters, and variation selectors."""
    return "".join(c for c in text if unicodedata.category(c) not in {"Cc", "Cf"} and not "\ufe00" <= c <= "\ufe0f")


def trick(path: str) -> str:
    """Say what is wrong with the way a path is written; empty when it is plainly a file inside the repository."""
    parts = path.split("/")
    if not path or path.startswith("/") or _DRIVE.match(path) or "" in parts or {".", ".."} & set(parts):
        return "leaves the repository or is not written plainly"
    if "\\" in path or any(unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} for c in path):
        return "holds a backslash, a control or an invisible character"
    if unicodedata.normalize("NFC", path) != path:
        return "is not in Unicode's composed form (NFC)"
    if any(part != part.rstrip(". ") or part != part.lstrip(" ") for part in parts):
        return "has a name that begins or ends in a space or ends in a dot"
    return ""


def parents(path: str) -> tuple[str, ...]:
    """Give the folders that a path lies in, outermost first."""
    parts = path.split("/")
    return tuple("/".join(parts[:n]) for n in range(1, len(parts)))
