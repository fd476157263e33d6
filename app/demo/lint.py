"""The first scene: a lint and format failure on the default branch, repaired without any model."""

from app.demo import looks, scenes
from app.demo.seen import Seen, Watch
from app.demo.stage import Stage
from app.emulator.github import GitHub
from app.emulator.repo import Repo
from app.emulator.state import Pull


async def broken_and_repaired(stage: Stage, github: GitHub) -> Seen:
    """Play the scene: break the build, watch the repair, merge it."""
    stage.scene("1  A commit breaks the build: lint and format, no model needed")
    repo, watch = github.repository(scenes.HARBOUR.name), Watch(stage, github)
    sha = await repo.push("main", scenes.HARBOUR.broken, author=scenes.CONTRIBUTOR, message=scenes.HARBOUR.message)
    stage.happened(f"{scenes.CONTRIBUTOR} pushes “{scenes.HARBOUR.message}” ({sha[:10]}) to main")
    run = await stage.until("CI", looks.completed(repo, sha))
    stage.happened(f"CI really runs and ends in [red]{run.latest.conclusion}[/red] ({looks.jobs_of(run)})")
    stage.detail(looks.failing_lines(run, "F401", "would be reformatted"))
    answer = await stage.until("the webhook", looks.told(github, repo))
    stage.happened(f"GitHub sends the signed webhook workflow_run/completed ({answer})")
    pull = await _proposed(stage, repo, sha)
    calls, seen_calls = looks.calls_to_open_pull_request(watch.requests), pull.number
    seen = watch.seen(
        repo,
        run.id,
        title="lint, no model",
        end=f"#{seen_calls} proven, merged",
        link=f"{github.api_url}/repos/{repo.full_name}/pulls/{pull.number}",
        to_pull_request=calls,
    )
    await _merged(stage, github, repo, pull, sha)
    return seen


async def _proposed(stage: Stage, repo: Repo, sha: str) -> Pull:
    branch, head = await stage.until("a fix on a branch of its own", looks.fix_commit(repo, sha))
    stage.happened(f"a fix is committed on {branch}")
    stage.detail((await repo.log(branch, 1))[0])
    run = await stage.until("CI on the fix", looks.completed(repo, head))
    stage.happened(f"CI runs on the fix and ends in [green]{run.latest.conclusion}[/green] ({looks.jobs_of(run)})")
    pull = await stage.until("the pull request", looks.our_pull(repo))
    stage.happened(f"pull request #{pull.number} is open and ready for review: “{pull.title}”")
    return pull


async def _merged(stage: Stage, github: GitHub, repo: Repo, pull: Pull, sha: str) -> None:
    check = await stage.until("the report on the failing commit", looks.report(repo, sha, github.app_slug))
    stage.happened(f"the check run on {sha[:10]} says: “{check.title}” ({check.conclusion})")
    await repo.merge(pull.number, by=scenes.MAINTAINER, method="squash")
    stage.happened(f"{scenes.MAINTAINER} merges #{pull.number}")
    await stage.until("the branch to go", looks.no_branch_of_ours(repo))
    check = await stage.until("the last word", looks.report(repo, sha, github.app_slug, "success"))
    stage.happened(f"the fix branch is deleted, and the check run says: “{check.title}” ({check.conclusion})")
    run = await stage.until("CI on main", looks.completed(repo, await repo.head("main") or ""))
    stage.happened(f"CI on main ends in {run.latest.conclusion}")
