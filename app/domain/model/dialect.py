"""How an endpoint wants to be asked, learnt from its refusals.

Everybody speaks "OpenAI-compatible", each with gaps: no JSON Schema, no tools, not both at once, another name for the limit of an
answer, no temperature. A refusal names the field that it minds; the next try goes without.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from app.domain.model.talk import Message, Tool


class Format(StrEnum):
    """How the shape of an answer is asked for, strictest first."""

    JSON_SCHEMA = "json_schema"
    JSON_OBJECT = "json_object"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """What an endpoint is known to take."""

    format: Format = Format.JSON_SCHEMA
    tools: bool = True
    format_with_tools: bool = True
    limit: str = "max_tokens"
    temperature: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One request to a model: the conversation so far, the tools that it may use, and the shape that its answer must have."""

    messages: Sequence[Message]
    tools: Sequence[Tool] = ()
    schema: dict[str, Any] | None = None
    answer_tokens: int = 8000


def asked_in(dialect: Dialect, question: Question) -> str:
    """Say in words how a question is asked."""
    offered = "tools" if question.tools and dialect.tools else "no tools"
    return f"{_format(dialect, question).value}, {offered}"


def payload(dialect: Dialect, question: Question, model: str, temperature: float | None) -> dict[str, Any]:
    """Write a question as the body of a request."""
    body: dict[str, Any] = {
        "model": model,
        "messages": [_message(message) for message in question.messages],
        dialect.limit: question.answer_tokens,
    }
    if temperature is not None and dialect.temperature:
        body["temperature"] = temperature
    if question.tools and dialect.tools:
        body["tools"] = [_tool(tool) for tool in question.tools]
    if (shape := _shape(_format(dialect, question), question)) is not None:
        body["response_format"] = shape
    return body


def simpler(dialect: Dialect, body: dict[str, Any], refusal: str) -> Dialect | None:
    """Learn from a refusal (its words, lower case) of a body; null where it minds nothing that can be left out."""
    for learn in (_limit, _temperature, _format_or_tools):
        learnt = learn(dialect, body, refusal)
        if learnt is not None:
            return learnt
    return None


def _limit(dialect: Dialect, body: dict[str, Any], refusal: str) -> Dialect | None:
    if "max_tokens" in body and "max_completion_tokens" in refusal:
        return replace(dialect, limit="max_completion_tokens")
    return None


def _temperature(dialect: Dialect, body: dict[str, Any], refusal: str) -> Dialect | None:
    return replace(dialect, temperature=False) if "temperature" in body and "temperature" in refusal else None


_FORMAT_WORDS = ("response_format", "json_schema", "json_object", "json schema", "json mode", "structured output", "guided")
_TOOL_WORDS = ("tool", "function call")


def _format_or_tools(dialect: Dialect, body: dict[str, Any], refusal: str) -> Dialect | None:
    minds_format = "response_format" in body and any(word in refusal for word in _FORMAT_WORDS)
    minds_tools = "tools" in body and any(word in refusal for word in _TOOL_WORDS)
    if minds_format and minds_tools:
        return replace(dialect, format_with_tools=False)
    if minds_format:
        return replace(dialect, format=_weaker(dialect.format))
    return replace(dialect, tools=False) if minds_tools else None


def _weaker(form: Format) -> Format:
    return Format.JSON_OBJECT if form is Format.JSON_SCHEMA else Format.PLAIN


def _format(dialect: Dialect, question: Question) -> Format:
    beside_tools = bool(question.tools) and dialect.tools
    if question.schema is None or (beside_tools and not dialect.format_with_tools):
        return Format.PLAIN
    return dialect.format


def _shape(form: Format, question: Question) -> dict[str, Any] | None:
    if form is Format.JSON_SCHEMA:
        return {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": question.schema}}
    return {"type": "json_object"} if form is Format.JSON_OBJECT else None


def _message(message: Message) -> dict[str, Any]:
    written: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.tool_calls:
        written["content"] = message.content or None
        written["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in message.tool_calls
        ]
    if message.role == "tool":
        written["tool_call_id"] = message.tool_call_id
    return written


def _tool(tool: Tool) -> dict[str, Any]:
    described = {"name": tool.name, "description": tool.description, "parameters": dict(tool.parameters)}
    return {"type": "function", "function": described}
