"""How GitHub's REST API and webhooks write accounts, Apps and installations."""

from dataclasses import dataclass
from urllib.parse import quote

from app.emulator.accounts import Account, App, Json, node_id, stamp
from app.emulator.state import Installation, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where things live: ``api`` is the REST root, ``web`` the pages that people open."""

    api: str
    web: str


_USER_LINKS = {
    "followers_url": "/followers",
    "following_url": "/following{/other_user}",
    "gists_url": "/gists{/gist_id}",
    "starred_url": "/starred{/owner}{/repo}",
    "subscriptions_url": "/subscriptions",
    "organizations_url": "/orgs",
    "repos_url": "/repos",
    "events_url": "/events{/privacy}",
    "received_events_url": "/received_events",
}


def user(at: Addresses, account: Account) -> Json:
    """An account, as ``simple-user``."""
    url = f"{at.api}/users/{quote(account.login)}"
    page = f"apps/{account.login.removesuffix('[bot]')}" if account.type == "Bot" else account.login
    return {
        "login": account.login,
        "id": account.id,
        "node_id": account.node_id,
        "avatar_url": f"{at.web}/avatars/u/{account.id}",
        "gravatar_id": "",
        "url": url,
        "html_url": f"{at.web}/{page}",
        **{key: url + tail for key, tail in _USER_LINKS.items()},
        "type": account.type,
        "user_view_type": "public",
        "site_admin": False,
    }


def organization(at: Addresses, account: Account) -> Json:
    """An organisation as events carry it."""
    url = f"{at.api}/orgs/{account.login}"
    tails = ("repos", "events", "hooks", "issues", "members{/member}", "public_members{/member}")
    links = {f"{tail.partition('{')[0]}_url": f"{url}/{tail}" for tail in tails}
    facts = {"login": account.login, "id": account.id, "node_id": account.node_id, "url": url, "description": ""}
    return facts | links | {"avatar_url": f"{at.web}/avatars/u/{account.id}"}


def public_user(at: Addresses, account: Account) -> Json:
    """An account with its profile, as ``GET /users/{login}`` answers."""
    profile: Json = dict.fromkeys(("bio", "company", "email", "hireable", "location"))
    counts: Json = dict.fromkeys(("followers", "following", "public_gists", "public_repos"), 0)
    made = {"created_at": "2020-01-01T00:00:00Z", "updated_at": "2020-01-01T00:00:00Z"}
    return user(at, account) | profile | counts | made | {"name": account.name, "blog": ""}


def app(at: Addresses, one: App) -> Json:
    """An App, as ``integration``."""
    return {
        "id": one.id,
        "client_id": one.client_id,
        "slug": one.slug,
        "node_id": node_id("A", one.id),
        "owner": user(at, one.owner),
        "name": one.name,
        "description": "",
        "external_url": f"{at.web}/apps/{one.slug}",
        "html_url": f"{at.web}/apps/{one.slug}",
        "created_at": stamp(one.created_at),
        "updated_at": stamp(one.created_at),
        "permissions": one.permissions,
        "events": list(one.events),
    }


def installation(at: Addresses, state: State, one: Installation) -> Json:
    """An installation."""
    url = f"{at.api}/app/installations/{one.id}"
    return {
        "id": one.id,
        "client_id": state.app.client_id,
        "account": user(at, one.account),
        "repository_selection": one.repository_selection,
        "access_tokens_url": f"{url}/access_tokens",
        "repositories_url": f"{at.api}/installation/repositories",
        "html_url": f"{at.web}/settings/installations/{one.id}",
        "app_id": state.app.id,
        "app_slug": state.app.slug,
        "target_id": one.account.id,
        "target_type": one.account.type,
        "permissions": one.permissions,
        "events": list(one.events),
        "created_at": stamp(one.created_at),
        "updated_at": stamp(one.created_at),
        "single_file_name": None,
        "has_multiple_single_files": False,
        "single_file_paths": [],
        "suspended_by": user(at, one.account) if one.suspended_at else None,
        "suspended_at": stamp(one.suspended_at),
    }
