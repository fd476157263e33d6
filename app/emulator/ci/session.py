"""What one running job knows and remembers: its folders, its environment, how its steps went."""

import asyncio
import hashlib
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from app.emulator.ci import contexts, filters
from app.emulator.ci.contexts import RunNumbers
from app.emulator.ci.expressions import Scope, interpolate, interpolated
from app.emulator.ci.log import Annotation, Clock, JobLog
from app.emulator.ci.outcome import Outcome
from app.emulator.ci.plan import JobPlan, StepPlan, TriggerEvent
from app.emulator.ci.process import Fence
from app.emulator.ci.values import Value

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
RUNNER_NAME = "GitHub Actions 1"
_RUNNER = {"os": "Linux", "arch": "X64", "name": RUNNER_NAME, "environment": "github-hosted"}
Checkout = Callable[[Path], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepResult:
    """How one step of a job ended, as the jobs API lists it."""

    number: int
    name: str
    status: str
    conclusion: str  # success, failure, cancelled, skipped
    started_at: datetime
    completed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class JobResult:
    """How a job ended. ``log`` is what the logs API serves; a job whose ``if:`` was false is ``skipped`` and has no steps."""

    conclusion: str  # success, failure, cancelled, timed_out, skipped
    steps: tuple[StepResult, ...]
    log: bytes
    annotations: tuple[Annotation, ...]
    started_at: datetime
    completed_at: datetime
    outputs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """A job that this one waited for: its result and outputs, as ``needs.<key>`` shows them."""

    result: str  # success, failure, cancelled, skipped
    outputs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one job may take. ``seconds`` caps ``timeout-minutes``; ``grace_seconds`` is left to ``always()`` steps after that."""

    seconds: float = 120.0
    grace_seconds: float = 10.0
    log_bytes: int = 4_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a job is told beyond its plan.

    A set ``cancel`` cancels the job; ``fence`` null means the best that the machine allows.
    """

    run: RunNumbers = field(default_factory=RunNumbers)
    needs: Mapping[str, Need] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    debug: bool = False
    cancel: asyncio.Event | None = None
    fence: Fence | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """The folders of one job, all in its throw-away folder. ``runner`` is the home folder and appears as ``/home/runner``."""

    folder: Path
    repository: str

    @property
    def home(self) -> Path:
        """``HOME``."""
        return self.folder / "runner"

    @property
    def workspace(self) -> Path:
        """Where checkouts go: ``work/<name>/<name>``."""
        name = self.repository.rpartition("/")[2] or "repository"
        return self.home / "work" / name / name

    @property
    def temp(self) -> Path:
        """``RUNNER_TEMP``."""
        return self.home / "work" / "_temp"

    @property
    def tools(self) -> Path:
        """``RUNNER_TOOL_CACHE``."""
        return self.home / "work" / "_tool"

    @property
    def tmp(self) -> Path:
        """``TMPDIR``: keeps what tools leave in ``/tmp`` inside the throw-away folder."""
        return self.folder / "tmp"

    @classmethod
    def create(cls, folder: Path, repository: str) -> "Layout":
        """Make them."""
        layout = cls(folder.resolve(), repository)
        for one in (layout.workspace, layout.temp, layout.tmp):
            one.mkdir(parents=True, exist_ok=True)
        return layout


@dataclass(slots=True, kw_only=True)
class Session:
    """A job while it runs."""

    job: JobPlan
    event: TriggerEvent
    around: Surroundings
    layout: Layout
    checkout: Checkout
    tools_path: str
    clock: Clock
    log: JobLog
    fence: Fence
    allowed: float  # seconds for the whole job
    deadline: float  # when they are over, by the running loop's clock
    cancel: asyncio.Event
    status: str = "success"  # failure, cancelled
    timed_out: bool = False
    env: dict[str, str] = field(default_factory=dict)  # of workflow and job, and what steps put into GITHUB_ENV
    path: list[str] = field(default_factory=list)  # what steps put into GITHUB_PATH
    steps: dict[str, Value] = field(default_factory=dict)  # the context, by id
    results: list[StepResult] = field(default_factory=list)
    annotations: list[Annotation] = field(default_factory=list)

    def remaining(self) -> float:
        """Seconds until the job's time is up."""
        return self.deadline - asyncio.get_running_loop().time()

    def error(self, message: str) -> None:
        """Log an error of the runner itself, and leave it as an annotation that belongs to no file."""
        self.log.line(f"##[error]{message}")
        self.remark(message)

    def remark(self, message: str) -> None:
        """Leave the annotation of a failure that belongs to no file."""
        self.annotations.append(Annotation(".github", 1, 1, "failure", "", self.log.masked(message)))

    def canceled(self) -> Outcome:
        """End a step because the job was cancelled or its time is up."""
        if self.status != "cancelled":  # what still runs, like always() steps, gets a little time of its own, once
            self.timed_out = self.remaining() <= 0
            self.status = "cancelled"
            self.cancel = asyncio.Event()
            self.deadline = asyncio.get_running_loop().time() + self.around.limits.grace_seconds
        return Outcome(conclusion="cancelled", errors=("The operation was canceled.",))

    def scope(self, env: Mapping[str, str] | None = None) -> Scope:
        """What expressions see now."""
        known: dict[str, Value] = {
            "github": {**contexts.github(self.event, self.job.workflow, self.around.run, self.job.key), **self._places()},
            "env": dict(self.env if env is None else env),
            "job": {"status": self.status},
            "runner": {**_RUNNER, "temp": str(self.layout.temp), "tool_cache": str(self.layout.tools)},
            "steps": self.steps,
            "needs": {key: {"result": need.result, "outputs": dict(need.outputs)} for key, need in self.around.needs.items()},
            "matrix": dict(self.job.matrix),
            "strategy": contexts.strategy(self.job),
            "inputs": {**self.job.inputs, **self.event.inputs},
            "vars": {},
            "secrets": {},
        }
        return Scope(contexts=known, status=self.status, hash_files=self._hash_files)

    def _places(self) -> dict[str, Value]:
        return {"workspace": str(self.layout.workspace), "event_path": str(self.event_path)}

    @property
    def event_path(self) -> Path:
        """The file that holds the event's body."""
        return self.layout.temp / "_github_workflow" / "event.json"

    def step_env(self, step: StepPlan) -> dict[str, str]:
        """The variables that the workflow, the job and the step itself set. Raises ExpressionError."""
        scope = self.scope()
        return self.env | {name: interpolated(value, scope) for name, value in step.env.items()}

    def inputs(self, step: StepPlan, env: Mapping[str, str]) -> dict[str, str]:
        """What stands under ``with:``. Raises ExpressionError."""
        scope = self.scope(env)
        return {name: interpolated(value, scope) for name, value in step.inputs.items()}

    def evaluated(self, written: Value, env: Mapping[str, str]) -> Value:
        """A value of a step with its expressions replaced. Raises ExpressionError."""
        return interpolate(written, self.scope(env))

    def search_path(self) -> str:
        """``PATH``: what steps added, the demo's tools, the system."""
        return os.pathsep.join([*self.path, *filter(None, [self.tools_path]), SYSTEM_PATH])

    def environment(self, env: Mapping[str, str], action: str) -> dict[str, str]:
        """The whole environment of a step: nothing of this process's own, and no secret."""
        github = contexts.github(self.event, self.job.workflow, self.around.run, self.job.key)
        told = {
            f"GITHUB_{name.upper()}": str(value) for name, value in github.items() if isinstance(value, str) and name != "token"
        }
        own = {"CI": "true", "LANG": "C.UTF-8", "HOME": str(self.layout.home), "TMPDIR": str(self.layout.tmp)}
        fixed = {
            **{f"RUNNER_{name.upper()}": value for name, value in _RUNNER.items()},
            "RUNNER_TEMP": str(self.layout.temp),
            "RUNNER_TOOL_CACHE": str(self.layout.tools),
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION": action,
            "GITHUB_EVENT_PATH": str(self.event_path),
            "GITHUB_WORKSPACE": str(self.layout.workspace),
            "GIT_CEILING_DIRECTORIES": str(self.layout.folder),  # a repository around the throw-away folder is not ours
        }
        return {**own, "PATH": self.search_path(), **env, **told, **fixed}

    def _hash_files(self, patterns: Sequence[str]) -> str:
        """``hashFiles``: one hash over the hashes of every file of the workspace that matches; empty where none does."""
        root = self.layout.workspace
        names = sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file() and not path.is_symlink())
        found = [root / name for name in names if filters.passes(patterns, name)]
        whole = hashlib.sha256(b"".join(hashlib.sha256(path.read_bytes()).digest() for path in found))
        return whole.hexdigest() if found else ""
