"""Several failures of several jobs, one proposal; and what it leaves is said."""

from collections.abc import Callable, Mapping

import pytest
from inline_snapshot import snapshot

from app.domain.ci import Job, Step
from app.domain.failure.read import read_job
from app.domain.failure.types import Failure
from app.domain.patch.gates import GateFacts, refused, run_gates
from app.fixers.registry import propose_all
from app.fixers.view import View
from tests.fixers.projects import Project, lint, reading, unformatted

Make = Callable[[Mapping[str, str]], Project]
CONFIG = "[project]\nrequires-python = '>=3.11'\n[tool.ruff]\nline-length = 60\n[tool.ruff.lint]\nselect = ['E', 'F', 'I', 'W']\n"
BROKEN = {
    "pyproject.toml": CONFIG,
    "shop/__init__.py": "",
    "shop/cart.py": "import sys\nimport os\nfrom shop import price\n\n\n"
    "def total( items ):\n    return {'sum':price.of(items, currency='EUR', rounded=True), 'where':os.sep}\n",
    "shop/price.py": "def of(*a: object, **b: object) -> int:\n    return 1\n",
}
PYTEST = Failure(tool="pytest", message="assert 1 == 2", file="tests/test_x.py", test="test_x")


async def test_lint_and_format_of_two_jobs_are_one_fix_after_which_both_checks_pass(project: Make) -> None:
    source = project(BROKEN)
    readings = (reading(*source.violations("."), job=1), reading(unformatted("shop/cart.py"), job=2))
    assert {failure.rule for failure in readings[0].failures} >= {"F401", "I001"}
    proposal = await propose_all(source, readings)
    assert proposal is not None
    assert proposal.jobs == {1, 2}
    assert proposal.remaining == ()
    assert proposal.confidence > 0.95
    assert proposal.title == snapshot("apply ruff's fixes for E501, F401 and I001 and format 1 file with ruff")
    source.apply(proposal.edits)
    assert source.ruff("check").returncode == 0
    assert source.ruff("format", "--check").returncode == 0


async def test_what_the_fixers_propose_passes_the_gates(project: Make) -> None:
    source = project({**BROKEN, "a.txt": "x \r\ny\r\n"})
    log = "- hook id: trailing-whitespace\n\nFixing a.txt"
    proposal = await propose_all(source, (reading(lint("shop/cart.py", "F401"), unformatted("shop/cart.py"), lines=log),))
    assert proposal is not None
    view = View(source, {})
    facts = GateFacts(read=view.original, modes=source.modes, evidence_files=proposal.targets, max_files=2, max_lines=40)
    assert refused(run_gates(proposal.edits, facts)) == ()
    assert {edit.path for edit in proposal.edits} == {"a.txt", "shop/cart.py"}


async def test_a_lint_fix_leaves_formatted_what_was_formatted(project: Make) -> None:
    signature = "def f(\n    a: Optional[int], b: Optional[int], c: Optional[int]\n) -> None:\n"
    text = f"from typing import Optional\n\n\n{signature}    print(a, b, c)\n"
    config = "[project]\nrequires-python = '>=3.11'\n[tool.ruff]\nline-length = 60\n"
    for tool in ("[tool.ruff.format]\n", "[tool.black]\nline-length = 60\n"):
        source = project({"pyproject.toml": config + tool, "a.py": text, "ugly.py": "x  = Optional[1]\n"})
        assert source.ruff("format", "--check", "a.py").returncode == 0
        proposal = await propose_all(source, (reading(lint("a.py", "UP045")),))
        assert proposal is not None
        assert proposal.edits[0].after == text.replace("Optional[int]", "int | None").replace("(\n    a", "(a").replace(
            "\n) ->", ") ->"
        )


async def test_a_lint_fix_does_not_format_what_was_not_formatted_or_is_excluded(project: Make) -> None:
    text = "import os\nx  = 1\n"
    plain = project({"a.py": text})
    proposal = await propose_all(plain, (reading(lint("a.py", "F401")),))
    assert proposal is not None
    assert proposal.edits[0].after == "x  = 1\n"


async def test_what_was_left_to_the_formatter_and_did_not_go_is_not_claimed(project: Make) -> None:
    long = f"# {'x' * 99}\n"  # no formatter breaks a comment
    source = project({"a.py": f"import os\nx  = 1\n{long}"})
    named = (lint("a.py", "F401"), lint("a.py", "E501", 3))
    proposal = await propose_all(source, (reading(*named, job=1), reading(unformatted("a.py"), job=2)))
    assert proposal is not None
    assert proposal.edits[0].after == f"import os\n\nx = 1\n{long}"  # of job 1 nothing, because not all of it
    assert proposal.remaining == ("`job 1`: 2 failures of ruff (E501 and F401).",)
    assert proposal.confidence < 0.85


async def test_what_no_fixer_clears_is_said_and_is_not_sure_enough_for_a_pull_request(project: Make) -> None:
    source = project({"a.py": "import os\n"})
    proposal = await propose_all(source, (reading(lint("a.py", "F401"), PYTEST), reading(job=2)))
    assert proposal is not None
    assert proposal.remaining == ("`job 1`: 1 failure of pytest.", "`job 2` failed for a reason that its log does not name.")
    assert proposal.confidence < 0.85
    assert "Left: `job 1`: 1 failure of pytest." in proposal.explanation


