"""The App itself, where it is installed, and on which repositories."""

from dataclasses import dataclass

from app.domain.repository import Installation, Repository
from app.github import schema
from app.github.client import Client
from app.github.reading import Fields


@dataclass(frozen=True, slots=True, kw_only=True)
class AppDetails:
    """The App as GitHub knows it."""

    id: int
    slug: str
    name: str
    url: str
    permissions: tuple[tuple[str, str], ...]
    events: tuple[str, ...]


async def get_app(client: Client) -> AppDetails:
    """Read the App that a client of :meth:`app.github.connect.GitHub.app` speaks for."""
    app = Fields(await client.getitem("/app", None), "app")
    events = app.values.get("events")
    return AppDetails(
        id=app.number("id"),
        slug=app.text_or("slug"),
        name=app.text_or("name"),
        url=app.text_or("html_url"),
        permissions=tuple(sorted(app.mapping("permissions").items())),
        events=tuple(str(event) for event in events) if isinstance(events, list) else (),
    )


async def installations(client: Client) -> tuple[Installation, ...]:
    """List where the App is installed; asked by the App itself."""
    return tuple([schema.installation(item, client.host) async for item in client.pages("/app/installations?per_page=100")])


async def repositories(client: Client) -> tuple[Repository, ...]:
    """List the repositories of the installation that a client speaks for. Its token must not be narrowed to one of them."""
    pages = client.pages("/installation/repositories?per_page=100", "repositories")
    return tuple([schema.repository(item, client.host, client.installation_id) async for item in pages])
