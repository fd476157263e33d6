"""A diagnosis: what the log said, of what kind it is, who caused it, and how sure we are."""

from dataclasses import dataclass

from app.domain.failure.types import Attribution, Failure, FailureType


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcerptLine:
    """A redacted log line with its 1-based number in the log of its job."""

    number: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobReading:
    """What one failed job's log says."""

    job_id: int
    job_name: str
    failure_type: FailureType
    confidence: float  # of the type, 0 to 1
    failures: tuple[Failure, ...]
    excerpt: tuple[ExcerptLine, ...]  # in order; a jump in the numbers is a gap
    step_name: str = ""  # the step that failed, where it could be told
    root_cause: str = ""  # one sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What is known of an incident after reading and attributing."""

    incident_id: str
    failure_type: FailureType
    confidence: float  # that type and attribution are right, 0 to 1
    attribution: Attribution
    evidence: tuple[str, ...]  # sentences, each with what it rests on
    root_cause: str
    fingerprint: str
    readings: tuple[JobReading, ...]
