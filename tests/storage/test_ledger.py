import asyncio
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from storage import ledger
from storage.database import Database
from storage.ledger import Scope, Unit
from tests.storage.conftest import Open
from tests.storage.samples import BIG, HOST

TODAY, TOMORROW = date(2026, 3, 1), date(2026, 3, 2)
SCOPE = Scope(host=HOST, installation_id=BIG, kind="repository", key="42")


async def test_an_entry_made_twice_counts_once(db: Database) -> None:
    async with db.begin() as tx:
        assert await ledger.spend(tx, "c1", SCOPE, day=TODAY, unit="tokens", amount=700)
    async with db.begin() as tx:
        assert not await ledger.spend(tx, "c1", SCOPE, day=TOMORROW, unit="tokens", amount=900)
        assert await ledger.spend(tx, "c2", SCOPE, day=TODAY, unit="tokens", amount=50)
        assert await ledger.spent(tx, SCOPE, TODAY, "tokens") == 750


async def test_one_expense_may_burden_several_budgets(db: Database) -> None:
    other = replace(SCOPE, kind="fingerprint")
    async with db.begin() as tx:
        assert await ledger.spend(tx, "c1", SCOPE, day=TODAY, unit="usd", amount=Decimal("0.25"))
        assert await ledger.spend(tx, "c1", SCOPE, day=TODAY, unit="tokens", amount=10)
        assert await ledger.spend(tx, "c1", other, day=TODAY, unit="usd", amount=1)
        assert await ledger.spent(tx, SCOPE, TODAY, "usd") == Decimal("0.25")
        assert await ledger.spent(tx, other, TODAY, "usd") == 1


async def test_money_adds_up_exactly(db: Database) -> None:
    async with db.begin() as tx:
        for number in range(30):
            await ledger.spend(tx, str(number), SCOPE, day=TODAY, unit="usd", amount=0.1)
        assert await ledger.spent(tx, SCOPE, TODAY, "usd") == 3


@pytest.mark.parametrize(("day", "total"), [(TODAY, 1), (TOMORROW, 2), (date(2026, 3, 3), 0), (None, 3)])
async def test_what_was_spent_is_told_by_day_or_altogether(db: Database, day: date | None, total: int) -> None:
    async with db.begin() as tx:
        await ledger.spend(tx, "c1", SCOPE, day=TODAY, unit="candidates", amount=1)
        await ledger.spend(tx, "c2", SCOPE, day=TOMORROW, unit="candidates", amount=2)
        await ledger.spend(tx, "c3", replace(SCOPE, host="ghe"), day=TODAY, unit="candidates", amount=9)
        assert await ledger.spent(tx, SCOPE, day, "candidates") == total


async def _take(db: Database, entry: str, *, day: date = TODAY, amount: float = 1, ever: bool = False) -> bool:
    unit: Unit = "candidates"
    async with db.begin() as tx:
        return await ledger.spend_within(tx, entry, SCOPE, day=day, unit=unit, amount=amount, limit=3, ever=ever)


async def test_an_expense_that_would_break_the_limit_is_not_made(db: Database) -> None:
    assert await _take(db, "c1", amount=2)
    assert not await _take(db, "c2", amount=1.5)
    assert await _take(db, "c3", amount=1)
    assert not await _take(db, "c4", amount=0.000001)
    assert await _take(db, "c5", day=TOMORROW)


async def test_an_expense_that_was_made_stays_allowed_when_the_budget_is_gone(db: Database) -> None:
    assert await _take(db, "c1", amount=3)
    assert await _take(db, "c1", amount=3)
    assert not await _take(db, "c2")


async def test_a_limit_for_ever_holds_over_the_days(db: Database) -> None:
    assert await _take(db, "c1", amount=3)
    assert not await _take(db, "c2", day=TOMORROW, ever=True)
    assert await _take(db, "c2", day=TOMORROW)


async def test_concurrent_expenses_never_exceed_the_limit(db: Database, open_again: Open) -> None:
    everybody = [db, await open_again(), await open_again()]
    taken = await asyncio.gather(*(_take(everybody[n % 3], f"c{n}") for n in range(12)))
    assert sum(taken) == 3
    async with db.read() as tx:
        assert await ledger.spent(tx, SCOPE, TODAY, "candidates") == 3
