"""Where a test catches its own failure, or is told to fail."""

import re

from tree_sitter import Node

from app.domain.patch.gate.cases import Case
from app.domain.patch.gate.nodes import text_of, walk

_HANDLERS = frozenset({"except_clause", "catch_clause", "rescue"})
_EVERYTHING = re.compile(
    r"\b(AssertionError|Exception|BaseException|Throwable|Error|ExpectationNotMetError|AssertionFailedError)\b"
)
_FAILS_AGAIN = re.compile(r"\b(raise|throw|fail\w*|assert\w*|expect\w*)\b")
_SUPPRESS = frozenset({"contextlib.suppress", "suppress"})
_LONGEST_NAME = 40  # bytes; what is called by more is no name


def swallows(case: Case) -> int:
    """Count the handlers that catch a failed assertion and let it be, and marks that expect a failure."""
    handlers = sum(_lets_be(node) for node in walk(case.body) if node.type in _HANDLERS)
    suppressed = sum(_suppresses(node) for node in walk(case.body) if node.type == "call")
    told = sum("should_panic" in text_of(mark) or "expectedFailure" in text_of(mark) for mark in case.marks)
    return handlers + suppressed + told


def _suppresses(call: Node) -> bool:
    function = call.child_by_field_name("function")
    return function is not None and function.end_byte - function.start_byte < _LONGEST_NAME and text_of(function) in _SUPPRESS


def _lets_be(handler: Node) -> bool:
    """Tell whether a handler takes a failed assertion and neither raises nor fails again."""
    body = handler.child_by_field_name("body") or next((c for c in handler.children if c.type in {"block", "then"}), None)
    if body is None:
        head, written = text_of(handler), ""
    else:
        written = text_of(body)
        head = text_of(handler)[: max(0, len(text_of(handler)) - len(written))]
    return _takes_all(handler, head) and not _FAILS_AGAIN.search(written)


def _takes_all(handler: Node, head: str) -> bool:
    """Tell whether a handler's head catches failed assertions; JavaScript's catches everything."""
    if handler.type == "catch_clause" and handler.child_by_field_name("parameter") is not None:
        return True
    bare = head.strip(" :\n") in {"except", "catch", "rescue"}
    return bare or _EVERYTHING.search(head) is not None
