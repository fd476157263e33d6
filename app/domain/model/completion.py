"""The body of a chat completion, read into a turn or into the trouble that it is.

Endpoints that call themselves compatible leave fields out, send null for lists and errors under status 200: nothing is taken for
granted but the meaning of a field that is there.
"""

import json
from dataclasses import dataclass
from typing import Any

from app.domain.model.talk import ModelTrouble, ToolCall, TroubleKind, Turn, Usage, tokens_of

_SHOWN = 500  # characters of a strange answer that are kept to look at


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What an answer belongs to."""

    prompt_tokens: int  # estimated
    seconds: float
    asked: str = ""


def read_completion(text: str, sent: Sent) -> Turn | ModelTrouble:
    """Read an answer's body."""
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return _no_json(text, sent)
    choice = _first(body.get("choices")) if isinstance(body, dict) else None
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(choice, dict) or not isinstance(message, dict):
        return _trouble(TroubleKind.MALFORMED, f"The model endpoint answered without a message{_error_words(body)}.", sent, text)
    said = _text(message.get("content"))
    calls = _calls(message.get("tool_calls"))
    usage = _usage(body.get("usage"), sent, said + "".join(call.arguments for call in calls))
    reason = choice.get("finish_reason")
    turn = Turn(
        text=said,
        tool_calls=calls,
        usage=usage,
        finish_reason=_text(reason),
        seconds=sent.seconds,
        asked=sent.asked,
    )
    return _unusable(turn, _text(message.get("refusal")), sent) or turn


def _unusable(turn: Turn, refusal: str, sent: Sent) -> ModelTrouble | None:
    if refusal or turn.finish_reason == "content_filter":
        kind, sentence = TroubleKind.REFUSED, "The model would not answer" + (f": {_line(refusal)}" if refusal else ".")
    elif turn.finish_reason == "length":
        kind, sentence = TroubleKind.CUT, "The model's answer was cut off at the limit of its length."
    elif not turn.text.strip() and not turn.tool_calls:
        kind, sentence = TroubleKind.EMPTY, "The model's answer was empty."
    else:
        return None
    return _trouble(kind, sentence, sent, turn.text or refusal, turn.usage)


def _no_json(text: str, sent: Sent) -> ModelTrouble:
    if text.lstrip()[:1] == "<":
        sentence = "The model's address answered with a web page: it is no OpenAI-compatible endpoint."
        return _trouble(TroubleKind.NOT_AN_ENDPOINT, sentence, sent, text)
    if not text.strip():
        return _trouble(TroubleKind.EMPTY, "The model endpoint's answer had no content.", sent, text)
    return _trouble(TroubleKind.MALFORMED, "The model endpoint's answer is no JSON.", sent, text)


def _trouble(kind: TroubleKind, sentence: str, sent: Sent, received: str, usage: Usage | None = None) -> ModelTrouble:
    shown = received[:_SHOWN]
    return ModelTrouble(kind=kind, sentence=sentence, usage=usage, seconds=sent.seconds, asked=sent.asked, received=shown)


def _first(value: object) -> object:
    return value[0] if isinstance(value, list) and value else None


def _text(value: object) -> str:
    """Give a message's text: a string, or the text parts of a list."""
    if isinstance(value, list):
        parts = [part.get("text") for part in value if isinstance(part, dict)]
        return _whole("".join(part for part in parts if isinstance(part, str)))
    return _whole(value) if isinstance(value, str) else ""


def _whole(text: str) -> str:
    """Replace halves of surrogate pairs, which JSON can hold and UTF-8 cannot."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _calls(value: object) -> tuple[ToolCall, ...]:
    found = []
    for at, call in enumerate(value if isinstance(value, list) else []):
        function = call.get("function") if isinstance(call, dict) else None
        if isinstance(function, dict) and isinstance(function.get("name"), str):
            named = call.get("id")
            ident = _whole(named) if isinstance(named, str) and named else f"call_{at}"
            found.append(ToolCall(id=ident, name=_whole(function["name"]), arguments=_arguments(function.get("arguments"))))
    return tuple(found)


def _arguments(value: object) -> str:
    """Give arguments as JSON text: some endpoints send the object itself."""
    if isinstance(value, str):
        return _whole(value) or "{}"
    return "{}" if value is None else json.dumps(value)


def _usage(value: object, sent: Sent, said: str) -> Usage:
    told: dict[str, Any] = value if isinstance(value, dict) else {}
    prompt, completion = told.get("prompt_tokens"), told.get("completion_tokens")
    if _counts(prompt) and _counts(completion):
        return Usage(prompt_tokens=int(prompt or 0), completion_tokens=int(completion or 0))
    return Usage(prompt_tokens=sent.prompt_tokens, completion_tokens=tokens_of(said), estimated=True)


def _counts(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _error_words(body: object) -> str:
    error = body.get("error") if isinstance(body, dict) else None
    words = error.get("message") if isinstance(error, dict) else error
    return f": {_line(words)}" if isinstance(words, str) and words else ""


def _line(text: str) -> str:
    """Make one short line of somebody else's words."""
    line = " ".join(text.split())
    return line if len(line) <= 200 else line[:200] + " …"