async def test_a_hook_s_own_word_counts_as_cleared_with_what_its_tool_says(project: Make) -> None:
    source = project({"a.py": "import os\nx = 1 \n", "pyproject.toml": "[tool.isort]\nprofile = 'black'\n"})
    log = "- hook id: trailing-whitespace\n- files were modified by this hook\n\nFixing a.py"
    failures = (
        lint("a.py", "F401"),
        Failure(tool="pre-commit", message="files were modified by this hook", rule="ruff-check"),
        Failure(tool="pre-commit", message="files were modified by this hook", rule="trailing-whitespace"),
        Failure(tool="pre-commit", message="changed by the hook", file="a.py"),
    )
    proposal = await propose_all(source, (reading(*failures, lines=log),))
    assert proposal is not None
    assert proposal.remaining == ()
    assert [edit.after for edit in proposal.edits] == ["x = 1\n"]


async def test_failures_that_no_fixer_knows_have_no_proposal(project: Make) -> None:
    source = project({"a.py": "import os\n", "main.go": "package main"})
    go = Failure(tool="golangci-lint", message="unused", rule="unused", file="main.go")
    assert await propose_all(source, (reading(PYTEST), reading(go, job=2))) is None
    assert await propose_all(source, ()) is None


async def test_asking_twice_gives_the_same_and_touches_nothing(project: Make) -> None:
    source = project(BROKEN)
    before = source.everything()
    readings = (reading(*source.violations("."), unformatted("shop/cart.py")),)
    assert await propose_all(source, readings) == await propose_all(source, readings)
    assert source.everything() == before


def as_log(command: str, printed: str) -> str:
    """Write a step's output as the runner logs it."""
    lines = [
        f"##[group]Run {command}",
        command,
        "##[endgroup]",
        *printed.splitlines(),
        "##[error]Process completed with exit code 1.",
    ]
    return "".join(f"2025-01-01T00:00:00.0000000Z {line}\n" for line in lines)


@pytest.mark.parametrize("output", ["full", "concise", "grouped"])
async def test_from_the_log_of_a_real_run_to_green(project: Make, output: str) -> None:
    source = project(BROKEN)
    printed = source.ruff("check", "--output-format", output).stdout + source.ruff("format", "--check").stdout
    job = Job(
        id=7, name="lint", status="completed", conclusion="failure", steps=(Step(number=1, name="Lint", conclusion="failure"),)
    )
    proposal = await propose_all(source, (read_job(job, as_log("ruff check && ruff format --check", printed), ()),))
    assert proposal is not None
    assert proposal.remaining == ()
    source.apply(proposal.edits)
    assert source.ruff("check").returncode == source.ruff("format", "--check").returncode == 0


PRE_COMMIT = """\
trim trailing whitespace.................................................Failed
- hook id: trailing-whitespace
- exit code: 1
- files were modified by this hook

Fixing notes.txt

fix end of files.........................................................Failed
- hook id: end-of-file-fixer
- exit code: 1
- files were modified by this hook

Fixing notes.txt
Fixing app/a.py

isort....................................................................Failed
- hook id: isort
- files were modified by this hook

Fixing /home/runner/work/shop/shop/app/a.py

black....................................................................Failed
- hook id: black
- files were modified by this hook

reformatted app/a.py

All done!
1 file reformatted.
"""


async def test_from_the_log_of_several_hooks_to_what_they_would_have_left(project: Make) -> None:
    config = "[tool.isort]\nprofile = 'black'\n[tool.black]\nline-length = 100\n"
    source = project({"pyproject.toml": config, "notes.txt": "a \n\n\n", "app/a.py": "import sys\nimport os\nprint( os, sys )"})
    job = Job(
        id=7, name="hooks", status="completed", conclusion="failure", steps=(Step(number=1, name="x", conclusion="failure"),)
    )
    proposal = await propose_all(source, (read_job(job, as_log("pre-commit run --all-files", PRE_COMMIT), ()),))
    assert proposal is not None
    assert {edit.path: edit.after for edit in proposal.edits} == {
        "notes.txt": "a\n",
        "app/a.py": "import os\nimport sys\n\nprint(os, sys)\n",
    }
    assert proposal.remaining == ()
    assert proposal.confidence > 0.85


async def test_where_isort_had_nothing_to_do_the_other_hooks_words_are_theirs(project: Make) -> None:
    log = PRE_COMMIT.partition("isort....")[0] + "isort..........................................Passed\n- hook id: isort\n"
    source = project({"pyproject.toml": "[tool.isort]\nprofile = 'black'\n", "notes.txt": "a \n\n", "app/a.py": "x = 1"})
    job = Job(
        id=7, name="hooks", status="completed", conclusion="failure", steps=(Step(number=1, name="x", conclusion="failure"),)
    )
    proposal = await propose_all(source, (read_job(job, as_log("pre-commit run --all-files", log), ()),))
    assert proposal is not None
    assert {edit.path: edit.after for edit in proposal.edits} == {"notes.txt": "a\n", "app/a.py": "x = 1\n"}
    assert proposal.origin == "whitespace"
    assert proposal.remaining == ()
