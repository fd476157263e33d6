"""Lint fixes on projects that really fail ruff, judged by ruff itself afterwards."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from app.fixers.proposal import FixFacts
from app.fixers.ruff_lint import propose
from tests.fixers.projects import Project, lint, reading

Make = Callable[[Mapping[str, str]], Project]

CONFIG = "[tool.ruff.lint]\nselect = ['E', 'F', 'I', 'UP', 'W']\n"
BROKEN = {
    "pyproject.toml": "[project]\nname = 'x'\nrequires-python = '>=3.10'\n" + CONFIG,
    "app/__init__.py": "",
    "app/a.py": "import sys\nimport os\nfrom typing import Optional, List\n\n\n"
    "def f(x: Optional[List[int]]) -> str:\n    return os.sep\n",
    "app/b.py": "x = 1  \nif x == None:\n    pass\n",
    "README.md": "# x\n",
}
NOTHING = FixFacts()


async def test_a_project_that_fails_ruff_passes_afterwards(project: Make) -> None:
    source = project(BROKEN)
    found = source.violations("app/a.py")
    assert {failure.rule for failure in found} >= {"F401", "I001", "UP045", "UP006"}
    proposal = await propose(source, (reading(*found),), NOTHING)
    assert proposal is not None
    assert [edit.path for edit in proposal.edits] == ["app/a.py"]
    assert proposal.edits[0].before == BROKEN["app/a.py"]
    assert proposal.cleared == frozenset(found)
    assert proposal.jobs == {1}
    assert proposal.targets == {"app/a.py"}
    assert proposal.confidence > 0.95
    source.apply(proposal.edits)
    assert source.ruff("check", "app/a.py").returncode == 0


async def test_only_the_rules_that_the_log_names_are_fixed_and_only_in_the_files_that_it_names(project: Make) -> None:
    source = project({"a.py": "import os\nx = 1  \n", "b.py": "import os\n"})
    proposal = await propose(source, (reading(lint("a.py", "W291", 2)),), NOTHING)
    assert proposal is not None
    assert [(edit.path, edit.after) for edit in proposal.edits] == [("a.py", "import os\nx = 1\n")]


async def test_each_file_is_fixed_for_its_own_rules(project: Make) -> None:
    source = project({"a.py": "import os\nx = 1  \n", "b.py": "import os\ny = 1  \n"})
    proposal = await propose(source, (reading(lint("a.py", "W291"), lint("b.py", "F401")),), NOTHING)
    assert proposal is not None
    assert {edit.path: edit.after for edit in proposal.edits} == {"a.py": "import os\nx = 1\n", "b.py": "y = 1  \n"}


async def test_a_job_that_cannot_be_cleared_is_left_alone_and_another_one_is_not(project: Make) -> None:
    source = project(BROKEN)
    hopeless = reading(*source.violations("app/b.py"), job=1)  # E711 has no safe fix
    hopeful = reading(*source.violations("app/a.py"), job=2)
    proposal = await propose(source, (hopeless, hopeful), NOTHING)
    assert proposal is not None
    assert [edit.path for edit in proposal.edits] == ["app/a.py"]
    assert proposal.jobs == {2}
    assert proposal.remaining == ("`job 1`: ruff has no safe fix for E711 in `app/b.py`.",)
    assert proposal.confidence < 0.95
    assert await propose(source, (hopeless,), NOTHING) is None


@pytest.mark.parametrize(
    "failure",
    [
        lint("a.py", "F401"),  # not there: the log speaks of another commit
        lint("gone.py", "F401"),
        lint("a.py", "ZZZ999"),  # no such rule
        lint("a.py", "F401,E9 --fix"),
        lint("a.py", "invalid-syntax"),
        lint("a.py", ""),
        lint("../a.py", "W291"),
        lint("", "W291"),
    ],
)
async def test_what_cannot_be_reproduced_is_not_fixed(project: Make, failure: object) -> None:
    source = project({"a.py": "x = 1  \n"})
    assert await propose(source, (reading(lint("a.py", "W291"), failure),), NOTHING) is None  # type: ignore[arg-type]  # a table


async def test_another_tool_s_failures_and_other_languages_are_not_ours(project: Make) -> None:
    source = project({"a.ts": "let x = 1", "a.py": "import os\n"})
    assert await propose(source, (reading(replace(lint("a.py", "F401"), tool="pylint")),), NOTHING) is None
    assert await propose(source, (reading(replace(lint("a.ts", "F401"), tool="eslint")),), NOTHING) is None
    assert await propose(source, (reading(),), NOTHING) is None
    assert await propose(source, (), NOTHING) is None


async def test_flake8_s_violations_are_cleared_where_ruff_sees_the_same_a_little_less_surely(project: Make) -> None:
    source = project({"a.py": "import os\n\n\nx = 1  \n"})
    named = tuple(replace(lint("a.py", code), tool="flake8") for code in ("F401", "W291"))
    proposal = await propose(source, (reading(*named),), NOTHING)
    assert proposal is not None
    assert proposal.edits[0].after == "\n\nx = 1\n"
    assert 0.85 < proposal.confidence < 0.95
    unseen = replace(lint("a.py", "C901"), tool="flake8")  # ruff sees nothing complex there
    assert await propose(source, (reading(*named, unseen),), NOTHING) is None


async def test_the_source_is_not_touched_and_nothing_is_left_beside_it(project: Make) -> None:
    source = project(BROKEN)
    before = source.everything()
    await propose(source, (reading(*source.violations("app/a.py")),), NOTHING)
    assert source.everything() == before


async def test_line_endings_and_a_byte_order_mark_stay(project: Make) -> None:
    source = project({"a.py": "\ufeffimport os\r\nimport sys\r\n\r\nprint(sys.argv)\r\n"})
    proposal = await propose(source, (reading(lint("a.py", "F401")),), NOTHING)
    assert proposal is not None
    assert proposal.edits[0].after == "\ufeffimport sys\r\n\r\nprint(sys.argv)\r\n"


async def test_modules_of_the_project_are_told_from_others_though_only_named_files_are_laid_out(project: Make) -> None:
    text = "import requests\n\nimport mine\n\nprint(mine, requests)\n"
    source = project(
        {"pkg/a.py": text.replace("\n\nimport mine", "\nimport mine"), "mine/__init__.py": "", "pyproject.toml": CONFIG}
    )
    proposal = await propose(source, (reading(lint("pkg/a.py", "I001")),), NOTHING)
    assert proposal is not None
    assert proposal.edits[0].after == text


async def test_a_file_below_a_job_s_working_folder_or_a_runner_s_path_is_found(project: Make) -> None:
    source = project({"backend/app/a.py": "x = 1  \n", "other/app/b.py": "x = 1  \n", "app/b.py": "x = 1  \n"})
    named = ("app/a.py", "./app/a.py", "/home/runner/work/r/r/backend/app/a.py")
    for name in named:
        proposal = await propose(source, (reading(lint(name, "W291")),), NOTHING)
        assert proposal is not None
        assert [edit.path for edit in proposal.edits] == ["backend/app/a.py"]
    elsewhere = project({"c/x.py": "x = 1  \n", "d/x.py": "x = 1  \n"})
    assert await propose(elsewhere, (reading(lint("x.py", "W291")),), NOTHING) is None  # it could be either


async def test_a_fix_builds_on_what_a_fixer_before_left(project: Make) -> None:
    source = project({"a.py": "import os\nx = 1  \n"})
    proposal = await propose(source, (reading(lint("a.py", "F401")),), FixFacts(edited={"a.py": "import os\nx = 1\n"}))
    assert proposal is not None
    assert [(edit.before, edit.after) for edit in proposal.edits] == [("import os\nx = 1  \n", "x = 1\n")]


async def test_a_file_s_mode_is_kept(project: Make) -> None:
    source = project({"run.py": "import os\n"})
    source.modes["run.py"] = "100755"
    proposal = await propose(source, (reading(lint("run.py", "F401")),), NOTHING)
    assert proposal is not None
    assert proposal.edits[0].mode == "100755"
