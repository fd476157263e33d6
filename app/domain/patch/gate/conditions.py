"""Conditions of assertions as sequences of tokens: cut at *and*, at commas, and judged by their comparison."""

from collections.abc import Iterator

from app.domain.patch.gate.nodes import Token

Tokens = tuple[Token, ...]
_OPEN, _CLOSE = frozenset("([{"), frozenset(")]}")
_EQUAL = frozenset({"==", "===", "is", "-eq", "="})
_BOUND = frozenset({"!=", "!==", "<", ">", "<=", ">=", "in", "=~", "~=", "-ne", "-gt", "-lt", "-ge", "-le", "instanceof"})
_MOST_BRACKETS = 8  # round one condition; more is nobody's writing
_NOTHING = frozenset({"none", "null", "nil", "undefined"})


def conjuncts(said: Tokens) -> list[Tokens]:
    """Cut a condition at its outermost *and*."""
    bare = _bare(said)
    parts = list(_cut(bare, frozenset({"and", "&&", "-a"})))
    return parts if len(parts) > 1 else [bare]


def split_arguments(said: Tokens) -> list[Tokens]:
    """Cut the arguments of a call, given with or without its name and brackets, at their commas."""
    start = next((at for at, token in enumerate(said) if token.text == "(" and not token.literal), None)
    inner = said[start + 1 : -1] if start is not None and said[-1].text == ")" else said
    return [part for part in _cut(inner, frozenset({","})) if part]


def first_argument(said: Tokens) -> Tokens:
    """Give the first argument of a call; empty where there is none."""
    return next(iter(split_arguments(said)), ())


def condition_strength(said: Tokens, language: str, depth: int = 0) -> float:
    """Rank what one condition asks for; see ``assertions``."""
    bare = _bare(said)
    if len(list(_cut(bare, frozenset({"or", "||", "-o"})))) > 1:
        return _weakest(bare, language, depth) if depth < _MOST_BRACKETS else 0
    if not bare or all(token.literal for token in bare):
        return 0
    operators = [(at, token.text) for at, token in _outer(bare) if not token.literal]
    for at, text in operators:
        if text in _EQUAL | _BOUND:
            return _comparison(bare[:at], text, bare[at + 1 :], language)
    return 1


def _weakest(said: Tokens, language: str, depth: int) -> float:
    """An alternative asks for less than its least part."""
    parts = _cut(said, frozenset({"or", "||", "-o"}))
    return max(0.0, min(condition_strength(part, language, depth + 1) for part in parts) - 0.5)


def _comparison(left: Tokens, operator: str, right: Tokens, language: str) -> float:
    if left == right:
        return 0
    around = (left[:1], left[-1:], right[:1])
    negated = any(part and part[0].text in {"not", "!"} for part in around)
    words = {token.text for token in right}
    if words & _NOTHING and (negated or operator.startswith("!")):
        return 1
    if operator in _BOUND or negated:
        return 2
    bare = language == "python" and operator == "==" and words <= {"true", "false"}  # linters ask for the bare value instead
    return 1 if bare else 3


def _bare(said: Tokens) -> Tokens:
    """Take the brackets off that hold the whole."""
    for _ in range(_MOST_BRACKETS):
        if len(said) < 2 or said[0].text != "(" or {at for at, _token in _outer(said)} != {0, len(said) - 1}:
            break
        said = said[1:-1]
    return said


def _outer(said: Tokens) -> Iterator[tuple[int, Token]]:
    """Give the tokens outside of all brackets, the outermost brackets themselves included."""
    depth = 0
    for at, token in enumerate(said):
        opens, closes = (not token.literal and token.text in _OPEN), (not token.literal and token.text in _CLOSE)
        depth -= closes
        if depth <= 0:
            yield at, token
        depth += opens


def _cut(said: Tokens, at: frozenset[str]) -> Iterator[Tokens]:
    start = 0
    for place, token in _outer(said):
        if token.text in at and not token.literal:
            yield said[start:place]
            start = place + 1
    yield said[start:]
