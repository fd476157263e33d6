"""What people and Apps do with pull requests: open, edit, merge, close, reopen, comment, review, react."""

from app.emulator import changes
from app.emulator.accounts import Account
from app.emulator.objects import GitError
from app.emulator.shapes.pulls import label as label_shape
from app.emulator.state import Comment, Label, Pull, Reaction, Repository, Review
from app.emulator.world import Refused, World, invalid

BODY_LIMIT = 65_536  # characters of a comment or description
METHODS = ("merge", "squash", "rebase")


def check_body(body: str | None, resource: str) -> None:
    """Refuse a body that GitHub refuses. Raises Refused."""
    if body is not None and len(body) > BODY_LIMIT:
        raise invalid(resource, "data", "unprocessable", f"Body is too long (maximum is {BODY_LIMIT} characters)")


async def open_pull(  # noqa: PLR0913 - what the form on GitHub asks for
    world: World,
    repo: Repository,
    *,
    title: str,
    body: str | None,
    head: str,
    base: str,
    draft: bool,
    author: Account,
    maintainer_can_modify: bool = False,
) -> Pull:
    """Open a pull request. Raises Refused as GitHub would."""
    source, branch = _source(world, repo, head)
    check_body(body, "PullRequest")
    head_sha, base_sha = await _ends(repo, source, branch, base)
    now = world.state.clock()
    pull = Pull(
        id=next(world.state.small),
        number=next(repo.numbers),
        title=title,
        body=body,
        user=author,
        head_ref=branch,
        head_sha=head_sha,
        head_repository=source,
        base_ref=base,
        base_sha=base_sha,
        draft=draft,
        created_at=now,
        updated_at=now,
        maintainer_can_modify=maintainer_can_modify and source is not repo,
    )
    repo.pulls[pull.number] = pull
    await repo.git.set_ref(f"refs/pull/{pull.number}/head", head_sha, None)
    await changes.tell_pull(world, "opened", repo, pull, author)
    return pull


async def _ends(repo: Repository, source: Repository, branch: str, base: str) -> tuple[str, str]:
    """Where head and base stand. Raises Refused where there is nothing to propose."""
    head_sha = await source.git.ref(f"refs/heads/{branch}")
    base_sha = await repo.git.ref(f"refs/heads/{base}")
    if head_sha is None:
        raise invalid("PullRequest", "head")
    if base_sha is None:
        raise invalid("PullRequest", "base")
    if source is not repo:
        await repo.git.fetch_from(source.git)
    _no_twin(repo, source, branch, base)
    if await repo.git.contains(base_sha, head_sha):
        raise _custom(f"No commits between {_label(repo, source, base, base_side=True)} and {_label(repo, source, branch)}")
    return head_sha, base_sha


def _source(world: World, repo: Repository, head: str) -> tuple[Repository, str]:
    owner, colon, branch = head.rpartition(":")
    if not colon or owner.lower() == repo.owner.login.lower():
        return repo, branch
    fork = next(
        (one for one in world.state.repositories.values() if one.fork_of is repo and one.owner.login.lower() == owner.lower()),
        None,
    )
    if fork is None:
        raise invalid("PullRequest", "head")
    return fork, branch


def _label(repo: Repository, source: Repository, branch: str, *, base_side: bool = False) -> str:
    if source is repo:
        return branch
    return f"{(repo if base_side else source).owner.login}:{branch}"


def _custom(message: str) -> Refused:
    return Refused(422, "Validation Failed", errors=[{"resource": "PullRequest", "code": "custom", "message": message}])


def _no_twin(repo: Repository, source: Repository, branch: str, base: str) -> None:
    for pull in repo.pulls.values():
        if pull.state == "open" and pull.head_repository is source and (pull.head_ref, pull.base_ref) == (branch, base):
            raise _custom(f"A pull request already exists for {source.owner.login}:{branch}.")


async def merge(
    world: World, repo: Repository, pull: Pull, *, by: Account, method: str = "merge", sha: str | None = None, title: str = ""
) -> str:
    """Merge a pull request and give the new commit. Raises Refused: 405 not mergeable, 409 head moved."""
    if sha is not None and sha != pull.head_sha:
        raise Refused(409, "Head branch was modified. Review and try the merge again.")
    if pull.state != "open" or pull.draft:
        raise Refused(
            405, "Pull Request is still a draft" if pull.draft and pull.state == "open" else "Pull Request is not mergeable"
        )
    async with repo.git.lock:
        tip = await repo.git.ref(f"refs/heads/{pull.base_ref}")
        tree = None if tip is None else await repo.git.merged_tree(tip, pull.head_sha)
        if tip is None or tree is None:
            raise Refused(405, "Pull Request is not mergeable")
        headline = title or f"Merge pull request #{pull.number} from {pull.head_ref}"
        if method != "merge":
            headline = title or f"{pull.title} (#{pull.number})"
        parents = [tip, pull.head_sha] if method == "merge" else [tip]
        made = await repo.git.write_commit_of_tree(
            tree, parents, author=world.person(by), committer=world.web_flow(), message=f"{headline}\n\n{pull.title}"
        )
        now = world.state.clock()
        pull.state, pull.closed_at, pull.updated_at = "closed", now, now
        pull.merged_at, pull.merged_by, pull.merge_commit_sha = now, by, made
        await changes.move_ref(world, repo, f"refs/heads/{pull.base_ref}", made, by)
    await changes.tell_pull(world, "closed", repo, pull, by)
    return made


