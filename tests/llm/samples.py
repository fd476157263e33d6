"""The failure that the tests ask about, and answers to it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.domain.diagnosis import ExcerptLine, JobReading
from app.domain.failure.types import Failure, FailureType
from app.llm.model import Model

Asking = Callable[..., Model]


@dataclass(frozen=True, slots=True)
class Tree:
    """A source on disk, shaped as the unpacked archive is."""

    folder: Path
    modes: Mapping[str, str]


def tree(folder: Path, files: Mapping[str, str | bytes], **modes: str) -> Tree:
    """Write files; every one is a regular file unless its mode is given."""
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return Tree(folder, {**dict.fromkeys(files, "100644"), **modes})


CALC = "def add(a, b):\n    return a - b\n\n\ndef double(a):\n    return add(a, a)\n"
TEST = "from calc import add\n\n\ndef test_add():\n    assert add(1, 2) == 3\n"
FAILING = "E       assert -1 == 3"


def reading(*lines: str, **said: Any) -> JobReading:  # noqa: ANN401 - fields of the reading
    """A red pytest job, its excerpt ending in more lines."""
    excerpt = ("tests/test_calc.py:5: in test_add", FAILING, *lines)
    failure = Failure(
        tool="pytest",
        message="assert -1 == 3",
        file="tests/test_calc.py",
        line=5,
        test="tests/test_calc.py::test_add",
        log_line=12,
    )
    told: dict[str, Any] = {
        "job_id": 7,
        "job_name": "test",
        "failure_type": FailureType.TEST,
        "confidence": 0.95,
        "failures": (failure,),
        "excerpt": tuple(ExcerptLine(number=12 + at, text=text) for at, text in enumerate(excerpt)),
        "step_name": "Run pytest",
    }
    return JobReading(**{**told, **said})


def change(
    path: str = "calc.py", current: str | None = "    return a - b", fixed: str | None = "    return a + b"
) -> dict[str, Any]:
    return {"file_path": path, "current_code": current, "fixed_code": fixed, "explanation": "add adds"}


def proposal(*changes: dict[str, Any], **said: object) -> dict[str, Any]:
    fix = {"description": "add instead of subtract", "steps": ["Use +."], "estimated_time_minutes": 2, "risk_level": "low"}
    told = {"root_cause": "add subtracts (calc.py:2).", "confidence": 0.97, "immediate_fix": fix}
    return {**told, "code_changes": list(changes or (change(),)), **said}
