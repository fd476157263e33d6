r"""GitHub's filter patterns for branches, tags and paths ("Filter pattern cheat sheet" in its documentation).

``*`` anything but a slash, ``**`` anything (``**/`` also no folder at all), ``?`` zero or one of the character before, ``+``
one or more of it, ``[…]`` one of the listed, ``\`` takes a special character literally, ``!`` in front takes back what matched
before.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache


def passes(patterns: Sequence[str], name: str) -> bool:
    """Tell whether a name is let through: the last pattern that matches decides."""
    let_through = False
    for pattern in patterns:
        if pattern.startswith("!"):
            let_through = let_through and not matches(pattern[1:], name)
        else:
            let_through = let_through or matches(pattern, name)
    return let_through


def any_passes(patterns: Sequence[str], names: Iterable[str]) -> bool:
    """Tell whether at least one of the names is let through (``paths``)."""
    return any(passes(patterns, name) for name in names)


def all_pass(patterns: Sequence[str], names: Sequence[str]) -> bool:
    """Tell whether there are names and all of them match (``paths-ignore`` then keeps the workflow from running)."""
    return bool(names) and all(passes(patterns, name) for name in names)


def matches(pattern: str, name: str) -> bool:
    """Tell whether one pattern, without ``!``, matches a whole name."""
    return _compiled(pattern).fullmatch(name) is not None


def problem(pattern: str) -> str | None:
    """Say what is wrong with a pattern; null when it can be used."""
    try:
        _compiled(pattern.removeprefix("!"))
    except re.error as error:
        return f"Invalid pattern '{pattern}': {error.msg}"
    return None if pattern.removeprefix("!") else "A pattern must not be empty"


_PIECE = re.compile(
    r"(?P<folders>(?:^|(?<=/))\*\*/)|(?P<any>\*\*+)|(?P<some>\*)|(?P<repeat>[?+])|(?P<one>\[[^\]]*\])|\\(?P<literal>.)|(?P<plain>.)",
    re.DOTALL,
)
_WRITTEN = {"folders": "(?:.*/)?", "any": ".*", "some": "[^/]*"}


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    pieces: list[str] = []
    repeatable = False  # repeating "any number of anything" changes nothing
    for found in _PIECE.finditer(pattern):
        if found.lastgroup == "repeat" and pieces:
            pieces[-1] += found[0] if repeatable else ""
            repeatable = False
        else:
            pieces.append(_piece(found))
            repeatable = found.lastgroup not in _WRITTEN
    return re.compile("".join(pieces), re.DOTALL)


def _piece(found: re.Match[str]) -> str:
    kind = found.lastgroup or "plain"
    if kind in _WRITTEN:
        return _WRITTEN[kind]
    if kind == "one":
        return "[" + re.sub(r"([\\^\[&~|])", r"\\\1", found[0][1:-1]) + "]"
    return re.escape(found[kind])
