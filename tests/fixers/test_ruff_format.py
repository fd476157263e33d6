"""Formatting projects whose format check really fails, judged by the check itself afterwards."""

from collections.abc import Callable, Mapping

import pytest

from app.domain.failure.types import Failure, FailureType
from app.fixers.proposal import FixFacts
from app.fixers.ruff_format import propose
from app.fixers.styles import black_style
from app.fixers.view import View
from tests.fixers.projects import Project, reading, unformatted

Make = Callable[[Mapping[str, str]], Project]
NOTHING = FixFacts()
UGLY = "x = { 'a':1 }\ndef f( a,b ):\n    return   a\n"
LONG = "value = function_name(first_argument, second_argument, third_argument, fourth_argument, a5)\n"  # 91 columns


async def test_named_files_are_formatted_under_the_project_s_configuration(project: Make) -> None:
    config = "[tool.ruff]\nline-length = 60\n[tool.ruff.format]\nquote-style = 'single'\n"
    source = project({"pyproject.toml": config, "app/a.py": UGLY + LONG, "app/other.py": UGLY})
    assert source.ruff("format", "--check", "app/a.py").returncode == 1
    proposal = await propose(source, (reading(unformatted("app/a.py")),), NOTHING)
    assert proposal is not None
    assert [edit.path for edit in proposal.edits] == ["app/a.py"]
    assert proposal.title == "format 1 file with ruff"
    assert proposal.confidence > 0.95
    source.apply(proposal.edits)
    assert source.ruff("format", "--check", "app/a.py").returncode == 0
    assert "'a'" in (source.folder / "app/a.py").read_text()


@pytest.mark.parametrize(
    "named",
    [
        reading(Failure(tool="pre-commit", message="files were modified by this hook", rule="ruff-format")),
        reading(lines="##[group]Run ruff format --check --quiet .", kind=FailureType.FORMAT),
    ],
)
async def test_where_the_log_only_counts_ruff_is_asked_which_files_are_meant(project: Make, named: object) -> None:
    config = "exclude = ['vendored']\n"
    source = project({"ruff.toml": config, "a.py": UGLY, "sub/b.py": UGLY, "fine.py": "x = 1\n", "c.txt": "( "})
    proposal = await propose(source, (named,), NOTHING)  # type: ignore[arg-type]  # a table of readings
    assert proposal is not None
    assert proposal.targets == {"a.py", "sub/b.py"}
    source.apply(proposal.edits)
    assert source.ruff("format", "--check", ".").returncode == 0


async def test_files_that_the_project_excludes_are_not_among_those_asked_for(project: Make) -> None:
    source = project({"ruff.toml": "extend-exclude = ['vendored']\n", "vendored/a.py": UGLY, "b.py": UGLY})
    named = reading(lines="Run ruff format --check -q .", kind=FailureType.FORMAT)
    proposal = await propose(source, (named,), NOTHING)
    assert proposal is not None
    assert proposal.targets == {"b.py"}


@pytest.mark.parametrize(
    ("config", "commands", "expected"),
    [
        ("", "", LONG.replace("(", "(\n    ").replace("a5)", "a5\n)")),  # black's own 88 columns
        ("line-length = 100", "", LONG),
        ("line_length = 100", "", LONG),  # black takes underscores too
        ("", "Run black --check -l 100 .", LONG),
        ("", "Run black --check --line-length=100 src", LONG),
        ("line-length = 20", "$ black --check -l100 .", LONG),  # the command line wins
    ],
)
async def test_black_s_line_length_comes_from_its_table_or_its_command(
    project: Make, config: str, commands: str, expected: str
) -> None:
    source = project({"pyproject.toml": f"[tool.ruff]\nline-length = 40\n[tool.black]\n{config}\n", "a.py": "\n" + LONG})
    proposal = await propose(source, (reading(unformatted("a.py", "black"), lines=commands),), NOTHING)
    assert proposal is not None
    assert proposal.edits[0].after == expected
    assert proposal.title == "format 1 file in black's style"
    assert 0.85 < proposal.confidence < 0.95


