"""The fingerprint of a failure: equal for the same failure on other branches, runs and days, different for different causes.

It is made of what was structured (tool, rule, file, test, shape of the message), in no particular order: parallel tests
fail in any. Lines and columns are left out: they shift with every edit above them. Where nothing was structured, the shapes
of the excerpt's telling lines stand in. Names of jobs are left out, too: the same failure in two cells of a matrix is one.
"""

import hashlib
from collections.abc import Iterable

from app.domain.diagnosis import JobReading
from app.domain.failure.normal import message_shape, repository_path
from app.domain.failure.types import Failure
from app.domain.log.signals import Weight, weigh

_EXCERPT_LINES = 12  # telling lines of an excerpt that stand for a failure nobody could structure


def fingerprint(readings: tuple[JobReading, ...]) -> str:
    """Hash the normalised failure of a run: 32 hexadecimal digits."""
    parts = sorted({part for reading in readings for part in _parts(reading)})
    return hashlib.sha256("\n".join(parts).encode("utf-8", "backslashreplace")).hexdigest()[:32]


def _parts(reading: JobReading) -> Iterable[str]:
    """What identifies one job's failure; different types are different failures even where all else is equal."""
    kind = reading.failure_type.value
    if reading.failures:
        return ("\x1f".join((kind, *failure_shape(failure))) for failure in reading.failures)
    telling = [line.text for line in reading.excerpt if weigh(line.text) >= Weight.WORD]
    shapes = list(dict.fromkeys(message_shape(text) for text in telling or (line.text for line in reading.excerpt)))
    return (f"{kind}\x1f{shape}" for shape in shapes[:_EXCERPT_LINES] or [message_shape(reading.step_name)])


def failure_shape(failure: Failure) -> tuple[str, ...]:
    """What stays the same of one structured failure: tool, rule, file, test and the shape of its message."""
    path = repository_path(failure.file)
    message = failure.message.replace(failure.file, "<file>") if failure.file else failure.message
    return (
        failure.tool,
        failure.rule,
        message_shape(path) if path.startswith("/") else path,
        failure.test,
        message_shape(message),
    )
