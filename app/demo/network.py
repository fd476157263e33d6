"""The fourth scene: the network fails. The code did not cause it, so the jobs run again, and nothing is patched."""

from app.demo import looks, scenes
from app.demo.seen import Seen, Watch
from app.demo.stage import Stage
from app.emulator.github import GitHub


async def run_again(stage: Stage, github: GitHub) -> Seen:
    """Play the scene: a job cannot resolve a name; its second attempt can."""
    stage.scene("4  The network fails: run again, green, no patch")
    repo, watch = github.repository(scenes.FERRY.name), Watch(stage, github)
    sha = await repo.push("main", scenes.FERRY.broken, author=scenes.CONTRIBUTOR, message=scenes.FERRY.message)
    run = await stage.until("CI", looks.completed(repo, sha))
    stage.happened(f"{scenes.CONTRIBUTOR} pushes “{scenes.FERRY.message}”; CI ends in [red]{run.attempts[0].conclusion}[/red]")
    check = await stage.until("the second attempt", looks.report(repo, sha, github.app_slug, "success"))
    stage.happened(
        f"DevFlowFix runs the failed job again: attempt {len(run.attempts)} ends in [green]{run.latest.conclusion}[/green]"
    )
    stage.happened(f"the check run says: “{check.title}” ({check.conclusion}); {len(repo.pull_requests)} pull requests, no patch")
    return watch.seen(
        repo,
        run.id,
        title="network",
        end="run again, green",
        link=f"{github.api_url}/repos/{repo.full_name}/check-runs/{check.id}",
    )
