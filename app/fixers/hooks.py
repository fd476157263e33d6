"""What pre-commit's hooks say that they changed.

Two witnesses: the excerpt, where a hook's head and the files below it stand together; and the reading's failures, which name
hooks that failed and files that were fixed, but not always which fixed which.
"""

import re
from collections.abc import Iterator

from app.domain.diagnosis import JobReading

_HOOK = re.compile(r"^- hook id: (?P<hook>\S+)")
_NEXT = re.compile(r"\.{3,}(?:\([^)]*\))?(?:Passed|Failed|Skipped)")
_FIXING = re.compile(r"^Fixing (?P<path>\S.*?)\s*$")
_MIXED = re.compile(r"^(?P<path>\S.*?): fixed mixed line endings")


def changed_by_hooks(reading: JobReading) -> Iterator[tuple[str, str]]:
    """Give (hook id, path) for every file that a hook says it fixed; the hook is empty where a gap in the excerpt hides it."""
    hook, number = "", None
    for line in reading.excerpt:
        if number is not None and line.number != number + 1:
            hook = ""
        number = line.number
        if head := _HOOK.match(line.text):
            hook = head["hook"]
        elif _NEXT.search(line.text):
            hook = ""
        elif fixing := _FIXING.match(line.text):
            yield hook, fixing["path"]
        elif mixed := _MIXED.match(line.text):
            yield hook or "mixed-line-ending", mixed["path"]


def runs_hooks(reading: JobReading) -> bool:
    """Tell whether a job's failures are those of pre-commit's hooks."""
    return any(failure.tool == "pre-commit" for failure in reading.failures)


def failed_hooks(reading: JobReading) -> frozenset[str]:
    """Give the ids of the hooks that changed files."""
    return frozenset(failure.rule for failure in reading.failures if failure.tool == "pre-commit" and failure.rule)


def fixed_files(reading: JobReading) -> frozenset[str]:
    """Give the files that some hook says it fixed. isort speaks as the whitespace hooks do: its word may be theirs."""
    tools = {"pre-commit", "isort"} if runs_hooks(reading) else set()
    return frozenset(failure.file for failure in reading.failures if failure.tool in tools and failure.file)
