import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.log.lines import CLEANUP_STEP, SETUP_STEP, Line, clean, plain

T = "2025-07-04T14:32:14.5612144Z"

GITHUB = f"""\ufeff{T} Current runner version: '2.3'
{T} ##[group]Run ruff check .
{T} \x1b[36;1mruff check .\x1b[0m
{T} shell: /usr/bin/bash -e {{0}}
{T} ##[endgroup]
{T} a.py:1:8: F401 `os` imported but unused
{T} ##[error]Process completed with exit code 1.
{T} Post job cleanup.
{T} [command]/usr/bin/git version"""


def test_a_raw_github_log_loses_time_colour_and_markers_but_no_line() -> None:
    lines = clean(GITHUB)
    assert [line.number for line in lines] == list(range(1, 10))
    assert {line.time for line in lines} == {T}
    assert [line.text for line in lines] == [
        "Current runner version: '2.3'",
        "Run ruff check .",
        "ruff check .",
        "shell: /usr/bin/bash -e {0}",
        "",
        "a.py:1:8: F401 `os` imported but unused",
        "Process completed with exit code 1.",
        "Post job cleanup.",
        "[command]/usr/bin/git version",
    ]
    assert [line.marker for line in lines] == ["", "group", "", "", "endgroup", "", "error", "", ""]


def test_steps_follow_the_run_headers() -> None:
    steps = [line.step for line in clean(GITHUB)]
    assert steps == [SETUP_STEP, *["Run ruff check ."] * 6, *[CLEANUP_STEP] * 2]


def test_the_header_of_a_step_is_known_as_such() -> None:
    assert [line.is_header for line in clean(GITHUB)] == [False, True, True, True, True, False, False, False, False]


def test_job_and_step_columns_of_gh_run_view_become_the_step() -> None:
    log = "\n".join(f"build\tRun tests\t{T} line {n}" for n in range(3))
    assert clean(log)[1] == Line(2, "line 1", time=T, step="Run tests")


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("\x1b[1;31merror\x1b[0m: no", "error: no"),
        ("\x1b[38;5;230mx\x1b[39m", "x"),
        ("^[[31mFAIL^[[0m", "FAIL"),
        ("\x1b]8;;https://x\x07link\x1b]8;;\x07", "link"),
        ("10%\r20%\r100%", "100%"),
        ("10%\r100%\r", "100%"),
        ("travis_time:start:0a\r\x1b[0K$ rake", "$ rake"),
        ("only text\r", "only text"),
        ("\r\r", ""),
        ("", ""),
    ],
)
def test_what_a_terminal_would_show_is_kept(raw: str, text: str) -> None:
    assert plain(raw) == text


@pytest.mark.parametrize(
    ("raw", "marker", "text"),
    [
        ("##[error]boom", "error", "boom"),
        ("##[warning]careful", "warning", "careful"),
        ("::error file=a.py,line=3::boom", "error", "boom"),
        ("::group::Install", "group", "Install"),
        ("##[unheard]x", "", "##[unheard]x"),
        ("[ERROR] maven", "", "[ERROR] maven"),
    ],
)
def test_markers_are_told_apart_from_text(raw: str, marker: str, text: str) -> None:
    (line,) = clean(raw)
    assert (line.marker, line.text) == (marker, text)


@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from("\n\r\x1b\t#[]:Z"))))
def test_no_text_breaks_it_and_no_line_is_lost(text: str) -> None:
    assert [line.number for line in clean(text)] == list(range(1, len(text.split("\n")) + 1))
