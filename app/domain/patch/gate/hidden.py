"""Gate: no character is added that an eye does not see, or that turns the order of what it sees.

Bidirectional controls reorder a line ("Trojan Source"), tags and variation selectors carry whole payloads unseen. What is honest
stays: joiners inside an emoji or between letters of scripts that need them, the selector that asks for an emoji's colours, and
whatever stood in the file before.
"""

import unicodedata
from collections import Counter

from app.domain.candidate import GateResult
from app.domain.patch.gate.facts import Edits, GateFacts, verdict

_PLAIN_CONTROLS = frozenset("\t\n\r\f")
_INVISIBLE_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")  # fillers and blanks that count as letters
_JOINERS = frozenset("\u200c\u200d")
_EMOJI_SELECTOR = "\ufe0f"
_KEYCAP = "\u20e3"


def no_hidden_characters(edits: Edits, _facts: GateFacts) -> GateResult:
    """No hidden or bidirectional character is added."""
    problems = []
    for edit in edits:
        added = Counter(hidden_characters(edit.after or "")) - Counter(hidden_characters(edit.before or ""))
        if added:
            names = ", ".join(sorted(f"U+{ord(character):04X}" for character in added))
            problems.append(f"`{edit.path}` would get characters that cannot be seen: {names}.")
    return verdict("hidden_unicode", problems, "No hidden or bidirectional character is added.")


def hidden_characters(text: str) -> tuple[str, ...]:
    """Give the characters of a text that cannot be seen and have no honest reason where they stand."""
    if text.isascii() and text.isprintable():
        return ()
    return tuple(c for at, c in enumerate(text) if _is_hidden(c) and not _has_reason(text, at))


def _is_hidden(character: str) -> bool:
    if character in _PLAIN_CONTROLS or " " <= character <= "~":
        return False
    if character in _INVISIBLE_LETTERS or "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef":
        return True
    return unicodedata.category(character) in {"Cc", "Cf", "Co", "Cn", "Zl", "Zp"}


def _has_reason(text: str, at: int) -> bool:
    before = text[at - 1] if at else ""
    after = text[at + 1] if at + 1 < len(text) else ""
    if text[at] == _EMOJI_SELECTOR:
        return _is_pictograph(before) or after == _KEYCAP
    if text[at] in _JOINERS:
        pictures = (_is_pictograph(before) or before == _EMOJI_SELECTOR) and _is_pictograph(after)
        return pictures or (_is_unicased_letter(before) and _is_unicased_letter(after))
    return False


def _is_pictograph(character: str) -> bool:
    return character != "" and unicodedata.category(character) in {"So", "Sk"}


def _is_unicased_letter(character: str) -> bool:
    """A letter or sign of a script without capitals (Arabic, Devanagari, …): there a joiner changes what is seen."""
    return character != "" and character not in _INVISIBLE_LETTERS and unicodedata.category(character) in {"Lo", "Mn", "Mc"}
