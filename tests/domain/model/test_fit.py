"""Replacements find their place exactly, or at the one place that is all but equal, or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.model.fit import Fitted, fit, nearest
from app.domain.patch.apply import CodeChange

TEXT = """\
class Cart:
    def total(self, prices):
        result = 0
        for price in prices:
            result -= price  # wrong way
        return result

    def count(self, prices):
        return len(prices)
"""


def fitted(current: str, fixed: str | None, text: str | None = TEXT, path: str = "cart.py", mode: str = "100644") -> Fitted:
    return fit([CodeChange(file_path=path, current_code=current, fixed_code=fixed)], lambda _: text, {path: mode})


def after(found: Fitted) -> str | None:
    assert found.refusals == ()
    return found.edits[0].after


def test_what_stands_there_once_is_replaced_without_a_note() -> None:
    found = fitted("result -= price", "result += price")
    assert after(found) == TEXT.replace("-=", "+=")
    assert found.notes == ()


@pytest.mark.parametrize(
    ("quoted", "fixed"),
    [
        ("for price in prices:\n    result -= price  # wrong way", "for price in prices:\n    result += price  # wrong way"),
        (
            "\tfor price in prices:\n\t    result -= price  # wrong way",
            "\tfor price in prices:\n\t    result += price  # wrong way",
        ),
        (
            "\nfor price in prices:\n    result -= price  # wrong way\n",
            "\nfor price in prices:\n    result += price  # wrong way\n",
        ),
    ],
)
def test_another_indentation_is_followed_and_said(quoted: str, fixed: str) -> None:
    found = fitted(quoted, fixed)
    assert after(found) == TEXT.replace("-=", "+=")
    assert found.notes == ("`cart.py`: the quoted code is in lines 4–5 but for its indentation and was replaced there.",)


def test_a_small_slip_in_the_quotation_is_borne_and_said() -> None:
    quoted = "        for price in prices:\n            result -= price # wrong way\n        return result"
    found = fitted(quoted, quoted.replace("-=", "+="))
    assert after(found) == TEXT.replace("-=", "+=").replace("price  #", "price #")
    assert found.notes == ("`cart.py`: the quoted code is in lines 4–6 to 99% and was replaced there.",)


def test_lines_can_go_by_a_slip_too() -> None:
    found = fitted("def count(self, prices):\n    return len(prices)", "")
    assert after(found) == TEXT[: TEXT.index("    def count")]


def test_a_file_with_cr_lf_keeps_it() -> None:
    found = fitted("for price in prices:\n  result -= price  # wrong way", "pass", TEXT.replace("\n", "\r\n"))
    text = after(found) or ""
    assert text.count("\r\n") == text.count("\n") == TEXT.count("\n") - 1
    assert "        pass\r\n" in text


@pytest.mark.parametrize(
    ("quoted", "text", "sentence"),
    [
        ("return something_else(entirely)", TEXT, "The code to replace is not in `cart.py`."),
        ("prices", TEXT, "The code to replace stands 4 times in `cart.py`."),
        (
            "\treturn sum(first, second)",
            "def a():\n    return sum(first, second)\ndef b():\n        return sum(first, second)\n",
            None,
        ),
        ("return sum(first,second)", "def a():\n    return sum(first, second)\ndef b():\n    return sum(first, second)\n", None),
        ("total  += price_of(item)\n" * 2, "total += price_of(item)\n" * 3, None),
        ("x  =  1", "x = 1\n", None),  # too short for likeness to mean anything
        ("anything at all", None, "`cart.py` is no text file of this commit."),
    ],
)
def test_what_has_no_place_or_two_is_refused(quoted: str, text: str | None, sentence: str | None) -> None:
    found = fitted(quoted, "pass", text)
    assert found.edits == ()
    assert found.refusals[0].sentence == (sentence or "The code to replace is not in `cart.py`.")


def test_changes_of_one_file_follow_each_other() -> None:
    changes = [
        CodeChange(file_path="cart.py", current_code="result = 0", fixed_code="result = 1"),
        CodeChange(file_path="cart.py", current_code="result = 1", fixed_code="result = 2"),
        CodeChange(file_path="new.py", current_code="", fixed_code="A = 1\n"),
    ]
    found = fit(changes, {"cart.py": TEXT}.get, {"cart.py": "100755"})
    assert [(edit.path, edit.before, edit.mode) for edit in found.edits] == [
        ("cart.py", TEXT, "100755"),
        ("new.py", None, "100644"),
    ]
    assert found.edits[0].after == TEXT.replace("result = 0", "result = 2")


def test_a_file_can_go_and_a_change_of_nothing_is_none() -> None:
    assert fitted("", None).edits[0].after is None
    assert fitted("result = 0", "result = 0").edits == ()


def test_the_placeholder_of_a_secret_is_not_written() -> None:
    assert "[redacted]" in fitted("result = 0", 'key = "[redacted]"').refusals[0].sentence
    assert fitted("result = 0", 'key = "[redacted]"', TEXT + "# [redacted]\n").refusals == ()


def test_a_file_that_is_too_large_to_compare_is_not_compared() -> None:
    assert nearest(["some line of text"] * 400_000, ["some line of text, nearly"] * 20) is None


LINES = st.lists(st.text(alphabet="ab =()\n", max_size=12), max_size=12).map("\n".join)


@given(text=LINES, current=LINES, fixed=LINES)
def test_an_edit_starts_from_the_file_and_touches_one_place(text: str, current: str, fixed: str) -> None:
    found = fitted(current, fixed, text)
    for edit in found.edits:
        assert edit.before == text
        assert edit.after is not None
        head = next(
            (at for at, (a, b) in enumerate(zip(text, edit.after, strict=False)) if a != b), min(len(text), len(edit.after))
        )
        assert not current or len(edit.after) - len(text) <= len(fixed) + 12 * len(fixed.split("\n"))
        assert edit.after[:head] == text[:head]
    assert bool(found.edits) + bool(found.refusals) <= 1


@given(text=LINES, at=st.integers(0, 40), length=st.integers(1, 30))
def test_what_stands_there_once_is_always_found(text: str, at: int, length: int) -> None:
    quoted = text[at : at + length]
    if quoted and sum(text.startswith(quoted, here) for here in range(len(text))) == 1:
        assert after(fitted(quoted, "NEW", text)) == text.replace(quoted, "NEW")
