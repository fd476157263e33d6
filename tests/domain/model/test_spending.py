"""What a conversation may cost: prices, sums, and when enough is enough."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.model.spending import Budget, Price, Spending, affordable, exhausted, price_of
from app.domain.model.talk import Usage

PRICE = Price(input_per_million=Decimal(2), output_per_million=Decimal(8))


def test_a_price_is_for_a_million_tokens() -> None:
    assert PRICE.of(Usage(prompt_tokens=500_000, completion_tokens=250_000)) == 3


def test_a_model_is_found_with_or_without_its_owner() -> None:
    prices = {"llama": PRICE, "acme/big": PRICE}
    assert [price_of(name, prices) for name in ("meta/llama", "llama", "acme/big", "big", "")] == [
        PRICE,
        PRICE,
        PRICE,
        None,
        None,
    ]


def test_turns_add_up() -> None:
    spent = Spending().turn(Usage(prompt_tokens=100, completion_tokens=10), PRICE)
    spent = spent.turn(Usage(prompt_tokens=200, completion_tokens=20, estimated=True), PRICE).turn(None, PRICE)
    assert (spent.turns, spent.prompt_tokens, spent.completion_tokens, spent.tokens) == (3, 300, 30, 330)
    assert spent.usd == Decimal("0.00084")
    assert (spent.priced, spent.estimated) == (True, True)


@pytest.mark.parametrize(
    ("spent", "over"),
    [
        (Spending(), ""),
        (Spending(turns=7), ""),
        (Spending(turns=8), "its 8 turns are used up"),
        (Spending(seconds=600), "its 600 seconds are used up"),
        (Spending(prompt_tokens=249_000), ""),
        (Spending(prompt_tokens=249_001), "its 250000 tokens of input would be overrun"),
        (Spending(completion_tokens=40_000), "its 40000 tokens of output are used up"),
        (Spending(usd=Decimal("0.997")), ""),
        (Spending(usd=Decimal("0.998")), "its 1 US dollars would be overrun"),
    ],
)
def test_each_limit_is_named(spent: Spending, over: str) -> None:
    assert exhausted(spent, Budget(usd=Decimal(1)), PRICE, 1000) == over


def test_without_a_price_money_sets_no_limit() -> None:
    assert exhausted(Spending(usd=Decimal(9)), Budget(usd=Decimal(1)), None, 1000) == ""
    assert exhausted(Spending(usd=Decimal(9)), Budget(), PRICE, 1000) == ""


@given(
    usd=st.decimals(0, 2, places=6),
    spent=st.decimals(0, 2, places=6),
    prompt=st.integers(0, 100_000),
    rates=st.tuples(st.decimals(0, 100, places=2), st.decimals(0, 100, places=2)),
)
def test_what_is_affordable_is_within_the_money(
    usd: Decimal, spent: Decimal, prompt: int, rates: tuple[Decimal, Decimal]
) -> None:
    price = Price(input_per_million=rates[0], output_per_million=rates[1])
    room = affordable(Spending(usd=spent), Budget(usd=usd), price, prompt)
    assert 0 <= room <= 40_000
    assert room == 0 or spent + price.of(Usage(prompt_tokens=prompt, completion_tokens=room)) <= usd
