"""The structured answer is found in whatever stands around it, and its schema is one that endpoints take strictly."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.model.answer import Misread, answer_schema, objects, read_answer, spoken_call
from app.domain.patch.apply import CodeChange

FIX = {"description": "add", "steps": ["a"], "estimated_time_minutes": 2, "risk_level": "low"}
CHANGE = {"file_path": "./a.py", "current_code": "a", "fixed_code": "b", "explanation": "c"}


def good(**said: object) -> dict[str, Any]:
    return {"root_cause": "minus", "confidence": 0.9, "code_changes": [CHANGE], "immediate_fix": FIX} | said


WRITTEN = json.dumps(good())


@pytest.mark.parametrize(
    "text",
    [
        WRITTEN,
        json.dumps(good(), indent=2),
        f"```json\n{WRITTEN}\n```",
        f"Sure! The cause is {{clear}}.\n```\n{WRITTEN}\n```\nDoes this help?",
        f"<think>perhaps {json.dumps(good(root_cause='no'))}?</think>{WRITTEN}",
        f'{{"example": 1}} {WRITTEN}',
        f"{json.dumps(good(root_cause='first thought'))}\nNo, better:\n{WRITTEN}",
        WRITTEN.replace('"minus"', '"minus", "besides": [1]'),
        WRITTEN + ' {"note": "done"}',
        "{" * 150 + WRITTEN,
    ],
)
def test_the_answer_is_found(text: str) -> None:
    answer = read_answer(text)
    assert (answer.root_cause, answer.confidence, answer.immediate_fix.risk_level) == ("minus", 0.9, "low")
    assert answer.changes == (CodeChange(file_path="a.py", current_code="a", fixed_code="b", explanation="c"),)


def test_line_breaks_inside_strings_are_borne() -> None:
    assert read_answer(WRITTEN.replace("minus", "a\nb")).root_cause == "a\nb"


@pytest.mark.parametrize(
    ("current", "fixed", "means"),
    [(None, "x", ("", "x")), ("", "x", ("", "x")), (None, None, ("", None)), ("a", None, ("a", "")), ("a", "", ("a", ""))],
)
def test_null_means_the_whole_file(current: str | None, fixed: str | None, means: tuple[str, str | None]) -> None:
    change = read_answer(json.dumps(good(code_changes=[{**CHANGE, "current_code": current, "fixed_code": fixed}]))).changes[0]
    assert (change.current_code, change.fixed_code) == means


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"confidence": 1.5}, "confidence: Input should be less than or equal to 1."),
        ({"confidence": "NaN"}, "confidence: Input should be a finite number."),
        ({"root_cause": ""}, "root_cause: String should have at least 1 character."),
        ({"code_changes": [{"file_path": "a"}]}, "code_changes.0.current_code: Field required."),
        ({"immediate_fix": FIX | {"risk_level": "none"}}, "immediate_fix.risk_level: Input should be 'low', 'medium' or 'high'."),
        ({"root_cause": "\ud800"}, "root_cause: "),
    ],
)
def test_what_is_wrong_is_said(said: dict[str, object], problem: str) -> None:
    with pytest.raises(Misread) as told:
        read_answer(json.dumps(good(**said)))
    assert told.value.problems[0].startswith(problem)


@pytest.mark.parametrize("text", ["", "none", "{", "[1, 2]", "{" * 100_000, '{"a": ' * 3000, WRITTEN[:-2]])
def test_where_there_is_none_it_says_so(text: str) -> None:
    with pytest.raises(Misread):
        read_answer(text)


@given(st.text())
def test_any_text_is_read_or_misread(text: str) -> None:
    assert all(isinstance(value, dict) for value in objects(text))
    with pytest.raises(Misread):
        read_answer(text)


def test_a_call_in_words_is_told_from_an_answer() -> None:
    names = {"read_file"}
    call = spoken_call('I will look: {"name": "read_file", "parameters": {"path": "a"}}', names)
    assert call is not None
    assert (call.name, call.arguments) == ("read_file", '{"path": "a"}')
    assert spoken_call(WRITTEN, names) is None
    assert spoken_call('{"name": "delete_file", "arguments": {}}', names) is None
    assert spoken_call('{"name": ["read_file"], "arguments": {}}', names) is None


def nodes(schema: dict[str, Any]) -> list[dict[str, Any]]:
    below = [*schema.get("properties", {}).values(), *schema.get("anyOf", []), *([schema["items"]] if "items" in schema else [])]
    return [schema, *(node for part in below for node in nodes(part))]


def test_the_schema_is_strict_and_names_the_fields_of_the_product() -> None:
    schema = answer_schema()
    assert list(schema["properties"]) == ["root_cause", "confidence", "code_changes", "immediate_fix"]
    assert list(schema["properties"]["code_changes"]["items"]["properties"]) == [
        "file_path",
        "current_code",
        "fixed_code",
        "explanation",
    ]
    assert list(schema["properties"]["immediate_fix"]["properties"]) == [
        "description",
        "steps",
        "estimated_time_minutes",
        "risk_level",
    ]
    for node in nodes(schema):
        assert set(node) <= {"type", "description", "enum", "items", "anyOf", "properties", "required", "additionalProperties"}
        if node.get("type") == "object":
            assert node["required"] == list(node["properties"])
            assert node["additionalProperties"] is False
