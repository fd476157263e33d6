"""The contexts that expressions read, and where GitHub allows which ("Contexts reference", availability)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.emulator.ci.document import Path
from app.emulator.ci.plan import JobPlan, TriggerEvent
from app.emulator.ci.values import Value

SERVER = "https://github.com"
API = "https://api.github.com"

_FILE = frozenset({"github", "inputs", "vars"})
_JOB = _FILE | {"needs"}
_MATRIX = _JOB | {"strategy", "matrix"}
_INSIDE = _MATRIX | {"job", "runner", "env", "steps"}


@dataclass(frozen=True, slots=True)
class Place:
    """What an expression may use where it stands."""

    contexts: frozenset[str]
    status: bool = False
    hash_files: bool = False
    is_condition: bool = False  # the whole text is an expression, with or without ${{ }}


# Under jobs.<key>: the first row whose beginning fits; "*" fits anything.
_UNDER_JOB: tuple[tuple[tuple[str, ...], Place], ...] = (
    (("if",), Place(_JOB, status=True, is_condition=True)),
    (("strategy",), Place(_JOB)),
    (("env",), Place(_MATRIX | {"secrets"})),
    (("outputs",), Place(_INSIDE | {"secrets"}, hash_files=True)),
    (("steps", "*", "if"), Place(_INSIDE, status=True, hash_files=True, is_condition=True)),
    (("steps",), Place(_INSIDE | {"secrets"}, hash_files=True)),
    ((), Place(_MATRIX | {"secrets", "env"})),
)
_TOP = {"env": Place(_FILE | {"secrets"}), "run-name": Place(_FILE), "concurrency": Place(_FILE), "defaults": Place(_FILE)}


def place(path: Path) -> Place | None:
    """Say what an expression at a path of a workflow file may use; null where ``${{ }}`` is plain text or not looked at."""
    if path[0] != "jobs":
        return _TOP.get(str(path[0]))
    return next(found for beginning, found in _UNDER_JOB if _fits(beginning, path[2:]))


def _fits(beginning: tuple[str, ...], path: Path) -> bool:
    return len(path) >= len(beginning) and all(want in ("*", part) for want, part in zip(beginning, path, strict=False))


@dataclass(frozen=True, slots=True, kw_only=True)
class RunNumbers:
    """What names one attempt of one run."""

    id: int = 1
    number: int = 1
    attempt: int = 1


def github(event: TriggerEvent, workflow: str, run: RunNumbers, job_key: str = "") -> dict[str, Value]:
    """The ``github`` context. There is no token: nothing that runs here may have one."""
    return {
        "action": "",
        "actor": event.actor,
        "api_url": API,
        "base_ref": event.base_branch or "" if event.name.startswith("pull_request") else "",
        "event": payload(event),
        "event_name": event.name,
        "graphql_url": f"{API}/graphql",
        "head_ref": event.head_branch or "" if event.name.startswith("pull_request") else "",
        "job": job_key,
        "ref": event.ref,
        "ref_name": event.ref_name,
        "ref_protected": False,
        "ref_type": "tag" if event.tag is not None else "branch",
        "repository": event.repository,
        "repository_owner": event.repository.split("/")[0],
        "run_attempt": str(run.attempt),
        "run_id": str(run.id),
        "run_number": str(run.number),
        "server_url": SERVER,
        "sha": event.sha or event.head_sha,
        "token": "",
        "triggering_actor": event.actor,
        "workflow": workflow,
    }


def payload(event: TriggerEvent) -> dict[str, Any]:
    """The body of the event: as given, else the little that follows from the event itself."""
    if event.payload:
        return dict(event.payload)
    owner, _, name = event.repository.partition("/")
    known: dict[str, Any] = {"repository": {"full_name": event.repository, "name": name, "owner": {"login": owner}}}
    if event.action is not None:
        known["action"] = event.action
    if event.name == "push":
        known |= {"ref": event.ref, "after": event.head_sha, "head_commit": {"id": event.head_sha, "message": event.head_message}}
    if event.name.startswith("pull_request"):
        head, base = {"ref": event.head_branch, "sha": event.head_sha}, {"ref": event.base_branch}
        known["pull_request"] = {"head": head, "base": base}
    return known | ({"inputs": dict(event.inputs)} if event.inputs else {})


def planning(event: TriggerEvent, workflow: str, matrix: Mapping[str, Value] | None = None) -> dict[str, Value]:
    """What is known before anything ran."""
    return {
        "github": github(event, workflow, RunNumbers()),
        "inputs": dict(event.inputs),
        "vars": {},
        "needs": {},
        "secrets": {},
        "env": {},
        "strategy": {},
        "matrix": dict(matrix or {}),
    }


def strategy(job: JobPlan) -> dict[str, Value]:
    """The ``strategy`` context."""
    return {
        "fail-fast": job.fail_fast,
        "job-index": job.job_index,
        "job-total": job.job_total,
        "max-parallel": job.max_parallel or job.job_total,
    }
