"""One story, told at any point of its way; the tests of the words start from it."""

from dataclasses import replace
from datetime import UTC, datetime

from app.domain.candidate import Candidate, GateResult
from app.domain.ci import Check, Job, WorkflowRun
from app.domain.diagnosis import Diagnosis, ExcerptLine, JobReading
from app.domain.failure.types import Attribution, Failure, FailureType
from app.domain.incident import Incident
from app.domain.patch.edit import Edit
from app.domain.repository import Repository
from app.domain.story import Story
from app.domain.task import CandidateStatus, FixPullRequest, FixStatus, Task, TaskStatus

T0 = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SHA = "0123456789abcdef0123456789abcdef01234567"
RUN_URL = "https://github.com/acme/web/actions/runs/11"

REPOSITORY = Repository(host="github.com", installation_id=1, id=7, full_name="acme/web", default_branch="main")
RUN = WorkflowRun(
    id=11,
    attempt=1,
    workflow_id=2,
    workflow_name="CI",
    path=".github/workflows/ci.yml",
    event="push",
    status="completed",
    conclusion="failure",
    head_sha=SHA,
    head_branch="main",
    head_repository_id=7,
    actor_login="alice",
    actor_type="User",
    html_url=RUN_URL,
)
INCIDENT = Incident(id="inc_abc", repository=REPOSITORY, run=RUN, created_at=T0)
JOB = Job(id=21, name="lint", status="completed", conclusion="failure", html_url=f"{RUN_URL}/job/21")
FAILURE = Failure(tool="ruff", rule="F401", message="`os` imported but unused", file="web/a.py", line=1, column=8, log_line=41)
READING = JobReading(
    job_id=21,
    job_name="lint",
    failure_type=FailureType.LINT,
    confidence=0.97,
    failures=(FAILURE,),
    excerpt=(
        ExcerptLine(number=41, text="web/a.py:1:8: F401 [*] `os` imported but unused"),
        ExcerptLine(number=44, text="Found 1 error."),
    ),
    root_cause="ruff F401 in web/a.py: `os` imported but unused",
)
DIAGNOSIS = Diagnosis(
    incident_id="inc_abc",
    failure_type=FailureType.LINT,
    confidence=0.95,
    attribution=Attribution.CAUSED_BY_CHANGE,
    evidence=("`CI` was green at `aaaaaaaaaa`, the commit before.",),
    root_cause=READING.root_cause,
    fingerprint="f" * 16,
    readings=(READING,),
)
CANDIDATE = Candidate(
    id="abc2345",
    task_id="task_abc",
    incident_id="inc_abc",
    number=1,
    origin="ruff",
    status=CandidateStatus.GREEN,
    base_sha=SHA,
    branch="devflowfix/auto-fix-lint-failure-abc2345",
    title="remove an unused import in web/a.py",
    explanation="ruff's own fix for F401, on the one file that the log names.",
    confidence=0.95,
    edits=(Edit(path="web/a.py", before="import os\nprint(1)\n", after="print(1)\n"),),
    created_at=T0,
    gates=(GateResult(code="applies", passed=True, sentence="It applies to the failing commit."),),
    commit_sha="f" * 40,
    checks=(
        Check(
            name="lint",
            status="completed",
            conclusion="success",
            app_slug="github-actions",
            workflow_path=RUN.path,
            event="push",
            run_id=12,
            url="https://github.com/acme/web/actions/runs/12/job/22",
        ),
    ),
    verdict="`lint` passed, and nothing that passed before fails.",
)
FIX = FixPullRequest(
    id="pr_abc",
    task_id="task_abc",
    incident_id="inc_abc",
    candidate_id="abc2345",
    host="github.com",
    installation_id=1,
    repository_id=7,
    fingerprint="f" * 16,
    base_branch="main",
    branch=CANDIDATE.branch,
    status=FixStatus.OPEN,
    number=12,
    url="https://github.com/acme/web/pull/12",
    title="DevFlowFix: remove an unused import in web/a.py",
)


def task(status: TaskStatus, reason: str = "") -> Task:
    return Task(id="task_abc", incident_id="inc_abc", status=status, reason=reason, created_at=T0, updated_at=T0)


PROPOSED = Story(
    incident=INCIDENT,
    task=task(TaskStatus.CODE_REVIEWING),
    failed_jobs=(JOB,),
    diagnosis=DIAGNOSIS,
    candidates=(CANDIDATE,),
    fix=FIX,
)


def told(status: TaskStatus, reason: str = "", **changes: object) -> Story:
    return replace(PROPOSED, task=task(status, reason), **changes)  # type: ignore[arg-type]  # fields by name, checked by replace
