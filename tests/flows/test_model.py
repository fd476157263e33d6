"""The loop with a model: it learns from the log of its own red candidate, or withdraws; what it may do is held by code."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from app.domain.ids import is_our_branch
from app.domain.task import CandidateStatus, TaskStatus
from app.emulator.github import GitHub
from app.emulator.model import replies
from app.emulator.model.endpoint import ScriptedModel
from app.emulator.repo import Repo
from app.emulator.state import Pull
from app.repair.story import story_of
from tests.flows.language import FILES, Clock, Server, settings_for
from tests.flows.test_main_job import a_repository, our_branches

CI = ".github/workflows/ci.yml"
TEST = """\
import unittest

from web.sums import mean


class Means(unittest.TestCase):
    def test_mean_of_three(self):
        self.assertEqual(mean([1, 2, 6]), 3)

    def test_mean_of_none(self):
        self.assertEqual(mean([]), 0)
"""
RIGHT = '''\
"""Sums."""


def mean(values):
    """Give the mean; of nothing it is zero."""
    return sum(values) / len(values) if values else 0
'''
BROKEN = RIGHT.replace(" / len(values) if values else 0", " / 2 if values else 0")
WORKFLOW = FILES[CI].partition("jobs:\n")[0] + (
    "jobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n"
    "      - uses: actions/checkout@v4\n      - run: python -m unittest discover -v -s tests -t .\n"
)


def fix(current: str, fixed: str, *, path: str = "web/sums.py", confidence: float = 0.95) -> replies.Reply:
    """What a model answers: one replacement."""
    change = {"file_path": path, "current_code": current, "fixed_code": fixed, "explanation": "The mean divides by the count."}
    return replies.answer(
        {
            "root_cause": "mean() divides by a constant instead of the number of values.",
            "confidence": confidence,
            "code_changes": [change],
            "immediate_fix": {
                "description": "divide by the number of values",
                "steps": ["Divide by len(values)."],
                "estimated_time_minutes": 2,
                "risk_level": "low",
            },
        }
    )


@pytest_asyncio.fixture
async def model() -> AsyncIterator[ScriptedModel]:
    one = await ScriptedModel.start()
    yield one
    await one.close()


@pytest_asyncio.fixture
async def server(github: GitHub, model: ScriptedModel, tmp_path: Path, clock: Clock, port: int) -> AsyncIterator[Server]:
    """Our server with a model to ask, at a known price."""
    with_model = {
        "DEVFLOWFIX_MODEL_BASE_URL": model.base_url,
        "DEVFLOWFIX_MODEL": model.name,
        "DEVFLOWFIX_MODEL_PRICES": f"{model.name}=2/8",
    }
    one = Server(github, settings_for(github, tmp_path / "data", port, **with_model), clock)
    await one.start()
    yield one
    await one.stop()


async def a_tested_repository(github: GitHub, **changes: str | None) -> Repo:
    files = {CI: WORKFLOW, "web/__init__.py": "", "web/sums.py": RIGHT, "tests/__init__.py": "", "tests/test_sums.py": TEST}
    return await a_repository(github, **{**files, **changes})


def ours(repo: Repo) -> list[Pull]:
    return [pull for pull in repo.pull_requests if is_our_branch(pull.head_ref)]


async def test_the_second_candidate_learns_from_the_log_of_the_first(
    github: GitHub, server: Server, model: ScriptedModel
) -> None:
    repo = await a_tested_repository(github)
    model.rule(fix("/ 2 if values", "/ 4 if values"), when=("AssertionError: 4.5 != 3", "web/sums.py"))
    model.rule(fix("/ 2 if values", "/ len(values) if values"), when=("AssertionError: 4.5 != 3", "AssertionError: 2.25 != 3"))
    sha = await repo.push("main", {"web/sums.py": BROKEN})
    await server.settles()

    [pull] = ours(repo)
    assert (pull.state, pull.draft) == ("open", False)
    assert await repo.file(pull.head_ref, "web/sums.py") == RIGHT.encode()
    assert await our_branches(repo) == [pull.head_ref]
    story = await story_of(server.up.services, (await server.task_of(repo.runs(sha)[0].id, repo.id)).incident_id)
    assert [one.status for one in story.candidates] == [CandidateStatus.WITHDRAWN, CandidateStatus.GREEN]
    assert {one.base_sha for one in story.candidates} == {sha}
    assert "scripted" in (pull.body or "")
    assert "US$" in (pull.body or "")


async def test_without_the_new_log_the_script_has_no_second_answer(github: GitHub, server: Server, model: ScriptedModel) -> None:
    repo = await a_tested_repository(github)
    model.rule(fix("/ 2 if values", "/ 4 if values"), when=("AssertionError: 4.5 != 3",), unless=("AssertionError: 2.25 != 3",))
    model.rule(fix("/ 2 if values", "/ len(values) if values"), when=("a line that no log holds",))
    await repo.push("main", {"web/sums.py": BROKEN})
    await server.settles()
    assert ours(repo) == []


async def test_three_red_candidates_and_it_withdraws(github: GitHub, server: Server, model: ScriptedModel) -> None:
    repo = await a_tested_repository(github)
    for number in (9, 8, 7):
        seen = {9: (), 8: ("/ 9 if values",), 7: ("/ 8 if values",)}[number]
        model.rule(fix("/ 2 if values", f"/ {number} if values"), when=("AssertionError: 4.5 != 3", *seen))
    sha = await repo.push("main", {"web/sums.py": BROKEN})
    await server.settles()
    assert (ours(repo), await our_branches(repo)) == ([], [])
    task = await server.task_of(repo.runs(sha)[0].id, repo.id)
    assert (task.status, task.reason) == (
        TaskStatus.FAILED,
        "3 candidates were tried, and CI stayed red; their branches are deleted.",
    )
    [check] = repo.check_runs(sha, app=github.app_slug)
    assert check.conclusion == "neutral"
    assert len({run.head_sha for run in repo.runs() if is_our_branch(run.head_branch)} - {sha}) == 3


async def test_an_unsure_model_opens_nothing(github: GitHub, server: Server, model: ScriptedModel) -> None:
    repo = await a_tested_repository(github)
    model.rule(fix("/ 2 if values", "/ len(values) if values", confidence=0.5), when=("AssertionError: 4.5 != 3",))
    await repo.push("main", {"web/sums.py": BROKEN})
    await server.settles()
    assert ours(repo) == []


async def test_a_change_to_the_workflow_never_leaves(github: GitHub, server: Server, model: ScriptedModel) -> None:
    repo = await a_tested_repository(github)
    model.rule(fix("python -m unittest", "true || python -m unittest", path=CI), when=("AssertionError: 4.5 != 3",))
    await repo.push("main", {"web/sums.py": BROKEN})
    await server.settles()
    assert ours(repo) == []
    assert [run for run in repo.runs() if is_our_branch(run.head_branch)] == []


async def test_a_policy_may_switch_the_model_off(github: GitHub, server: Server, model: ScriptedModel) -> None:
    repo = await a_tested_repository(github, **{".github/devflowfix.yml": "mode: ready\nmodel: off\n"})
    sha = await repo.push("main", {"web/sums.py": BROKEN})
    await server.settles()
    assert model.requests == []
    assert "`model: off`" in (await server.task_of(repo.runs(sha)[0].id, repo.id)).reason


async def test_a_refusal_is_said(github: GitHub, server: Server, model: ScriptedModel) -> None:
    repo = await a_tested_repository(github)
    model.rule(replies.refusal(), when=("AssertionError: 4.5 != 3",))
    sha = await repo.push("main", {"web/sums.py": BROKEN})
    await server.settles()
    task = await server.task_of(repo.runs(sha)[0].id, repo.id)
    assert (task.status, task.reason.startswith("Explained, not fixed: ")) == (TaskStatus.OBSERVED, True)
