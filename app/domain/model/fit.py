"""Fitting a model's replacements into the files as they are.

First exactly; then, where the quoted code is not there to the letter, at the one place that is all but equal: indented
differently, or at least 92 % similar line for line, and no second place like it. What was bent is told, never hidden.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from rapidfuzz.distance import Indel

from app.domain.log.redact import REDACTED
from app.domain.patch.apply import CodeChange, Read, Refusal, apply_changes
from app.domain.patch.edit import Edit

LEAST = 0.92
_MOST_WORK = 60_000_000  # characters of the file's lines times lines of the quotation: about a second
_SHORTEST = 12  # characters of a quotation below which likeness says nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """The edits that changes amount to, what was bent to make them fit, and what does not fit at all."""

    edits: tuple[Edit, ...]
    notes: tuple[str, ...] = ()
    refusals: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A run of a file's lines, from ``start`` up to but not including ``stop`` (0-based), and how like a quotation it is."""

    start: int
    stop: int
    likeness: float


def fit(changes: Iterable[CodeChange], read: Read, modes: Mapping[str, str]) -> Fitted:
    """Turn a model's changes into edits of the files that ``read`` gives; ``modes`` are git's, for every path there is."""
    texts: dict[str, str | None] = {}
    exact: list[CodeChange] = []
    notes: list[str] = []
    refusals: list[Refusal] = []
    for change in changes:
        current = texts[change.file_path] if change.file_path in texts else read(change.file_path)
        fitted = _fitted(change, current)
        if isinstance(fitted, Refusal):
            refusals.append(fitted)
            continue
        made, note = fitted
        texts[made.file_path] = _after(made, current)
        exact.append(made)
        notes += [note] if note else []
    edits = (replace(edit, mode=modes.get(edit.path, edit.mode)) for edit in apply_changes(exact, read).edits)
    return Fitted(edits=tuple(edit for edit in edits if edit.before != edit.after), notes=tuple(notes), refusals=tuple(refusals))


def _after(change: CodeChange, current: str | None) -> str | None:
    return apply_changes([change], lambda _: current).edits[0].after


def _fitted(change: CodeChange, current: str | None) -> tuple[CodeChange, str] | Refusal:
    """Give a change that applies exactly, with a note where it was bent, or why there is none."""
    if (change.fixed_code or "").count(REDACTED) > (current or "").count(REDACTED):
        sentence = (
            f"`{change.file_path}` would hold the word {REDACTED}: leave the line that it stands for out of the code to replace."
        )
        return Refusal(path=change.file_path, sentence=sentence)
    refusal = next(iter(apply_changes([change], lambda _: current).refusals), None)
    if refusal is None:
        return change, ""
    if current is None or current.count(change.current_code) > 1:
        return refusal
    bent = _bent(change, current)
    if bent is None or apply_changes([bent[0]], lambda _: current).refusals:
        return refusal
    return bent


def _bent(change: CodeChange, current: str) -> tuple[CodeChange, str] | None:
    """Move a change to the one place of a file that is like the code it quotes; null where there is none, or more than one."""
    lines = current.replace("\r\n", "\n").split("\n")
    quoted, fixed = _trimmed(change.current_code, change.fixed_code or "")
    window = nearest(lines, quoted)
    if window is None:
        return None
    there = lines[window.start : window.stop]
    moved = _reindented(fixed, _indent(quoted), _indent(there))
    old, new = "\n".join(there), "\n".join(moved)
    if not moved:  # the lines go, and the line feed of the last one with them
        old += "\n" if window.stop < len(lines) else ""
    alike = "but for its indentation" if window.likeness == 1.0 else f"to {window.likeness:.0%}"
    note = f"`{change.file_path}`: the quoted code is in lines {window.start + 1}–{window.stop} {alike} and was replaced there."
    return replace(change, current_code=old, fixed_code=new), note


def nearest(lines: list[str], quoted: list[str]) -> Window | None:
    """Find the one run of lines that is like quoted ones; null where none is, or another one is too."""
    if sum(map(len, quoted)) < _SHORTEST or (sum(map(len, lines)) + len(lines)) * len(quoted) > _MOST_WORK:
        return None
    found = sorted(_windows(lines, quoted), key=lambda window: -window.likeness)
    if not found:
        return None
    best = found[0]
    others = [window for window in found[1:] if not _overlap(window, best) or window.likeness == best.likeness]
    return None if others else best


def _windows(lines: list[str], quoted: list[str]) -> Iterator[Window]:
    """Give every run of about as many lines that is similar enough, indentation apart."""
    stripped = [line.strip() for line in lines]
    sought = "\n".join(line.strip() for line in quoted)
    for count in sorted({max(1, len(quoted) + off) for off in (-1, 0, 1)}):
        for start in range(len(lines) - count + 1):
            if not stripped[start] or not stripped[start + count - 1]:
                continue  # a blank line at an end only makes a second window of the same place
            text = "\n".join(stripped[start : start + count])
            likeness = Indel.normalized_similarity(text, sought, score_cutoff=LEAST)
            if likeness >= LEAST:
                yield Window(start=start, stop=start + count, likeness=likeness)


def _overlap(one: Window, other: Window) -> bool:
    return one.start < other.stop and other.start < one.stop


def _trimmed(quoted: str, fixed: str) -> tuple[list[str], list[str]]:
    """Cut quotation and replacement into lines, without the blank lines that both have at an end."""
    old, new = quoted.replace("\r\n", "\n").split("\n"), fixed.replace("\r\n", "\n").split("\n")
    for end in (0, -1):
        while old and not old[end].strip():
            old.pop(end)
            if new and not new[end].strip():
                new.pop(end)
    return old, [] if new == [""] else new


def _indent(lines: list[str]) -> str:
    """Give the indentation that all lines with text have in common."""
    heads = [line[: len(line) - len(line.lstrip())] for line in lines if line.strip()]
    if not heads:
        return ""
    first, last = min(heads), max(heads)
    same = next((at for at, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
    return first[:same]


def _reindented(lines: list[str], from_: str, to: str) -> list[str]:
    """Write lines that were quoted with one indentation with the one that the file has."""
    return [to + line.removeprefix(from_) if line.strip() else line for line in lines]
