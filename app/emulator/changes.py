"""What follows when a ref moves: the push event, our App's check suite, the workflows, and the pull requests that stand on it."""

from datetime import datetime

from app.emulator.accounts import Account
from app.emulator.ci_state import CheckSuite
from app.emulator.objects import CommitData
from app.emulator.shapes.pulls import PullSize
from app.emulator.state import Pull, Repository
from app.emulator.world import World

PUSHED = 50  # commits looked at in one push; demo and tests push few


async def move_ref(world: World, repo: Repository, ref: str, sha: str | None, actor: Account, *, run_ci: bool = True) -> None:
    """Move, make or delete a ref and let everything follow that follows on GitHub."""
    before = await repo.git.ref(ref)
    if before == sha:
        return
    await repo.git.set_ref(ref, sha, before)
    repo.pushed_at = world.state.clock()
    if not run_ci:
        return
    await _tell_push(world, repo, ref, actor, before=before, after=sha)
    branch = ref.removeprefix("refs/heads/")
    if sha is not None and branch != ref:
        await request_suite(world, repo, sha, branch, before, actor)
    if branch != ref:
        await _pulls_of_head(world, repo, branch, sha, actor)
        await _pulls_of_base(world, repo, branch, sha, actor)
    if sha is not None:
        await world.actions.pushed(repo, ref, before, sha, actor)


async def _tell_push(world: World, repo: Repository, ref: str, actor: Account, *, before: str | None, after: str | None) -> None:
    commits: list[CommitData] = []
    if after is not None:
        others = before or await _other_tip(repo, ref)
        commits = (await repo.git.commits(await repo.git.history(after, PUSHED, without=others)))[::-1]
    files = {one.sha: await touched(repo, one) for one in commits}
    forced = bool(before and after) and not await repo.git.contains(after or "", before or "")
    world.events.push(repo, ref, actor, before=before, after=after, commits=commits, files=files, forced=forced)


async def _other_tip(repo: Repository, ref: str) -> str | None:
    default = f"refs/heads/{repo.default_branch}"
    return None if ref == default else await repo.git.ref(default)


async def touched(repo: Repository, one: CommitData) -> tuple[list[str], list[str], list[str]]:
    """The paths that a commit added, removed and modified."""
    if not one.parents:
        tree = await repo.git.tree(one.sha, recursive=True)
        return [entry.path for entry in tree if entry.kind == "blob"], [], []
    changes = await repo.git.changes(one.parents[0], one.sha)
    added = [each.path for each in changes if each.status in {"added", "renamed"}]
    removed = [each.previous or each.path for each in changes if each.status in {"removed", "renamed"}]
    return added, removed, [each.path for each in changes if each.status in {"modified", "changed"}]


async def request_suite(
    world: World, repo: Repository, sha: str, branch: str | None, before: str | None, actor: Account
) -> CheckSuite | None:
    """Make our App's check suite for a pushed commit, as GitHub does by itself for Apps that may write checks."""
    installation = world.state.installation_for(repo)
    if installation is None or installation.permissions.get("checks") != "write" or not repo.auto_suites:
        return None
    existing = next((suite for suite in repo.suites_of(sha) if suite.app is world.state.app), None)
    if existing is not None:
        return existing
    now = world.state.clock()
    suite = CheckSuite(
        id=next(world.state.suites),
        app=world.state.app,
        head_sha=sha,
        head_branch=branch,
        before=before,
        created_at=now,
        updated_at=now,
    )
    repo.suites[suite.id] = suite
    world.events.check_suite("requested", repo, suite, await repo.git.commit(sha), actor)
    return suite


async def size_of(repo: Repository, pull: Pull) -> PullSize:
    """Measure a pull request by its three-dot difference, as GitHub does."""
    fork = await repo.git.merge_base(pull.base_sha, pull.head_sha)
    if fork is None:
        return PullSize(commits=0, additions=0, deletions=0, changed_files=0, mergeable=False)
    changes = await repo.git.changes(fork, pull.head_sha)
    ahead, _ = await repo.git.ahead_behind(pull.base_sha, pull.head_sha)
    tip = await repo.git.ref(f"refs/heads/{pull.base_ref}")
    merges = None if tip is None else await repo.git.merged_tree(tip, pull.head_sha) is not None
    return PullSize(
        commits=ahead,
        additions=sum(one.additions for one in changes),
        deletions=sum(one.deletions for one in changes),
        changed_files=len(changes),
        mergeable=merges,
    )


async def tell_pull(world: World, action: str, repo: Repository, pull: Pull, actor: Account, **extra: object) -> None:
    """Send a pull request's event and start the workflows that wait for it."""
    world.events.pull_request(action, repo, pull, await size_of(repo, pull), actor, **extra)
    await world.actions.pull_changed(repo, pull, action, actor)


async def _pulls_of_head(world: World, repo: Repository, branch: str, sha: str | None, actor: Account) -> None:
    for home in world.state.repositories.values():
        for pull in list(home.pulls.values()):
            if pull.state != "open" or pull.head_repository is not repo or pull.head_ref != branch:
                continue
            if sha is None:
                await close(world, home, pull, actor)
                continue
            await _synchronize(world, home, pull, sha, actor)


async def _synchronize(world: World, home: Repository, pull: Pull, sha: str, actor: Account) -> None:
    if pull.head_repository is not None and pull.head_repository is not home:
        await home.git.fetch_from(pull.head_repository.git)
    before, pull.head_sha, pull.updated_at = pull.head_sha, sha, world.state.clock()
    pull.base_sha = await home.git.ref(f"refs/heads/{pull.base_ref}") or pull.base_sha
    await home.git.set_ref(f"refs/pull/{pull.number}/head", sha, before)
    await tell_pull(world, "synchronize", home, pull, actor, before=before, after=sha)


async def _pulls_of_base(world: World, repo: Repository, branch: str, sha: str | None, actor: Account) -> None:
    for pull in list(repo.pulls.values()):
        if pull.state != "open" or pull.base_ref != branch:
            continue
        if sha is None:
            await _lost_base(world, repo, pull, branch, actor)
        elif await repo.git.contains(sha, pull.head_sha):
            await end(world, repo, pull, actor, merged_as=sha)


async def _lost_base(world: World, repo: Repository, pull: Pull, branch: str, actor: Account) -> None:
    """A base branch is gone: retarget to where it was merged, else close (GitHub does so since 2020)."""
    merged = next((one for one in repo.pulls.values() if one.merged and one.head_ref == branch), None)
    if merged is None:
        await close(world, repo, pull, actor)
        return
    old, pull.base_ref = pull.base_ref, merged.base_ref
    pull.base_sha = await repo.git.ref(f"refs/heads/{pull.base_ref}") or pull.base_sha
    changes = {"base": {"ref": {"from": old}, "sha": {"from": pull.base_sha}}}
    await tell_pull(world, "edited", repo, pull, actor, changes=changes)


async def close(world: World, repo: Repository, pull: Pull, actor: Account) -> None:
    """Close a pull request without merging it."""
    await end(world, repo, pull, actor, merged_as=None)


async def end(world: World, repo: Repository, pull: Pull, actor: Account, *, merged_as: str | None) -> None:
    """End a pull request: merged as a commit, or closed."""
    now: datetime = world.state.clock()
    pull.state, pull.closed_at, pull.updated_at = "closed", now, now
    if merged_as is not None:
        pull.merged_at, pull.merged_by, pull.merge_commit_sha = now, actor, merged_as
    await tell_pull(world, "closed", repo, pull, actor)
