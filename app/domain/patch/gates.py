"""All gates, in the order in which they are told (PRODUCT.md section 2.5).

A gate is a function of the edits and the facts. One that judges tests, assertions, ignores or secrets is added to ``GATES``.
"""

from app.domain.candidate import GateResult
from app.domain.patch.gate.always_green import not_always_green
from app.domain.patch.gate.eased import not_eased
from app.domain.patch.gate.facts import Edits, Gate, GateFacts
from app.domain.patch.gate.hidden import no_hidden_characters
from app.domain.patch.gate.protected import (
    binaries,
    code_owners,
    git_folder,
    lock_files,
    policy_file,
    submodules,
    symlinks,
    workflows,
)
from app.domain.patch.gate.scope import allowed_paths, applies, changes_something, plain_paths, related, within_size
from app.domain.patch.gate.secrets import no_secrets
from app.domain.patch.gate.skips import no_skips
from app.domain.patch.gate.suppressed import no_suppressions
from app.domain.patch.gate.syntax import still_parses
from app.domain.patch.gate.tests_weakened import assertions_kept, expected_values, kept_tests

__all__ = ["GATES", "GateFacts", "refused", "run_gates"]

GATES: tuple[Gate, ...] = (
    applies,
    changes_something,
    plain_paths,
    allowed_paths,
    workflows,
    code_owners,
    policy_file,
    git_folder,
    lock_files,
    submodules,
    symlinks,
    binaries,
    within_size,
    still_parses,
    no_hidden_characters,
    no_secrets,
    kept_tests,
    no_skips,
    assertions_kept,
    expected_values,
    not_always_green,
    no_suppressions,
    not_eased,
    related,
)


def run_gates(edits: Edits, facts: GateFacts) -> tuple[GateResult, ...]:
    """Ask every gate, also after one refused: the next candidate is told everything at once."""
    return tuple(gate(edits, facts) for gate in GATES)


def refused(results: tuple[GateResult, ...]) -> tuple[GateResult, ...]:
    """Give the results of the gates that refuse; empty when the candidate may be committed."""
    return tuple(result for result in results if not result.passed)
