"""The jobs of a workflow run attempt, what their checks remarked, and running the failed ones again."""

from contextlib import aclosing

from app.domain.ci import FAILED_RUN, Annotation, Job
from app.domain.repository import Repository
from app.github import schema
from app.github.calls import under
from app.github.client import Client
from app.github.reading import Fields


async def jobs(client: Client, repo: Repository, run_id: int, attempt: int) -> tuple[Job, ...]:
    """Read every job of one attempt, with its steps. The attempt form does not move when somebody re-runs meanwhile."""
    url = under(repo, f"actions/runs/{run_id}/attempts/{attempt}/jobs?per_page=100")
    return tuple([schema.job(item) async for item in client.pages(url, "jobs")])


async def failed_jobs(client: Client, repo: Repository, run_id: int, attempt: int) -> tuple[Job, ...]:
    """Read the jobs of one attempt that failed or timed out, in GitHub's order."""
    return tuple(job for job in await jobs(client, repo, run_id, attempt) if job.conclusion in FAILED_RUN)


async def annotations(client: Client, repo: Repository, check_run_id: int, limit: int = 100) -> tuple[Annotation, ...]:
    """Read what a check remarked at lines, at most ``limit``. For GitHub Actions a job's id is its check run's."""
    url = under(repo, f"check-runs/{check_run_id}/annotations?per_page={min(limit, 100)}")
    found: list[Annotation] = []
    async with aclosing(client.pages(url)) as pages:
        async for item in pages:
            found.append(schema.annotation(item))
            if len(found) == limit:  # here, not before the next one: asking for it may cost a request
                break
    return tuple(found)


async def newest_attempt(client: Client, repo: Repository, run_id: int) -> int:
    """Read which attempt of a run is its newest."""
    return Fields(await client.getitem(under(repo, f"actions/runs/{run_id}"), None), "run").number("run_attempt")


async def rerun_failed_jobs(client: Client, repo: Repository, run_id: int) -> None:
    """Run the failed jobs of a run's latest attempt again, for the same commit.

    GitHub refuses (:class:`~app.github.errors.Refused`, 403) thirty days after the first run and after fifty re-runs.
    """
    await client.post(under(repo, f"actions/runs/{run_id}/rerun-failed-jobs"), data={})
