"""Patterns over paths, branches and workflow names, as the policy file writes them.

They read like the filters of a workflow file: ``*`` stands for anything but a slash, ``**`` for anything, ``**/`` for any number
of folders (none too), ``?`` for one character that is no slash; a pattern that ends in a slash means everything below. Matching
walks pattern and text once each (a set of positions, no backtracking), because patterns come from repositories and must not be
able to make the server busy.
"""

from collections.abc import Iterable

_ANY = "**"  # zero or more of anything
_FOLDERS = "**/"  # zero or more whole folders
_SOME = "*"  # zero or more of anything but a slash
_ONE = "?"


def matches(pattern: str, text: str) -> bool:
    """Tell whether a text, whole, matches a pattern."""
    tokens = _tokens(pattern + "**" if pattern.endswith("/") else pattern)
    positions = _closure({0}, tokens, at_start=True)
    for character in text:
        positions = _closure(_step(positions, tokens, character), tokens, at_start=character == "/")
        if not positions:
            return False
    return len(tokens) in positions


def matches_any(patterns: Iterable[str], text: str) -> bool:
    """Tell whether a text matches at least one of the patterns."""
    return any(matches(pattern, text) for pattern in patterns)


def _tokens(pattern: str) -> list[str]:
    """Cut a pattern into wildcards and single characters; stars next to each other are one ``**``."""
    tokens: list[str] = []
    at = 0
    while at < len(pattern):
        width = len(pattern) - at - len(pattern[at:].lstrip("*"))
        if width < 2:
            tokens.append(pattern[at])
            at += 1
            continue
        folders = pattern[at + width : at + width + 1] == "/" and (at == 0 or pattern[at - 1] == "/")
        tokens.append(_FOLDERS if folders else _ANY)
        at += width + folders
    return tokens


def _closure(positions: set[int], tokens: list[str], *, at_start: bool) -> set[int]:
    """Add the positions that are reached without reading a character: a wildcard may stand for nothing.

    ``**/`` may be left only where a folder's name begins: ``**/x`` does not match ``ax``.
    """
    reached = set(positions)
    for position in sorted(positions):
        at = position
        while at < len(tokens) and (tokens[at] in {_ANY, _SOME} or (tokens[at] == _FOLDERS and at_start)):
            at += 1
            reached.add(at)
    return reached


def _step(positions: set[int], tokens: list[str], character: str) -> set[int]:
    """Read one character from every position."""
    reached: set[int] = set()
    for position in positions:
        if position == len(tokens):
            continue
        token = tokens[position]
        if token in {_ANY, _FOLDERS} or (token == _SOME and character != "/"):
            reached.add(position)
        elif (token == _ONE and character != "/") or token == character:
            reached.add(position + 1)
    return reached


def covers(pattern: str, path: str) -> bool:
    """Tell whether a pattern names a path or a folder that the path lies in: ``docs`` covers ``docs/index.md``."""
    rooted = pattern.removeprefix("/")
    return matches(rooted, path) or matches(rooted.rstrip("/") + "/**", path)


def covers_any(patterns: Iterable[str], path: str) -> bool:
    """Tell whether at least one of the patterns names a path or a folder that it lies in."""
    return any(covers(pattern, path) for pattern in patterns)
