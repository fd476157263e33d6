"""One case through the whole loop: a GitHub whose CI really runs, a server of ours, a model, and what came of it."""

import os
import shutil
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from ruamel.yaml import YAML

from app.domain.failure.types import FailureType
from app.domain.ids import is_our_branch
from app.domain.story import Story
from app.domain.task import CandidateStatus, TaskStatus
from app.emulator.ci.session import SYSTEM_PATH
from app.emulator.github import GitHub
from app.emulator.model import replies
from app.emulator.model.endpoint import ScriptedModel
from app.emulator.repo import Repo
from app.emulator.state import Pull
from app.repair.story import story_of
from tests.cases.case import Answer, Case, Change
from tests.flows.language import SECRET, Clock, Server, free_port, settings_for

MANIFEST = YAML(typ="safe").load(Path(__file__).parents[2] / "app.yml")
TOOLS = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
PRICE = "2/8"  # US dollars for a million tokens in and out, of the recorded model


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A GitHub on which our App is installed for `acme`, and our server. ``script`` is null where a real model is asked."""

    github: GitHub
    server: Server
    script: ScriptedModel | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """How a case ended."""

    case: Case
    repo: Repo
    base_sha: str  # CI was green there
    broken_sha: str
    story: Story
    branches: tuple[str, ...]  # of ours, at the end
    seconds: float  # from the breaking push to the end, CI included

    @property
    def failure_type(self) -> FailureType | None:
        """The type that the diagnosis gives."""
        return self.story.diagnosis.failure_type if self.story.diagnosis else None

    @property
    def pull(self) -> Pull | None:
        """Our open pull request."""
        return next((one for one in self.repo.pull_requests if is_our_branch(one.head_ref) and one.state == "open"), None)

    @property
    def verified(self) -> bool:
        """Whether there is a pull request ready for review, on whose head CI really passed."""
        pull, candidate = self.pull, self.story.candidate
        if pull is None or pull.draft or candidate is None or candidate.status is not CandidateStatus.GREEN:
            return False
        runs = self.repo.runs(pull.head_sha)
        return bool(runs) and all(run.latest.conclusion == "success" for run in runs)

    @property
    def ended(self) -> str:
        """Say how it ended: fixed, withdrawn, explained; else the task's status."""
        if self.verified:
            return "fixed"
        known = {TaskStatus.FAILED: "withdrawn", TaskStatus.OBSERVED: "explained"}
        return known.get(self.story.task.status, self.story.task.status.value) if not self.branches else "left a branch"

    @property
    def turns(self) -> int:
        """Turns of the model, over all candidates."""
        return sum(cost.turns for cost in self.story.costs)

    @property
    def tokens(self) -> int:
        """Tokens in and out, over all candidates."""
        return sum(cost.tokens for cost in self.story.costs)

    @property
    def usd(self) -> Decimal:
        """What the model cost, where its price is known."""
        return sum((cost.usd for cost in self.story.costs), Decimal())


def missing_tools(case: Case) -> tuple[str, ...]:
    """Name the programs that a case's CI needs and this machine does not have."""
    return tuple(name for name in case.needs if shutil.which(name, path=f"{TOOLS}:{SYSTEM_PATH}") is None)


@asynccontextmanager
async def scripted_world(folder: Path) -> AsyncIterator[World]:
    """Open a world in which the recorded answers are given."""
    model = await ScriptedModel.start()
    asked = {
        "DEVFLOWFIX_MODEL_BASE_URL": model.base_url,
        "DEVFLOWFIX_MODEL": model.name,
        "DEVFLOWFIX_MODEL_PRICES": f"{model.name}={PRICE}",
    }
    try:
        async with _world(folder, asked, model) as world:
            yield world
    finally:
        await model.close()


@asynccontextmanager
async def real_world(folder: Path, environ: Mapping[str, str]) -> AsyncIterator[World]:
    """Open a world in which the model of the environment is asked."""
    named = {name: value for name, value in environ.items() if name.startswith("DEVFLOWFIX_MODEL") or name.endswith("_API_KEY")}
    async with _world(folder, named, None) as world:
        yield world


@asynccontextmanager
async def _world(folder: Path, asked: dict[str, str], script: ScriptedModel | None) -> AsyncIterator[World]:
    clock, port = Clock(), free_port()
    github = await GitHub.start(
        folder / "github",
        manifest=MANIFEST,
        webhook_url=f"http://127.0.0.1:{port}/api/v1/webhooks/github",
        webhook_secret=SECRET,
        tools_path=TOOLS,
        clock=clock,
    )
    try:
        server = Server(github, settings_for(github, folder / "data", port, **asked), clock)
        await server.start()
        try:
            await github.install("acme")
            yield World(github=github, server=server, script=script)
        finally:
            await server.stop()
    finally:
        await github.close()


async def play(world: World, case: Case) -> Played:
    """Make the case's repository, let its CI pass, push what breaks it, and wait for the end of the repair."""
    repo = await world.github.create_repository(f"acme/{case.name}", dict(case.files), run_ci=True)
    await world.server.settles()
    base_sha = await repo.head("main")
    assert base_sha is not None
    if world.script is not None:
        _tell(world.script, case)
    begun = time.perf_counter()
    sha = await repo.push("main", dict(case.broken), message=case.story)
    await world.server.settles()
    seconds = time.perf_counter() - begun
    failed = next(run for run in repo.runs(sha) if run.latest.conclusion == "failure")
    task = await world.server.task_of(failed.id, repo.id)
    return Played(
        case=case,
        repo=repo,
        base_sha=base_sha,
        broken_sha=sha,
        story=await story_of(world.server.up.services, task.incident_id),
        branches=tuple(name for name in await repo.branches() if is_our_branch(name)),
        seconds=seconds,
    )


def _tell(script: ScriptedModel, case: Case) -> None:
    """Give the model its answers; it knows those of one case at a time. The last rule that fits answers."""
    script.rules.clear()
    for answer in case.answers:
        script.rule(_reply(answer), when=(*case.says, *answer.learns))


def _reply(answer: Answer) -> replies.Reply:
    return replies.answer(
        {
            "root_cause": answer.cause,
            "confidence": 0.95,
            "code_changes": [
                change for path, written in answer.change.items() for change in _code_changes(path, written, answer.cause)
            ],
            "immediate_fix": {
                "description": "mend what the log names",
                "steps": [answer.cause],
                "estimated_time_minutes": 5,
                "risk_level": "low",
            },
        }
    )


def _code_changes(path: str, change: Change, why: str) -> Iterator[dict[str, str | None]]:
    for one in change if isinstance(change, list) else [{"from": None, "to": change}]:
        yield {"file_path": path, "current_code": one["from"], "fixed_code": one["to"], "explanation": why}
