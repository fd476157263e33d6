"""The third scene: three red candidates. Nothing is left behind but one report that says so."""

from app.demo import looks, scenes
from app.demo.seen import Seen, Watch
from app.demo.stage import Stage
from app.domain.ids import is_our_branch
from app.emulator.github import GitHub

CANDIDATES = 3


async def withdrawn(stage: Stage, github: GitHub) -> Seen:
    """Play the scene: every candidate stays red, and DevFlowFix withdraws."""
    stage.scene("3  A hopeless one: three candidates stay red, and nothing is left behind")
    repo, watch = github.repository(scenes.LANTERN.name), Watch(stage, github)
    sha = await repo.push("main", scenes.LANTERN.broken, author=scenes.CONTRIBUTOR, message=scenes.LANTERN.message)
    run = await stage.until("CI", looks.completed(repo, sha))
    stage.happened(f"{scenes.CONTRIBUTOR} pushes “{scenes.LANTERN.message}”; CI ends in [red]{run.latest.conclusion}[/red]")
    check = await stage.until("three candidates", looks.report(repo, sha, github.app_slug), seconds=120.0)
    tried = {one.head_sha: one for one in repo.runs() if is_our_branch(one.head_branch) and one.head_sha != sha}
    stage.happened(f"{len(tried)} candidates were proven red: {', '.join(one.latest.conclusion or '' for one in tried.values())}")
    await stage.until("the branches to go", looks.no_branch_of_ours(repo))
    stage.happened(f"no branch and no pull request is left ({len(repo.pull_requests)} pull requests)")
    stage.happened(f"one report: “{check.title}” ({check.conclusion})")
    stage.detail((check.summary or "").partition("**Where it stands:** ")[2].splitlines()[0])
    return watch.seen(
        repo,
        run.id,
        title="hopeless",
        end=f"withdrawn after {len(tried)} candidates",
        link=f"{github.api_url}/repos/{repo.full_name}/check-runs/{check.id}",
    )
