"""Small broken projects on disk, and the readings of the logs that a real check of them prints."""

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ruff import find_ruff_bin  # type: ignore[import-untyped]  # the package carries a binary and one untyped function

from app.domain.diagnosis import ExcerptLine, JobReading
from app.domain.failure.types import Failure, FailureType
from app.domain.patch.edit import Edit


@dataclass(frozen=True, slots=True)
class Project:
    """A source as the archive gives it: a folder and every path's mode."""

    folder: Path
    modes: dict[str, str] = field(default_factory=dict)

    def ruff(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run ruff as the project's CI would."""
        command = [find_ruff_bin(), *arguments, "--no-cache"]
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)  # noqa: S603 - our own ruff

    def violations(self, *arguments: str) -> tuple[Failure, ...]:
        """Run ruff's check and give what it prints, as a reading names it."""
        rows = json.loads(self.ruff("check", "--output-format", "json", *arguments).stdout)
        return tuple(
            lint(Path(row["filename"]).relative_to(self.folder.resolve()).as_posix(), row["code"], row["location"]["row"])
            for row in rows
        )

    def apply(self, edits: tuple[Edit, ...]) -> None:
        """Write edits, as the commit would."""
        for edit in edits:
            assert edit.after is not None
            (self.folder / edit.path).write_bytes(edit.after.encode())

    def everything(self) -> dict[str, bytes]:
        """Read the whole folder."""
        return {p.relative_to(self.folder).as_posix(): p.read_bytes() for p in self.folder.rglob("*") if p.is_file()}


def lint(file: str, rule: str, line: int = 1) -> Failure:
    """One violation that ruff printed."""
    return Failure(tool="ruff", message=f"{rule} somewhere", rule=rule, file=file, line=line)


def unformatted(file: str, tool: str = "ruff format") -> Failure:
    """One file that a formatter would change."""
    return Failure(tool=tool, message="not formatted", file=file)


def reading(*failures: Failure, lines: str = "", job: int = 1, kind: FailureType = FailureType.LINT) -> JobReading:
    """A failed job's reading."""
    excerpt = tuple(ExcerptLine(number=n, text=text) for n, text in enumerate(lines.splitlines(), 1))
    return JobReading(job_id=job, job_name=f"job {job}", failure_type=kind, confidence=0.95, failures=failures, excerpt=excerpt)


def written(folder: Path, files: Mapping[str, str]) -> Project:
    """Make a project of texts, by path."""
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())
    return Project(folder, dict.fromkeys(files, "100644"))
