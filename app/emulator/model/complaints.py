"""What a real endpoint refuses, in its words: fields that it does not know, conversations and schemas out of shape."""

from typing import Any

SUPPORT = frozenset({"json_schema", "json_object", "tools", "tools_with_format", "max_tokens", "temperature"})
"""What an endpoint may support; a scripted one can pretend to lack any of it."""


def complaint(body: Any, supports: frozenset[str]) -> str:  # noqa: ANN401 - whatever was sent
    """Say what is wrong with a request; empty where it is taken."""
    if not isinstance(body, dict) or not isinstance(body.get("model"), str) or not isinstance(body.get("messages"), list):
        return "Invalid request: 'model' and 'messages' are required."
    return _unsupported(body, supports) or _conversation(body["messages"]) or _schema(body)


def _unsupported(body: dict[str, Any], supports: frozenset[str]) -> str:
    shape = (body.get("response_format") or {}).get("type", "")
    if "tools" in body and "tools" not in supports:
        return "Unsupported parameter: 'tools' is not supported with this model."
    if shape and shape not in supports:
        return f"Invalid parameter: 'response_format' of type '{shape}' is not supported with this model."
    if shape and "tools" in body and "tools_with_format" not in supports:
        return "response_format cannot be combined with tool/function calling"
    if "max_tokens" in body and "max_tokens" not in supports:
        return "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
    if "temperature" in body and "temperature" not in supports:
        return "Unsupported value: 'temperature' does not support this value with this model. Only the default (1) is supported."
    return ""


def _conversation(messages: list[Any]) -> str:
    """Every tool call is answered before anything else is said, and no tool speaks unasked."""
    open_calls: list[str] = []
    for message in messages:
        role = message.get("role") if isinstance(message, dict) else None
        if role == "tool":
            if message.get("tool_call_id") not in open_calls:
                return "messages with role 'tool' must be a response to a preceding message with 'tool_calls'."
            open_calls.remove(message["tool_call_id"])
        elif open_calls:
            return "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'."
        elif role not in {"system", "user", "assistant"}:
            return f"Invalid role: {role!r}."
        else:
            open_calls = [call["id"] for call in message.get("tool_calls") or ()]
    return "" if messages and not open_calls else "The conversation does not end with something to answer."


def _schema(body: dict[str, Any]) -> str:
    """Strict schemas: each object lists all its properties as required and allows no other."""
    shape = body.get("response_format") or {}
    if shape.get("type") != "json_schema" or not shape["json_schema"].get("strict"):
        return ""
    return _strict(shape["json_schema"]["schema"], "the schema")


def _strict(node: Any, where: str) -> str:  # noqa: ANN401 - any part of a schema
    if not isinstance(node, dict):
        return ""
    properties = node.get("properties", {})
    if node.get("type") == "object" and node.get("additionalProperties") is not False:
        return (
            f"Invalid schema for response_format: in {where}, 'additionalProperties' is required to be supplied and to be false."
        )
    if sorted(properties) != sorted(node.get("required", [])):
        return f"Invalid schema for response_format: in {where}, 'required' must include every key in properties."
    parts = [*properties.items(), *(("item", part) for part in (node.get("items"), *node.get("anyOf", ())))]
    return next(filter(None, (_strict(part, f"{where}.{name}") for name, part in parts)), "")
