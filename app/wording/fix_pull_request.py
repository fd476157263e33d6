"""The fix pull request and its commit: title, body, message. The body is the proof; it names only controls that exist."""

from app.domain.candidate import Candidate
from app.domain.ci import Check
from app.domain.incident import Incident
from app.domain.patch.diff import size
from app.domain.story import Cost, Story
from app.domain.task import CandidateStatus
from app.wording import excerpts, markdown, proof

_TYPE_NAMES = {"typecheck": "Type Check"}


def title(story: Story) -> str:
    """Say what the pull request does: ``DevFlowFix: <what>``, or the failure's type where nothing shorter fits."""
    candidate = _newest(story)
    kind = story.diagnosis.failure_type.value if story.diagnosis else "unknown"
    name = _TYPE_NAMES.get(kind, kind.title())
    what = markdown.title(candidate.title, 80)
    unproven = " (unverified)" if candidate.status is CandidateStatus.UNVERIFIED else ""
    return f"DevFlowFix: {what or name + ' Failure'}{unproven}"


def draft_title(story: Story) -> str:
    """Make the title of a draft through which a candidate is being proven."""
    return f"{title(story)} (being proven)"


def draft_body(story: Story) -> str:
    """Say what a draft is for while CI runs on it; the proof takes its place."""
    run = story.incident.run
    candidate = _newest(story)
    return (
        f"CI runs on this draft to prove a fix for {markdown.link(markdown.code(run.workflow_name or run.path), run.html_url)} "
        f"at `{run.head_sha[:10]}`. Nobody has to look yet: if it turns green, the proof comes here and this is marked ready; "
        f"if not, it is closed and its branch deleted.\n\n{_change(candidate, story.costs)}"
    )


def commit_headline(candidate: Candidate) -> str:
    """Make the first line of the commit message: ``fix: <what>``."""
    return "fix: " + markdown.title(candidate.title, 68)


def commit_body(candidate: Candidate, incident: Incident) -> str:
    """Make the rest of the commit message; the trailer is how a repeated step knows its own commit."""
    why = markdown.visible(candidate.explanation).strip()
    run = f"Failed run: {incident.run.html_url}" if incident.run.html_url else ""
    return "\n\n".join(filter(None, (why, run, f"{TRAILER} {candidate.task_id}/{candidate.id}")))


TRAILER = "DevFlowFix-Task:"


def body(story: Story, run_after: str) -> str:
    """Write the proof. ``run_after`` is the address of the workflow run that verified the candidate; empty without one."""
    candidate = _newest(story)
    parts = [_first_screen(story, candidate, run_after), *_quoted_logs(story), _change(candidate, story.costs)]
    parts.append(markdown.folded("Evidence", _evidence(story)))
    parts.append(markdown.folded(f"Checks on the fix ({len(candidate.checks)})", _checks(candidate.checks)))
    parts.append(markdown.folded(f"Gates passed ({len(candidate.gates)})", proof.gate_lines(candidate)))
    parts.append(markdown.folded("Apply it locally, undo it, switch it off", _controls(story, candidate)))
    return markdown.cut("\n\n".join(parts), 60_000)


def _newest(story: Story) -> Candidate:
    if story.candidate is None:
        raise ValueError("A pull request is written about a candidate, and this story has none.")
    return story.candidate


def _first_screen(story: Story, candidate: Candidate, run_after: str) -> str:
    run = story.incident.run
    jobs = ", ".join(markdown.link(markdown.code(j.name), j.html_url) for j in story.failed_jobs)
    cause = story.diagnosis.root_cause if story.diagnosis else "not known"
    after = markdown.link("run after", run_after) if run_after else "no run"
    proven = "**Proven:**" if candidate.status is CandidateStatus.GREEN else "**Not proven:**"
    return "\n".join(
        [
            f"**Failed:** {jobs} on {markdown.code(run.head_branch or '')} at `{run.head_sha[:10]}`",
            f"**Cause:** {markdown.plain(cause)}",
            f"**Change:** {markdown.plain(candidate.explanation or candidate.title)}",
            f"{proven} {proof.markdown_sentence(candidate.verdict)} ({markdown.link('run before', run.html_url)}, {after})",
        ]
    ).replace("\n", "  \n")


def _quoted_logs(story: Story) -> list[str]:
    readings = story.diagnosis.readings if story.diagnosis else ()
    return [f"From the log of {markdown.code(r.job_name)}:\n\n{excerpts.quoted(r, 15)}" for r in readings[:3]]


def _change(candidate: Candidate, costs: tuple[Cost, ...]) -> str:
    change = size(candidate.edits)
    files = f"{change.files} file{'s' if change.files != 1 else ''}, +{change.additions} −{change.deletions}"
    who = f"proposed by {markdown.code(candidate.origin)} (candidate {markdown.code(candidate.id)}, number {candidate.number}"
    return f"{files}, {who}, confidence {candidate.confidence:.2f}); {proof.cost(costs)}."


def _evidence(story: Story) -> str:
    if story.diagnosis is None:
        return "None was kept."
    tried = [_tried(candidate) for candidate in story.candidates]
    return "\n".join([proof.diagnosis_lines(story.diagnosis), "", "Candidates tried:", *tried])


def _tried(candidate: Candidate) -> str:
    said = f"{candidate.status.value}. {proof.markdown_sentence(candidate.verdict)}".rstrip()
    return f"- Candidate {markdown.code(candidate.id)} by {markdown.code(candidate.origin)}: {said}"


def _checks(checks: tuple[Check, ...]) -> str:
    return proof.check_table(checks) if checks else "No check ran."


def _controls(story: Story, candidate: Candidate) -> str:
    apply = f"git fetch origin {candidate.branch} && git cherry-pick FETCH_HEAD"
    return "\n".join(
        [
            f"- Apply it where you are: {markdown.code(apply)}",
            "- Don't want it? Close this pull request: its branch is deleted and the task is cancelled.",
            "- Undo it after merging: GitHub's *Revert* button below.",
            "- Switch it off: `mode: explain` in `.github/devflowfix.yml` on the default branch, or `mode: observe` for silence.",
            f"- Task {markdown.code(story.task.id)}, incident {markdown.code(story.incident.id)}.",
        ]
    )
