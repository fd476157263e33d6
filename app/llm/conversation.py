"""One conversation with a model: what was said, what it cost, and a record of both. Nothing leaves without redaction."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from app.domain.log.redact import redact
from app.domain.model.dialect import Question
from app.domain.model.result import NoProposal, NoProposalKind, Transcript
from app.domain.model.spending import Budget, Price, Spending, affordable, exhausted
from app.domain.model.talk import Message, ModelTrouble, Tool, ToolCall, Turn, tokens_of


class Access(Protocol):
    """What a conversation needs to know of a model's access."""

    @property
    def name(self) -> str:
        """The model's name, as the endpoint lists it."""

    @property
    def price(self) -> Price | None:
        """What it costs; null where that is not known."""

    @property
    def answer_tokens(self) -> int:
        """The longest answer."""


class Chat(Protocol):
    """A model that can be asked: ``app.llm.model.Model`` is one."""

    @property
    def access(self) -> Access:
        """Where the model is and what it costs."""

    async def complete(self, question: Question) -> Turn | ModelTrouble:
        """Ask once."""


@dataclass(slots=True)
class Conversation:
    """Messages so far and what they cost."""

    model: Chat
    budget: Budget
    schema: dict[str, Any]
    clock: Callable[[], float] = time.monotonic
    spent: Spending = field(default_factory=Spending)
    _messages: list[Message] = field(default_factory=list)
    _told: int = 0  # messages that the record holds
    _record: list[dict[str, Any]] = field(default_factory=list)
    _began: float = field(init=False)

    def __post_init__(self) -> None:
        self._began = self.clock()

    def say(self, *messages: Message) -> None:
        """Add messages, redacted."""
        self._messages += [_redacted(message) for message in messages]

    async def ask(self, tools: tuple[Tool, ...], tool_calls: int) -> Turn | NoProposal:
        """Ask for the next turn, if the budget has one more.

        Args:
            tools: what the model may use in this turn.
            tool_calls: how many calls were carried out so far.
        """
        self.spent = self.spent.after(tool_calls=tool_calls, seconds=self.clock() - self._began)
        access, prompt = self.model.access, self._prompt_tokens(tools)
        if over := exhausted(self.spent, self.budget, access.price, prompt):
            return self.end(NoProposalKind.BUDGET, f"The budget for one candidate ended the conversation with the model: {over}.")
        room = min(access.answer_tokens, affordable(self.spent, self.budget, access.price, prompt))
        question = Question(messages=tuple(self._messages), tools=tools, schema=self.schema, answer_tokens=room)
        got = await self.model.complete(question)
        self._account(got)
        if isinstance(got, ModelTrouble):
            return self.end(NoProposalKind(got.kind.value), got.sentence, retry_after=got.retry_after)
        self._messages.append(_redacted(Message(role="assistant", content=got.text, tool_calls=got.tool_calls)))
        self._told += 1  # the record holds it as what was received
        return got

    def end(self, kind: NoProposalKind, sentence: str, retry_after: float | None = None) -> NoProposal:
        """End without a proposal."""
        return NoProposal(
            kind=kind, sentence=redact(sentence), spending=self.spent, transcript=self.transcript, retry_after=retry_after
        )

    @property
    def turns_left(self) -> int:
        """How many more turns the budget has."""
        return self.budget.turns - self.spent.turns

    @property
    def transcript(self) -> Transcript:
        """What was sent and received, turn by turn."""
        return tuple(self._record)

    def _prompt_tokens(self, tools: tuple[Tool, ...]) -> int:
        described = sum(tokens_of(tool.description + str(tool.parameters)) for tool in tools)
        return described + sum(message.tokens for message in self._messages)

    def _account(self, got: Turn | ModelTrouble) -> None:
        """Count and record one turn."""
        self.spent = self.spent.turn(got.usage, self.model.access.price)
        self.spent = self.spent.after(tool_calls=self.spent.tool_calls, seconds=self.clock() - self._began)
        new, self._told = self._messages[self._told :], len(self._messages)
        entry = {"model": self.model.access.name, "sent": [_written(one) for one in new], "asked": got.asked}
        self._record.append({**entry, "received": _received(got), "seconds": round(got.seconds, 3)})


def _redacted(message: Message) -> Message:
    calls = tuple(replace(call, arguments=redact(call.arguments)) for call in message.tool_calls)
    return replace(message, content=redact(message.content), tool_calls=calls)


def _written(message: Message) -> dict[str, Any]:
    written: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.tool_calls:
        written["tool_calls"] = _calls(message.tool_calls)
    return written


def _received(got: Turn | ModelTrouble) -> dict[str, Any]:
    counted = got.usage and {"prompt_tokens": got.usage.prompt_tokens, "completion_tokens": got.usage.completion_tokens}
    if isinstance(got, ModelTrouble):
        return {"trouble": got.kind.value, "sentence": redact(got.sentence), "text": redact(got.received), "usage": counted}
    told = {"text": redact(got.text), "tool_calls": _calls(got.tool_calls)}
    return {**told, "finish_reason": got.finish_reason, "usage": counted}


def _calls(calls: tuple[ToolCall, ...]) -> list[dict[str, str]]:
    return [{"name": call.name, "arguments": redact(call.arguments)} for call in calls]
