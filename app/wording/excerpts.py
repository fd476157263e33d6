"""Quoted log lines, with their numbers and with gaps marked."""

from app.domain.diagnosis import ExcerptLine, JobReading
from app.wording import markdown

_LONGEST = 300  # characters of one quoted line: a minified file in a stack trace helps nobody


def numbered(lines: tuple[ExcerptLine, ...], limit: int = 40) -> str:
    """Write excerpt lines with their log line numbers; a jump in the numbers shows as a gap."""
    shown = lines[:limit]
    width = len(str(shown[-1].number)) if shown else 1
    out: list[str] = []
    previous = None
    for line in shown:
        if previous is not None and line.number > previous + 1:
            out.append("…".rjust(width))
        text = line.text if len(line.text) <= _LONGEST else line.text[:_LONGEST] + " …"
        out.append(f"{line.number:>{width}}  {text.rstrip()}")
        previous = line.number
    if len(lines) > limit:
        out.append(f"… {len(lines) - limit} more lines in the log")
    return "\n".join(out)


def quoted(reading: JobReading, limit: int = 40) -> str:
    """Quote a job's excerpt as a code block; says so where there is nothing to quote."""
    if not reading.excerpt:
        return "The log of this job could not be read."
    return markdown.fence(numbered(reading.excerpt, limit))
