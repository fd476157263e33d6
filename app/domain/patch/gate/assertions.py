"""Assertions of a test, and how much each of them asks for.

Strength is a rank, not a measure: 3 fixes the value, 2 bounds it (contains, differs, is greater), 1 only asks that it is there or
true, 0 always holds. A change may raise it; a change that lowers it makes the test say less.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from app.domain.patch.gate.chains import CALLS, Link, chain
from app.domain.patch.gate.conditions import Tokens, condition_strength, conjuncts, first_argument, split_arguments
from app.domain.patch.gate.nodes import COMMENTS, Kind, Token, text_of, tokens

_ROOTS = frozenset({"expect", "Expect", "assert", "assertThat", "expectThat", "is_expected", "should", "then"})
_VERB = re.compile(r"(assert|expect|verify|refute|must_|wont_|should|Require|Assert|Expect|Verify)")
_NO_SUBJECT = re.compile(rf"{_VERB.pattern}|(?:self|this|t|not|in|is|and|or|to\w*|eq|be\w*|equals?|Equal)$")
_GO_FAILS = frozenset({"Error", "Errorf", "Fatal", "Fatalf", "Fail", "FailNow"})
_NOT = frozenset({"not", "never", "to_not", "not_to", "NotTo", "ToNot", "ShouldNot"})
_TO = frozenset({"to", "not_to", "to_not", "To", "NotTo", "ToNot", "Should", "ShouldNot", "should", "assertThat"})
_BROAD = frozenset({"Exception", "BaseException", "Error", "Throwable", "StandardError", "Warning", "object", "any"})
_RAISES = re.compile(r"raises?|throws?|warns?|panics?|rejects|raiseerror|raisesregex|raisesexactly")
_WEAK = re.compile(
    r"true|false|ok|truthy|falsy|defined|isdefined|notnull|isnotnull|isnotnone|notnone|notnil|notempty|notzero|exists?|exist|called"
    r"|havebeencalled|istrue|isfalse|bepresent|benil\?|any|bool|istruthy|isfalsy|error|predicate|notundefined|pass"
)
_BOUND = re.compile(
    r"not.*|in|notin|contains?|containing|include|containstring|regexp?|matches|match|matchobject|greater.*|less.*|isgreater.*"
    r"|isless.*|instanceof|isinstance|beinstanceof|bea|bean|calledonce|called|startswith|subset|havekey|haveproperty|hasattr|isnot.*|ne"
    r"|unequal|beabove|bebelow|atleast|atmost|between|isin|anything"
)
_CLOSE = re.compile(
    r"almostequals?|approx|closeto|becloseto|iscloseto|indelta|inepsilon|bewithin|within|allclose|isclose|almost.*"
)
_PREFIX = re.compile(r"^(?:debug)?(?:assert|refute|expect|verify|must)(?:that)?(?:to)?|^to(?=.)")
_BE = re.compile(
    r"^be(?=(?:truthy|falsy|true|false|null|nil|none|defined|undefined|greater|less|instance|close|empty|within|called))"
)
NAMED_TOLERANCES = frozenset({"abs", "rel", "delta", "rtol", "atol", "abs_tol", "rel_tol", "places"})
_DEFAULT_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Assertion:
    """One thing that a test asks for."""

    strength: float
    subject: tuple[str, ...]  # the names that it speaks of
    text: tuple[str, ...]  # what it says, without layout
    tolerance: float = 0.0  # allowed difference, where it is of that kind


def assertions(body: Node, language: str) -> Iterator[Assertion]:
    """Give what a body asserts, where it can be reached: not behind a plain return, nor under a condition that never holds."""
    yield from (assertion for _, assertion in _found(body, language))


def assertion_nodes(body: Node, language: str) -> Iterator[Node]:
    """Give the places of a body's assertions, each once; Go's is the condition that it fails by."""
    last: Node | None = None
    for node, _ in _found(body, language):
        place = _failing_condition(node) if language == "go" else None
        if node is not last:
            yield place or node
        last = node


def _found(body: Node, language: str) -> Iterator[tuple[Node, Assertion]]:
    stack = [body]
    while stack:
        node = stack.pop()
        if node.type in COMMENTS:
            continue
        if node.type in CALLS and language != "bash":
            links = chain(node)
            yield from ((node, assertion) for assertion in _of_call(links, node, language))
            stack.extend(part for link in reversed(links) for part in link.inside)
            continue
        yield from ((node, assertion) for assertion in _of_statement(node, language))
        stack.extend(reversed(_reached(node)))


def _reached(node: Node) -> list[Node]:
    """Give the children of a node that can run: those before a return of the same block, not those of ``if False``."""
    condition = node.child_by_field_name("condition") if node.type in {"if_statement", "if"} else None
    if condition is not None and text_of(condition).strip("() ").casefold() in {"false", "0", "none", "nil", "not true", "!true"}:
        return [child for child in node.children if child.type in {"else_clause", "elif_clause", "else"}]
    children = []
    for child in node.children:
        children.append(child)
        inner = child.children[0] if child.type == "expression_statement" and child.children else child
        if inner.type in {"return_statement", "return_expression", "return"} and inner.is_named:
            break
    return children


def _of_statement(node: Node, language: str) -> Iterator[Assertion]:
    """Read assertions that are no calls."""
    if node.type == "assert_statement" and len(node.children) > 1:
        yield from of_condition(tokens(node.children[1], layout=True), language)
    elif language == "bash" and node.type == "test_command":
        yield from of_condition(tokens(node, layout=True)[1:-1], language)
    elif language == "bash" and node.type == "command":
        said = tokens(node)
        if said and re.match(r"assert|refute|diff$|cmp$|grep$|fail$", said[0].text):
            yield _assertion(2.5 if _normal(said[0].text) not in {"true", "ok"} else 1, said)
    elif node.type == "member_expression" and (links := chain(node)) and links[0].name == "expect" and links[0].arguments:
        yield _assertion(1 if _normal(links[-1].name) not in {"null", "undefined", "empty"} else 3, tokens(node))


def of_condition(said: Tokens, language: str) -> Iterator[Assertion]:
    """Read a condition as the assertions that it joins by *and*."""
    for part in conjuncts(said):
        bare = tuple(token for token in part if token.text not in {"(", ")"} or token.literal)
        close = any(token.text in {"approx", "isclose", "allclose"} for token in part)
        yield _assertion(condition_strength(part, language), bare, tolerance_of("approx", part) if close else 0.0)


def _of_call(links: tuple[Link, ...], node: Node, language: str) -> Iterator[Assertion]:
    """Read a call as an assertion, where it is one."""
    last, root = links[-1], links[0]
    if language == "rust":
        if node.type == "macro_invocation" and re.match(r"(debug_)?assert", last.name) and last.arguments is not None:
            yield from _named(last.name, links, node, language)
    elif language == "go" and root.name in {"t", "b", "f", "tb"} and last.name in _GO_FAILS:
        yield from _go_failure(node)
    elif _is_assertion(links, language):
        yield from _named(last.name, links, node, language)


def _is_assertion(links: tuple[Link, ...], language: str) -> bool:
    last, root = links[-1], links[0]
    asserting = {"assert", "require"} if language == "go" else {"assert"}
    if root.name == "pytest":
        return last.name in {"raises", "warns", "fail", "deprecated_call"}
    if root.name in {"expect", "Expect", "assertThat", "expectThat"} and language != "bash":
        return len(links) > 1 or (root.name == "assertThat" and len(split_arguments(_said(root))) > 1)
    return root.name in _ROOTS or bool(_VERB.match(last.name)) or any(link.name in asserting for link in links)


def _go_failure(node: Node) -> Iterator[Assertion]:
    """Read ``if got != want { t.Errorf(…) }``: what is asked for is the opposite of the condition."""
    condition = _failing_condition(node)
    said = tokens(condition, layout=True) if condition is not None else ()
    if not said:
        yield _assertion(2, tokens(node)[:3])
        return
    words = {token.text for token in said}
    never = words <= {"false"} or ("false" in words and "&&" in words)
    yield _assertion(0 if never else 3 if "!=" in words else 2, said)


def _failing_condition(node: Node) -> Node | None:
    """Find the condition of the ``if`` in whose block a call stands."""
    around = node.parent
    while around is not None and around.type in {"expression_statement", "statement_list", "block"}:
        around = around.parent
    return around.child_by_field_name("condition") if around is not None and around.type == "if_statement" else None


def _said(link: Link) -> Tokens:
    return tokens(link.arguments, layout=True) if link.arguments is not None else ()


def _named(name: str, links: tuple[Link, ...], node: Node, language: str) -> Iterator[Assertion]:
    """Read an assertion by the name of its function or matcher."""
    said, negated = _said(links[-1]), any(link.name in _NOT for link in links)
    if name in _TO and links[-1].arguments is not None:
        name, said = _matcher(links[-1], said)
    plain = _normal(name)
    if plain in {"", "true", "istrue", "assert", "debugassert", "ok"} and first_argument(said):
        yield from of_condition(first_argument(said), language)
        return
    strength, tolerance = _rank(plain, said)
    arguments = split_arguments(said)
    same = len(arguments) > 1 and all(t.literal for t in arguments[0]) and arguments[0] == arguments[1]
    if (root := links[0]) is not links[-1] and root.arguments is not None and name != root.name:
        same = same or (_said(root) == said and len(said) > 2)
    if negated and strength > 2:
        strength = 2
    yield _assertion(0 if same else strength, tokens(node), tolerance)


def _matcher(link: Link, said: Tokens) -> tuple[str, Tokens]:
    """Find the matcher that an assertion is handed: ``to eq(y)``, ``To(Equal(y))``, ``assertThat(x, is(y))``."""
    handed = [child for child in link.arguments.children if child.is_named] if link.arguments is not None else []
    if not handed or handed[-1].type not in CALLS:
        return (text_of(handed[-1]), ()) if handed and handed[-1].type == "identifier" else (link.name, said)
    inner = chain(handed[-1])
    return inner[0 if inner[0].name.startswith(("raise", "be_within")) else -1].name, tokens(handed[-1], layout=True)


def _normal(name: str) -> str:
    """Bring the spellings of one matcher together: ``assertEqual``, ``assert_equal``, ``toEqual`` and ``Equal``."""
    plain = _PREFIX.sub("", name.replace("_", "").casefold())
    return _BE.sub("", plain)


def _rank(plain: str, said: Tokens) -> tuple[float, float]:
    """Give the strength of a matcher with its arguments, and the difference that it allows."""
    if _RAISES.fullmatch(plain):
        words = {token.text for token in said}
        broad = not (words - {"(", ")"}) or bool(words & _BROAD) or all(t.text in {"(", ")", "=>", "->"} for t in said)
        return (1.0 if broad else 2.5 + 0.5 * any(token.kind is Kind.STRING for token in said)), 0.0
    if _CLOSE.fullmatch(plain) or any(token.text in {"approx", "closeTo"} for token in said):
        return 2.9, tolerance_of(plain, said)
    if _WEAK.fullmatch(plain):
        return 1.0, 0.0
    return (2.0, 0.0) if _BOUND.fullmatch(plain) else (3.0, 0.0)


def tolerance_of(plain: str, said: Tokens) -> float:
    """Give the difference that a comparison of numbers allows."""
    for at, token in enumerate(said[:-2]):
        if said[at + 1].text == "=" and (token.text in NAMED_TOLERANCES):
            value = _number(said[at + 2])
            return 10.0**-value if token.text == "places" else value
    last = [_number(argument[0]) for argument in split_arguments(said) if len(argument) == 1 and argument[0].kind is Kind.NUMBER]
    if plain in {"closeto", "becloseto"} and last:
        return 10.0 ** -last[-1] if len(split_arguments(said)) > 1 else _DEFAULT_TOLERANCE
    wide = plain in {"indelta", "inepsilon", "bewithin", "within"} or (
        plain.startswith("almost") and len(split_arguments(said)) > 2
    )
    return last[-1] if last and wide else _DEFAULT_TOLERANCE


def _number(token: Token) -> float:
    try:
        return float(token.text.rstrip("fdl"))
    except ValueError:
        return _DEFAULT_TOLERANCE


def _assertion(strength: float, said: Tokens, tolerance: float = 0.0) -> Assertion:
    names = tuple(t.text for t in said if not t.literal and re.match(r"\w", t.text) and not _NO_SUBJECT.match(t.text))
    return Assertion(strength, names, tuple(t.text for t in said), tolerance)
