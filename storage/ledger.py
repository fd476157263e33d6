"""The budget ledger: what was spent, on what, on which day. It survives restarts, and an entry made twice counts once."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, func, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import order
from storage.models import budget_ledger as table
from storage.types import Amount
from storage.upsert import insert_new

Unit = Literal["candidates", "tokens", "usd", "reruns", "pull_requests"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a budget belongs to."""

    host: str
    installation_id: int
    kind: str  # "repository", "fingerprint", "installation"
    key: str  # "<repository id>", "<repository id>:<fingerprint>", …


async def spend(tx: AsyncConnection, entry: str, scope: Scope, *, day: date, unit: Unit, amount: Decimal | float) -> bool:
    """Enter an expense.

    Args:
        tx: a transaction of ``Database.begin``.
        entry: the expense's natural key, for example the candidate's id; with scope and unit it names the entry.
        scope: what budget it burdens.
        day: in UTC.
        unit: what is counted.
        amount: how much; kept to a millionth.

    Returns:
        Whether the entry is new.
    """
    row = {
        "entry": entry,
        "host": scope.host,
        "installation_id": scope.installation_id,
        "scope_kind": scope.kind,
        "scope_key": scope.key,
        "unit": unit,
        "day": day,
        "amount": amount,
    }
    return await insert_new(tx, table, row)


async def spent(tx: AsyncConnection, scope: Scope, day: date | None, unit: Unit) -> Decimal:
    """Add up what was spent on a UTC day; on all days where ``day`` is null."""
    chosen = _of(scope, unit) if day is None else and_(_of(scope, unit), table.c.day == day)
    total: Decimal = (await tx.execute(select(_sum()).where(chosen))).scalar_one()
    return total


async def spend_within(
    tx: AsyncConnection,
    entry: str,
    scope: Scope,
    *,
    day: date,
    unit: Unit,
    amount: Decimal | float,
    limit: Decimal | float,
    ever: bool = False,
) -> bool:
    """Enter an expense only if the budget allows it; no two transactions can both take the last of it.

    Args:
        tx: a transaction of ``Database.begin``.
        entry: as for ``spend``. An entry that was made is not made again, and is allowed.
        scope: as for ``spend``.
        day: as for ``spend``.
        unit: as for ``spend``.
        amount: as for ``spend``.
        limit: the most that may be spent on the day, this expense included.
        ever: the limit holds for all days together.

    Returns:
        Whether the expense stands in the ledger.
    """
    await order.hold(tx)
    known = and_(_of(scope, unit), table.c.entry == entry)
    if (await tx.execute(select(table.c.entry).where(known))).first() is not None:
        return True
    before = await spent(tx, scope, None if ever else day, unit)
    if before + Decimal(str(amount)) > Decimal(str(limit)):
        return False
    return await spend(tx, entry, scope, day=day, unit=unit, amount=amount)


def _of(scope: Scope, unit: Unit) -> ColumnElement[bool]:
    return and_(
        table.c.host == scope.host,
        table.c.scope_kind == scope.kind,
        table.c.scope_key == scope.key,
        table.c.unit == unit,
    )


def _sum() -> ColumnElement[Any]:
    return type_coerce(func.coalesce(func.sum(table.c.amount), 0), Amount)
