"""Opening the pull request of a fix, once: an intent is stored before, so a later try finds what an earlier one has opened.

Even where a person has merged or closed it since: GitHub itself only refuses a second *open* pull request for a branch.
"""

from app.domain.incident import Incident
from app.domain.pull_request import PullRequest
from app.domain.task import FixPullRequest, FixStatus
from app.github.client import Client
from app.github.pulls import NewPullRequest, find_pull_request, open_pull_request
from app.repair.trail import entry
from app.services import Services
from storage import audit, fixes, writes


async def open_once(
    services: Services, client: Client, incident: Incident, fix: FixPullRequest, new: NewPullRequest
) -> PullRequest:
    """Open the pull request of a fix, or find the one that an earlier try has opened, whatever became of it."""
    async with services.db.begin() as tx:
        known = await writes.intend(tx, _key(fix), "pull_request", services.clock())
    if known is not None and (found := await find_pull_request(client, incident.repository, new.head)) is not None:
        return found
    return await open_pull_request(client, incident.repository, new)


async def record_opened(
    services: Services, incident: Incident, fix: FixPullRequest, pull: PullRequest, status: FixStatus, title: str
) -> None:
    """Store the number of a fix pull request and where it stands."""
    now = services.clock()
    async with services.db.begin() as tx:
        await fixes.set_fix_status(tx, fix.id, status, number=pull.number, url=pull.url, title=title, at=now, source="worker")
        if fix.number is None:
            await writes.done(tx, _key(fix), pull.number, now)
        told = {"candidate": fix.candidate_id, "number": pull.number, "draft": pull.is_draft}
        await audit.write(tx, entry(services, incident, "pull_request", "opened", told))


def _key(fix: FixPullRequest) -> str:
    return f"pull_request:{fix.id}"
