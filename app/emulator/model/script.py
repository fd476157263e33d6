"""Which answer a request gets: rules over what the conversation says, and nothing where none fits.

A rule is found by the conversation alone, and its reply by how often the model has spoken in it, so that a request that is sent
again after a crash is answered the same.
"""

from dataclasses import dataclass, field
from typing import Any

from app.emulator.model.replies import Reply


@dataclass(slots=True, kw_only=True)
class Rule:
    """Replies for conversations that hold every text of ``when`` and none of ``unless``."""

    when: tuple[str, ...]
    unless: tuple[str, ...]
    replies: tuple[Reply, ...]
    times: int | None  # how many requests it answers; null: any number
    answered: int = field(default=0, init=False)

    def fits(self, said: str) -> bool:
        """Tell whether it speaks to what was said."""
        left = self.times is None or self.answered < self.times
        return left and all(text in said for text in self.when) and not any(text in said for text in self.unless)


def said_to(messages: list[dict[str, Any]]) -> str:
    """Give everything that was told to the model: all messages but its own."""
    return "\n".join(text_of(message) for message in messages if message.get("role") != "assistant")


def text_of(message: dict[str, Any]) -> str:
    """Give a message's text."""
    content = message.get("content")
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


def reply_to(rules: list[Rule], messages: list[dict[str, Any]]) -> Reply | None:
    """Find the reply to a conversation: of the last rule that fits and has a reply for this turn; null where none has."""
    said = said_to(messages)
    turn = len([message for message in messages if message.get("role") == "assistant"])
    for rule in reversed(rules):
        if rule.fits(said) and turn < len(rule.replies):
            rule.answered += 1
            return rule.replies[turn]
    return None
