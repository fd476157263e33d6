"""Names derived from facts, so that repeating a step finds its own work.

Nothing here is random: an incident's id comes from what GitHub calls the run attempt, a task's from its incident, a candidate's
from its task and number, and a branch's from its candidate. A process that was killed and starts again computes the same names.
"""

import base64
import hashlib

BRANCH_PREFIX = "devflowfix/auto-fix-"


def _digest(*parts: object) -> str:
    """Sixteen characters of base 32: 80 bits, readable aloud, without padding or case."""
    raw = hashlib.sha256("\x1f".join(str(part) for part in parts).encode()).digest()
    return base64.b32encode(raw[:10]).decode().lower()


def incident_id(host: str, repository_id: int, run_id: int, run_attempt: int) -> str:
    """Name the incident of one failed workflow run attempt: ``inc_…``."""
    return "inc_" + _digest(host, repository_id, run_id, run_attempt)


def task_id(incident: str) -> str:
    """Name the task that repairs an incident: ``task_…``."""
    return "task_" + _digest("task", incident)


def candidate_id(task: str, number: int) -> str:
    """Name a task's candidate; seven characters, short enough to be typed into a command."""
    return _digest("candidate", task, number)[:7]


def fix_id(candidate: str, task: str) -> str:
    """Name the fix pull request of a candidate: ``pr_…``."""
    return "pr_" + _digest("fix", task, candidate)


def branch_name(failure_type: str, candidate: str) -> str:
    """Name the branch that carries a candidate: ``devflowfix/auto-fix-<type>-failure-<short id>``."""
    return f"{BRANCH_PREFIX}{failure_type}-failure-{candidate}"


def is_our_branch(branch: str | None) -> bool:
    """Tell whether a branch name is one that only DevFlowFix makes."""
    return branch is not None and branch.startswith(BRANCH_PREFIX)
