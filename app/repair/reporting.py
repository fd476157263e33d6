"""Stage 9, report: the check run on the failing commit, and one comment where there is a pull request.

One report for all incidents of a commit, driven to the desired state: what should be said is written from what is stored,
compared with what was said last, and published only where it differs. Reports of one commit run one after another (engine
partition), so two incidents never make two check runs; an intent is stored before each creation, so a killed process finds its
own.
"""

import hashlib

from app.domain.incident import Incident, Surroundings
from app.domain.verification import OWN_CHECK
from app.engine import Run
from app.github.checks import CheckRunReport, create_check_run, find_check_run, update_check_run
from app.github.client import Client
from app.github.comments import find_comment, save_comment
from app.repair.kept import kept
from app.repair.stored import load
from app.repair.story import published_stories
from app.services import Services
from app.wording import check_run, comment
from storage import writes


async def ask_for_report(run: Run, incident: Incident) -> None:
    """Have the commit of an incident reported on, after whatever report of it is under way."""
    repository, sha = incident.repository, incident.run.head_sha
    where = f"{repository.host}/{repository.id}/{sha}"
    await run.start("report", where, incident.id, again=True, partition=where)


async def report(services: Services, run: Run, incident_id: str) -> None:
    """Bring the check run and the comment of an incident's commit up to date."""
    await run.step("check_run", report_check_run, services, incident_id, attempts=3)
    await run.step("comment", report_comment, services, incident_id, attempts=3)


async def report_check_run(services: Services, incident_id: str) -> None:
    """Create or update the check run `DevFlowFix` of an incident's commit."""
    incident = await load(services, incident_id)
    stories = await published_stories(services, incident)
    if not stories:
        return
    words = check_run.about(stories)
    told = await _told(services, _check_key(incident))
    current = _digest(words)
    if told is not None and told.get("digest") == current:
        return
    client = _client(services, incident)
    number = told.get("id") if told else None
    if told is not None and number is None:
        number = await find_check_run(client, incident.repository, incident.run.head_sha, OWN_CHECK, services.github.app_id)
    annotated = bool(told and told.get("annotated"))
    wanted = _as_report(words, incident, with_annotations=not annotated)
    if number is None:
        number = await create_check_run(client, incident.repository, wanted)
    else:
        await update_check_run(client, incident.repository, number, wanted)
    remote = {"id": number, "digest": current, "annotated": annotated or bool(words.annotations)}
    await _tell(services, _check_key(incident), remote)


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
    told = await _told(services, key)
    if told is not None and told.get("digest") == _digest(text):
        return
    client = _client(services, incident)
    known = told.get("id") if told else None
    if told is not None and known is None:
        known = await find_comment(client, incident.repository, number, comment.MARKER, services.github.app_id)
    saved = await save_comment(client, incident.repository, number, text, known)
    await _tell(services, key, {"id": saved, "digest": _digest(text)})


def _as_report(words: check_run.CheckWords, incident: Incident, *, with_annotations: bool) -> CheckRunReport:
    return CheckRunReport(
        name=OWN_CHECK,
        head_sha=incident.run.head_sha,
        status="completed" if words.conclusion else "in_progress",
        conclusion=words.conclusion,
        title=words.title,
        summary=words.summary,
        text=words.text,
        annotations=words.annotations if with_annotations else (),
        external_id=incident.id,
    )


def _check_key(incident: Incident) -> str:
    return f"check_run:{incident.repository.host}:{incident.repository.id}:{incident.run.head_sha}"


def _digest(words: object) -> str:
    return hashlib.sha256(repr(words).encode()).hexdigest()[:32]


async def _told(services: Services, key: str) -> dict[str, object] | None:
    """Give what was published under a key, storing the intent first: null is new, empty was begun but never confirmed."""
    async with services.db.begin() as tx:
        known = await writes.intend(tx, key, key.partition(":")[0], services.clock())
    return None if known is None else dict(known.remote or {})


async def _tell(services: Services, key: str, remote: dict[str, object]) -> None:
    async with services.db.begin() as tx:
        await writes.done(tx, key, remote, services.clock())


def _client(services: Services, incident: Incident) -> Client:
    return services.github.installation(incident.repository, purpose=f"repair:{incident.id}")
