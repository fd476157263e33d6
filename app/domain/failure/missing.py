"""Files that a log says are not there: what a fix may have to create, and no tool names as the place of a failure."""

import re
from collections.abc import Iterable

from app.domain.diagnosis import ExcerptLine
from app.domain.failure.normal import repository_path

_PATH = r"(?P<path>(?:[A-Za-z]:)?[\w./\\@+ -]{1,300}?)"
_MISSING = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\bNo such file or directory: ['\"`]{_PATH}['\"`]",  # Python, Ruby
        rf"\bENOENT: no such file or directory, \w+ ['\"`]{_PATH}['\"`]",  # Node
        rf"\bopen {_PATH}: no such file or directory",  # Go
        rf"^(?:[\w./-]{{1,100}}: )?(?:line \d+: )?(?:cannot \w+ )?['\"`‘]?{_PATH}['\"`’]?: No such file or directory$",
        rf"\bfatal error: {_PATH}: No such file or directory",  # C and C++
        rf"\bNo rule to make target ['\"`]{_PATH}['\"`]",
    )
)


def missing_files(lines: Iterable[ExcerptLine]) -> frozenset[str]:
    """Give the paths inside the repository that an excerpt says are missing."""
    written = (match["path"] for line in lines for pattern in _MISSING if (match := pattern.search(line.text[:2000])))
    return frozenset(path for one in written if _is_inside(path := repository_path(one)))


def _is_inside(path: str) -> bool:
    """Tell whether a path is one of the repository: relative, and nowhere above it."""
    return bool(path) and not path.startswith("/") and path[1:2] != ":" and ".." not in path.split("/")
