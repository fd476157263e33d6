"""Workflows in a few words: an event, a job that really runs, its log without the timestamps."""

import itertools
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

import pytest

from app.emulator.ci.log import BOM
from app.emulator.ci.runner import JobResult, Limits, Surroundings, run_job
from app.emulator.ci.workflow import BrokenWorkflow, JobPlan, TriggerEvent, WorkflowPlan, triggered

PATH = ".github/workflows/ci.yml"
SHA = "5f0c2ab7d1e94c3388ba6a7f2d1f0e9c8b7a6d54"
NOON = datetime(2025, 7, 4, 12, 0, tzinfo=UTC)

MakeEvent = Callable[..., TriggerEvent]
MakePlan = Callable[..., WorkflowPlan]
RunSteps = Callable[..., Awaitable[JobResult]]
RunPlan = Callable[..., Awaitable[JobResult]]
ReadLog = Callable[[JobResult], list[str]]


@pytest.fixture
def event() -> MakeEvent:
    """Make an event; a push to main unless told otherwise."""

    def make(name: str = "push", **facts: Any) -> TriggerEvent:  # noqa: ANN401 - the event's own fields
        known = {"ref": "refs/heads/main", "head_sha": SHA, "repository": "octo/demo", "actor": "mona"}
        return TriggerEvent(name=name, **{**known, **facts})

    return make


@pytest.fixture
def plan(event: MakeEvent) -> MakePlan:
    """Plan one workflow file for a push to main, or for another event."""

    def make(text: str, on: TriggerEvent | None = None) -> WorkflowPlan:
        (found,) = triggered({PATH: dedent(text)}, on or event())
        assert isinstance(found, WorkflowPlan), found
        return found

    return make


@pytest.fixture
def broken(event: MakeEvent) -> Callable[[str], BrokenWorkflow]:
    """Read a workflow file that cannot be used."""

    def read(text: str) -> BrokenWorkflow:
        (found,) = triggered({PATH: dedent(text)}, event())
        assert isinstance(found, BrokenWorkflow), found
        return found

    return read


@pytest.fixture
def run_plan(tmp_path: Path, event: MakeEvent) -> RunPlan:
    """Run one job; every look at the clock is a millisecond later than the one before."""
    number = itertools.count(1)

    async def run(
        job: JobPlan,
        *,
        files: Mapping[str, str] | None = None,
        tools: str = "",
        on: TriggerEvent | None = None,
        **around: Any,  # noqa: ANN401 - the fields of Surroundings
    ) -> JobResult:
        async def checkout(folder: Path) -> None:
            for name, text in (files or {}).items():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_text(text)

        folder = tmp_path / f"job-{next(number)}"
        folder.mkdir()
        ticks = (NOON + timedelta(milliseconds=one) for one in itertools.count())
        surroundings = Surroundings(**{"limits": Limits(seconds=20), **around})
        return await run_job(
            job,
            checkout=checkout,
            folder=folder,
            tools_path=tools,
            event=on or event(),
            clock=lambda: next(ticks),
            around=surroundings,
        )

    return run


@pytest.fixture
def run_steps(plan: MakePlan, run_plan: RunPlan) -> RunSteps:
    """Run a job with these steps; ``job`` and ``top`` are further lines of the job and of the workflow."""

    async def run(steps: str, *, job: str = "", top: str = "", **facts: Any) -> JobResult:  # noqa: ANN401 - handed on to run_plan
        head = f"name: CI\non: push\n{dedent(top)}\njobs:\n  test:\n    runs-on: ubuntu-latest\n"
        text = head + indent(dedent(job), "    ") + "\n    steps:\n" + indent(dedent(steps), "      ")
        return await run_plan(plan(text).jobs[0], **facts)

    return run


@pytest.fixture
def lines() -> ReadLog:
    """The lines of a log, without the mark at its start and without timestamps."""

    def read(result: JobResult) -> list[str]:
        text = result.log.removeprefix(BOM).decode()
        return [line[29:] if line.startswith("2025-") else line for line in text.splitlines()]

    return read
