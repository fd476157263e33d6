import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inline_snapshot import snapshot

from app.domain.patch.diff import added_lines, diff, size
from app.domain.patch.edit import Edit

# What trips diffs up: no newline at the end, CR LF, lone CR, form feeds, Unicode line separators, lines that look like headers.
LINES = st.sampled_from(
    ["a\n", "b\n", "a\r\n", "\n", "\r", "\x0c\n", "--- a/x\n", "+++ b\n", "\u2028x\n", "ü\n", "\\ No newline\n", "end"]
)
TEXTS = st.lists(LINES, max_size=12).map("".join)
PATHS = st.sampled_from(["a.py", "dir/b c.txt", "ü.md", 'q"uote.txt', "tab\there", "deep/er/x"])


def git_applies(edits: tuple[Edit, ...]) -> dict[str, str]:
    """Have git itself apply a diff to what the edits start from, and give what it leaves."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for edit in edits:
            if edit.before is not None:
                (folder / edit.path).parent.mkdir(parents=True, exist_ok=True)
                (folder / edit.path).write_bytes(edit.before.encode())
        command = ["git", "apply", "--whitespace=nowarn", "--allow-empty", "-"]
        subprocess.run(command, input=diff(edits).encode(), cwd=folder, check=True, capture_output=True)  # noqa: S603 - git's own word
        return {p.relative_to(folder).as_posix(): p.read_bytes().decode() for p in folder.rglob("*") if p.is_file()}


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(PATHS, st.tuples(st.none() | TEXTS, st.none() | TEXTS), min_size=1, max_size=3))
def test_git_makes_of_a_diff_exactly_what_the_edits_say(files: dict[str, tuple[str | None, str | None]]) -> None:
    edits = tuple(Edit(path=path, before=before, after=after) for path, (before, after) in files.items())
    assert git_applies(edits) == {edit.path: edit.after for edit in edits if edit.after is not None}


def test_a_diff_reads_as_git_writes_it() -> None:
    edit = Edit(path="app/x.py", before="import os\nimport sys\n\nprint(sys.argv)", after="import sys\n\nprint(sys.argv)\n")
    assert diff((edit,)) == snapshot(
        """\
diff --git a/app/x.py b/app/x.py
--- a/app/x.py
+++ b/app/x.py
@@ -1,4 +1,3 @@
-import os
 import sys
 \n\
-print(sys.argv)
\\ No newline at end of file
+print(sys.argv)
"""
    )


def test_new_files_and_names_with_spaces_are_written_as_git_writes_them() -> None:
    assert diff((Edit(path="b c.txt", before=None, after="x\n"),)) == snapshot(
        """\
diff --git a/b c.txt b/b c.txt
new file mode 100644
--- /dev/null
+++ b/b c.txt\t
@@ -0,0 +1 @@
+x
"""
    )


def test_a_small_change_in_a_large_file_of_equal_lines_is_found_at_once() -> None:
    before = "}\n" * 30_000 + "x = 1\n" + "}\n" * 30_000
    edit = Edit(path="a", before=before, after=before.replace("x = 1", "x = 2"))
    assert (size((edit,)).additions, size((edit,)).deletions) == (1, 1)
    assert diff((edit,)).count("\n") == 12


@pytest.mark.parametrize(
    ("before", "after", "additions", "deletions"),
    [
        (None, "a\nb\n", 2, 0),
        ("a\nb\n", None, 0, 2),
        ("a\n", "a", 1, 1),  # the newline at the end is a change of its line
        ("a\r\n", "a\n", 1, 1),
        ("a\n", "a\n", 0, 0),
        ("a\n", "a\na\n", 1, 0),  # head and tail may not take the same line
        ("a\na\n", "a\n", 0, 1),
        (None, "", 0, 0),
    ],
)
def test_lines_are_counted_as_the_diff_shows_them(before: str | None, after: str | None, additions: int, deletions: int) -> None:
    edit = Edit(path="a", before=before, after=after)
    counted = size((edit,))
    assert (counted.additions, counted.deletions) == (additions, deletions)
    assert counted.files == (before != after)
    body = diff((edit,)).splitlines()[3:]
    assert sum(line.startswith("+") for line in body if not line.startswith("+++")) == additions
    assert sum(line.startswith("-") for line in body if not line.startswith("---")) == deletions


def test_the_lines_that_an_edit_adds_can_be_asked_for() -> None:
    assert added_lines(Edit(path="a", before="a\nb\n", after="a\nc\nd")) == ("c", "d")
