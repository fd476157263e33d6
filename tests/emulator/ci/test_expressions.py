import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.emulator.ci.expressions import Scope, check, condition, evaluate, interpolate, placeholders
from app.emulator.ci.syntax import ExpressionError
from app.emulator.ci.values import Value

SCOPE = Scope(
    contexts={
        "github": {"event_name": "push", "ref": "refs/heads/main", "event": {"labels": [{"name": "bug"}, {"name": "Big"}]}},
        "matrix": {"python": "3.11", "n": 3, "os": ["linux", "mac"], "deep": {"a": {"b": 1}}},
        "steps": {"one": {"outputs": {"x": "1"}, "conclusion": "success"}, "two": {"outputs": {}, "conclusion": "failure"}},
        "env": {"A-B": "dash"},
    }
)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("null", None),
        ("true", True),
        ("42", 42),
        ("-9.2", -9.2),
        ("0xff", 255),
        ("-2.99e-2", -0.0299),
        ("'It''s'", "It's"),
        ("github.event_name", "push"),
        ("GITHUB.Event_Name", "push"),
        ("github['event_name']", "push"),
        ("matrix.os[1]", "mac"),
        ("matrix.os[9]", None),
        ("matrix['deep'].a.b", 1),
        ("github.nothing.at.all", None),
        ("env.A-B", "dash"),
        ("steps.one.outputs.x", "1"),
        ("github.event.labels.*.name", ["bug", "Big"]),
        ("steps.*.conclusion", ["success", "failure"]),
        ("steps.*.outputs.x", ["1"]),
        ("!true", False),
        ("!github.nothing", True),
        ("!NaN", True),
        ("NaN == NaN", False),
        ("!Infinity", False),
        ("'ABC' == 'abc'", True),
        ("'a' != 'b'", True),
        ("1 == '1'", True),
        ("true == 1", True),
        ("null == 0", True),
        ("null == ''", True),
        ("'' == 0", True),
        ("'x' == 0", False),
        ("matrix.os == matrix.os", True),
        ("matrix.os == 'Array'", False),
        ("1 < 2 && 2 <= 2 && 3 > 2 && 3 >= 3", True),
        ("'b' > 'A'", True),
        ("'x' < 1", False),
        ("false || 'fallback'", "fallback"),
        ("'' && 'never'", ""),
        ("true && 'yes' || 'no'", "yes"),
        ("1 == 1 || nothing", True),
        ("(1 == 2 || 2 == 2) && 3 == 3", True),
        ("1 == 2 || 2 == 2 && 3 == 4", False),
        ("contains('Hello world', 'LLO')", True),
        ("contains(github.event.labels.*.name, 'big')", True),
        ("contains(matrix.os, 'lin')", False),
        ("startsWith(github.ref, 'refs/HEADS/')", True),
        ("endsWith(github.ref, 'main')", True),
        ("format('Hello {0} {1} {0} {{x}}', 'a', 2)", "Hello a 2 a {x}"),
        ("join(matrix.os)", "linux,mac"),
        ("join(matrix.os, ' - ')", "linux - mac"),
        ("join('one', '-')", "one"),
        ("fromJSON('{\"a\": [1, true]}').a[1]", True),
        ("toJSON(matrix.deep)", '{\n  "a": {\n    "b": 1\n  }\n}'),
        ("success() && !failure() && !cancelled() && always()", True),
        ("${{ github.ref }}", "refs/heads/main"),
        ("fromJSON('1e400') > 1", True),
    ],
)
def test_an_expression_gives_what_githubs_documentation_says(expression: str, value: Value) -> None:
    assert evaluate(expression, SCOPE) == value
    assert type(evaluate(expression, SCOPE)) is type(value) or isinstance(value, list)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("", "An expression was expected"),
        ("1 +", "Unexpected symbol: '+'. Located at position 3 within expression: 1 +"),
        ("a b", "Unexpected symbol: 'b'. Located at position 3 within expression: a b"),
        ("(1", "Unexpected end of expression: '(1'"),
        ("'open", "Unexpected symbol: ''open'. Located at position 1 within expression: 'open"),
        ('"double"', 'Unexpected symbol: \'"double"\'. Located at position 1 within expression: "double"'),
        ("github.", "Unexpected end of expression: 'github.'"),
        ("github.1", "Unexpected symbol: '.1'. Located at position 7 within expression: github.1"),
        ("foo(1)", "Unrecognized function: 'foo'. Located at position 1 within expression: foo(1)"),
        ("1 == metrix.x", "Unrecognized named-value: 'metrix'. Located at position 6 within expression: 1 == metrix.x"),
        ("contains('a')", "Too few parameters supplied: 'contains'. Located at position 1 within expression: contains('a')"),
        ("success(1)", "Too many parameters supplied: 'success'. Located at position 1 within expression: success(1)"),
        ("!" * 80 + "1", "Exceeded max expression depth 50"),
    ],
)
def test_what_cannot_be_read_is_refused_in_githubs_words(expression: str, message: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        check(expression, frozenset({"github", "a", "b"}), status=True)
    assert str(refused.value) == message


@pytest.mark.parametrize("expression", ["fromJSON('{')", "format('{1}', 'a')", "format('{x}')", "metrix.x", "hashFiles('a')"])
def test_what_goes_wrong_only_while_evaluating_is_an_error_too(expression: str) -> None:
    with pytest.raises(ExpressionError):
        evaluate(expression, SCOPE)


@pytest.mark.parametrize(
    ("written", "status", "runs"),
    [
        (None, "success", True),
        (None, "failure", False),
        ("", "success", True),
        ("true", "failure", False),
        ("always()", "failure", True),
        ("always()", "cancelled", True),
        ("failure()", "failure", True),
        ("failure()", "success", False),
        ("cancelled()", "cancelled", True),
        ("!cancelled()", "failure", True),
        ("${{ failure() && github.event_name == 'push' }}", "failure", True),
        ("github.ref == 'refs/heads/main'", "success", True),
        ("github.ref == 'refs/heads/main'", "failure", False),
        ("${{ false }}", "success", False),
        ("${{ false }} ", "success", False),
        ("${{ false }} && ${{ false }}", "success", True),
        ("github.nothing", "success", False),
    ],
)
def test_a_condition_asks_for_success_unless_it_asks_itself(written: str | None, status: str, *, runs: bool) -> None:
    assert condition(written, Scope(contexts=SCOPE.contexts, status=status)) is runs


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("plain", "plain"),
        (7, 7),
        ("${{ matrix.n }}", 3),
        ("v${{ matrix.n }}-${{ matrix.python }}", "v3-3.11"),
        ("${{ 'a }} b' }}!", "a }} b!"),
        ("${{ null }}x${{ true }}", "xtrue"),
        ("${{ matrix.os }}!", "Array!"),
        ({"k": ["${{ 1 }}", {"${{ matrix.python }}": "${{ 2 }}"}]}, {"k": [1, {"3.11": 2}]}),
    ],
)
def test_placeholders_are_replaced_wherever_they_stand(written: Value, value: Value) -> None:
    assert interpolate(written, SCOPE) == value


def test_a_placeholder_that_is_not_closed_is_refused() -> None:
    assert list(placeholders("${{ a }} and ${{ b }}")) == [" a ", " b "]
    with pytest.raises(ExpressionError, match="closing }} sequence was not found"):
        list(placeholders("${{ a"))


@given(st.text(max_size=30))
def test_any_text_is_an_expression_or_an_error_and_nothing_else(text: str) -> None:
    with contextlib.suppress(ExpressionError):
        evaluate(text, SCOPE)


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\r\n")))
def test_a_quoted_text_means_itself(text: str) -> None:
    quoted = text.replace("'", "''")
    assert evaluate(f"'{quoted}'", SCOPE) == text


def test_a_text_that_is_no_number_is_neither_equal_to_one_nor_before_nor_after() -> None:
    assert evaluate("'x' == 1 || 'x' < 1 || 'x' > 1", SCOPE) is False
