"""The second scene: a test fails on a contributor's pull request, workflows run only for main; the second candidate is right."""

from app.demo import looks, scenes
from app.demo.seen import Seen, Watch
from app.demo.stage import Stage
from app.emulator.github import GitHub
from app.emulator.repo import Repo

BRANCH = "mean-of-many"


async def stacked_on_a_contributor(stage: Stage, github: GitHub) -> Seen:
    """Play the scene: the first candidate stays red, the second is proven through a draft into main and then retargeted."""
    stage.scene("2  A test fails on a contributor's pull request; the model learns from its own red run")
    repo, watch = github.repository(scenes.LEDGER.name), Watch(stage, github)
    sha = await repo.push(BRANCH, scenes.LEDGER.broken, author=scenes.CONTRIBUTOR, message=scenes.LEDGER.message)
    theirs = await repo.open_pull_request(BRANCH, author=scenes.CONTRIBUTOR, title=scenes.LEDGER.message)
    stage.happened(f"{scenes.CONTRIBUTOR} opens #{theirs.number} “{theirs.title}”; CI runs only for pull requests into main")
    run = await stage.until("CI", looks.completed(repo, sha))
    stage.happened(f"CI ends in [red]{run.latest.conclusion}[/red] ({looks.jobs_of(run)})")
    stage.detail(looks.failing_lines(run, "E   "))
    first = await _candidate(stage, repo, sha, ())
    await _candidate(stage, repo, sha, (first,))
    pull = await stage.until("the pull request", looks.our_pull(repo))
    stage.happened(f"pull request #{pull.number} is ready for review, stacked on {pull.base_ref}: “{pull.title}”")
    await stage.until("the report", looks.report(repo, sha, github.app_slug))
    comment = await stage.until("the comment", looks.our_comment(repo, theirs.number))
    stage.happened(f"#{theirs.number} has one comment, with the link")
    stage.detail(comment.splitlines()[2])
    return watch.seen(
        repo,
        run.id,
        title="test, stacked",
        end=f"#{pull.number} proven, second candidate",
        link=f"{github.api_url}/repos/{repo.full_name}/pulls/{pull.number}",
    )


async def _candidate(stage: Stage, repo: Repo, sha: str, tried: tuple[str, ...]) -> str:
    """Watch one candidate until CI has spoken; gives its branch."""
    branch, head = await stage.until("a candidate", looks.fix_commit(repo, sha, tried))
    stage.happened(f"candidate {len(tried) + 1} is committed on {branch}, and a draft into main makes CI run on it")
    run = await stage.until("CI on the candidate", looks.completed(repo, head))
    colour = "green" if run.latest.conclusion == "success" else "red"
    stage.happened(f"CI on candidate {len(tried) + 1} ends in [{colour}]{run.latest.conclusion}[/{colour}]")
    stage.detail(looks.failing_lines(run, "E   "))
    return branch
