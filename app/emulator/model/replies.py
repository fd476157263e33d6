"""What the scripted model can say, wrong answers included."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer of the endpoint. ``body`` replaces a completion altogether: a web page, half a document, an error."""

    content: str | None = None
    calls: tuple[tuple[str, Mapping[str, Any] | str], ...] = ()  # tool name and arguments, as an object or as the text of one
    refusal: str | None = None
    finish_reason: str = "stop"
    status: int = 200
    body: str | None = None
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0  # seconds before it is sent
    counted: bool = True  # whether it tells the tokens used


def answer(value: Mapping[str, Any] | str) -> Reply:
    """Answer with a JSON object, or with text as it is."""
    return Reply(content=value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def calls(*wanted: tuple[str, Mapping[str, Any] | str]) -> Reply:
    """Ask for tools: ``calls(("read_file", {"path": "a.py"}))``."""
    return Reply(calls=wanted, finish_reason="tool_calls")


def refusal(sentence: str = "I cannot help with that.") -> Reply:
    """Refuse, as OpenAI's models do."""
    return Reply(refusal=sentence)


def filtered() -> Reply:
    """End at a content filter."""
    return Reply(content="", finish_reason="content_filter")


def empty() -> Reply:
    """Say nothing."""
    return Reply(content="")


def cut(text: str = '{"root_cause": "The function adds') -> Reply:
    """Run into the limit of an answer's length."""
    return Reply(content=text, finish_reason="length")


def half_a_body() -> Reply:
    """Break off inside the response's own JSON."""
    return Reply(body='{"id": "chatcmpl-1", "choices": [{"index": 0, "mess')


def html(status: int = 200) -> Reply:
    """Answer with a web page, as a wrong address or a login wall does."""
    return Reply(body="<!doctype html><title>Welcome</title>", content_type="text/html", status=status)


def failing(status: int, message: str = "It does not work right now.", *, code: str | None = None, **headers: str) -> Reply:
    """Answer with an error; header names are written with underscores: ``failing(429, retry_after="7")``."""
    body = json.dumps({"error": {"message": message, "type": "error", "param": None, "code": code}})
    return Reply(status=status, body=body, headers={name.replace("_", "-"): value for name, value in headers.items()})


def slow(seconds: float, reply: Reply) -> Reply:
    """Say the same, later."""
    return replace(reply, delay=seconds)


def uncounted(reply: Reply) -> Reply:
    """Say the same, without telling the tokens used."""
    return replace(reply, counted=False)
