"""Test cases of a source file: what a test runner would find, and the functions beside them that assert."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from app.domain.patch.gate.grammar import GRAMMARS, language_of, tree
from app.domain.patch.gate.nodes import COMMENTS, Token, text_of, tokens

_FOLDER = re.compile(r"(?i)(^|/)(tests?|specs?|__tests__|e2e|cypress)/")
_NAMED = re.compile(
    r"(?i)(^|/)(test_[^/]*|[^/]*_tests?|[^/]*_spec|[^/]*[.-](test|spec|cy)|tests|conftest|spec_helper|[^/]*(?-i:Tests?|IT|Spec))\.\w+$"
)
_LONGEST_CALLEE = 8  # links of ``it.concurrent.each(…)``; a longer chain names no test
_FUNCTIONS = frozenset({"function_definition", "function_declaration", "function_item", "method_declaration", "method"})
_JS_CASE = frozenset({"it", "test", "specify", "fit", "xit", "xtest", "bench"})
_RUBY_CASE = frozenset({"it", "specify", "example", "test", "scenario", "xit", "fit", "pending", "its", "should"})
_RUST_TEST = re.compile(r"#\s*\[\s*(?:\w+::)*(?:test|rstest|test_case|case|quickcheck|proptest|test_log)\b")
_JAVA_TEST = re.compile(r"@(?:\w+\.)*(?:Test|ParameterizedTest|RepeatedTest|TestFactory|TestTemplate|Property)\b")
_BATS = re.compile(r"(?m)^@test\s+(.*?)\s*\{\s*$")
_NAMES = {
    "python": re.compile(r"test"),
    "go": re.compile(r"(Test|Benchmark|Fuzz|Example)"),
    "ruby": re.compile(r"test_"),
    "bash": re.compile(r"test"),
    "java": re.compile(r"test[A-Z_]"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One test, or one function beside tests."""

    path: str
    name: str
    language: str
    node: Node  # the whole of it, with its title
    body: Node
    marks: tuple[Node, ...]  # decorators, attributes, annotations
    is_test: bool

    @property
    def content(self) -> tuple[Token, ...]:
        """What the body says, whatever the test's name and the layout."""
        return tokens(self.body)


def is_test_file(path: str) -> bool:
    """Tell by its path whether a file holds tests, or what they share."""
    return bool(_FOLDER.search(path) or _NAMED.search(path))


def is_collected(path: str) -> bool:
    """Tell whether runners find tests in a file of this name by their own rules."""
    return path.endswith((".rs", ".java")) or (_NAMED.search(path) is not None and not path.endswith("conftest.py"))


def source_language(path: str, told: dict[str, str] | None = None) -> str | None:
    """Tell the grammar for a file; null where there is none."""
    name = path.rpartition("/")[2]
    language = (told or {}).get(path) or ("bash" if name.endswith(".bats") else language_of(path))
    return language if language in GRAMMARS else None


def cases(path: str, text: str | None, language: str | None) -> tuple[Case, ...]:
    """Find the tests of a file; none where it holds no tests by its path (Rust keeps them beside the code)."""
    if not text or language is None or not (is_test_file(path) or language == "rust"):
        return ()
    return tuple(_below(tree(language, _plain(text, path)), path, language))


def _plain(text: str, path: str) -> str:
    """Write bats' tests as the shell functions that they become."""
    return _BATS.sub(lambda m: f"test_{re.sub(r'[^A-Za-z0-9]', '_', m[1])}() {{", text) if path.endswith(".bats") else text


def _below(root: Node, path: str, language: str) -> Iterator[Case]:
    stack: list[tuple[Node, str, tuple[Node, ...]]] = [(root, "", ())]
    while stack:
        node, around, marks = stack.pop()
        found = _case(node, path, language, around, marks)
        if found is not None:
            yield found
            continue
        name = text_of(node.child_by_field_name("name")) if node.type.startswith(("class", "mod_item", "module")) else ""
        inside = f"{around}{name}." if name else around
        stack.extend((child, inside, before) for child, before in reversed(_marked(node, language)))


def _marked(node: Node, language: str) -> list[tuple[Node, tuple[Node, ...]]]:
    """Give the children of a node, each with the decorators, attributes or annotations that stand before it."""
    found: list[tuple[Node, tuple[Node, ...]]] = []
    marks: list[Node] = []
    for child in node.children:
        if child.type in {"attribute_item", "decorator"}:
            marks.append(child)
        elif child.type not in COMMENTS:
            own = [c for c in child.children if c.type == "modifiers"] if language == "java" else marks
            found.append((child, tuple(own)))
            marks = []
    return found


def _case(node: Node, path: str, language: str, around: str, marks: tuple[Node, ...]) -> Case | None:
    """Make a case of a node; null where it is none."""
    if node.type in _FUNCTIONS:
        return _function(node, path, language, around, marks)
    if node.type == "call_expression" and language in {"javascript", "typescript", "tsx"}:
        return _titled(node, path, language, _JS_CASE, "function")
    if node.type == "call" and language == "ruby" and node.child_by_field_name("block") is not None:
        return _titled(node, path, language, _RUBY_CASE, "method")
    return None


def _function(node: Node, path: str, language: str, around: str, marks: tuple[Node, ...]) -> Case | None:
    body = node.child_by_field_name("body")
    if body is None:
        return None
    name = text_of(node.child_by_field_name("name"))
    written = " ".join(map(text_of, marks))
    if language == "rust":
        is_test = bool(_RUST_TEST.search(written))
    elif language == "java":
        is_test = bool(_JAVA_TEST.search(written) or _NAMES["java"].match(name))
    else:
        is_test = language in _NAMES and bool(_NAMES[language].match(name))
    return Case(path=path, name=around + name, language=language, node=node, body=body, marks=marks, is_test=is_test)


def _titled(node: Node, path: str, language: str, names: frozenset[str], field: str) -> Case | None:
    """Make a case of a call like ``it("adds", () => …)``, also through ``it.each(…)`` and ``it.skip``."""
    arguments = node.child_by_field_name("arguments")
    title = next((child for child in arguments.children if child.is_named), None) if arguments is not None else None
    body = node.child_by_field_name("block") or (arguments.children[-2] if arguments and arguments.child_count > 2 else None)
    callee = root = node.child_by_field_name(field)
    for _ in range(_LONGEST_CALLEE):
        if root is None or root.type not in {"member_expression", "call_expression"}:
            break
        root = root.child_by_field_name("object") or root.child_by_field_name("function")
    if (
        body is None
        or callee is None
        or text_of(root) not in names
        or "function" not in body.type + "function" * (field == "method")
    ):
        return None
    return Case(
        path=path, name=" ".join(t.text for t in tokens(title)) if title is not None else "", language=language,
        node=node, body=body, marks=(callee,), is_test=True,
    )  # fmt: skip
