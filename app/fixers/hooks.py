"""What pre-commit's hooks say that they changed."""

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
