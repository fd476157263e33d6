"""What a conversation with a model may cost, what it did cost, and when it has cost enough."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from app.domain.model.talk import Usage

_MILLION = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What a model costs, in US dollars for a million tokens."""

    input_per_million: Decimal
    output_per_million: Decimal

    def of(self, usage: Usage) -> Decimal:
        """What some tokens cost, in US dollars."""
        return (usage.prompt_tokens * self.input_per_million + usage.completion_tokens * self.output_per_million) / _MILLION


def price_of(model: str, prices: Mapping[str, Price]) -> Price | None:
    """Find a model's price: by its name, else by its name without the part before the last slash; null where it is unknown."""
    return prices.get(model) or prices.get(model.rpartition("/")[2])


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What one candidate may cost. Tokens are counted over all turns; ``usd`` is null where money sets no limit."""

    turns: int = 8
    tool_calls: int = 24
    tool_characters: int = 120_000
    prompt_tokens: int = 250_000
    completion_tokens: int = 40_000
    seconds: float = 600.0
    usd: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """What was spent so far. ``usd`` is 0 where the model's price is unknown (``priced`` says which)."""

    turns: int = 0
    tool_calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0
    usd: Decimal = Decimal(0)
    priced: bool = True
    estimated: bool = False  # some tokens were not counted by the endpoint

    @property
    def tokens(self) -> int:
        """Tokens both ways."""
        return self.prompt_tokens + self.completion_tokens

    def turn(self, usage: Usage | None, price: Price | None) -> "Spending":
        """Add one turn."""
        used = usage or Usage(prompt_tokens=0, completion_tokens=0)
        return replace(
            self,
            turns=self.turns + 1,
            prompt_tokens=self.prompt_tokens + used.prompt_tokens,
            completion_tokens=self.completion_tokens + used.completion_tokens,
            usd=self.usd + (price.of(used) if price else 0),
            priced=price is not None,
            estimated=self.estimated or used.estimated,
        )

    def after(self, *, tool_calls: int, seconds: float) -> "Spending":
        """Set what is counted elsewhere: tool calls so far, and seconds since the beginning."""
        return replace(self, tool_calls=tool_calls, seconds=seconds)


def exhausted(spent: Spending, budget: Budget, price: Price | None, next_prompt: int) -> str:
    """Say which budget one more turn with a prompt of so many tokens would overrun; empty where it may be asked."""
    if spent.turns >= budget.turns:
        return f"its {budget.turns} turns are used up"
    if spent.seconds >= budget.seconds:
        return f"its {budget.seconds:.0f} seconds are used up"
    if spent.prompt_tokens + next_prompt > budget.prompt_tokens:
        return f"its {budget.prompt_tokens} tokens of input would be overrun"
    if spent.completion_tokens >= budget.completion_tokens:
        return f"its {budget.completion_tokens} tokens of output are used up"
    if budget.usd is not None and price is not None and affordable(spent, budget, price, next_prompt) <= 0:
        return f"its {budget.usd} US dollars would be overrun"
    return ""


def affordable(spent: Spending, budget: Budget, price: Price | None, next_prompt: int) -> int:
    """Give how many tokens of output one more turn may have."""
    left = budget.completion_tokens - spent.completion_tokens
    if budget.usd is None or price is None:
        return left
    money = budget.usd - spent.usd - price.of(Usage(prompt_tokens=next_prompt, completion_tokens=0))
    if money < 0 or (money == 0 and price.output_per_million > 0):
        return 0
    return left if price.output_per_million == 0 else min(left, int(money * _MILLION / price.output_per_million))
