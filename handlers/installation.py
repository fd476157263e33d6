"""The App was installed, removed, suspended, or given other repositories or permissions. Its cached tokens never outlive that."""

from gidgethub.routing import Router
from gidgethub.sansio import Event

from app.engine import Run
from app.github import schema
from app.monitor import installations
from app.repair.suites import ask_for_quiet
from app.services import Services

router = Router()


@router.register("installation", action="created")
@router.register("installation", action="new_permissions_accepted")
async def on_installed(event: Event, services: Services, run: Run) -> None:
    """Record the installation and the repositories it came with."""
    await _installed(event, services, run)


@router.register("installation_repositories")
async def on_repositories(event: Event, services: Services, run: Run) -> None:
    """Record repositories that were added; those removed lose their token with the rest."""
    await _installed(event, services, run)


async def _installed(event: Event, services: Services, run: Run) -> None:
    repositories = schema.repositories_named(event.data, services.github.host)
    await installations.installed(services, schema.installation(event.data, services.github.host), repositories)
    for repository in repositories:
        await ask_for_quiet(run, repository)


@router.register("installation", action="deleted")
async def on_removed(event: Event, services: Services, run: Run) -> None:
    """Record that the App is gone from the account."""
    await installations.uninstalled(services, schema.installation(event.data, services.github.host))


@router.register("installation", action="suspend")
async def on_suspended(event: Event, services: Services, run: Run) -> None:
    """Record that the installation is suspended."""
    await installations.suspended(services, schema.installation(event.data, services.github.host), value=True)


@router.register("installation", action="unsuspend")
async def on_unsuspended(event: Event, services: Services, run: Run) -> None:
    """Record that the installation works again."""
    await installations.suspended(services, schema.installation(event.data, services.github.host), value=False)
