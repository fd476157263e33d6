"""Chains of calls, ``expect(a).not.toBe(b)``, as their links in the order in which they are read."""

from dataclasses import dataclass

from tree_sitter import Node

from app.domain.patch.gate.nodes import text_of

CALLS = frozenset({"call", "call_expression", "method_invocation", "macro_invocation"})
_MEMBERS = frozenset({"attribute", "member_expression", "selector_expression", "field_access", "field_expression"})


@dataclass(frozen=True, slots=True)
class Link:
    """One name of a chain, with what it is called with; null where it is not called."""

    name: str
    arguments: Node | None = None
    inside: tuple[Node, ...] = ()  # what is to be looked at for further calls


def chain(node: Node) -> tuple[Link, ...]:
    """Take a chain apart, the first name first; one pass, whatever its length."""
    links: list[Link] = []
    at: Node | None = node
    arguments: Node | None = None
    inside: tuple[Node, ...] = ()
    while at is not None:
        if at.type in CALLS:
            arguments, inside = _handed(at), _within(at)
        name, before = _step(at)
        if name is not None or before is None:
            links.append(
                Link(name if name is not None else _plain(at), arguments, inside + (() if name is not None else _rest(at)))
            )
            arguments, inside = None, ()
        at = before
    return tuple(reversed(links))


def _step(node: Node) -> tuple[str | None, Node | None]:
    """Give the last name of a chain and what stands before it."""
    if node.type in _MEMBERS:
        name = node.child_by_field_name("attribute") or node.child_by_field_name("property") or node.child_by_field_name("field")
        before = node.child_by_field_name("object") or node.child_by_field_name("operand") or node.child_by_field_name("value")
        return text_of(name), before
    if node.type == "macro_invocation":
        return text_of(node.child_by_field_name("macro")), None
    if node.type == "method_invocation":
        return text_of(node.child_by_field_name("name")), node.child_by_field_name("object")
    if node.type == "call" and (method := node.child_by_field_name("method")) is not None:
        return text_of(method), node.child_by_field_name("receiver")
    if node.type in CALLS:
        return None, node.child_by_field_name("function")
    return None, None


def _handed(node: Node) -> Node | None:
    found = node.child_by_field_name("arguments")
    return found or next((child for child in node.children if child.type == "token_tree"), None)


def _within(node: Node) -> tuple[Node, ...]:
    return tuple(part for part in (_handed(node), node.child_by_field_name("block")) if part is not None)


def _plain(node: Node) -> str:
    return text_of(node) if not node.child_count else ""


def _rest(node: Node) -> tuple[Node, ...]:
    return tuple(node.children)
