"""Installations and their repositories, kept true by webhooks: names change, what is removed stays as inactive."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.repository import Account, Installation, Repository
from storage.encoding import from_json, to_json
from storage.models import installation as table
from storage.models import repository as repositories
from storage.upsert import Columns, insert_new, upsert


async def save_installation(tx: AsyncConnection, installation: Installation) -> None:
    """Store an installation as it is now; one that was removed is active again."""
    row = {
        "host": installation.host,
        "id": installation.id,
        "account_id": installation.account.id,
        "account_login": installation.account.login,
        "account_type": installation.account.type,
        "repository_selection": installation.repository_selection,
        "permissions": to_json(installation.permissions),
        "suspended": installation.suspended,
        "is_active": True,
        "removed_at": None,
    }
    await upsert(tx, table, [row])


async def get_installation(tx: AsyncConnection, host: str, installation_id: int) -> Installation | None:
    """Find an active installation; suspended ones count as active."""
    query = select(table).where(table.c.host == host, table.c.id == installation_id, table.c.is_active)
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else _installation(row)


async def list_installations(tx: AsyncConnection, *, active_only: bool = True) -> tuple[Installation, ...]:
    """Give every installation, by host and id."""
    query = select(table).order_by(table.c.host, table.c.id)
    if active_only:
        query = query.where(table.c.is_active)
    return tuple(_installation(row) for row in await tx.execute(query))


async def set_suspended(tx: AsyncConnection, host: str, installation_id: int, *, suspended: bool) -> bool:
    """Suspend an installation or end that; False when it is not known."""
    change = update(table).where(table.c.host == host, table.c.id == installation_id).values(suspended=suspended)
    return (await tx.execute(change)).rowcount == 1


async def remove_installation(tx: AsyncConnection, host: str, installation_id: int, *, at: datetime | None = None) -> bool:
    """Mark an installation and its repositories inactive; from ``at`` its data waits to be purged. False when not known."""
    change = update(table).where(table.c.host == host, table.c.id == installation_id).values(is_active=False, removed_at=at)
    known = (await tx.execute(change)).rowcount == 1
    theirs = and_(repositories.c.host == host, repositories.c.installation_id == installation_id)
    await tx.execute(update(repositories).where(theirs).values(is_active=False))
    return known


async def save_repository(tx: AsyncConnection, repository: Repository) -> None:
    """Store a repository as it is now. A default branch that the payload did not name stays what it was."""

    def changes(new: Columns) -> dict[str, ColumnElement[Any]]:
        branch = case((new.default_branch == "", repositories.c.default_branch), else_=new.default_branch)
        kept = {name: new[name] for name in ("installation_id", "full_name", "private", "is_active")}
        return kept | {"default_branch": branch}

    await upsert(tx, repositories, [_repository_row(repository)], changes)


async def add_repository(tx: AsyncConnection, repository: Repository) -> bool:
    """Store a repository unless it is known; what is stored is newer or as new, so it stays."""
    return await insert_new(tx, repositories, _repository_row(repository))


async def get_repository(tx: AsyncConnection, host: str, repository_id: int) -> Repository | None:
    """Find a repository that the App can see."""
    query = select(repositories).where(repositories.c.host == host, repositories.c.id == repository_id, repositories.c.is_active)
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else repository_of(row)


async def repository_named(tx: AsyncConnection, host: str, full_name: str) -> Repository | None:
    """Find a repository by its present name, without regard to case, as GitHub does."""
    query = (
        select(repositories)
        .where(
            repositories.c.host == host,
            func.lower(repositories.c.full_name) == full_name.lower(),
            repositories.c.is_active,
        )
        .limit(1)
    )
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else repository_of(row)


async def list_repositories(tx: AsyncConnection, host: str, installation_id: int) -> tuple[Repository, ...]:
    """Give the repositories of an installation that the App can see, by name."""
    query = (
        select(repositories)
        .where(
            repositories.c.host == host,
            repositories.c.installation_id == installation_id,
            repositories.c.is_active,
        )
        .order_by(repositories.c.full_name)
    )
    return tuple(repository_of(row) for row in await tx.execute(query))


async def rename(tx: AsyncConnection, host: str, repository_id: int, full_name: str) -> bool:
    """Give a repository its new name; False when it is not known."""
    chosen = update(repositories).where(repositories.c.host == host, repositories.c.id == repository_id)
    return (await tx.execute(chosen.values(full_name=full_name))).rowcount == 1


async def remove_repository(tx: AsyncConnection, host: str, repository_id: int) -> bool:
    """Mark a repository as one that the App no longer sees; False when it is not known."""
    chosen = update(repositories).where(repositories.c.host == host, repositories.c.id == repository_id)
    return (await tx.execute(chosen.values(is_active=False))).rowcount == 1


def _installation(row: Row[Any]) -> Installation:
    return Installation(
        host=row.host,
        id=row.id,
        account=Account(id=row.account_id, login=row.account_login, type=row.account_type),
        repository_selection=row.repository_selection,
        permissions=from_json(tuple[tuple[str, str], ...], row.permissions),
        suspended=row.suspended,
    )


def _repository_row(repository: Repository) -> dict[str, Any]:
    return {
        "host": repository.host,
        "id": repository.id,
        "installation_id": repository.installation_id,
        "full_name": repository.full_name,
        "private": repository.private,
        "default_branch": repository.default_branch,
        "is_active": True,
    }


def repository_of(row: Row[Any]) -> Repository:
    """Read a repository from a row of its table."""
    return Repository(
        host=row.host,
        installation_id=row.installation_id,
        id=row.id,
        full_name=row.full_name,
        private=row.private,
        default_branch=row.default_branch,
    )
