"""Gate: nothing that looks like a secret is added.

What a secret looks like is known in one place, ``app.domain.log.redact``. A log may lose an ordinary word to caution; a change is
refused only for what is written down as a value: a name in an expression, a placeholder and a checksum in data are none.
"""

import re
from collections.abc import Iterator

from app.domain.candidate import GateResult
from app.domain.log.redact import REDACTED, redact
from app.domain.patch.diff import added_lines
from app.domain.patch.edit import Edit
from app.domain.patch.gate.facts import Edits, GateFacts, verdict
from app.domain.patch.gate.grammar import GRAMMARS, language_of

_CHECKSUM = re.compile(
    r"(?i)(?:sha\d{1,3}[:-])?(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{56}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})"
)
_UUID = re.compile(r"(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_DATA = re.compile(
    r"(?i)(^|/)(__snapshots__|snapshots?|fixtures?|testdata|test_data|cassettes|data)/|\.(snap|ambr|csv|txt|json|lock|sum)$"
)
_PLACEHOLDER = re.compile(r"(?i)test|example|dummy|fake|sample|placeholder|change.?me|your|secret|passw|token|x{4}|1234|abcd")
_EXPRESSION = re.compile(r"[A-Za-z_$][\w$.]*")
_FILLED_IN = re.compile(r"[$#]?\{[A-Za-z_][\w.\[\]()'\"]*\}")  # a template's place: {token}, ${token}, #{token}
_COMMENT = re.compile(r"(^|\s)(#|//|\*)")
_LONGEST_PLACEHOLDER = 24  # characters: whoever needs more is writing down a key


def no_secrets(edits: Edits, _facts: GateFacts) -> GateResult:
    """No line is added that holds what looks like a secret. The sentence names the file, never the value."""
    problems = [f"`{edit.path}` would get something that looks like a secret." for edit in edits if any(secrets_added(edit))]
    return verdict("no_secrets", problems, "Nothing that looks like a secret is added.")


def secrets_added(edit: Edit) -> Iterator[str]:
    """Give the values in added lines that look like secrets and did not stand in the file before."""
    added = added_lines(edit)
    clean = redact("\n".join(added)).split("\n") if added else []
    before = edit.before or ""
    for line, redacted in zip(added, clean, strict=True):
        if line != redacted:
            for at, value in _taken_out(line, redacted):
                if value not in before and not _is_honest(edit.path, line[:at], value):
                    yield value


def _taken_out(line: str, redacted: str) -> Iterator[tuple[int, str]]:
    """Find what was replaced in a line: where it stood, and its text."""
    head, *rest = redacted.split(REDACTED)
    at = len(head)
    for count, kept in enumerate(rest, 1):
        end = len(line) if count == len(rest) and not kept else line.find(kept, at + 1) if kept else at
        if end > at:
            yield at, line[at:end]
        at = end + len(kept)


def _is_honest(path: str, before: str, value: str) -> bool:
    """Tell whether a value only stands where secrets stand. One whose own shape is a secret's never is."""
    if redact(value) != value:
        return False
    if _CHECKSUM.fullmatch(value) or _UUID.fullmatch(value):
        return _DATA.search(path) is not None
    if len(value) <= _LONGEST_PLACEHOLDER and _PLACEHOLDER.search(value):
        return True
    if _FILLED_IN.match(value):
        return True
    quoted = any(before.count(quote) % 2 for quote in "'\"`")
    code = language_of(path) in GRAMMARS and not _COMMENT.search(before)
    return code and not quoted and _EXPRESSION.match(value) is not None
