"""How many sets of parameters a test runs with."""

import re

from tree_sitter import Node

from app.domain.patch.gate.cases import Case
from app.domain.patch.gate.nodes import text_of, walk

_LISTS = frozenset({"list", "tuple", "array", "element_value_array_initializer"})
_SOURCES = re.compile(r"(Csv|Value|Enum|Method)Source|parametrize|\beach\b|test_case|\bcase\b|parameterized|ddt|@data|expand")


def rows(case: Case) -> int | None:
    """Count the sets of parameters of a test; null where they stand in another place."""
    if case.language == "go":
        return _table(case.body)
    counts = [_count(mark, case) for mark in case.marks if _SOURCES.search(text_of(mark))]
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def _count(mark: Node, case: Case) -> int | None:
    if case.language == "rust":
        return 1
    lists = [node for node in walk(mark) if node.type in _LISTS]
    if lists:
        longest = lists[0] if case.language != "python" else parameters(mark) or lists[0]
        return sum(child.is_named and child.type != "comment" for child in longest.children)
    return 1 if case.language == "java" and "Source" in text_of(mark) and "Method" not in text_of(mark) else _named(mark, case)


def parameters(mark: Node) -> Node | None:
    """Give the list of values of ``parametrize(names, values)``, which follows that of the names."""
    call = next((node for node in walk(mark) if node.type == "argument_list"), None)
    given = [child for child in call.children if child.is_named and child.type in _LISTS] if call is not None else []
    keyword = [node.child_by_field_name("value") for node in (call.children if call else ()) if node.type == "keyword_argument"]
    return given[-1] if given else next((value for value in keyword if value is not None and value.type in _LISTS), None)


def _named(mark: Node, case: Case) -> int | None:
    """Count the values of a list that the file assigns to the name given."""
    names = {text_of(node) for node in walk(mark) if node.type == "identifier"}
    root = case.node
    while root.parent is not None:
        root = root.parent
    for statement in root.children:
        for node in (statement, *statement.children):
            left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
            if left is not None and right is not None and text_of(left) in names and right.type in _LISTS:
                return sum(child.is_named and child.type != "comment" for child in right.children)
    return None


def _table(body: Node) -> int:
    """Count the rows of tables of structs, as Go's tests have them."""
    elements = (node for node in walk(body) if node.type in {"literal_element", "keyed_element"})
    return sum(any(child.type == "literal_value" for child in node.children) or _keyed_row(node) for node in elements)


def _keyed_row(node: Node) -> bool:
    """Tell whether an element is ``"name": {…}`` of a table kept as a map."""
    last = node.children[-1] if node.type == "keyed_element" and node.children else None
    return last is not None and any(child.type == "literal_value" for child in last.children)
