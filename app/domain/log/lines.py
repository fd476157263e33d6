r"""A CI log as lines: what the runner added (time, colour, markers, columns) apart from what the tools said.

Line numbers are those of ``text.split("\n")``, from 1, in every form a log comes in: GitHub's raw download (byte order mark, a
timestamp before each line, ``##[group]`` markers), ``gh run view --log`` (job and step columns), Travis folds, plain text.
"""

import re
from dataclasses import dataclass

_TIME = re.compile(r"\ufeff?(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z) ?")
_ANSI = re.compile(r"\x1b\[[0-9;:?]{0,64}[ -/]?[@-~]|\x1b\][^\x07\x1b\n]{0,512}(?:\x07|\x1b\\)?|\x1b[@-Z\\^_()][A-Za-z0-9]?")
_MARKER = re.compile(r"(?:##\[|\[)(group|endgroup|error|warning|notice|debug|command|section)\](.*)", re.DOTALL)
_WORKFLOW_COMMAND = re.compile(r"::(group|endgroup|error|warning|notice|debug)(?: [^:\n]*)?::(.*)", re.DOTALL)
_COLUMNS = re.compile(r"[^\t\n]{1,256}\t[^\t\n]{1,256}\t\ufeff?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
_SECTION_ENDS = ("Post job cleanup.", "Cleaning up orphan processes")
SETUP_STEP = "Set up job"
CLEANUP_STEP = "Complete job"


@dataclass(frozen=True, slots=True)
class Line:
    """One line as a person would read it, with what the runner knew about it."""

    number: int  # 1-based, of text.split("\n")
    text: str  # without time, colour, columns and marker
    marker: str = ""  # group, endgroup, error, warning, notice, debug, command, section
    time: str = ""  # ISO 8601 as printed; empty where the log has none
    step: str = ""  # name of the step as far as the log tells
    is_header: bool = False  # inside a step's own header, where the runner repeats the command and its environment


def plain(text: str) -> str:
    """Strip colours, and keep of a line that was drawn over with carriage returns what stood there last."""
    if "\r" in text:
        text = text.rstrip("\r")
        if "\r" in text:
            text = next((part for part in reversed(text.split("\r")) if _ANSI.sub("", part).strip()), "")
    if "^[[" in text:  # copied from a terminal that spelt the escape out
        text = text.replace("^[[", "\x1b[")
    if "\x1b" in text:
        text = _ANSI.sub("", text)
    return text


@dataclass(slots=True)
class _Reader:
    """Where the reading stands: the step, and whether its header is still open."""

    columns: bool
    step: str = ""
    is_header: bool = False

    def read(self, number: int, raw: str) -> Line:
        """Read one raw line."""
        step, body = self._split_columns(raw)
        time = _TIME.match(body)
        body = plain(body[time.end() :] if time else body.removeprefix("\ufeff"))
        marker, body = _marker(body)
        self._follow(marker, body, timed=time is not None)
        header = self.is_header
        if marker == "endgroup":
            self.is_header = False
        return Line(number, body, marker, time[1] if time else "", step or self.step, header)

    def _split_columns(self, raw: str) -> tuple[str, str]:
        if not self.columns:
            return "", raw
        parts = raw.split("\t", 2)
        return (parts[1], parts[2]) if len(parts) == 3 else ("", raw)

    def _follow(self, marker: str, body: str, *, timed: bool) -> None:
        if marker == "group" and body.startswith("Run "):
            self.step, self.is_header = body, True
        elif timed and body in _SECTION_ENDS:
            self.step, self.is_header = CLEANUP_STEP, False
        elif timed and not self.step:
            self.step = SETUP_STEP


def _marker(body: str) -> tuple[str, str]:
    """Split a runner's marker from the text behind it."""
    found = _MARKER.match(body) if body.startswith("##[") else _WORKFLOW_COMMAND.match(body) if body.startswith("::") else None
    return (found[1], found[2]) if found else ("", body)


def clean(text: str) -> list[Line]:
    r"""Read every line of a log; the list is as long as ``text.split("\n")``."""
    raw = text.split("\n")
    columns = sum(1 for line in raw[:20] if _COLUMNS.match(line)) * 2 >= min(len(raw), 20)
    reader = _Reader(columns)
    return [reader.read(number, line) for number, line in enumerate(raw, 1)]
