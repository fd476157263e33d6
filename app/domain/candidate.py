"""A candidate: one proposed fix of a task, with what the gates and CI said of it."""

from dataclasses import dataclass
from datetime import datetime

from app.domain.ci import Check
from app.domain.patch.edit import Edit
from app.domain.task import CandidateStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class GateResult:
    """One gate's word on a candidate. ``code`` is stable and machine-readable, ``sentence`` is for people."""

    code: str
    passed: bool
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One proposed fix. It always starts from ``base_sha``, never from another candidate."""

    id: str
    task_id: str
    incident_id: str
    number: int  # 1 for the first
    origin: str  # what proposed it: "ruff", "whitespace", a model's name
    status: CandidateStatus
    base_sha: str
    branch: str
    title: str  # what it does, for the commit and the pull request
    explanation: str
    confidence: float
    edits: tuple[Edit, ...]
    created_at: datetime
    gates: tuple[GateResult, ...] = ()
    commit_sha: str | None = None
    checks: tuple[Check, ...] = ()  # of its commit, once settled
    verdict: str = ""  # one sentence on what CI said
    committed_at: datetime | None = None
