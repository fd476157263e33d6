"""pytest: failed tests and collection errors, from their sections and the short summary; and what keeps it from starting.

The summary names every failed test with its file and the head of its message; a failure's section adds the line, the exception
and the whole message. Both are joined by the test's name, so that a test is one failure wherever it was printed.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from app.domain.failure.tools.shape import MAX_COLUMNS, Found, Reader, found, number
from app.domain.failure.types import FailureType
from app.domain.log.lines import Line

_SUMMARY = re.compile(
    r"^(?:FAILED|ERROR) (?:\[\d[\d.]{0,12}s\] )?"
    r"(?P<file>[^\s:]{1,300}\.py)(?:::(?P<test>\S{1,400}(?:\[[^\]]{0,300}\])?))?(?: - (?P<message>.*))?$"
)
_HEAD = re.compile(r"^_{3,} (?:ERROR (?:at (?:setup|teardown) of|collecting) )?(?P<test>\S.{0,300}?) _{3,}$")
_DIVIDER = re.compile(r"^(?:={10,}.*|_{10,}|[-=]{3,} .{1,80} [-=]{3,})$")
_PLACE = re.compile(r"^(?P<file>[^\s:]{1,300}\.py):(?P<line>\d+): (?P<rule>[\w.]+)?")
_ERROR_LINE = re.compile(r"^E\s{2,8}(?P<message>\S.*)")
_EXCEPTION = re.compile(r"^(?P<rule>(?:\w+\.)*[A-Z]\w*(?:Error|Exception|Warning|Exit|Failed|Interrupt)|Failed)(?::|$)")
_TERMINAL = re.compile(r"^\s*(?P<message>(?:INTERNALERROR>|ERROR: (?:file or directory not found|not found)).*)")
_USAGE = re.compile(r"^(?:\S+/)?(?:python\S* -m pytest|pytest|py\.test|__main__\.py): error: (?P<message>.*)")
_INIFILE = re.compile(r"^\s+inifile: (?P<file>\S+)$")
_CONFTEST = re.compile(r"^ImportError while loading conftest '(?P<file>[^']{1,300})'")


@dataclass(slots=True)
class _Section:
    """One failure's section, as far as it was read."""

    test: str
    log_line: int
    message: str = ""
    file: str = ""
    line: str = ""
    rule: str = ""

    def see(self, text: str) -> None:
        """Take from one line what it tells: the first message, and the last place, which is where it was raised."""
        error = _ERROR_LINE.match(text)
        if error and not self.message:
            self.message = error["message"]
        place = _PLACE.match(text)
        if place:
            self.file, self.line, self.rule = place["file"], place["line"], place["rule"] or self.rule

    def fields(self) -> dict[str, str]:
        """What the patterns of the table would have caught."""
        named = _EXCEPTION.match(self.message)
        rule = named["rule"] if named else self.rule if self.rule != "in" else ""
        return {"test": self.test, "message": self.message, "file": self.file, "line": self.line, "rule": rule}


def read(lines: Sequence[Line]) -> Iterable[Found]:
    """Find every failed test and collection error."""
    sections = _sections(lines)
    details = {name: section for section in sections for name in (section.test, section.test.replace(".", "::"))}
    told: set[str] = set()
    inifile = next((match["file"] for line in lines if (match := _INIFILE.match(line.text[:MAX_COLUMNS]))), "")
    for line in lines:
        text = line.text[:MAX_COLUMNS]
        summary = _SUMMARY.match(text)
        if summary:
            test = f"{summary['file']}::{summary['test']}" if summary["test"] else ""
            section = details.get(summary["test"] or summary["file"])
            told.add(section.test if section else "")
            yield _joined(test, summary, section, line.number)
        elif terminal := _TERMINAL.match(text):
            yield found("pytest", FailureType.CONFIG, 0.7, {"message": terminal["message"]}, line.number)
        elif usage := _USAGE.match(text):
            yield found("pytest", FailureType.CONFIG, 0.9, {"message": usage["message"], "file": inifile}, line.number)
    for section in sections:
        if section.test not in told and section.message:
            yield found("pytest", FailureType.TEST, 0.9, section.fields(), section.log_line)


def _sections(lines: Sequence[Line]) -> list[_Section]:
    sections: list[_Section] = []
    is_open = False
    for line in lines:
        text = line.text[:MAX_COLUMNS]
        head, conftest = _HEAD.match(text), _CONFTEST.match(text)
        if head or conftest:
            sections.append(_Section(test=head["test"] if head else "", log_line=line.number))
            is_open = True
        elif is_open and _DIVIDER.match(text) and not text.startswith("_ _"):
            is_open = not text.startswith("=")
        elif is_open:
            sections[-1].see(text)
    return sections


def _joined(test: str, summary: re.Match[str], section: _Section | None, log_line: int) -> Found:
    """One failure of what the summary and the section say of it."""
    message = summary["message"] or ""
    named = _EXCEPTION.match(message)
    fields = {"test": test, "file": summary["file"], "message": message, "rule": named["rule"] if named else ""}
    one = found("pytest", FailureType.TEST, 0.95, fields, log_line)
    if section is None:
        return one
    more = section.fields()
    at = number(more["line"]) if more["file"].endswith(summary["file"]) or not more["file"] else None
    failure = replace(
        one.failure,
        message=(more["message"] or message)[:500],
        rule=more["rule"] or one.failure.rule,
        line=at,
        log_line=section.log_line,
    )
    return replace(one, failure=failure)


READER = Reader(
    tool="pytest",
    needles=(
        *("short test summary", "= failures =", "= errors =", "internalerror>", "no tests ran", " failed in "),
        *("error: usage: ", "importerror while loading conftest"),
    ),
    read=read,
)
