"""Any body is read: as a turn, or as a trouble with a name."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.model.completion import Sent, read_completion
from app.domain.model.talk import ModelTrouble, Turn

SENT = Sent(prompt_tokens=50, seconds=1.0)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["message", "content", "tool_calls"]), inner),
    max_leaves=8,
)
CALL = {"id": "c", "type": "function", "function": {"name": "look", "arguments": "{}"}}


def read(message: object, **more: object) -> Turn | ModelTrouble:
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return read_completion(json.dumps({"choices": [choice], **more}), SENT)


@given(st.text(max_size=60) | JSON.map(json.dumps))
def test_any_text_is_read(text: str) -> None:
    assert isinstance(read_completion(text, SENT), Turn | ModelTrouble)


@given(content=JSON, calls=JSON, refusal=JSON, usage=JSON)
def test_any_message_is_read(content: Any, calls: Any, refusal: Any, usage: Any) -> None:  # noqa: ANN401 - any JSON
    got = read({"content": content, "tool_calls": calls, "refusal": refusal}, usage=usage)
    if isinstance(got, Turn):
        assert got.text.strip() or got.tool_calls
        got.text.encode()


@pytest.mark.parametrize(
    ("message", "text", "arguments"),
    [
        ({"content": "hello"}, "hello", []),
        ({"content": [{"type": "text", "text": "hel"}, {"type": "text", "text": "lo"}, {"type": "image"}]}, "hello", []),
        ({"content": None, "tool_calls": [CALL]}, "", ["{}"]),
        (
            {"tool_calls": [{"function": {"name": "look", "arguments": {"a": 1}}}, {"function": {"name": "look"}}]},
            "",
            ['{"a": 1}', "{}"],
        ),
        ({"content": "half \ud83d"}, "half ?", []),
        ({"content": "hello", "tool_calls": "none", "refusal": None}, "hello", []),
    ],
)
def test_what_is_there_is_taken(message: dict[str, Any], text: str, arguments: list[str]) -> None:
    got = read(message)
    assert isinstance(got, Turn)
    assert (got.text, [call.arguments for call in got.tool_calls]) == (text, arguments)
    assert all(call.id for call in got.tool_calls)


@pytest.mark.parametrize(
    "usage", [None, {}, {"prompt_tokens": -1, "completion_tokens": 2}, {"prompt_tokens": True, "completion_tokens": 1}]
)
def test_tokens_that_cannot_be_believed_are_estimated(usage: object) -> None:
    got = read({"content": "12345"}, usage=usage)
    assert isinstance(got, Turn)
    assert (got.usage.prompt_tokens, got.usage.completion_tokens, got.usage.estimated) == (50, 2, True)
