"""A story: all that is known of one incident, in one value. Every report is written from it, so that no two reports disagree."""

from dataclasses import dataclass
from decimal import Decimal

from app.domain.candidate import Candidate
from app.domain.ci import Job
from app.domain.diagnosis import Diagnosis
from app.domain.incident import Incident
from app.domain.task import FixPullRequest, Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a model was asked for one candidate, whether or not it proposed something. ``usd`` counts only where it is priced."""

    number: int  # of the candidate
    model: str
    turns: int
    tokens: int
    usd: Decimal
    priced: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One incident from the failed run to the end of its repair; later parts are null or empty until they are known."""

    incident: Incident
    task: Task
    failed_jobs: tuple[Job, ...] = ()
    diagnosis: Diagnosis | None = None
    candidates: tuple[Candidate, ...] = ()
    fix: FixPullRequest | None = None  # our own, or the open one of another incident that holds the same fingerprint
    costs: tuple[Cost, ...] = ()  # of the model; empty where none was asked
    shown_diff: str = ""  # in mode `suggest`: the diff that was not pushed
    policy_note: str = ""  # what the policy decided, as a sentence
    web_url: str = "https://github.com"  # of the host

    @property
    def candidate(self) -> Candidate | None:
        """The newest candidate."""
        return self.candidates[-1] if self.candidates else None

    @property
    def is_linked(self) -> bool:
        """Whether the fix is another incident's: the same failure on the same base is fixed once."""
        return self.fix is not None and self.fix.task_id != self.task.id
