"""Evaluating ``${{ … }}`` as GitHub documents it ("Evaluate expressions in workflows and actions").

Contexts are plain mappings; a missing member is null, never an error. What GitHub refuses when it reads the file (unknown
functions, unknown contexts, wrong numbers of arguments) is found by ``check`` without evaluating anything.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from app.emulator.ci import functions
from app.emulator.ci.syntax import Call, ExpressionError, Index, Literal, Named, Node, Operation, parse
from app.emulator.ci.values import Value, equal, less, text, truthy

_PLACEHOLDER = re.compile(r"\$\{\{((?:[^'}]|'[^']*'|\}(?!\}))*)\}\}", re.DOTALL)
STATUS_FUNCTIONS = frozenset({"success", "failure", "always", "cancelled"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What an expression can see.

    ``status`` says how the job stands (success, failure, cancelled); ``hash_files`` computes ``hashFiles`` where there is a
    workspace.
    """

    contexts: Mapping[str, Value] = field(default_factory=dict)
    status: str = "success"
    hash_files: Callable[[Sequence[str]], str] | None = None


def evaluate(expression: str, scope: Scope) -> Value:
    """Compute an expression, with or without ``${{ }}`` around it. Raises ExpressionError."""
    return _value(parse(bare(expression)), scope)


def condition(written: str | None, scope: Scope) -> bool:
    """Decide an ``if:``. Without a status function it also asks that nothing failed before."""
    if written is None or not bare(written).strip():
        return scope.status == "success"
    if "${{" in bare(written):  # text around placeholders is a text, and any text but the empty one is true
        return scope.status == "success" and truthy(interpolate(written, scope))
    node = parse(bare(written))
    if not names_status(node) and scope.status != "success":
        return False
    return truthy(_value(node, scope))


def interpolate(written: Value, scope: Scope) -> Value:
    """Replace every ``${{ … }}`` in a text; a text that is one placeholder becomes its value. Lists and mappings are walked."""
    if isinstance(written, Mapping):
        return {text(interpolate(key, scope)): interpolate(value, scope) for key, value in written.items()}
    if isinstance(written, list | tuple):
        return [interpolate(one, scope) for one in written]
    if not isinstance(written, str) or "${{" not in written:
        return written
    whole = _PLACEHOLDER.fullmatch(written.strip())
    if whole is not None:
        return _value(parse(whole[1]), scope)
    return _PLACEHOLDER.sub(lambda found: text(_value(parse(found[1]), scope)), written)


def interpolated(written: Value, scope: Scope) -> str:
    """Replace every ``${{ … }}`` and give a text."""
    return text(interpolate(written, scope))


def bare(expression: str) -> str:
    """Take the ``${{ }}`` off an expression that stands in one."""
    whole = _PLACEHOLDER.fullmatch(expression.strip())
    return whole[1] if whole else expression


def placeholders(written: str) -> Iterator[str]:
    """Every expression in a text. Raises ExpressionError where a placeholder is not closed."""
    for found in _PLACEHOLDER.finditer(written):
        yield found[1]
    if "${{" in _PLACEHOLDER.sub("", written):
        raise ExpressionError(
            "The expression is not closed. An unescaped ${{ sequence was found, but the closing }} sequence was not found."
        )


def check(expression: str, contexts: frozenset[str], *, status: bool = False, hash_files: bool = False) -> None:
    """Refuse what GitHub refuses before anything runs: bad syntax, contexts and functions that are not known in this place."""
    expression = expression.strip()
    allowed = (
        functions.NAMES
        | (STATUS_FUNCTIONS if status else frozenset())
        | (frozenset({"hashfiles"}) if hash_files else frozenset())
    )
    for node in walk(parse(expression)):
        if isinstance(node, Named) and node.name.lower() not in contexts:
            raise ExpressionError(
                f"Unrecognized named-value: '{node.name}'. Located at position {node.at} within expression: {expression}"
            )
        if isinstance(node, Call) and node.name not in allowed:
            raise ExpressionError(
                f"Unrecognized function: '{node.name}'. Located at position {node.at} within expression: {expression}"
            )
        if isinstance(node, Call):
            functions.check_count(node.name, len(node.args), node.at, expression)


def names_status(node: Node) -> bool:
    """Tell whether an expression asks how the job stands."""
    return any(isinstance(one, Call) and one.name in STATUS_FUNCTIONS for one in walk(node))


def walk(node: Node) -> Iterator[Node]:
    """An expression's node and all below it."""
    yield node
    if isinstance(node, Index):
        yield from walk(node.of)
        if node.key is not None:
            yield from walk(node.key)
    elif isinstance(node, Call | Operation):
        for one in node.args if isinstance(node, Call) else node.operands:
            yield from walk(one)


def _value(node: Node, scope: Scope) -> Value:
    match node:
        case Literal(value):
            return value
        case Named(name, at):
            if name.lower() not in scope.contexts:
                raise ExpressionError(f"Unrecognized named-value: '{name}'. Located at position {at} within expression: {name}")
            return scope.contexts[name.lower()]
        case Index(of, key):
            return _everything(_value(of, scope)) if key is None else _member(_value(of, scope), _value(key, scope))
        case Call():
            return _called(node, scope)
        case Operation(sign, operands):
            return _operated(sign, operands, scope)


class _Filtered(list[Value]):
    """What ``*`` gave: a further ``.name`` is taken from each of its members."""


def _everything(value: Value) -> Value:
    if isinstance(value, _Filtered):
        return _Filtered(inner for one in value for inner in _members(one))
    return _Filtered(_members(value))


def _members(value: Value) -> Sequence[Value]:
    if isinstance(value, Mapping):
        return list(value.values())
    return list(value) if isinstance(value, list | tuple) else []


def _member(value: Value, key: Value) -> Value:
    if isinstance(value, _Filtered) and isinstance(key, str):
        found = (_member(one, key) for one in value)
        return _Filtered(one for one in found if one is not None)
    if isinstance(value, Mapping):
        wanted = text(key)
        return value[wanted] if wanted in value else next((v for k, v in value.items() if k.lower() == wanted.lower()), None)
    if isinstance(value, list | tuple) and isinstance(key, int | float) and 0 <= key < len(value):
        picked: Value = value[int(key)]
        return picked
    return None


def _operated(sign: str, operands: tuple[Node, ...], scope: Scope) -> Value:
    left = _value(operands[0], scope)
    if sign == "!":
        return not truthy(left)
    if sign in {"&&", "||"}:
        return left if truthy(left) == (sign == "||") else _value(operands[1], scope)
    return _compared(sign, left, _value(operands[1], scope))


def _compared(sign: str, left: Value, right: Value) -> bool:
    outcomes = {
        "==": lambda: equal(left, right),
        "!=": lambda: not equal(left, right),
        "<": lambda: less(left, right),
        "<=": lambda: less(left, right) or equal(left, right),
        ">": lambda: less(right, left),
        ">=": lambda: less(right, left) or equal(left, right),
    }
    return outcomes[sign]()


def _called(node: Call, scope: Scope) -> Value:
    if node.name == "always":
        return True
    if node.name in STATUS_FUNCTIONS:
        return scope.status == node.name
    args = [_value(one, scope) for one in node.args]
    if node.name == "hashfiles" and scope.hash_files is not None:
        return scope.hash_files([text(one) for one in args])
    return functions.call(node.name, args)
