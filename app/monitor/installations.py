"""Where the App is installed: kept from the lifecycle events, keyed by numeric ids, never forgotten, only made inactive."""

from app.domain.repository import Installation, Repository
from app.services import Services
from storage import installations


async def installed(services: Services, installation: Installation, repositories: tuple[Repository, ...]) -> None:
    """Record an installation as it stands now, with the repositories that the event named."""
    services.github.forget(installation.id)
    async with services.db.begin() as tx:
        await installations.save_installation(tx, installation)
        for repository in repositories:
            await installations.save_repository(tx, repository)


async def suspended(services: Services, installation: Installation, *, value: bool) -> None:
    """Record that an installation was suspended or taken up again; its tokens are dropped either way."""
    services.github.forget(installation.id)
    async with services.db.begin() as tx:
        await installations.save_installation(tx, installation)
        await installations.set_suspended(tx, installation.host, installation.id, suspended=value)


async def uninstalled(services: Services, installation: Installation) -> None:
    """Record that the App was removed from an account."""
    services.github.forget(installation.id)
    async with services.db.begin() as tx:
        await installations.remove_installation(tx, installation.host, installation.id, at=services.clock())
