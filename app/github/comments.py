"""One comment per pull request, edited in place, and reactions."""

from contextlib import aclosing
from dataclasses import dataclass

from app.domain.repository import Repository
from app.github.calls import under
from app.github.client import Client
from app.github.errors import NotThere
from app.github.fit import fitted
from app.github.reading import Fields

_BODY = 60_000  # of 65,536 characters
REACTIONS = frozenset({"eyes", "+1", "-1", "laugh", "confused", "heart", "hooray", "rocket"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentFound:
    """A comment in a pull request's conversation."""

    id: int
    body: str
    url: str


async def find_comment(client: Client, repo: Repository, number: int, marker: str, app_id: int | None) -> CommentFound | None:
    """Find our comment: by the hidden marker on its first line, and by our App, because anybody can write a marker."""
    url = under(repo, f"issues/{number}/comments?per_page=100")
    async with aclosing(client.pages(url)) as pages:
        async for item in pages:
            comment = Fields(item, "comment")
            if comment.text_or("body").startswith(marker) and _is_ours(comment, app_id):
                return _found(comment)
    return None


def _is_ours(comment: Fields, app_id: int | None) -> bool:
    app = comment.fields_or_none("performed_via_github_app")
    return app is not None and (app_id is None or app.number("id") == app_id)


async def upsert_comment(
    client: Client, repo: Repository, number: int, body: str, *, known_id: int | None = None
) -> CommentFound:
    """Write the comment: into the one that is known, else (or if that one was deleted) as a new one.

    Who does not know whether there is one asks :func:`find_comment` first.
    """
    data = {"body": fitted(body, _BODY)}
    if known_id is not None:
        try:
            return _found(Fields(await client.patch(under(repo, f"issues/comments/{known_id}"), data=data), "comment"))
        except NotThere:
            return await upsert_comment(client, repo, number, body)
    return _found(Fields(await client.post(under(repo, f"issues/{number}/comments"), data=data), "comment"))


async def react(client: Client, repo: Repository, comment_id: int, content: str, *, on_review_comment: bool = False) -> None:
    """React to a comment; a reaction that is there already stays as it is."""
    if content not in REACTIONS:
        raise ValueError(f"GitHub has no reaction {content!r}")
    kind = "pulls" if on_review_comment else "issues"
    await client.safe_post(under(repo, f"{kind}/comments/{comment_id}/reactions"), {"content": content})


def _found(comment: Fields) -> CommentFound:
    return CommentFound(id=comment.number("id"), body=comment.text_or("body"), url=comment.text_or("html_url"))
