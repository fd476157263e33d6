"""``python -m tests.cases [--real] [NAMES]``: play the cases and print how each ended and what it cost.

Without ``--real`` the recorded answers are given: that measures the plumbing. With it the model endpoint in the environment is
asked (``DEVFLOWFIX_MODEL_BASE_URL``, ``DEVFLOWFIX_MODEL``, ``DEVFLOWFIX_MODEL_API_KEY``, ``DEVFLOWFIX_MODEL_PRICES``): that
measures the model. A case that should not be fixed and is fixed counts as verified, and its row says that it should not be.
"""

import asyncio
import os
import sys
import tempfile
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.cases.case import Case, every_case
from tests.cases.loop import Played, World, missing_tools, play, real_world, scripted_world

_COLUMNS = ("case", "type", "ended", "verified", "candidates", "turns", "tokens", "US$", "seconds")
_TEXTS = ("case", "type", "ended")


def main(words: list[str]) -> int:
    """Play the named cases, or all; 0 when each ended as it should."""
    console = Console(width=max(132, Console().width))
    real, names = "--real" in words, [word for word in words if word != "--real"]
    known = {case.name: case for case in every_case()}
    if unknown := sorted(set(names) - known.keys()):
        console.print(f"There is no case {', '.join(unknown)}; there are: {', '.join(known)}")
        return 2
    if real and not any(os.environ.get(name) for name in ("DEVFLOWFIX_MODEL_BASE_URL", "DEVFLOWFIX_MODEL_API_KEY")):
        console.print("No model is named: set DEVFLOWFIX_MODEL_BASE_URL, DEVFLOWFIX_MODEL and DEVFLOWFIX_MODEL_API_KEY.")
        return 2
    cases = [known[name] for name in names] or list(known.values())
    with tempfile.TemporaryDirectory() as folder:
        opened = real_world(Path(folder), os.environ) if real else scripted_world(Path(folder))
        played = asyncio.run(_play_all(console, opened, cases))
    console.print(_table(played))
    return 0 if all(one.ended == one.case.ends and _type_is_right(one) for one in played) else 1


async def _play_all(console: Console, opened: AbstractAsyncContextManager[World], cases: list[Case]) -> list[Played]:
    """Play one case after the other, so that seconds are those of one; say what cannot be played here."""
    played = []
    async with opened as world:
        for number, case in enumerate(cases, 1):
            if missing := missing_tools(case):
                console.print(f"{case.name}: left out, it needs {', '.join(missing)}")
                continue
            played.append(await play(world, case))
            console.print(f"[dim]{number}/{len(cases)}[/] {case.name}: {played[-1].ended}", highlight=False)
    return played


def _table(played: list[Played]) -> Table:
    table = Table(title="Break and fix", show_footer=True)
    for name, total in zip(_COLUMNS, _totals(played), strict=True):
        table.add_column(name, footer=total, no_wrap=True, justify="left" if name in _TEXTS else "right")
    for one in played:
        table.add_row(*_row(one))
    return table


def _row(one: Played) -> tuple[str, ...]:
    kind = one.failure_type.value if one.failure_type else "none"
    return (
        one.case.name,
        kind if _type_is_right(one) else f"[red]{kind}, not {one.case.failure_type.value}[/]",
        one.ended if one.ended == one.case.ends else f"[red]{one.ended}, not {one.case.ends}[/]",
        "yes" if one.verified else "",
        str(len(one.story.candidates)),
        str(one.turns),
        str(one.tokens),
        _cost([one]),
        f"{one.seconds:.1f}",
    )


def _totals(played: list[Played]) -> tuple[str, ...]:
    """The last row: rates are of the cases that should end in a fix."""
    fixable = [one for one in played if one.case.ends == "fixed"]
    verified = sum(one.verified for one in fixable)
    return (
        f"{len(played)} cases",
        f"{sum(map(_type_is_right, played))} right",
        f"{sum(one.ended == 'withdrawn' for one in played)} withdrawn",
        f"{verified}/{len(fixable)} = {verified / len(fixable):.0%}" if fixable else "",
        str(sum(len(one.story.candidates) for one in played)),
        str(sum(one.turns for one in played)),
        str(sum(one.tokens for one in played)),
        _cost(played),
        f"{sum(one.seconds for one in played):.1f}",
    )


def _cost(played: list[Played]) -> str:
    """Dollars as far as prices are known; a question mark where they are not."""
    priced = all(cost.priced for one in played for cost in one.story.costs)
    return f"{sum(one.usd for one in played):.4f}" + ("" if priced else " + ?")


def _type_is_right(one: Played) -> bool:
    return one.failure_type == one.case.failure_type


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
