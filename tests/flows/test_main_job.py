"""From a red run to a verified pull request, and what happens to it afterwards."""

from app.domain.failure.types import Attribution, FailureType
from app.domain.ids import is_our_branch
from app.domain.task import FixStatus, TaskStatus
from app.emulator.github import GitHub
from app.emulator.repo import Repo
from tests.flows.language import CLEAN, FILES, MESSY, UNUSED, Server


async def a_repository(github: GitHub, **changes: str | None) -> Repo:
    """A repository of `acme` whose CI is green."""
    files = {name: text for name, text in {**FILES, **changes}.items() if text is not None}
    repo = await github.create_repository("acme/web", files, run_ci=True)
    await github.install("acme")
    await github.idle()
    return repo


async def our_branches(repo: Repo) -> list[str]:
    return [name for name in await repo.branches() if is_our_branch(name)]


async def test_an_unused_import_becomes_a_proven_pull_request_and_is_merged(github: GitHub, server: Server) -> None:
    repo = await a_repository(github)
    sha = await repo.push("main", {"web/a.py": UNUSED})
    await server.settles()

    [pull] = repo.pull_requests
    assert (pull.base_ref, pull.draft, pull.state) == ("main", False, "open")
    assert await repo.file(pull.head_ref, "web/a.py") == CLEAN.encode()
    assert repo.runs(pull.head_sha)[0].latest.conclusion == "success"
    task = await server.task_of(repo.runs(sha)[0].id, repo.id)
    diagnosis = await server.diagnosis_of(task)
    assert (diagnosis.failure_type, diagnosis.attribution) == (FailureType.LINT, Attribution.CAUSED_BY_CHANGE)
    assert task.status is TaskStatus.CODE_REVIEWING
    [check] = repo.check_runs(sha, app=github.app_slug)
    assert (check.title, check.conclusion) == (f"Fix proposed: #{pull.number}, proven green", "neutral")
    assert [(note["path"], note["start_line"]) for note in check.annotations] == [("web/a.py", 3)]

    await repo.merge(pull.number)
    await server.settles()
    assert await our_branches(repo) == []
    assert (await server.task_of(repo.runs(sha)[0].id, repo.id)).status is TaskStatus.DONE
    assert repo.check_runs(sha, app=github.app_slug)[0].conclusion == "success"
    assert github.unknown_requests == []


async def test_lint_and_format_of_one_job_are_one_fix(github: GitHub, server: Server) -> None:
    repo = await a_repository(github)
    await repo.push("main", {"web/a.py": UNUSED, "web/b.py": MESSY})
    await server.settles()
    [pull] = repo.pull_requests
    assert await repo.file(pull.head_ref, "web/b.py") == b'"""A module."""\n\nANSWER = {"a": 42}\n'
    assert pull.body is not None
    assert "**Proven:**" in pull.body


async def test_a_person_closes_the_fix_and_the_branch_goes(github: GitHub, server: Server) -> None:
    repo = await a_repository(github)
    sha = await repo.push("main", {"web/a.py": UNUSED})
    await server.settles()
    await repo.close(repo.pull_requests[0].number)
    await server.settles()
    task = await server.task_of(repo.runs(sha)[0].id, repo.id)
    fix = await server.fix_of(task)
    assert fix is not None
    assert (task.status, fix.status) == (TaskStatus.CANCELLED, FixStatus.CLOSED)
    assert await our_branches(repo) == []
    assert repo.check_runs(sha, app=github.app_slug)[0].conclusion == "neutral"


async def test_a_fix_for_a_contributors_pull_request_is_stacked_on_its_branch(github: GitHub, server: Server) -> None:
    repo = await a_repository(github)
    sha = await repo.push("feature", {"web/a.py": UNUSED})
    theirs = await repo.open_pull_request("feature", title="A feature")
    await server.settles()
    ours = next(pull for pull in repo.pull_requests if is_our_branch(pull.head_ref))
    assert ours.base_ref == "feature"
    [comment] = repo.comments(theirs.number)
    assert comment.body.startswith("<!-- devflowfix:summary -->")
    assert f"#{ours.number}" in comment.body
    assert len(repo.check_runs(sha, app=github.app_slug)) == 1


async def test_a_red_base_is_repaired_on_the_base_and_the_contributor_gets_a_link(github: GitHub, server: Server) -> None:
    repo = await a_repository(github)
    await repo.push("main", {"web/old.py": UNUSED})
    await github.idle()
    await repo.push("feature", {"web/new.py": CLEAN})
    await repo.open_pull_request("feature", title="Innocent")
    await server.settles()
    ours = [pull for pull in repo.pull_requests if is_our_branch(pull.head_ref)]
    assert [pull.base_ref for pull in ours] == ["main"]
    [comment] = repo.comments(next(p.number for p in repo.pull_requests if p.head_ref == "feature"))
    assert f"#{ours[0].number}" in comment.body


async def test_a_fix_that_breaks_something_else_is_withdrawn(github: GitHub, server: Server) -> None:
    workflow = FILES[".github/workflows/ci.yml"].replace("test -f web/a.py", "test ! -f web/b.py || grep -q 'import os' web/b.py")
    repo = await a_repository(github, **{".github/workflows/ci.yml": workflow})
    sha = await repo.push("main", {"web/b.py": UNUSED})
    await server.settles()
    assert repo.pull_requests == []
    assert await our_branches(repo) == []
    task = await server.task_of(repo.runs(sha)[0].id, repo.id)
    assert task.status is TaskStatus.FAILED
    assert task.reason == "Withdrawn: `test` failed on the fix. Its branch is deleted."
    [check] = repo.check_runs(sha, app=github.app_slug)
    assert (check.title, check.conclusion) == ("No fix for lint", "neutral")


async def test_without_a_fixer_it_explains_and_says_why_it_does_not_fix(github: GitHub, server: Server) -> None:
    workflow = FILES[".github/workflows/ci.yml"].replace("test -f web/a.py", "python -m unittest discover -s web -p 'test_*.py'")
    broken = "import unittest\n\n\nclass T(unittest.TestCase):\n    def test_sum(self):\n        self.assertEqual(1 + 1, 3)\n"
    repo = await a_repository(github, **{".github/workflows/ci.yml": workflow})
    sha = await repo.push("main", {"web/test_sum.py": broken})
    await server.settles()
    assert repo.pull_requests == []
    [check] = repo.check_runs(sha, app=github.app_slug)
    assert check.conclusion == "neutral"
    assert check.summary is not None
    assert "no fixer without a model fits this failure" in check.summary
    assert "AssertionError: 2 != 3" in (check.text or "")
