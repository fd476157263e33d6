"""Stage 7, verify: read GitHub, judge, and go on. Always re-reads; whatever woke it is only a hint.

Waiting for CI is not a sleeping function: a look that finds nothing settled ends, and a later one is due. Deliveries from our own
branch bring looks forward, and the delayed one covers the delivery that never comes.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.domain.candidate import Candidate
from app.domain.ci import Check
from app.domain.incident import Surroundings
from app.domain.task import CandidateStatus, TaskStatus
from app.domain.verification import FailedJob, Observation, Outcome, Verdict, digest, judge, without_own
from app.engine import Run
from app.github.checks import ChecksRead, read_checks
from app.repair.collect import failed_jobs
from app.repair.kept import keep, kept, needed
from app.repair.learn import learn
from app.repair.linked import report_all
from app.repair.progress import advance
from app.repair.publish import publish, withdraw
from app.repair.stored import load, stored
from app.services import Services
from storage import candidates

ENDED = "ended"  # published or withdrawn before: nothing is left to do
HANDS_OFF = "A person changed the fix branch; DevFlowFix keeps its hands off it."


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Which check results were seen, and since when they have not changed."""

    digest: str
    since: datetime


async def verify(services: Services, run: Run, candidate_id: str) -> None:
    """Look once at a candidate's checks, and publish it, withdraw it, or look again later."""
    looked = await run.step("look", look, services, candidate_id, keep=True)  # what follows changes what a second look would see
    if looked["outcome"] == Outcome.WAITING:
        await look_again(run, candidate_id, looked["wait"])
        return
    if looked["outcome"] in {Outcome.GREEN, Outcome.UNVERIFIED}:
        ended = await run.step("publish", publish, services, candidate_id, attempts=3)
        if ended is not None:
            await run.start("follow", ended, ended, partition=ended, again=True)
    elif looked["outcome"] == Outcome.RED:
        await _red(services, run, candidate_id, looked)
    if looked["outcome"] != ENDED:
        await report_all(services, run, await load(services, looked["incident"]))


async def _red(services: Services, run: Run, candidate_id: str, looked: dict[str, Any]) -> None:
    """Withdraw a candidate and let the next one learn from it; without a model, or after a person's commit, there is none."""
    incident_id, number = looked["incident"], looked["number"]
    untouched = looked["untouched"]
    await run.step("withdraw", withdraw, services, candidate_id, looked["sentence"], untouched, attempts=3)
    if untouched and services.model is not None:
        await run.step("learn", learn, services, candidate_id, attempts=3)
        await run.start("attempt", f"{incident_id}/{number + 1}", incident_id, number + 1)
        return
    reason = f"Withdrawn: {looked['sentence']}" + (" Its branch is deleted." if untouched else "")
    await run.step("end", advance, services, incident_id, TaskStatus.FAILED.value, reason)


async def look_again(run: Run, candidate_id: str, delay: float) -> None:
    """Have a candidate looked at after so many seconds, or sooner if something wakes it. One look waits at a time."""
    await run.start("verify", candidate_id, candidate_id, delay=delay, partition=candidate_id, again=True)


async def look(services: Services, candidate_id: str) -> dict[str, Any]:
    """Read the checks of a candidate's commit, judge them, and store a verdict that is final."""
    candidate = await stored(services, candidate_id)
    about = {"incident": candidate.incident_id, "number": candidate.number}
    answer: dict[str, Any] = {**about, "sentence": candidate.verdict, "untouched": True}
    if candidate.status is not CandidateStatus.COMMITTED or candidate.commit_sha is None:
        return answer | {"outcome": _resumed(candidate)}
    incident = await load(services, candidate.incident_id)
    client = services.github.installation(incident.repository, purpose=f"verify:{incident.id}")
    read = await read_checks(client, incident.repository, candidate.commit_sha, candidate.branch)
    if read.branch_head != candidate.commit_sha:
        return answer | {"outcome": Outcome.RED.value, "sentence": HANDS_OFF, "untouched": False}
    verdict, checks = await _judged(services, candidate, read)
    if verdict.outcome is Outcome.WAITING:
        return answer | {"outcome": verdict.outcome.value, "wait": verdict.wait_seconds}
    async with services.db.begin() as tx:
        await candidates.set_verdict(tx, candidate_id, CandidateStatus(verdict.outcome.value), checks, verdict.sentence)
    return answer | {"outcome": verdict.outcome.value, "sentence": verdict.sentence}


def _resumed(candidate: Candidate) -> str:
    """Tell what is left to do for a candidate that was judged before: a publish that was cut off is taken up again."""
    judged = {
        CandidateStatus.GREEN: Outcome.GREEN,
        CandidateStatus.UNVERIFIED: Outcome.UNVERIFIED,
        CandidateStatus.RED: Outcome.RED,
    }
    outcome = judged.get(candidate.status)
    return outcome.value if outcome else ENDED


async def _judged(services: Services, candidate: Candidate, read: ChecksRead) -> tuple[Verdict, tuple[Check, ...]]:
    around = await needed(services, candidate.incident_id, "surroundings", Surroundings)
    incident = await load(services, candidate.incident_id)
    jobs = await failed_jobs(services, candidate.incident_id)
    checks = without_own(read.checks, services.app_slug)
    seen = Observation(
        checks=checks,
        pending_suites=len(read.pending),
        committed_at=candidate.committed_at or candidate.created_at,
        now=services.clock(),
        unchanged_since=await _unchanged_since(services, candidate, checks),
    )
    wanted = tuple(FailedJob(name=job.name, workflow_path=incident.run.path) for job in jobs)
    return judge(wanted, without_own(around.head_checks, services.app_slug), seen, services.patience), checks


async def _unchanged_since(services: Services, candidate: Candidate, checks: tuple[Check, ...]) -> datetime:
    """Give the time since when these very results have stood, and remember them."""
    now, current = services.clock(), digest(checks)
    before = await kept(services, candidate.incident_id, "seen", Seen, name=candidate.id)
    if before is not None and before.digest == current:
        return before.since
    await keep(services, candidate.incident_id, "seen", Seen(digest=current, since=now), name=candidate.id)
    return now
