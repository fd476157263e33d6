"""The App itself, its installations, tokens and webhook deliveries."""

from app.emulator import tokens
from app.emulator.accounts import Json, stamp
from app.emulator.routing import Answer, Call, Page, Routes
from app.emulator.shapes import people
from app.emulator.shapes.repositories import repository
from app.emulator.state import Installation
from app.emulator.webhooks import Delivery, Try
from app.emulator.world import Refused

routes = Routes()


def _installation(call: Call) -> Installation:
    found = call.world.state.installations.get(call.number("installation_id"))
    if found is None:
        raise Refused(404, "Not Found")
    return found


@routes("GET", "/app", auth="app")
async def app(call: Call) -> Json:
    """The App that asks."""
    state = call.world.state
    return people.app(call.world.at, state.app) | {"installations_count": len(state.installations)}


@routes("GET", "/app/installations", auth="app")
async def installations(call: Call) -> Page:
    """Where the App is installed."""
    state = call.world.state
    return Page(items=[people.installation(call.world.at, state, one) for one in state.installations.values()])


@routes("GET", "/app/installations/{installation_id}", auth="app")
async def installation(call: Call) -> Json:
    """One installation."""
    return people.installation(call.world.at, call.world.state, _installation(call))


@routes("GET", "/repos/{owner}/{repo}/installation", auth="app")
async def installation_of_repository(call: Call) -> Json:
    """The installation that covers a repository."""
    found = call.world.state.installation_for(call.repo)
    if found is None:
        raise Refused(404, "Not Found")
    return people.installation(call.world.at, call.world.state, found)


@routes("POST", "/app/installations/{installation_id}/access_tokens", auth="app")
async def access_token(call: Call) -> Answer:
    """Mint an installation token, narrowed as the body asks."""
    one = _installation(call)
    stateless = call.headers.get("X-GitHub-Stateless-S2S-Token", "enabled") != "disabled"
    token = tokens.mint(call.world.state, one, call.json, seconds=call.token_seconds, stateless=stateless)
    body: Json = {
        "token": token.value,
        "expires_at": stamp(token.expires_at),
        "permissions": token.permissions,
        "repository_selection": "selected" if token.repository_ids is not None else one.repository_selection,
    }
    if token.repository_ids is not None:
        chosen = [repo for repo in call.world.state.repositories.values() if repo.id in token.repository_ids]
        body["repositories"] = [repository(call.world.at, repo) for repo in chosen]
    return Answer(status=201, body=body)


@routes("DELETE", "/installation/token")
async def revoke(call: Call) -> Answer:
    """Revoke the token that asks."""
    if call.token is not None:
        del call.world.state.tokens[call.token.value]
    return Answer(status=204)


@routes("GET", "/installation/repositories")
async def repositories(call: Call) -> Page:
    """What the token reaches."""
    token = call.token
    reached = [repo for repo in call.world.state.repositories.values() if token is not None and tokens.reaches(token, repo)]
    return Page(items=[repository(call.world.at, repo) for repo in reached], key="repositories")


@routes("GET", "/rate_limit", auth="any")
async def rate_limit(call: Call) -> Json:
    """What is left of every budget; asking is free."""
    core, graphql = call.budgets
    resources = {"core": core, "graphql": graphql, "search": core | {"limit": 30, "remaining": 30, "used": 0}}
    return {"resources": resources, "rate": core}


@routes("GET", "/users/{login}", auth="any")
async def user(call: Call) -> Json:
    """An account."""
    found = call.world.state.accounts.get(call.params["login"].lower())
    if found is None:
        raise Refused(404, "Not Found")
    return people.public_user(call.world.at, found)


# --- deliveries -------------------------------------------------------------------------------------------------------------


def _attempts(call: Call) -> list[tuple[Delivery, Try]]:
    pairs = [(delivery, one) for delivery in call.world.outbox.deliveries for one in delivery.attempts]
    return sorted(pairs, key=lambda pair: pair[1].id, reverse=True)


def _item(delivery: Delivery, one: Try) -> Json:
    return {
        "id": one.id,
        "guid": delivery.guid,
        "delivered_at": stamp(one.at),
        "redelivery": one.redelivery,
        "duration": one.seconds,
        "status": one.status,
        "status_code": one.status_code,
        "event": delivery.event,
        "action": delivery.action,
        "installation_id": delivery.installation_id,
        "repository_id": delivery.repository_id,
        "throttled_at": None,
    }


@routes("GET", "/app/hook/deliveries", auth="app")
async def deliveries(call: Call) -> Answer:
    """Attempts to deliver, newest first; pages by cursor."""
    pairs = _attempts(call)
    if "status" in call.query:
        wanted = call.query["status"] == "success"
        pairs = [pair for pair in pairs if pair[1].accepted is wanted]
    cursor = call.query.get("cursor", "")
    if cursor:
        pairs = [pair for pair in pairs if pair[1].id <= int(cursor.removeprefix("v1_"))]
    size = min(int(call.query.get("per_page", "30")), 100)
    headers = {}
    if len(pairs) > size:
        status = f"&status={call.query['status']}" if "status" in call.query else ""
        url = f"{call.world.at.api}/app/hook/deliveries?per_page={size}&cursor=v1_{pairs[size][1].id}{status}"
        headers["Link"] = f'<{url}>; rel="next"'
    return Answer(body=[_item(*pair) for pair in pairs[:size]], headers=headers)


def _attempt(call: Call) -> tuple[Delivery, Try]:
    found = next((pair for pair in _attempts(call) if pair[1].id == call.number("delivery_id")), None)
    if found is None:
        raise Refused(404, "Not Found")
    return found


@routes("GET", "/app/hook/deliveries/{delivery_id}", auth="app")
async def delivery(call: Call) -> Json:
    """One attempt with what was sent and answered."""
    one, attempt = _attempt(call)
    request = {"headers": {"X-GitHub-Event": one.event, "X-GitHub-Delivery": one.guid}, "payload": one.payload}
    answered = {"headers": {}, "payload": attempt.answer}
    return _item(one, attempt) | {"url": call.world.outbox.url or "", "request": request, "response": answered}


@routes("POST", "/app/hook/deliveries/{delivery_id}/attempts", auth="app")
async def redeliver(call: Call) -> Answer:
    """Deliver again under the same GUID."""
    one, _ = _attempt(call)
    call.world.outbox.redeliver(one.guid)
    return Answer(status=202, body={})
