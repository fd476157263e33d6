"""What a deterministic fixer does to tests, suppressions and settings is honest, and no gate refuses it."""

from collections.abc import Callable, Mapping

import pytest

from app.domain.failure.types import Failure
from app.domain.patch.edit import Edit
from app.domain.patch.gates import GateFacts, refused, run_gates
from app.fixers.registry import propose_all
from tests.fixers.projects import Project, reading, unformatted

Make = Callable[[Mapping[str, str]], Project]
CONFIG = "[project]\nrequires-python = '>=3.11'\n[tool.ruff]\nline-length = 60\n[tool.ruff.lint]\nselect = ['ALL']\n"
TESTS = '''\
import os, sys
import unittest
import pytest
from typing import Optional


class TestThing(unittest.TestCase):
    def test_a( self ):
        self.assertEquals(f( 1 ), 0XFF)
        assert not f(2) in [1,2]
        assert f(3) == None


@pytest.mark.parametrize('a,b', [(1,2), (3 , 4)])
def test_b(a,b) :
    with pytest.raises(Exception) :
        g(a)  # noqa: E501, F401
    assert f( a ) == 'it\\'s', f"no"
    assert (f(b) == {'long': 'enough to be wrapped over some lines', 'and': 'more'}) and b in (1,2)


@pytest.mark.skip( reason = 'later' )
def test_c():
    """Doc"""
    x: Optional[int] = 1
    assert "%s" % x == '1'   # type: ignore
'''


def facts(source: Project, edits: tuple[Edit, ...], failures: tuple[Failure, ...]) -> GateFacts:
    texts = {edit.path: edit.before for edit in edits if edit.before is not None}
    paths = frozenset(edit.path for edit in edits)
    return GateFacts(
        read=texts.get, modes=source.modes, evidence_files=paths, max_files=9, max_lines=999, failures=failures
    )  # fmt: skip


@pytest.mark.parametrize("path", ["tests/test_thing.py", "thing.py"])
async def test_ruff_and_the_formatter_may_do_to_a_file_of_tests_what_they_do(project: Make, path: str) -> None:
    source = project({"pyproject.toml": CONFIG, path: TESTS})
    proposal = await propose_all(source, (reading(*source.violations("."), unformatted(path)),))
    source.ruff("check", "--fix", "--unsafe-fixes", "--quiet")
    assert source.ruff("format", "--quiet").returncode == 0
    all_of_it = Edit(path=path, before=TESTS, after=(source.folder / path).read_text())
    assert all_of_it.after != TESTS
    for edits in ((proposal.edits if proposal else ()), (all_of_it,)):
        assert not edits or refused(run_gates(edits, facts(source, edits, source.violations(".")))) == ()


async def test_a_formatter_alone_may_do_what_it_does(project: Make) -> None:
    source = project({"tests/test_thing.py": TESTS})
    proposal = await propose_all(source, (reading(unformatted("tests/test_thing.py")),))
    assert proposal is not None
    assert refused(run_gates(proposal.edits, facts(source, proposal.edits, ()))) == ()
