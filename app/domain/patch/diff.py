"""Edits written as a unified diff in git's style, and counted.

Lines end at a line feed alone, as git sees them: a carriage return, a form feed or a Unicode line separator is part of its line.
"""

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from app.domain.patch.edit import Edit

_CONTEXT = 3
_EXACT = 4_000_000  # pairs of lines that are compared exactly: about a second at worst
_Opcode = tuple[Literal["replace", "delete", "insert", "equal"], int, int, int, int]
_NO_NEWLINE = "\\ No newline at end of file\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How large a change is."""

    files: int
    additions: int
    deletions: int

    @property
    def lines(self) -> int:
        """Lines touched: added and removed together."""
        return self.additions + self.deletions


def diff(edits: Iterable[Edit]) -> str:
    """Write edits as a diff that ``git apply`` takes; edits that change nothing are left out."""
    return "".join("".join(_file(edit)) for edit in edits if edit.before != edit.after)


def size(edits: Iterable[Edit]) -> Size:
    """Count files, added and removed lines of edits, as their diff shows them."""
    files = additions = deletions = 0
    for edit in edits:
        if edit.before == edit.after:
            continue
        files += 1
        for tag, old_from, old_to, new_from, new_to in _Matcher(_lines(edit.before), _lines(edit.after)).get_opcodes():
            if tag != "equal":
                additions += new_to - new_from
                deletions += old_to - old_from
    return Size(files=files, additions=additions, deletions=deletions)


def added_lines(edit: Edit) -> tuple[str, ...]:
    """Give the lines that an edit adds, without their line feed."""
    new = _lines(edit.after)
    codes = _Matcher(_lines(edit.before), new).get_opcodes()
    return tuple(line.removesuffix("\n") for tag, _, _, start, end in codes if tag != "equal" for line in new[start:end])


def _lines(text: str | None) -> list[str]:
    """Cut a text after each line feed; the last line may have none."""
    if not text:
        return []
    lines = [line + "\n" for line in text.split("\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]


class _Matcher(difflib.SequenceMatcher[str]):
    """Compares only what lies between the common head and tail, so that a small change in a large file costs little."""

    def __init__(self, old: list[str], new: list[str]) -> None:
        shorter = min(len(old), len(new))
        head = next((at for at in range(shorter) if old[at] != new[at]), shorter)
        most = shorter - head
        tail = next((at for at in range(most) if old[-1 - at] != new[-1 - at]), most)
        self._head, self._tail, self._ends = head, tail, (len(old), len(new))
        middle = old[head : len(old) - tail], new[head : len(new) - tail]
        # Above some size, lines that occur everywhere are no anchors: exactness of the alignment is not worth minutes.
        super().__init__(None, *middle, autojunk=len(middle[0]) * len(middle[1]) > _EXACT)

    def get_opcodes(self) -> list[_Opcode]:
        """As the standard library's, over the whole of both sequences."""
        head, tail, (old_end, new_end) = self._head, self._tail, self._ends
        codes: list[_Opcode] = [("equal", 0, head, 0, head)] if head else []
        codes += [(tag, a + head, b + head, c + head, d + head) for tag, a, b, c, d in super().get_opcodes()]
        if tail:
            codes.append(("equal", old_end - tail, old_end, new_end - tail, new_end))
        return codes


def _file(edit: Edit) -> Iterator[str]:
    old, new = _lines(edit.before), _lines(edit.after)
    before, after = _quoted("a/" + edit.path), _quoted("b/" + edit.path)
    yield f"diff --git {before} {after}\n"
    if edit.before is None:
        yield f"new file mode {edit.mode}\n"
    if edit.after is None:
        yield f"deleted file mode {edit.mode}\n"
    if old == new:  # an empty file comes or goes: there is no text to show
        return
    yield f"--- {'/dev/null' if edit.before is None else _named(before)}\n"
    yield f"+++ {'/dev/null' if edit.after is None else _named(after)}\n"
    for group in _Matcher(old, new).get_grouped_opcodes(_CONTEXT):
        yield from _hunk(group, old, new)


def _hunk(group: list[tuple[str, int, int, int, int]], old: list[str], new: list[str]) -> Iterator[str]:
    yield f"@@ -{_span(group[0][1], group[-1][2])} +{_span(group[0][3], group[-1][4])} @@\n"
    for tag, old_from, old_to, new_from, new_to in group:
        if tag == "equal":
            yield from _marked(" ", old[old_from:old_to])
            continue
        yield from _marked("-", old[old_from:old_to])
        yield from _marked("+", new[new_from:new_to])


def _marked(mark: str, lines: list[str]) -> Iterator[str]:
    for line in lines:
        yield mark + (line if line.endswith("\n") else line + "\n" + _NO_NEWLINE)


def _span(start: int, end: int) -> str:
    """Write a range of lines as a hunk header does: an empty one names the line before it."""
    length = end - start
    if length == 1:
        return str(start + 1)
    return f"{start if length == 0 else start + 1},{length}"


_ESCAPES = {7: "\\a", 8: "\\b", 9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r", 34: '\\"', 92: "\\\\"}


def _quoted(path: str) -> str:
    """Write a path as git does: in quotes with escapes where it holds control, quote, backslash or non-ASCII bytes."""
    raw = path.encode("utf-8", "surrogateescape")
    if all(32 <= byte < 127 and byte not in {34, 92} for byte in raw):
        return path
    return '"' + "".join(_ESCAPES.get(b) or (chr(b) if 32 <= b < 127 else f"\\{b:03o}") for b in raw) + '"'


def _named(path: str) -> str:
    """End a file name that holds a space with a tab, as git does, so that nothing is cut off it."""
    return path + "\t" if " " in path and not path.startswith('"') else path