@pytest.mark.parametrize(
    ("config", "text", "expected"),
    [
        ("skip-string-normalization = true", "x  = 'a'\n", "x = 'a'\n"),
        ("", "x  = 'a'\n", 'x = "a"\n'),
        ("skip-magic-trailing-comma = true", "x  = [\n    1,\n]\n", "x = [1]\n"),
        ("", "x  = [\n    1,\n]\n", "x = [\n    1,\n]\n"),
        ("target-version = ['py27']", "x  = 1\n", "x = 1\n"),  # unknown to ruff: left out
    ],
)
async def test_black_s_options_are_followed(project: Make, config: str, text: str, expected: str) -> None:
    source = project({"pyproject.toml": f"[tool.black]\n{config}\n", "a.py": text})
    proposal = await propose(source, (reading(unformatted("a.py", "black")),), NOTHING)
    assert proposal is not None
    assert proposal.edits[0].after == expected


@pytest.mark.parametrize(("config", "commands"), [("preview = true", ""), ("", "Run black --preview --check .")])
async def test_black_s_preview_style_is_not_sure_enough_for_a_pull_request(project: Make, config: str, commands: str) -> None:
    source = project({"pyproject.toml": f"[tool.black]\n{config}\n", "a.py": UGLY})
    proposal = await propose(source, (reading(unformatted("a.py", "black"), lines=commands),), NOTHING)
    assert proposal is not None
    assert proposal.confidence < 0.85


async def test_options_in_the_workflow_file_count_where_the_log_shows_none(project: Make) -> None:
    source = project({"a.py": "\n" + LONG})
    workflow = "jobs:\n  x:\n    steps:\n      - run: black --check -l 100 .\n"
    proposal = await propose(source, (reading(unformatted("a.py", "black")),), FixFacts(workflow_text=workflow))
    assert proposal is not None
    assert proposal.edits[0].after == LONG


@pytest.mark.parametrize(
    "failure",
    [
        unformatted("fine.py"),  # nothing to format: the log is of another version
        unformatted("gone.py"),
        unformatted("broken.py"),  # no formatter reads it
        unformatted("fine.py", "black"),
        unformatted("a.ts", "prettier"),
        unformatted("fine.py", "gofmt"),
    ],
)
async def test_a_job_is_left_alone_where_formatting_would_not_clear_it(project: Make, failure: Failure) -> None:
    source = project({"a.py": UGLY, "fine.py": "x = 1\n", "broken.py": "x = (\n", "a.ts": "let x=1"})
    named = reading(failure) if failure.tool in {"prettier", "gofmt"} else reading(unformatted("a.py", failure.tool), failure)
    assert await propose(source, (named,), NOTHING) is None


async def test_other_jobs_are_still_formatted_and_what_is_left_is_said(project: Make) -> None:
    source = project({"a.py": UGLY, "fine.py": "x = 1\n"})
    proposal = await propose(source, (reading(unformatted("a.py"), job=1), reading(unformatted("fine.py"), job=2)), NOTHING)
    assert proposal is not None
    assert proposal.jobs == {1}
    assert proposal.remaining == ("`job 2`: formatting does not change what it names.",)


async def test_line_endings_are_those_of_the_file(project: Make) -> None:
    source = project({"a.py": "x  = 1\r\ny = 2\r\n"})
    proposal = await propose(source, (reading(unformatted("a.py")),), NOTHING)
    assert proposal is not None
    assert proposal.edits[0].after == "x = 1\r\ny = 2\r\n"


async def test_a_stub_file_is_formatted_as_one(project: Make) -> None:
    source = project({"a.pyi": "def f( x ): ...\n\n\ndef g(): ...\n"})
    proposal = await propose(source, (reading(unformatted("a.pyi")),), NOTHING)
    assert proposal is not None
    assert proposal.edits[0].after == "def f(x): ...\ndef g(): ...\n"


def test_of_black_s_target_versions_the_least_counts(project: Make) -> None:
    source = project({"pyproject.toml": "[tool.black]\ntarget-version = ['py313', 'py38', 'py310']\n"})
    assert black_style(View(source, {}), "a.py").config.table["target-version"] == "py38"
