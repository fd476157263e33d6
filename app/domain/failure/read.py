"""Read one failed job: its excerpt, its structured failures, its type, and one honest sentence.

The log is redacted where it is collected, not here. Without a log, annotations speak; without both, the step that failed is all
there is, and the sentence says so.
"""

from collections.abc import Sequence

from app.domain.ci import Annotation, Job, Step
from app.domain.diagnosis import ExcerptLine, JobReading
from app.domain.failure.classify import Classified, classify, stand_together
from app.domain.failure.normal import repository_path
from app.domain.failure.tools.catalogue import recognise
from app.domain.failure.tools.shape import Found
from app.domain.failure.types import Failure, FailureType
from app.domain.log.excerpt import fit, quote, rank
from app.domain.log.lines import Line, clean
from app.domain.log.sections import sections
from app.domain.log.signals import Weight, weigh

_ENDED = frozenset({"failure", "timed_out", "cancelled"})
_SAYS_NOTHING = "Process completed with exit code"
BUDGET_LINES = 60  # of an excerpt: a screen, and little in a prompt


def read_job(job: Job, log: str | None, annotations: tuple[Annotation, ...]) -> JobReading:
    """Read a failed job from its log where there is one, else from its annotations."""
    lines = clean(log) if log else []
    step = _failed_step(job)
    printed = _failed_lines(lines)
    command = " ".join((step.name if step else "", *(line.text for line in printed if line.is_header)))
    found = recognise([line for line in printed if not line.is_header], command) or tuple(_annotated(annotations))
    kind = _kind(job, found, command)
    excerpt = quote(lines, fit(rank(lines, _telling(kind, lines)), BUDGET_LINES))
    failures = tuple(one.failure for one in _of_cause(found, kind.type))
    return JobReading(
        job_id=job.id,
        job_name=job.name,
        failure_type=kind.type,
        confidence=kind.confidence,
        failures=failures,
        excerpt=excerpt,
        step_name=step.name if step else "",
        root_cause=_sentence(job, step, kind, failures, excerpt, has_log=bool(lines)),
    )


def _telling(kind: Classified, lines: Sequence[Line]) -> list[int]:
    """Numbers of the lines that the type rests on; annotations have none."""
    return [number for number in kind.lines if 0 < number <= len(lines)]


def _failed_step(job: Job) -> Step | None:
    """The first step that failed; a later one may have failed of it."""
    return next((step for step in job.steps if step.conclusion in _ENDED), None)


def _failed_lines(lines: Sequence[Line]) -> list[Line]:
    """What the failed steps printed, with the headers in which the runner repeats their commands; else everything."""
    failed = [part for part in sections(lines) if part.failed]
    return [line for part in failed for line in lines[part.start : part.stop]] if failed else list(lines)


def _kind(job: Job, found: Sequence[Found], command: str) -> Classified:
    """Classify, with what GitHub itself says about the job first."""
    if job.conclusion == "timed_out":
        return Classified(type=FailureType.TIMEOUT, confidence=0.95)
    if job.conclusion == "cancelled":
        return Classified(type=FailureType.UNKNOWN, confidence=0.0)
    return classify(found, command)


def _of_cause(found: Sequence[Found], kind: FailureType) -> Sequence[Found]:
    """Keep failures of the cause's type and those beside it, and what is not known to be of another; all where none is."""
    chosen = [one for one in found if one.type is FailureType.UNKNOWN or stand_together(one.type, kind)]
    return chosen or found


def _annotated(annotations: Sequence[Annotation]) -> list[Found]:
    """Failures that the job left as annotations, told apart from the runner's own remark that the step failed."""
    told: list[Found] = []
    for annotation in annotations:
        if annotation.level != "failure" or annotation.message.startswith(_SAYS_NOTHING):
            continue
        lines = [Line(0, text, "error") for text in annotation.message.splitlines() or [""]]
        named = [one for one in recognise(lines) if one.failure.file]
        told += named or [_from_annotation(annotation)]
    return told


def _from_annotation(annotation: Annotation) -> Found:
    at_code = not annotation.path.startswith(".github")
    failure = Failure(
        tool="annotation",
        message=(annotation.message or annotation.title)[:500],
        file=repository_path(annotation.path) if at_code else "",
        line=annotation.start_line if at_code else None,
    )
    kinds = recognise([Line(0, annotation.message, "error")])
    return Found(
        failure=failure,
        type=kinds[0].type if kinds else FailureType.UNKNOWN,
        strength=kinds[0].strength if kinds else 0.3,
    )


def _sentence(
    job: Job,
    step: Step | None,
    kind: Classified,
    failures: Sequence[Failure],
    excerpt: Sequence[ExcerptLine],
    *,
    has_log: bool,
) -> str:
    """One sentence on the cause that says no more than is known."""
    if job.conclusion == "timed_out":
        return f"“{job.name}” ran out of time{_in_step(step)}."
    if failures:
        return _about(failures)
    telling = next((line.text.strip() for line in excerpt if weigh(line.text) >= Weight.CLEAR), "")
    if telling:
        return f"The log says: {_shortened(telling)}"
    if kind.type != FailureType.UNKNOWN:
        return f"A {kind.type} step failed{_in_step(step)}, and nothing in its log says why."
    return f"“{job.name}” failed{_in_step(step)}; {'its log does not say why' if has_log else 'there is no log to say why'}."


def _in_step(step: Step | None) -> str:
    return f" in step “{step.name}”" if step else ""


def _about(failures: Sequence[Failure]) -> str:
    """The first failure in words, and how many more there are."""
    first = failures[0]
    where = f" in {first.file}" + (f":{first.line}" if first.line else "") if first.file else ""
    what = " ".join(part for part in (first.test, first.rule) if part)
    head = f"{first.tool or 'The tool'} says{f' {what}' if what else ''}{where}: {_shortened(first.message)}"
    more = len(failures) - 1
    return head + (f" (and {more} more)" if more else "")


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 200 else text[:199] + "…"
