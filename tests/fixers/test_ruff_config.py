"""A repository's configuration, as it is and as somebody hostile writes it."""

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.fixers.proposal import FixFacts
from app.fixers.ruff_config import config_for
from app.fixers.ruff_lint import propose
from app.fixers.toml import dumps
from app.fixers.view import View
from tests.fixers.projects import Project, lint, reading

Make = Callable[[Mapping[str, str]], Project]


def table(source: Project, path: str = "a.py") -> tuple[str, dict[str, object]]:
    config = config_for(View(source, {}), path)
    return config.root, dict(config.table)


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_no_key_of_a_hostile_configuration_reads_or_writes_anywhere(project: Make, tmp_path: Path) -> None:
    outside = tmp_path / "outside.toml"
    outside.write_text("line-length = 1\nsecret = 'do not tell'\n")
    hostile = (
        f"extend = '{outside}'\ncache-dir = '{tmp_path}/cache'\nrequired-version = '==0.0.1'\nunsafe-fixes = true\n"
        f"output-file = '{tmp_path}/out'\nfix-only = true\nsrc = ['{tmp_path}', '..', '~', '$HOME', 'lib']\n"
        "[lint]\nextend-safe-fixes = ['ALL']\nselect = ['ALL']\nfixable = ['ALL']\n"
    )
    source = project({"ruff.toml": hostile, "a.py": "import os\nx = None\nif x == None:\n    pass\n"})
    assert table(source) == ("", {"src": ["lib"], "lint": {"fixable": ["ALL"]}})
    proposal = await propose(source, (reading(lint("a.py", "F401")),), FixFacts())
    assert proposal is not None
    assert await propose(source, (reading(lint("a.py", "E711")),), FixFacts()) is None  # its fix is an unsafe one
    assert names_in(tmp_path) == ["outside.toml", "source"]


def test_the_nearest_configuration_holds_and_its_order_within_a_folder_is_ruff_s(project: Make) -> None:
    source = project(
        {
            "pyproject.toml": "[tool.ruff]\nline-length = 100\n",
            "sub/ruff.toml": "line-length = 90\n",
            "sub/.ruff.toml": "line-length = 80\n",
            "sub/deep/pyproject.toml": "[tool.black]\nline-length = 70\n",
            **dict.fromkeys(("a.py", "sub/a.py", "sub/deep/a.py"), ""),
        }
    )
    assert table(source, "a.py") == ("", {"line-length": 100})
    assert table(source, "sub/a.py") == ("sub", {"line-length": 80})
    assert table(source, "sub/deep/a.py") == ("sub", {"line-length": 80})


@pytest.mark.parametrize(
    ("requires", "version"),
    [
        (">=3.9", "py39"),
        (">=3.10,<4", "py310"),
        ("~=3.11.2", "py311"),
        ("^3.12", "py312"),
        ("<4", None),
        (">=3.6", None),
        (">=2.7", None),
        ("nonsense", None),
    ],
)
def test_the_least_python_comes_from_the_project_as_ruff_takes_it(project: Make, requires: str, version: str | None) -> None:
    source = project(
        {"pyproject.toml": f"[project]\nrequires-python = '{requires}'\n[tool.ruff]\nline-length = 99\n", "a.py": ""}
    )
    assert table(source)[1].get("target-version") == version


def test_a_target_version_of_ruff_s_own_wins(project: Make) -> None:
    text = "[project]\nrequires-python = '>=3.9'\n[tool.ruff]\ntarget-version = 'py312'\n"
    assert table(project({"pyproject.toml": text}))[1]["target-version"] == "py312"


def test_what_a_configuration_extends_is_followed_inside_the_repository_only(project: Make) -> None:
    source = project(
        {
            "pyproject.toml": "[tool.ruff]\nline-length = 100\nindent-width = 2\n[tool.ruff.lint]\npreview = true\n",
            "sub/ruff.toml": "extend = '../pyproject.toml'\nline-length = 90\n[lint]\nfixable = ['F']\n",
            "out/ruff.toml": "extend = '../../outside.toml'\nline-length = 90\n",
            "abs/ruff.toml": "extend = '/etc/ruff.toml'\nline-length = 90\n",
            "loop/ruff.toml": "extend = 'ruff.toml'\nline-length = 90\n",
        }
    )
    (source.folder.parent / "outside.toml").write_text("indent-width = 8\n")
    merged = {"line-length": 90, "indent-width": 2, "lint": {"preview": True, "fixable": ["F"]}}
    assert table(source, "sub/a.py") == ("sub", merged)
    for folder in ("out", "abs", "loop"):
        assert table(source, f"{folder}/a.py") == (folder, {"line-length": 90})


def test_a_linked_configuration_is_not_read(project: Make) -> None:
    source = project({"a.py": "", "real.toml": "line-length = 100\n"})
    (source.folder / "ruff.toml").symlink_to("real.toml")
    source.modes["ruff.toml"] = "120000"
    assert table(source) == ("", {})
    source.modes["ruff.toml"] = "100644"  # and whatever the listing says
    assert table(source) == ("", {})


@pytest.mark.parametrize(
    "text",
    [
        "[lint]\nunheard-of = 1\n",  # another version's key
        "[lint.per-file-ignores]\n'a.py' = ['QQQ1']\n",  # a rule that is gone
        "[lint\n",  # no TOML
        "line-length = 'wide'\n",
    ],
)
async def test_a_configuration_that_our_ruff_does_not_understand_still_lets_a_named_rule_be_fixed(
    project: Make, text: str
) -> None:
    source = project({"ruff.toml": text, "a.py": "import os\n"})
    proposal = await propose(source, (reading(lint("a.py", "F401")),), FixFacts())
    assert proposal is not None
    assert proposal.edits[0].after == ""


PLAIN = st.recursive(
    st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(st.characters(codec="utf-8")), PLAIN, max_size=4))
def test_what_is_written_as_toml_is_read_back_equal(document: dict[str, bool]) -> None:
    assert tomllib.loads(dumps(document)) == document
