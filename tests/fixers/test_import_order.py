"""isort in black's profile, followed by ruff's equal rule; everything else left alone."""

from collections.abc import Callable, Mapping

import pytest

from app.domain.failure.types import Failure
from app.fixers.import_order import propose
from app.fixers.proposal import FixFacts
from tests.fixers.projects import Project, reading

Make = Callable[[Mapping[str, str]], Project]
UNSORTED = "import requests\nimport os\nfrom mine import b, a\n\nprint(os, requests, a, b)\n"
SORTED = "import os\n\nimport requests\nfrom mine import a, b\n\nprint(os, requests, a, b)\n"
OWN = SORTED.replace("import requests\n", "import requests\n\n")


def isort(path: str) -> Failure:
    return Failure(tool="isort", message="Imports are incorrectly sorted and/or formatted.", file=path)


@pytest.mark.parametrize(
    ("config", "lines", "expected"),
    [
        ("profile = 'black'", "", SORTED),
        ("", "Run isort --profile black --check .", SORTED),
        ("line_length = 100", "$ isort --check-only --profile=black src", SORTED),
        ("profile = 'black'\nknown_first_party = ['mine']", "", OWN),
        ("profile = 'black'\nknown-first-party = ['mine']\nskip = ['x']\nmulti_line_output = 3", "", OWN),
        ("profile = 'black'\nforce_single_line = true", "", SORTED.replace("a, b\n\n", "a\nfrom mine import b\n\n")),
        ("profile = 'black'\nline_length = 20", "", SORTED.replace("import a, b", "import (\n    a,\n    b,\n)")),
        ("profile = 'black'\nsrc_paths = ['lib']", "", OWN),
    ],
)
async def test_imports_are_sorted_as_isort_s_black_profile_does(project: Make, config: str, lines: str, expected: str) -> None:
    source = project({"pyproject.toml": f"[tool.isort]\n{config}\n", "pkg/a.py": UNSORTED, "lib/mine.py": ""})
    proposal = await propose(source, (reading(isort("pkg/a.py"), lines=lines),), FixFacts())
    assert proposal is not None
    assert [edit.after for edit in proposal.edits] == [expected]
    assert proposal.title == "sort the imports of 1 file"


@pytest.mark.parametrize(
    "config",
    [
        "",  # isort's own style, which ruff does not have
        "profile = 'google'",
        "profile = 'black'\nforce_grid_wrap = 2",
        "profile = 'black'\nmulti_line_output = 5",
        "profile = 'black'\nlength_sort = true",
        "profile = 'black'\nsrc_paths = ['../elsewhere']",
        "profile = 'black'\nknown_first_party = 3.5",
        "profile = 'black'\nline_length = 'wide'",
    ],
)
async def test_any_other_configuration_is_left_alone(project: Make, config: str) -> None:
    source = project({"pyproject.toml": f"[tool.isort]\n{config}\n", "pkg/a.py": UNSORTED})
    assert await propose(source, (reading(isort("pkg/a.py")),), FixFacts()) is None


async def test_a_home_that_isort_reads_first_makes_the_rest_unknowable(project: Make) -> None:
    files = {"pyproject.toml": "[tool.isort]\nprofile = 'black'\n", "a.py": UNSORTED}
    assert await propose(project(files), (reading(isort("a.py")),), FixFacts()) is not None
    assert await propose(project({**files, ".isort.cfg": "[settings]\n"}), (reading(isort("a.py")),), FixFacts()) is None


async def test_what_isort_does_not_name_is_not_sorted(project: Make) -> None:
    source = project({"pyproject.toml": "[tool.isort]\nprofile = 'black'\n", "a.py": UNSORTED})
    assert await propose(source, (reading(),), FixFacts()) is None
