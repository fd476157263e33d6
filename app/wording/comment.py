"""The one comment on a contributor's pull request, edited in place."""

from app.domain.story import Story
from app.wording import excerpts, markdown, proof
from app.wording.check_run import headline

MARKER = "<!-- devflowfix:summary -->"


def about(stories: tuple[Story, ...]) -> str:
    """Write the comment for all incidents of a pull request's head commit; its first line is the hidden marker."""
    parts = [MARKER, *(_section(story) for story in stories)]
    return markdown.cut("\n\n".join(parts), 60_000)


def _section(story: Story) -> str:
    parts = [f"**{markdown.plain(headline(story))}** — {_run(story)}"]
    if story.diagnosis is not None:
        parts.append(f"Cause: {markdown.plain(story.diagnosis.root_cause)}")
    if story.fix is not None and story.fix.number is not None:
        parts.append(f"Fix: {markdown.link(f'#{story.fix.number}', story.fix.url)}")
    if story.task.reason:
        parts.append(story.task.reason)
    if story.diagnosis is not None:
        logs = "\n\n".join(excerpts.quoted(reading, 20) for reading in story.diagnosis.readings[:3])
        parts.append(markdown.folded("Log and evidence", f"{logs}\n\n{proof.diagnosis_lines(story.diagnosis)}"))
    return "\n\n".join(parts)


def _run(story: Story) -> str:
    run = story.incident.run
    return markdown.link(markdown.code(run.workflow_name or run.path), run.html_url) + f" at `{run.head_sha[:10]}`"
