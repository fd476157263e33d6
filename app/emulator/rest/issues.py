"""Conversation of pull requests: comments, reactions, labels, assignees."""

from app.emulator import conversations
from app.emulator.accounts import Json
from app.emulator.rest.pulls import find
from app.emulator.rest.repositories import REPO, role_of
from app.emulator.routing import Answer, Call, Page, Routes
from app.emulator.shapes import people
from app.emulator.shapes import pulls as shapes
from app.emulator.state import Comment
from app.emulator.world import Refused, invalid

routes = Routes()

ISSUE = REPO + "/issues/{number}"
COMMENT = REPO + "/issues/comments/{comment_id}"
READ = "issues=read; pull_requests=read"
WRITE = "issues=write; pull_requests=write"


def _comment(call: Call) -> Comment:
    found = call.repo.comments.get(call.number("comment_id"))
    if found is None:
        raise Refused(404, "Not Found")
    return found


def _shape(call: Call, one: Comment) -> Json:
    return shapes.comment(call.world.at, call.repo, one, call.world.state.app)


@routes("GET", REPO + "/issues/comments/{comment_id}", READ)
async def get(call: Call) -> Json:
    """One comment."""
    return _shape(call, _comment(call))


@routes("PATCH", COMMENT, WRITE)
async def edit(call: Call) -> Json:
    """Change a comment."""
    one = _comment(call)
    conversations.edit_comment(call.world, call.repo, one, call.text("body", "IssueComment"), call.by)
    return _shape(call, one)


@routes("DELETE", COMMENT, WRITE)
async def delete(call: Call) -> Answer:
    """Delete a comment."""
    conversations.delete_comment(call.world, call.repo, _comment(call), call.by)
    return Answer(status=204)


@routes("GET", COMMENT + "/reactions", "issues=read")
async def reactions(call: Call) -> Page:
    """Reactions on a comment."""
    found = [one for one in _comment(call).reactions if call.query.get("content", one.content) == one.content]
    return Page(items=[shapes.reaction(call.world.at, one) for one in found])


@routes("POST", COMMENT + "/reactions", "issues=write")
async def react(call: Call) -> Answer:
    """React: 201 for a new reaction, 200 for one that was there."""
    content = call.text("content", "Reaction")
    if content not in shapes.REACTIONS:
        raise invalid("Reaction", "content")
    made, new = conversations.react(call.world, _comment(call), content, call.by)
    return Answer(status=201 if new else 200, body=shapes.reaction(call.world.at, made))


@routes("DELETE", COMMENT + "/reactions/{reaction_id}", "issues=write")
async def unreact(call: Call) -> Answer:
    """Take a reaction back."""
    one, number = _comment(call), call.number("reaction_id")
    kept = [reaction for reaction in one.reactions if reaction.id != number]
    if len(kept) == len(one.reactions):
        raise Refused(404, "Not Found")
    one.reactions = kept
    return Answer(status=204)


@routes("GET", ISSUE, READ)
async def issue(call: Call) -> Json:
    """A pull request seen as an issue."""
    return shapes.issue(call.world.at, call.repo, find(call))


@routes("GET", ISSUE + "/comments", READ)
async def comments(call: Call) -> Page:
    """The conversation, oldest first."""
    number = find(call).number
    return Page(items=[_shape(call, one) for one in call.repo.comments.values() if one.number == number])


@routes("POST", ISSUE + "/comments", WRITE)
async def create(call: Call) -> Answer:
    """Comment."""
    body = call.text("body", "IssueComment")
    one = conversations.comment(call.world, call.repo, find(call).number, body, call.by, by_app=True)
    return Answer(status=201, body=_shape(call, one))


@routes("GET", ISSUE + "/labels", READ)
async def labels(call: Call) -> Page:
    """Its labels."""
    return Page(items=[shapes.label(call.world.at, call.repo, one) for one in find(call).labels])


@routes("POST", ISSUE + "/labels", WRITE)
async def add_labels(call: Call) -> list[Json]:
    """Put labels on."""
    names = call.json.get("labels")
    if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
        raise invalid("Label", "labels")
    pull = find(call)
    await conversations.label(call.world, call.repo, pull, names, call.by)
    return [shapes.label(call.world.at, call.repo, one) for one in pull.labels]


@routes("POST", ISSUE + "/assignees", WRITE)
async def assign(call: Call) -> Answer:
    """Assign people; those who cannot be assigned are silently left out."""
    pull = find(call)
    for login in (call.json.get("assignees") or [])[:10]:
        account = call.world.state.accounts.get(login.lower())
        if account is None or account in pull.assignees:
            continue
        if role_of(call.repo, account.login, account.id) in {"triage", "write", "maintain", "admin"}:
            pull.assignees.append(account)
    shape = shapes.issue(call.world.at, call.repo, pull)
    return Answer(status=201, body=shape | {"assignees": [people.user(call.world.at, one) for one in pull.assignees]})
