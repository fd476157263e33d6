"""Expected values of tests, and whether a candidate changes code that they speak of."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from tree_sitter import Node

from app.domain.patch.edit import Edit
from app.domain.patch.gate.assertions import NAMED_TOLERANCES, assertion_nodes
from app.domain.patch.gate.cases import Case, cases, is_test_file, source_language
from app.domain.patch.gate.facts import Edits, GateFacts
from app.domain.patch.gate.grammar import tree
from app.domain.patch.gate.nodes import Kind, Token, literals, text_of, tokens, walk
from app.domain.patch.gate.rows import parameters

_EXPECTED_NAME = re.compile(r"(?i)(want|expect|exp$|should|golden)")
_PLACE = re.compile(r"[$#]?\{[A-Za-z_][\w.\[\]()]{0,60}(?:[!:][^{}]{0,12})?\}|\{\}|%[sdrvf]")  # {x}, ${x}, {}, %s
_PARAMETERS = re.compile(r"parametrize|Source|\beach\b|\bcase|test_case")
_SNAPSHOT = re.compile(r"\bsnapshot\(|toMatchInlineSnapshot|insta::|assert_snapshot")
_DEFINES = frozenset(
    {"assignment", "variable_declarator", "short_var_declaration", "let_declaration", "keyed_element", "const_spec", "pair"}
)


def code_changes(edit: Edit, facts: GateFacts) -> bool:
    """Tell whether an edit changes what code does: more than layout and comments, and outside of tests."""
    language = source_language(edit.path, dict(facts.languages))
    if language is None or is_test_file(edit.path):
        return False
    return _code(edit.path, edit.before, language) != _code(edit.path, edit.after, language)


def _code(path: str, text: str | None, language: str) -> Counter[Token]:
    """Count the tokens of a file that are not those of its tests."""
    if not text:
        return Counter()
    of_tests = Counter(token for case in cases(path, text, language) if case.is_test for token in tokens(case.node))
    return Counter(tokens(tree(language, text))) - of_tests


def rewritten(before: Case, after: Case, edits: Edits) -> str:
    """Name the values that a test no longer expects and those that it now does; empty where none is exchanged.

    A value that only moved, into a constant or a table, still stands in one of the files.
    """
    old, new = Counter(_values(before)), Counter(_values(after))
    gone, come = old - new, new - old
    if not gone:
        return ""
    away = _everywhere(edits, "before") - _everywhere(edits, "after")
    here = _everywhere(edits, "after") - _everywhere(edits, "before")
    lost = [token.text for token in gone if away[token]]
    got = [token.text for token in (come or here) if here[token]]
    return f"`{_short(got)}` in place of `{_short(lost)}`" if lost and got else ""


def _short(values: list[str]) -> str:
    return ", ".join(values)[:60].replace("`", "'").replace("\n", " ")


def _values(case: Case) -> Iterator[Token]:
    """Give the literals of a test's assertions, of what it calls expected, and of its parameters."""
    for node in (*assertion_nodes(case.body, case.language), *_called_expected(case.body)):
        if not _SNAPSHOT.search(text_of(node)):
            yield from _fixed(_without_tolerances(node))
    for mark in case.marks:
        if _PARAMETERS.search(text_of(mark)):
            given = parameters(mark) if case.language == "python" else None
            yield from _fixed(literals(given or mark))


def _without_tolerances(node: Node) -> Iterator[Token]:
    """Give the literals below a node but those that say how close is close enough; another gate compares them."""
    before: tuple[str, str] = ("", "")
    for token in tokens(node):
        if token.literal and not (before[1] == "=" and before[0] in NAMED_TOLERANCES):
            yield token
        before = (before[1], token.text)


def _fixed(found: Iterable[Token]) -> Iterator[Token]:
    """Give what is fixed in literals: of a template, what stands around its places, however they are written."""
    for token in found:
        text = _PLACE.sub("", token.text) if token.kind is Kind.STRING else token.text
        if text or not token.text:
            yield Token(token.kind, text)


def _called_expected(body: Node) -> Iterator[Node]:
    for node in walk(body):
        if node.type in _DEFINES and node.children and _EXPECTED_NAME.match(text_of(node.children[0])):
            yield node


def _everywhere(edits: Edits, side: str) -> Counter[Token]:
    """Count the literals of all files that are tests, before or after."""
    found: Counter[Token] = Counter()
    for edit in edits:
        language, text = source_language(edit.path), getattr(edit, side)
        if language is not None and text and (is_test_file(edit.path) or language == "rust"):
            found.update(_fixed(literals(tree(language, text))))
    return found
