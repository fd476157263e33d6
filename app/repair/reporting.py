"""Stage 9, report: the check run on the failing commit, and one comment where there is a pull request.

One report for all incidents of a commit, driven to the desired state: what should be said is written from what is stored,
compared with what was said last, and published only where it differs. Reports of one commit run one after another (engine
partition), and so do comments on one pull request, so two incidents never make two check runs or comments; an intent is stored
before each creation, so a killed process finds its own.
"""

import hashlib
from dataclasses import dataclass

from app.domain.incident import Incident, Surroundings
from app.domain.repository import Repository
from app.domain.verification import OWN_CHECK
from app.engine import Run
from app.github.checks import CheckRunFound, CheckRunReport, create_check_run, find_check_run, update_check_run
from app.github.client import Client
from app.github.comments import find_comment, upsert_comment
from app.repair.kept import kept
from app.repair.stored import load
from app.repair.story import published_stories
from app.services import Services
from app.wording import check_run, comment
from storage import writes
from storage.encoding import from_json


async def ask_for_report(run: Run, incident: Incident) -> None:
    """Have the commit of an incident reported on, after whatever report of it is under way."""
    where = reports_of(incident.repository, incident.run.head_sha)
    await run.start("report", where, incident.id, again=True, partition=where)


def reports_of(repository: Repository, sha: str) -> str:
    """Name the partition in which everything happens that is said on a commit: one thing after another."""
    return f"{repository.host}/{repository.id}/{sha}"


async def report(services: Services, run: Run, incident_id: str) -> None:
    """Bring the check run of an incident's commit up to date, and have the comment of its pull request follow."""
    await run.step("check_run", report_check_run, services, incident_id, attempts=3)
    place = await run.step("conversation", conversation_of, services, incident_id)
    if place:
        await run.start("comment", f"{place}/{incident_id}", incident_id, again=True, partition=place)


async def conversation_of(services: Services, incident_id: str) -> str:
    """Name the partition of the pull request's comment: several commits of one share it. Empty where there is no pull request."""
    incident = await load(services, incident_id)
    around = await kept(services, incident_id, "surroundings", Surroundings)
    pull = around.pull_request if around else None
    return f"{incident.repository.host}/{incident.repository.id}/pull/{pull.number}" if pull else ""


async def comment_on(services: Services, run: Run, incident_id: str) -> None:
    """Bring the comment of an incident's pull request up to date."""
    await run.step("comment", report_comment, services, incident_id, attempts=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What was published under a key. ``id`` is null where an attempt was begun and never confirmed."""

    id: int | None = None
    digest: str = ""
    annotations: int = 0  # shown already: GitHub only ever adds them


async def report_check_run(services: Services, incident_id: str) -> None:
    """Create or update the check run `DevFlowFix` of an incident's commit."""
    incident = await load(services, incident_id)
    stories = await published_stories(services, incident)
    if not stories:
        return
    words = check_run.about(stories)
    key = check_run_key(incident.repository, incident.run.head_sha)
    known = await told(services, key)
    if known is not None and known.digest == _digest(words):
        return
    found = await _write_check_run(services, incident, words, known)
    shown = max(len(words.annotations), known.annotations if known else 0)
    await tell(services, key, Told(id=found.id, digest=_digest(words), annotations=shown))


async def _write_check_run(
    services: Services, incident: Incident, words: check_run.CheckWords, known: Told | None
) -> CheckRunFound:
    client, repository, wanted = _client(services, incident), incident.repository, _as_report(words, incident)
    if known is None:
        return await create_check_run(client, repository, wanted)
    if known.id is not None:
        return await update_check_run(client, repository, known.id, wanted, annotations_shown=known.annotations)
    ours = await find_check_run(client, repository, incident.run.head_sha, OWN_CHECK, wanted.external_id, services.app_id)
    if ours is None:
        return await create_check_run(client, repository, wanted)
    return await update_check_run(client, repository, ours.id, wanted, annotations_shown=ours.annotations)


async def report_comment(services: Services, incident_id: str) -> None:
    """Create or edit the one comment on the pull request of an incident's commit, once there is something final to say."""
    incident = await load(services, incident_id)
    around = await kept(services, incident_id, "surroundings", Surroundings)
    stories = await published_stories(services, incident)
    if around is None or around.pull_request is None or not stories or check_run.about(stories).conclusion is None:
        return
    number = around.pull_request.number
    key = f"comment:{incident.repository.host}:{incident.repository.id}:{number}"
    text = comment.about(stories)
    known = await told(services, key)
    if known is not None and known.digest == _digest(text):
        return
    client, known_id = _client(services, incident), known.id if known else None
    if known is not None and known_id is None:
        ours = await find_comment(client, incident.repository, number, comment.MARKER, services.app_id)
        known_id = ours.id if ours else None
    saved = await upsert_comment(client, incident.repository, number, text, known_id=known_id)
    await tell(services, key, Told(id=saved.id, digest=_digest(text)))


def _as_report(words: check_run.CheckWords, incident: Incident) -> CheckRunReport:
    return CheckRunReport(
        name=OWN_CHECK,
        head_sha=incident.run.head_sha,
        status="completed" if words.conclusion else "in_progress",
        conclusion=words.conclusion,
        title=words.title,
        summary=words.summary,
        text=words.text,
        annotations=words.annotations,
        external_id=incident.run.head_sha,
    )


def check_run_key(repository: Repository, sha: str) -> str:
    """Name the one check run of ours on a commit."""
    return f"check_run:{repository.host}:{repository.id}:{sha}"


def _digest(words: object) -> str:
    return hashlib.sha256(repr(words).encode()).hexdigest()[:32]


async def told(services: Services, key: str) -> Told | None:
    """Give what was published under a key, storing the intent first; null when nothing ever was."""
    async with services.db.begin() as tx:
        known = await writes.intend(tx, key, key.partition(":")[0], services.clock())
    return None if known is None else from_json(Told, known.remote or {})


async def tell(services: Services, key: str, what: Told) -> None:
    """Store what was published under a key."""
    async with services.db.begin() as tx:
        await writes.done(tx, key, what, services.clock())


def _client(services: Services, incident: Incident) -> Client:
    return services.github.installation(incident.repository, purpose=f"repair:{incident.id}")
