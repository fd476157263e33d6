"""Reading ``${{ … }}``: from text to a tree. Evaluating the tree is app.emulator.ci.expressions' part.

Grammar and messages are those of GitHub's runner: literals, named values, ``a.b``, ``a['b']``, ``a.*``, calls, ``!``,
comparisons, ``&&`` and ``||``, brackets.
"""

import re
from dataclasses import dataclass

from app.emulator.ci.values import Value


class ExpressionError(Exception):
    """An expression that cannot be read or evaluated; the message is GitHub's."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A value written out."""

    value: Value


@dataclass(frozen=True, slots=True)
class Named:
    """A context, such as ``github`` or ``matrix``."""

    name: str
    at: int


@dataclass(frozen=True, slots=True)
class Index:
    """``of.key`` or ``of['key']``; a null key is the ``*`` filter."""

    of: "Node"
    key: "Node | None"


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments."""

    name: str
    args: tuple["Node", ...]
    at: int


@dataclass(frozen=True, slots=True)
class Operation:
    """``!`` with one operand, or a comparison, ``&&``, ``||`` with two."""

    sign: str
    operands: tuple["Node", ...]


Node = Literal | Named | Index | Call | Operation

_TOKEN = re.compile(
    r"""\s*(?:(?P<number>[-+]?(?:0x[0-9a-fA-F]+|0o[0-7]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?))(?![\w.])
    |(?P<text>'(?:[^']|'')*')|(?P<word>[A-Za-z_][\w-]*)|(?P<sign>&&|\|\||[=!<>]=|[<>!()\[\].,*]))""",
    re.VERBOSE,
)
_BINARY = ({"||"}, {"&&"}, {"==", "!="}, {"<", "<=", ">", ">="})
_WORDS: dict[str, Value] = {"null": None, "true": True, "false": False, "nan": float("nan"), "infinity": float("inf")}
_DEEPEST = 50  # GitHub's own limit


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    written: str
    at: int  # 1-based, as GitHub counts


def parse(text: str) -> Node:
    """Read an expression, without the ``${{ }}`` around it. Raises ExpressionError."""
    if not text.strip():
        raise ExpressionError("An expression was expected")
    reader = _Reader(text, _tokens(text))
    node = reader.binary(0)
    if (token := reader.peek()) is not None:
        raise reader.unexpected(token)
    return node


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            start = at + len(text[at:]) - len(text[at:].lstrip())
            written = text[start:].split(maxsplit=1)[0]
            raise ExpressionError(
                f"Unexpected symbol: '{written}'. Located at position {start + 1} within expression: {text.strip()}"
            )
        kind = str(match.lastgroup)
        found.append(_Token(kind, match[kind], match.start(kind) + 1))
        at = match.end()
    return found


class _Reader:
    """Recursive descent over the tokens."""

    def __init__(self, text: str, tokens: list[_Token]) -> None:
        self.text, self.tokens, self.at, self.depth = text.strip(), tokens, 0, 0

    def peek(self) -> _Token | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def take(self) -> _Token:
        token = self.peek()
        if token is None:
            raise ExpressionError(f"Unexpected end of expression: '{self.text}'")
        self.at += 1
        return token

    def accept(self, *signs: str) -> str | None:
        token = self.peek()
        if token is not None and token.kind == "sign" and token.written in signs:
            self.at += 1
            return token.written
        return None

    def expect(self, sign: str) -> None:
        if self.accept(sign) is None:
            raise self.unexpected(self.take())

    def unexpected(self, token: _Token) -> ExpressionError:
        return ExpressionError(
            f"Unexpected symbol: '{token.written}'. Located at position {token.at} within expression: {self.text}"
        )

    def binary(self, level: int) -> Node:
        if level == len(_BINARY):
            return self.unary()
        left = self.binary(level + 1)
        while (sign := self.accept(*_BINARY[level])) is not None:
            left = Operation(sign, (left, self.binary(level + 1)))
        return left

    def unary(self) -> Node:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise ExpressionError(f"Exceeded max expression depth {_DEEPEST}")
        node = Operation("!", (self.unary(),)) if self.accept("!") else self.postfix()
        self.depth -= 1
        return node

    def postfix(self) -> Node:
        node = self.primary()
        while (sign := self.accept(".", "[")) is not None:
            node = self._dotted(node) if sign == "." else self._bracketed(node)
        return node

    def _dotted(self, of: Node) -> Node:
        token = self.take()
        if token.written == "*":
            return Index(of, None)
        if token.kind != "word":
            raise self.unexpected(token)
        return Index(of, Literal(token.written))

    def _bracketed(self, of: Node) -> Node:
        key = None if self.accept("*") else self.binary(0)
        self.expect("]")
        return Index(of, key)

    def primary(self) -> Node:
        token = self.take()
        if token.written == "(":
            node = self.binary(0)
            self.expect(")")
            return node
        if token.kind == "text":
            return Literal(token.written[1:-1].replace("''", "'"))
        if token.kind == "number":
            return Literal(_number(token.written))
        if token.kind != "word":
            raise self.unexpected(token)
        if self.accept("("):
            return Call(token.written.lower(), self._arguments(), token.at)
        if token.written.lower() in _WORDS:
            return Literal(_WORDS[token.written.lower()])
        return Named(token.written, token.at)

    def _arguments(self) -> tuple[Node, ...]:
        if self.accept(")"):
            return ()
        args = [self.binary(0)]
        while self.accept(","):
            args.append(self.binary(0))
        self.expect(")")
        return tuple(args)


def _number(written: str) -> float:
    plain = written.lower()
    if plain.lstrip("+-")[:2] in {"0x", "0o"}:
        return int(plain, 0)
    value = float(plain)
    return int(value) if value == int(value) else value
