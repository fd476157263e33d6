"""Every case through the whole loop with its recorded answer: read, attributed, mended, proven by CI, or honestly given up."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from app.domain.ids import is_our_branch
from tests.cases.case import Case, every_case
from tests.cases.loop import Played, World, missing_tools, play, scripted_world

CASES = every_case()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """One GitHub and one server for all cases, each of which has a repository of its own."""
    async with scripted_world(tmp_path_factory.mktemp("cases")) as one:
        yield one


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
async def test_a_case_ends_as_it_should(world: World, case: Case) -> None:
    if missing := missing_tools(case):
        pytest.skip(f"{case.name} needs {', '.join(missing)}")
    played = await play(world, case)
    assert _conclusions(played, played.base_sha) == {"success"}
    assert "failure" in _conclusions(played, played.broken_sha)
    assert played.failure_type == case.failure_type
    assert played.ended == case.ends, played.story.task.reason
    if case.ends == "fixed":
        await _proven(played)
    else:
        assert (played.pull, played.branches) == (None, ())
    assert world.github.unknown_requests == []


@pytest.mark.asyncio(loop_scope="module")
async def test_without_its_answer_a_case_is_not_fixed(world: World) -> None:
    case = next(case for case in CASES if case.name == "last-page-forgotten")
    played = await play(world, replace(case, name=f"{case.name}-unanswered", answers=()))
    assert (played.ended, played.pull) == ("explained", None)


def test_there_are_cases_of_every_kind_that_is_fixed() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 20
    kinds = {case.failure_type.value for case in CASES if case.ends == "fixed"}
    assert kinds == {"lint", "format", "typecheck", "test", "build", "dependency", "config"}


async def _proven(played: Played) -> None:
    """The pull request holds exactly the fixed files, CI was green on it, and each candidate had an answer of its own."""
    case, pull = played.case, played.pull
    assert pull is not None
    entries = await played.repo.state.git.tree(pull.head_sha, recursive=True)
    held = {entry.path: await played.repo.file(pull.head_sha, entry.path) for entry in entries if entry.kind == "blob"}
    assert {path: (content or b"").decode() for path, content in held.items()} == case.fixed
    assert _conclusions(played, pull.head_sha) == {"success"}
    assert (len(played.story.candidates), played.turns) == (len(case.answers) or 1, len(case.answers))


def _conclusions(played: Played, sha: str) -> set[str | None]:
    """How the workflow runs of a commit ended."""
    return {run.latest.conclusion for run in played.repo.runs(sha) if run.head_branch == "main" or is_our_branch(run.head_branch)}
