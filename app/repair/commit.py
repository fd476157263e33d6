"""Stage 6, commit: claim the failure, then put one signed commit on a branch of our own.

The claim comes first: at most one open fix per fingerprint and base, held by the database. The branch's name derives from stored
ids, so a repeated step finds its own branch, and the commit's trailer tells whether the commit on it is ours.
"""

from app.domain.candidate import Candidate
from app.domain.ids import fix_id
from app.domain.incident import Incident, Surroundings
from app.domain.plan import Plan
from app.domain.task import FixPullRequest, FixStatus, TaskStatus
from app.github.branches import BranchMoved, CommitMade, create_branch_and_commit
from app.repair.kept import keep, needed
from app.repair.progress import advance
from app.repair.stored import diagnosed, load, stored
from app.repair.trail import entry
from app.services import Services
from app.wording import fix_pull_request as words
from storage import audit, candidates, fixes

LINKED = "linked_fix"  # the kind of artifact that names another incident's fix


async def commit(services: Services, incident_id: str, candidate_id: str) -> bool:
    """Commit a candidate on its branch; false where another open fix holds the failure or a person took the branch."""
    incident = await load(services, incident_id)
    plan = await needed(services, incident_id, "plan", Plan)
    candidate = await stored(services, candidate_id)
    ours = await _claim(services, incident, candidate, plan)
    if ours.task_id != candidate.task_id:
        await keep(services, incident_id, LINKED, ours.id)
        await advance(services, incident_id, TaskStatus.OBSERVED, HELD)
        return False
    made = await _write(services, incident, candidate)
    if isinstance(made, BranchMoved):
        await _give_up(services, incident_id, ours, "Somebody else's commit is on the fix branch; hands off.")
        return False
    async with services.db.begin() as tx:
        await candidates.set_committed(tx, candidate_id, made.sha, services.clock())
        told = {"candidate": candidate_id, "branch": candidate.branch, "sha": made.sha}
        await audit.write(tx, entry(services, incident, "commit", "ok", told))
    await advance(services, incident_id, TaskStatus.VERIFYING)
    return True


async def _claim(services: Services, incident: Incident, candidate: Candidate, plan: Plan) -> FixPullRequest:
    diagnosis = await diagnosed(services, incident.id)
    now = services.clock()
    wanted = FixPullRequest(
        id=fix_id(candidate.id, candidate.task_id),
        task_id=candidate.task_id,
        incident_id=incident.id,
        candidate_id=candidate.id,
        host=incident.repository.host,
        installation_id=incident.repository.installation_id,
        repository_id=incident.repository.id,
        fingerprint=diagnosis.fingerprint,
        base_branch=plan.base_branch,
        branch=candidate.branch,
        status=FixStatus.CREATED,
        created_at=now,
        updated_at=now,
    )
    async with services.db.begin() as tx:
        return await fixes.claim_fix(tx, wanted)


async def _write(services: Services, incident: Incident, candidate: Candidate) -> CommitMade | BranchMoved:
    around = await needed(services, incident.id, "surroundings", Surroundings)
    client = services.github.installation(incident.repository, purpose=f"repair:{incident.id}")
    return await create_branch_and_commit(
        client,
        incident.repository,
        node_id=around.repository_node_id,
        branch=candidate.branch,
        base_sha=candidate.base_sha,
        headline=words.commit_headline(candidate),
        body=words.commit_body(candidate, incident),
        edits=candidate.edits,
    )


async def _give_up(services: Services, incident_id: str, fix: FixPullRequest, reason: str) -> None:
    async with services.db.begin() as tx:
        await fixes.set_fix_status(tx, fix.id, FixStatus.FAILED, at=services.clock(), source="worker")
    await advance(services, incident_id, TaskStatus.FAILED, reason)


HELD = "The same failure is already being fixed elsewhere; it is fixed once."
