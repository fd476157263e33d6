"""A case: a repository whose CI is green, one push that breaks it in one way, and what a model would answer.

Repositories are files of ``repositories/``, from path to text; cases are files of ``broken/``, named after the failure's type.
A change of a file is a list of replacements (``from`` stands exactly once), a whole text, or null, which deletes it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from app.domain.failure.types import FailureType

HERE = Path(__file__).parent
POLICY = {".github/devflowfix.yml": "mode: ready\n"}

Files = Mapping[str, str | None]
"""Texts by path; null for a file that is deleted."""

Change = list[dict[str, str]] | str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the recorded model answers: to the case's log, and for a later candidate only with the log of the one before."""

    cause: str
    change: Mapping[str, Change]
    learns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One way to break a repository. Without answers, a fixer that asks no model must mend it."""

    name: str
    story: str
    failure_type: FailureType
    files: Mapping[str, str]
    broken: Files  # what the breaking push changes
    says: tuple[str, ...]  # what the model must have been told before it answers
    answers: tuple[Answer, ...]
    ends: str  # fixed, withdrawn, explained
    needs: tuple[str, ...]  # programs that its CI runs

    @property
    def fixed(self) -> dict[str, str]:
        """The whole repository as the fix leaves it: with the last answer, or as it was where no model is asked."""
        if not self.answers:
            return dict(self.files)
        pushed = applied(self.files, self.broken)
        return applied(pushed, changed(pushed, self.answers[-1].change))


def every_case() -> tuple[Case, ...]:
    """Read all cases, in the order in which they are written."""
    return tuple(case for path in sorted((HERE / "broken").glob("*.yml")) for case in _cases_of(path))


def changed(files: Mapping[str, str], changes: Mapping[str, Change]) -> Files:
    """Give the files that changes touch, as they are afterwards."""
    return {path: _changed(files.get(path, ""), change) for path, change in changes.items()}


def applied(files: Mapping[str, str], touched: Files) -> dict[str, str]:
    """Give all files with some of them changed."""
    return {path: text for path, text in {**files, **touched}.items() if text is not None}


def _cases_of(path: Path) -> Iterator[Case]:
    for name, told in _read(path).items():
        every = {**POLICY, **_read(HERE / "repositories" / f"{told['in']}.yml")}
        files = {path: text for path, text in every.items() if path not in told.get("without", ())}
        yield Case(
            name=name,
            story=told["story"],
            failure_type=FailureType(told.get("type", path.stem)),
            files=files,
            broken=changed(files, told["push"]),
            says=tuple(told["says"]),
            answers=tuple(
                Answer(cause=one["cause"], change=one["change"], learns=tuple(one.get("learns", ())))
                for one in told.get("answers", ())
            ),
            ends=told.get("ends", "fixed"),
            needs=tuple(told.get("needs", ())),
        )


def _read(path: Path) -> dict[str, Any]:
    read: dict[str, Any] = YAML(typ="safe").load(path)
    return read


def _changed(text: str, change: Change) -> str | None:
    if change is None or isinstance(change, str):
        return change
    for one in change:
        if text.count(one["from"]) != 1:
            raise ValueError(f"{one['from']!r} does not stand exactly once")
        text = text.replace(one["from"], one["to"])
    return text
