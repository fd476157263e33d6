"""What is said to a model and what comes back, as plain values: messages, tools, turns, and the ways in which none comes."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

Role = Literal["system", "user", "assistant", "tool"]

CHARACTERS_PER_TOKEN = 4
"""A rule of thumb for English and code, used wherever an endpoint does not count for us."""


def tokens_of(text: str) -> int:
    """Estimate how many tokens a text is."""
    return math.ceil(len(text) / CHARACTERS_PER_TOKEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """A tool that the model asks for; ``arguments`` is JSON text as the model wrote it, right or wrong."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of a conversation."""

    role: Role
    content: str
    tool_calls: tuple[ToolCall, ...] = ()  # of an assistant's message
    tool_call_id: str = ""  # of a tool's message: the call that it answers

    @property
    def tokens(self) -> int:
        """Estimate of what it costs to send."""
        return tokens_of(self.content) + sum(tokens_of(call.name + call.arguments) for call in self.tool_calls) + 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A tool that is offered; ``parameters`` is a JSON Schema of its arguments."""

    name: str
    description: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens of one turn; ``estimated`` where the endpoint did not count them."""

    prompt_tokens: int
    completion_tokens: int
    estimated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What a model answered: text, or tools that it asks for."""

    text: str
    tool_calls: tuple[ToolCall, ...]
    usage: Usage
    finish_reason: str
    seconds: float
    asked: str = ""  # how it was asked: the dialect in words


class TroubleKind(StrEnum):
    """Why there is no usable turn."""

    TIMEOUT = "timeout"
    REFUSED = "refused"  # the model or its content filter would not answer
    EMPTY = "empty"
    CUT = "cut"  # it ran into the limit of its answer's length
    MALFORMED = "malformed"
    UNAVAILABLE = "unavailable"  # no connection, or the endpoint is broken
    LIMITED = "limited"
    UNAUTHORIZED = "unauthorized"
    NOT_AN_ENDPOINT = "not_an_endpoint"  # a web page, a redirect, an unknown address or an unknown model
    REJECTED = "rejected"  # the endpoint does not take the request: too long, or a field that it does not know


PASSING = frozenset({TroubleKind.TIMEOUT, TroubleKind.UNAVAILABLE, TroubleKind.LIMITED})
"""Troubles that may be gone later without anybody mending anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelTrouble:
    """Why a model gave no usable turn, in a sentence for people; ``usage`` where tokens were spent all the same."""

    kind: TroubleKind
    sentence: str
    retry_after: float | None = None  # seconds, as the endpoint said
    usage: Usage | None = None
    seconds: float = 0.0
    asked: str = ""
    received: str = field(default="", repr=False)  # the beginning of what came, where something came

    @property
    def passing(self) -> bool:
        """Tell whether the same question may be answered later."""
        return self.kind in PASSING
