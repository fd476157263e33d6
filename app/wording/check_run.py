"""The check run `DevFlowFix` on a failing commit: title, summary, annotations and conclusion.

Its conclusion is `success` only when the failure is fixed, `neutral` for everything else that has ended, never `failure`: it
reports on a failure and must not add one.
"""

from dataclasses import dataclass

from app.domain.ci import Annotation
from app.domain.failure.types import Failure
from app.domain.story import Story
from app.domain.task import ENDED_TASK, CandidateStatus, FixPullRequest, FixStatus, TaskStatus
from app.wording import excerpts, markdown, proof

_MAX_ANNOTATIONS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckWords:
    """What a check run says. ``conclusion`` is null while something is under way."""

    title: str
    summary: str
    text: str
    conclusion: str | None
    annotations: tuple[Annotation, ...] = ()


QUIET = CheckWords(
    title="Watching: speaks up here when CI fails",
    summary="GitHub asks for this check on every push. It says nothing about your change.",
    text="",
    conclusion="neutral",
)


def about(stories: tuple[Story, ...]) -> CheckWords:
    """Write one check run for all incidents of one commit."""
    lead = min(stories, key=_urgency)
    return CheckWords(
        title=headline(lead) + _others(len(stories) - 1),
        summary="\n\n".join(_summary(story) for story in stories),
        text="\n\n---\n\n".join(filter(None, (_text(story) for story in stories))),
        conclusion=_conclusion(stories),
        annotations=tuple(note for story in stories for note in _annotations(story))[:_MAX_ANNOTATIONS],
    )


def headline(story: Story) -> str:
    """Say in one line where a repair stands."""
    what = failing_names(story)
    if story.is_linked:
        return _linked(what, story.fix)
    number = f"#{story.fix.number}" if story.fix is not None else ""
    return {
        TaskStatus.QUEUED: f"Reading why {what} failed",
        TaskStatus.ANALYZING: f"Reading why {what} failed",
        TaskStatus.IMPLEMENTING: f"Looking for a fix for {what}",
        TaskStatus.VERIFYING: f"Proving a fix for {what}: CI is running on it",
        TaskStatus.CODE_REVIEWING: _proposed(story),
        TaskStatus.DONE: f"Fixed by {number}" if number else "Fixed",
        TaskStatus.CANCELLED: f"Withdrawn: {number} was closed without merging" if number else "Withdrawn",
        TaskStatus.FAILED: f"No fix for {what}",
        TaskStatus.OBSERVED: f"Why {what} failed" if story.diagnosis else f"{what} failed; looked at only",
    }[story.task.status]


def failing_names(story: Story) -> str:
    """Name the failed jobs of a story, at most two by name."""
    names = [markdown.title(name) for name in _job_names(story)]
    return " and ".join(names) if len(names) <= 2 else f"{names[0]} and {len(names) - 1} more jobs"


def _linked(what: str, fix: FixPullRequest | None) -> str:
    if fix is None or fix.status in {FixStatus.CLOSED, FixStatus.FAILED}:
        return f"Why {what} failed; the fix of the same failure was not kept"
    if fix.status is FixStatus.MERGED:
        return f"{what} failed; #{fix.number} has fixed the same failure"
    return f"{what} failed; #{fix.number} fixes it" if fix.number else f"{what} failed; a fix of the same failure is being proven"


def _job_names(story: Story) -> list[str]:
    return [job.name for job in story.failed_jobs] or [story.incident.run.workflow_name or "the run"]


def _proposed(story: Story) -> str:
    fix, candidate = story.fix, story.candidate
    if fix is None or candidate is None:
        return "Fix proposed"
    proven = "proven green" if candidate.status is CandidateStatus.GREEN else "unverified"
    return f"Fix proposed: #{fix.number}, {proven}"


def _others(count: int) -> str:
    return f" (and {count} more failed run{'s' if count > 1 else ''})" if count else ""


def _urgency(story: Story) -> int:
    order = (TaskStatus.CODE_REVIEWING, TaskStatus.VERIFYING, TaskStatus.IMPLEMENTING, TaskStatus.ANALYZING, TaskStatus.QUEUED)
    return order.index(story.task.status) if story.task.status in order else len(order)


def _conclusion(stories: tuple[Story, ...]) -> str | None:
    statuses = {story.task.status for story in stories}
    if statuses - ENDED_TASK - {TaskStatus.CODE_REVIEWING}:
        return None
    return "success" if statuses == {TaskStatus.DONE} else "neutral"


def _summary(story: Story) -> str:
    parts = [_what_failed(story)]
    if story.diagnosis is not None:
        parts.append(f"**Cause:** {markdown.plain(story.diagnosis.root_cause)}")
    if story.task.reason:
        parts.append(f"**Where it stands:** {story.task.reason}")
    if story.fix is not None and story.fix.number is not None:
        name = f"#{story.fix.number}"
        parts.append(f"**Fix:** {markdown.link(name, story.fix.url)} — {markdown.plain(story.fix.title)}")
    if story.policy_note:
        parts.append(story.policy_note)
    return "\n\n".join(parts)


def _what_failed(story: Story) -> str:
    run = story.incident.run
    jobs = ", ".join(markdown.link(markdown.code(job.name), job.html_url) for job in story.failed_jobs)
    where = markdown.link(markdown.code(run.workflow_name or run.path), run.html_url)
    attempt = f", attempt {run.attempt}" if run.attempt > 1 else ""
    return f"**Failed:** {jobs + ' in ' if jobs else ''}{where}{attempt}"


def _text(story: Story) -> str:
    if story.diagnosis is None:
        return ""
    parts = [f"#### {markdown.code(reading.job_name)}\n\n{excerpts.quoted(reading)}" for reading in story.diagnosis.readings]
    parts.append(proof.diagnosis_lines(story.diagnosis))
    if story.shown_diff:
        parts.append("#### The change that would fix it\n\n" + markdown.fence(markdown.cut(story.shown_diff, 20_000), "diff"))
    if story.candidate is not None and story.candidate.gates:
        parts.append(markdown.folded("Gates", proof.gate_lines(story.candidate)))
    return "\n\n".join(parts)


def _annotations(story: Story) -> list[Annotation]:
    if story.diagnosis is None:
        return []
    found = [failure for reading in story.diagnosis.readings for failure in reading.failures]
    return [_annotation(failure) for failure in found if failure.file and failure.line]


def _annotation(failure: Failure) -> Annotation:
    line = failure.line or 1
    name = " ".join(filter(None, (failure.tool, failure.rule)))
    return Annotation(
        path=failure.file,
        start_line=line,
        end_line=line,
        level="warning",
        title=markdown.title(name),
        message=markdown.visible(failure.message)[:2000] or name,
    )
