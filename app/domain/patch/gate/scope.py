"""Gates about where a change goes and how much of it there is."""

from app.domain.candidate import GateResult
from app.domain.patch.apply import check_applies
from app.domain.patch.diff import size
from app.domain.patch.gate.facts import Edits, GateFacts, verdict
from app.domain.patch.paths import folded, trick
from app.domain.patterns import covers_any


def applies(edits: Edits, facts: GateFacts) -> GateResult:
    """The edits start from what stands in the commit."""
    return check_applies(edits, facts.read)


def changes_something(edits: Edits, _facts: GateFacts) -> GateResult:
    """There is at least one edit, and none of them leaves its file as it is."""
    idle = [f"`{edit.path}` would stay as it is." for edit in edits if edit.before == edit.after]
    problems = idle or ([] if edits else ["It changes no file."])
    return verdict("changes_something", problems, "It changes something.")


def plain_paths(edits: Edits, facts: GateFacts) -> GateResult:
    """Every path is plainly inside the repository and is no other spelling of a file that is there or is edited too."""
    spellings = {folded(path): path for path in facts.modes}
    problems = []
    for edit in edits:
        written = trick(edit.path)
        twin = spellings.setdefault(folded(edit.path), edit.path)
        if written:
            problems.append(f"The path {edit.path!r} {written}.")
        elif twin != edit.path and edit.path not in facts.modes:
            problems.append(f"`{edit.path}` is another spelling of `{twin}`.")
    return verdict("plain_paths", problems, "Every path is plainly inside the repository.")


def allowed_paths(edits: Edits, facts: GateFacts) -> GateResult:
    """Every path is one that the repository's policy allows and does not deny; a denial counts in any spelling."""
    problems = []
    for edit in edits:
        denied = covers_any(facts.deny, edit.path) or covers_any(map(str.casefold, facts.deny), folded(edit.path))
        if denied:
            problems.append(f"`{edit.path}` is denied by `paths.deny` of the policy.")
        elif facts.allow and not covers_any(facts.allow, edit.path):
            problems.append(f"`{edit.path}` is outside `paths.allow` of the policy.")
    return verdict("allowed_paths", problems, "The policy allows every path.")


def within_size(edits: Edits, facts: GateFacts) -> GateResult:
    """The change is no larger than the limits."""
    change = size(edits)
    problems = []
    if change.files > facts.max_files:
        problems.append(f"It changes {change.files} files; the limit is {facts.max_files}.")
    if change.lines > facts.max_lines:
        problems.append(f"It changes {change.lines} lines; the limit is {facts.max_lines}.")
    return verdict("size", problems, f"{change.files} files and {change.lines} lines are within the limits.")


def related(edits: Edits, facts: GateFacts) -> GateResult:
    """Every file is one that the failure names or that the tool was pointed at."""
    problems = [
        f"`{edit.path}` is not among the files of the failure." for edit in edits if edit.path not in facts.evidence_files
    ]
    return verdict("related", problems, "It touches only files that the failure points at.")
