"""What an App may not write even with ``contents: write``: protected branches, and workflow files without ``workflows``."""

from collections.abc import Iterable

from app.emulator.state import Repository, Token
from app.emulator.world import Refused

WORKFLOWS = ".github/workflows/"
NEW_COMMITS = 1000


def may_move(repo: Repository, ref: str) -> None:
    """Refuse to move, force or delete a protected branch. Raises Refused (422)."""
    branch = ref.removeprefix("refs/heads/")
    if branch in repo.protected:
        raise Refused(
            422,
            "Repository rule violations found\n\nCannot update this protected ref.\n\n"
            f"Changes must be made through a pull request ({branch}).",
        )


def may_touch(paths: Iterable[str], token: Token | None) -> None:
    """Refuse any path under the workflow folder without ``workflows: write``. Raises Refused (403)."""
    if token is not None and token.permissions.get("workflows") == "write":
        return
    for path in paths:
        if path.startswith(WORKFLOWS):
            refusal = Refused(
                403,
                f"refusing to allow a GitHub App to create or update workflow `{path}` without `workflows` permission",
                kind="FORBIDDEN",
            )
            refusal.headers["X-Accepted-GitHub-Permissions"] = "contents=write,workflows=write"
            raise refusal


async def may_bring(repo: Repository, sha: str, token: Token | None) -> None:
    """Refuse to publish a commit that no branch holds yet if it, or an ancestor as new, touches workflows. Raises Refused."""
    heads = set((await repo.git.branches()).values())
    if sha in heads:
        return
    new = (await repo.git.run("rev-list", f"--max-count={NEW_COMMITS}", sha, "--not", "--branches")).decode().split()
    for commit in await repo.git.commits(new):
        if commit.parents:
            may_touch([change.path for change in await repo.git.changes(commit.parents[0], commit.sha)], token)
