"""Walking a syntax tree without recursion, and what its leaves say once layout, quotes and comments are taken away."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from tree_sitter import Node

_STRINGS = frozenset(
    {
        *("string", "template_string", "interpreted_string_literal", "raw_string_literal", "string_literal", "char_literal"),
        *("character_literal", "rune_literal", "raw_string", "ansi_c_string", "heredoc_body", "simple_symbol", "text_block"),
    }
)
_NUMBERS = frozenset(
    {
        *("integer", "float", "number", "int_literal", "float_literal", "integer_literal", "decimal_integer_literal"),
        *("hex_integer_literal", "decimal_floating_point_literal", "octal_integer_literal", "binary_integer_literal"),
    }
)
_CONSTANTS = frozenset({"true", "false", "none", "null", "nil", "undefined", "boolean_literal", "null_literal"})
COMMENTS = frozenset({"comment", "line_comment", "block_comment", "html_comment"})
_LAYOUT = frozenset({"(", ")", ",", ";", "\n", "do", "{", "}"})  # what a formatter adds and takes away
_LONGEST_NUMBER = 100  # characters
_QUOTES = "rbufRBUF@$"


class Kind(StrEnum):
    """What a token is: a literal of some kind, or anything else."""

    STRING = "string"
    NUMBER = "number"
    CONSTANT = "constant"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Token:
    """One leaf of a tree, in a spelling that formatters do not change."""

    kind: Kind
    text: str

    @property
    def literal(self) -> bool:
        """Whether it stands for a value by itself."""
        return self.kind is not Kind.OTHER


def text_of(node: Node | None) -> str:
    """Give the source text of a node; empty for none."""
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""


def walk(root: Node) -> Iterator[Node]:
    """Give a node and all below it in the order of the text."""
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(node.children))


def tokens(root: Node, *, layout: bool = False) -> tuple[Token, ...]:
    """Give the leaves below a node without comments; a string is one token. Brackets and separators only on demand."""
    found: list[Token] = []
    stack = [root]
    while stack:
        node = stack.pop()
        if node.type in COMMENTS:
            continue
        token = _token(node)
        if token is None:
            stack.extend(reversed(node.children))
        elif layout or token.kind is not Kind.OTHER or token.text not in _LAYOUT:
            found.append(token)
    return tuple(found)


def literals(root: Node) -> tuple[Token, ...]:
    """Give the values that stand below a node as literals."""
    return tuple(token for token in tokens(root) if token.literal)


def _token(node: Node) -> Token | None:
    """Make a token of a leaf; null for a node whose children are to be looked at."""
    if node.type in _STRINGS and node.is_named:
        return Token(Kind.STRING, _unquoted(text_of(node)))
    if node.type in _NUMBERS:
        return Token(Kind.NUMBER, _number(text_of(node)))
    if node.child_count:
        return None
    if node.type in _CONSTANTS:
        return Token(Kind.CONSTANT, text_of(node).casefold())
    return Token(Kind.OTHER, text_of(node))


def _number(text: str) -> str:
    """Write a whole number in tens, whatever its base; others as they are."""
    plain = text.casefold().replace("_", "")
    base = {"0x": 16, "0o": 8, "0b": 2}.get(plain[:2])
    if base is None or not plain[2:].isalnum() or len(plain) > _LONGEST_NUMBER:
        return plain
    try:
        return str(int(plain[2:], base))
    except ValueError:  # a suffix of its language, as in 0xFFu8
        return plain


def _unquoted(text: str) -> str:
    """Take the quotes and prefixes from a string, so that only what it says is left."""
    bare = text.lstrip(_QUOTES)
    for quote in ('"""', "'''", '"', "'", "`"):
        if bare.startswith(quote) and bare.endswith(quote) and len(bare) >= 2 * len(quote):
            return bare[len(quote) : -len(quote)].replace("\\'", "'").replace('\\"', '"')
    return text
