"""From a structured answer to edits: exact search and replace, or whole files (PRODUCT.md section 2.4).

Nothing is guessed: the code to be replaced must stand in the file exactly once. The one liberty taken is the line ending: an
answer written with line feeds fits a file that is kept with CR LF throughout, and what is put in takes the file's own ending.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from app.domain.candidate import GateResult
from app.domain.patch.edit import Edit

Read = Callable[[str], str | None]
"""Gives a file's text, line endings as they are; null where there is no such text file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeChange:
    """One replacement in one file. An empty ``current_code`` stands for the whole file, a null ``fixed_code`` for its removal."""

    file_path: str
    current_code: str
    fixed_code: str | None
    explanation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why one change could not be made, in a sentence."""

    path: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """The edits that changes amount to, one a file in the order of first mention, and what could not be made."""

    edits: tuple[Edit, ...]
    refusals: tuple[Refusal, ...] = ()


def apply_changes(changes: Iterable[CodeChange], read: Read) -> Applied:
    """Turn changes into edits; several changes of one file are made one after the other."""
    edits: dict[str, Edit] = {}
    refusals = []
    for change in changes:
        earlier = edits.get(change.file_path)
        before = earlier.before if earlier else read(change.file_path)
        current = earlier.after if earlier else before
        outcome = _after(change, current)
        if isinstance(outcome, Refusal):
            refusals.append(outcome)
            continue
        words = "\n".join(filter(None, [earlier.explanation if earlier else "", change.explanation]))
        edits[change.file_path] = Edit(path=change.file_path, before=before, after=outcome, explanation=words)
    return Applied(edits=tuple(edits.values()), refusals=tuple(refusals))


def _after(change: CodeChange, current: str | None) -> str | Refusal | None:
    """Give a file's text after a change, or why the change cannot be made."""
    if not change.current_code:
        return change.fixed_code if change.fixed_code is None else _in_ending_of(change.fixed_code, current)
    if current is None:
        return Refusal(path=change.file_path, sentence=f"`{change.file_path}` is no text file of this commit.")
    sought = _in_ending_of(change.current_code, current)
    found = _occurrences(current, sought)
    if found == 1:
        return current.replace(sought, _in_ending_of(change.fixed_code or "", current), 1)
    where = "is not in" if found == 0 else f"stands {found} times in"
    return Refusal(path=change.file_path, sentence=f"The code to replace {where} `{change.file_path}`.")


def _occurrences(text: str, sought: str) -> int:
    """Count where a text occurs, overlapping ones too: ``aa`` stands twice in ``aaa``, so it names no single place."""
    count, at = 0, text.find(sought)
    while at != -1:
        count, at = count + 1, text.find(sought, at + 1)
    return count


def _in_ending_of(text: str, model: str | None) -> str:
    """Write a text with a file's line ending, where the file has CR LF throughout."""
    if model is None or "\r" in text or model.count("\r\n") != model.count("\n") or "\n" not in model:
        return text
    return text.replace("\n", "\r\n")


def check_applies(edits: Iterable[Edit], read: Read) -> GateResult:
    """Gate: every edit starts from the text that stands in the commit now, and no file is edited twice."""
    seen: set[str] = set()
    problems = []
    for edit in edits:
        if edit.path in seen:
            problems.append(f"`{edit.path}` is changed twice.")
        seen.add(edit.path)
        if sentence := _misfit(edit, read(edit.path)):
            problems.append(sentence)
    passed = not problems
    return GateResult(code="applies", passed=passed, sentence=" ".join(problems) or "It applies cleanly to the failing commit.")


def _misfit(edit: Edit, now: str | None) -> str:
    """Say how an edit misses the file as it stands; empty when it fits."""
    if edit.before == now:
        return ""
    if now is None:
        return f"`{edit.path}` is no text file of this commit."
    if edit.before is None:
        return f"`{edit.path}` is already there."
    return f"`{edit.path}` reads differently in this commit."
