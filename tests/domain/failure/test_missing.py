import pytest

from app.domain.diagnosis import ExcerptLine
from app.domain.failure.missing import missing_files


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (
            "FileNotFoundError: [Errno 2] No such file or directory: '/home/runner/work/x/x/backup/settings.json'",
            "backup/settings.json",
        ),
        ("E   FileNotFoundError: [Errno 2] No such file or directory: 'data/a b.csv'", "data/a b.csv"),
        ("Error: ENOENT: no such file or directory, open '/home/runner/work/x/x/site.json'", "site.json"),
        ("open testdata/in.txt: no such file or directory", "testdata/in.txt"),
        ("cat: config/defaults.yml: No such file or directory", "config/defaults.yml"),
        ("/home/runner/work/_temp/1.sh: line 1: ./build.sh: No such file or directory", "build.sh"),
        ("src/a.c:1:10: fatal error: include/a.h: No such file or directory", "include/a.h"),
        ("make: *** No rule to make target 'include/tables.h', needed by 'build/a.o'.  Stop.", "include/tables.h"),
    ],
)
def test_a_missing_file_is_named(text: str, path: str) -> None:
    assert missing_files([ExcerptLine(number=1, text=text)]) == {path}


@pytest.mark.parametrize(
    "text",
    [
        "No such file or directory: '/etc/passwd'",
        "No such file or directory: '../beside/a.txt'",
        "nothing is missing",
        "No such file or directory",
    ],
)
def test_what_lies_outside_the_repository_is_not(text: str) -> None:
    assert missing_files([ExcerptLine(number=1, text=text)]) == frozenset()
