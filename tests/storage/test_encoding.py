"""Whatever a value of ours holds, it comes back from JSON equal."""

import json
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.candidate import Candidate
from app.domain.diagnosis import Diagnosis
from app.domain.failure.types import FailureType
from app.domain.incident import Incident, JobEvidence, Surroundings
from app.domain.repository import Installation
from app.domain.task import FixPullRequest, Task
from storage.encoding import dumps, from_json, loads, to_json, to_text

_ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=12)  # lone surrogates and NUL too
_PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: _ANY_TEXT,
    int: st.integers(-(2**70), 2**70),
    bool: st.booleans(),
    float: st.floats(allow_nan=False, allow_infinity=False),
    NoneType: st.none(),
    datetime: st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=-5, minutes=-30))])),
}


def _values(kind: Any) -> st.SearchStrategy[Any]:  # noqa: ANN401 - annotations have no type of their own
    """Values of an annotated type."""
    if kind in _PLAIN:
        return _PLAIN[kind]
    if get_origin(kind) is tuple:
        arguments = get_args(kind)
        if arguments[-1] is Ellipsis:
            return st.lists(_values(arguments[0]), max_size=2).map(tuple)
        return st.tuples(*(_values(argument) for argument in arguments))
    if get_origin(kind) in {Union, UnionType}:
        return st.one_of([_values(argument) for argument in get_args(kind)])
    if is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        return st.builds(kind, **{field.name: _values(hints[field.name]) for field in fields(kind)})
    return st.sampled_from(kind)


KINDS = [Incident, Surroundings, JobEvidence, Diagnosis, Candidate, Task, FixPullRequest, Installation]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@given(data=st.data())
def test_a_value_comes_back_equal(kind: type[Any], data: st.DataObject) -> None:
    value = data.draw(_values(kind))
    assert loads(kind, dumps(value)) == value


@given(_values(tuple[Task, ...]))
def test_a_tuple_of_values_comes_back_equal(value: tuple[Task, ...]) -> None:
    assert loads(tuple[Task, ...], dumps(value)) == value


@given(_values(Diagnosis))
def test_json_is_ascii_so_that_any_database_keeps_it(value: Diagnosis) -> None:
    assert dumps(value).isascii()


@dataclass(frozen=True)
class Old:
    name: str
    gone: int = 0


@dataclass(frozen=True)
class New:
    name: str
    added: float = 0.5
    when: date | None = None
    kinds: frozenset[FailureType] = frozenset()
    counts: dict[str, list[int]] | None = None


def test_a_field_added_later_takes_its_default_and_one_that_is_gone_is_ignored() -> None:
    assert from_json(New, to_json(Old("a", 3))) == New("a")


def test_sets_days_and_maps_come_back_equal() -> None:
    value = New("a", 1.0, date(2026, 3, 1), frozenset({FailureType.TEST, FailureType.LINT}), {"x": [1, 2]})
    assert to_json(value) == {
        "name": "a",
        "added": 1.0,
        "when": "2026-03-01",
        "kinds": ["lint", "test"],
        "counts": {"x": [1, 2]},
    }
    assert from_json(New, to_json(value)) == value


def test_a_whole_number_is_a_float_where_one_is_expected() -> None:
    added = from_json(New, {"name": "a", "added": 1}).added
    assert isinstance(added, float)


@pytest.mark.parametrize(
    ("kind", "data", "sentence"),
    [
        (Old, {}, "Old lacks name"),
        (Old, [], "expected dict, got list"),
        (Old, {"name": None}, "expected str, got NoneType"),
        (Old, {"name": "a", "gone": True}, "expected int, got bool"),
        (Old, {"name": "a", "gone": 1.5}, "expected int, got float"),
        (tuple[str, ...], "abc", "expected list, got str"),
        (str | int, "a", "which of them is meant"),
        (bytes, "a", "cannot be read from JSON"),
        (dict[int, str], {}, "cannot be read from JSON"),
    ],
)
def test_data_of_another_shape_is_refused(kind: Any, data: object, sentence: str) -> None:  # noqa: ANN401 - as above
    with pytest.raises(TypeError, match=sentence):
        from_json(kind, data)


def test_a_word_that_an_enum_does_not_know_is_refused() -> None:
    with pytest.raises(ValueError, match="nonsense"):
        from_json(FailureType, "nonsense")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), datetime(2026, 3, 1)])  # noqa: DTZ001 - naive on purpose
def test_what_json_cannot_say_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"no JSON form|no time zone"):
        to_json(value)


@pytest.mark.parametrize("value", [b"x", object(), {1: "x"}, {"x"}, Old])
def test_a_type_without_json_form_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        to_json(value)


class Colour(Enum):
    RED = "red"


def test_plain_enums_are_their_values() -> None:
    assert to_text(to_json({"colour": Colour.RED})) == '{"colour":"red"}'
    assert from_json(Colour, json.loads('"red"')) is Colour.RED