async def reopen(world: World, repo: Repository, pull: Pull, by: Account) -> None:
    """Reopen a closed pull request. Raises Refused when it was merged or its branch is gone."""
    head = await pull.head_repository.git.ref(f"refs/heads/{pull.head_ref}") if pull.head_repository else None
    if pull.merged or head is None:
        raise invalid("PullRequest", "state", "invalid", f"state cannot be changed. The {pull.head_ref} branch has been deleted.")
    pull.state, pull.closed_at, pull.head_sha, pull.updated_at = "open", None, head, world.state.clock()
    await changes.tell_pull(world, "reopened", repo, pull, by)


async def set_draft(world: World, repo: Repository, pull: Pull, by: Account, *, draft: bool) -> None:
    """Turn a pull request into a draft or out of it."""
    if pull.draft == draft:
        return
    pull.draft, pull.updated_at = draft, world.state.clock()
    await changes.tell_pull(world, "converted_to_draft" if draft else "ready_for_review", repo, pull, by)


async def label(world: World, repo: Repository, pull: Pull, names: list[str], by: Account) -> None:
    """Put labels on; unknown ones are made."""
    for name in names:
        if name.lower() in {one.name.lower() for one in pull.labels}:
            continue
        one = repo.labels.setdefault(name.lower(), Label(id=next(world.state.small), name=name))
        pull.labels.append(one)
        await changes.tell_pull(world, "labeled", repo, pull, by, label=label_shape(world.at, repo, one))


def comment(world: World, repo: Repository, number: int, body: str, by: Account, *, by_app: bool = False) -> Comment:
    """Write a comment. Raises Refused when it is empty or too long."""
    if not body:
        raise invalid("IssueComment", "body", "missing_field")
    check_body(body, "IssueComment")
    now = world.state.clock()
    one = Comment(id=next(world.state.small), number=number, body=body, user=by, created_at=now, updated_at=now, by_app=by_app)
    repo.comments[one.id] = one
    world.events.issue_comment("created", repo, one, by)
    return one


def edit_comment(world: World, repo: Repository, one: Comment, body: str, by: Account) -> None:
    """Change a comment's body."""
    check_body(body, "IssueComment")
    old, one.body, one.updated_at = one.body, body, world.state.clock()
    world.events.issue_comment("edited", repo, one, by, changes={"body": {"from": old}})


def delete_comment(world: World, repo: Repository, one: Comment, by: Account) -> None:
    """Delete a comment."""
    del repo.comments[one.id]
    world.events.issue_comment("deleted", repo, one, by)


def react(world: World, one: Comment, content: str, by: Account) -> tuple[Reaction, bool]:
    """React to a comment; tells whether the reaction is new."""
    for reaction in one.reactions:
        if reaction.content == content and reaction.user.id == by.id:
            return reaction, False
    made = Reaction(id=next(world.state.small), content=content, user=by, created_at=world.state.clock())
    one.reactions.append(made)
    return made, True


def review(world: World, repo: Repository, pull: Pull, *, state: str, body: str, by: Account) -> Review:
    """Submit a review. Raises Refused when one approves one's own pull request."""
    if state != "COMMENTED" and by.id == pull.user.id:
        raise Refused(422, "Unprocessable Entity", errors=["Review Can not approve your own pull request"])
    now = world.state.clock()
    one = Review(id=next(world.state.small), user=by, state=state, body=body, commit_id=pull.head_sha, submitted_at=now)
    pull.reviews.append(one)
    pull.updated_at = now
    world.events.review(repo, pull, one, by)
    return one


async def delete_branch(world: World, repo: Repository, branch: str, by: Account) -> None:
    """Delete a branch. Raises Refused when it is missing or the default one."""
    ref = f"refs/heads/{branch}"
    if await repo.git.ref(ref) is None:
        raise Refused(422, "Reference does not exist")
    if branch == repo.default_branch:
        raise Refused(422, f"Cannot delete the default branch {branch}")
    try:
        await changes.move_ref(world, repo, ref, None, by)
    except GitError as error:
        raise Refused(422, "Reference does not exist") from error
