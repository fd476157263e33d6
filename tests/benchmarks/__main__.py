"""``python -m tests.benchmarks [intake] [engine] [scenarios]``: figures of this machine, to compare one commit with another."""

import sys

from rich.console import Console

from tests.benchmarks import engine_overhead, intake, scenarios

BENCHMARKS = {"intake": intake.run, "engine": engine_overhead.run, "scenarios": scenarios.run}


def main(names: list[str]) -> int:
    """Run the named benchmarks, or all."""
    console = Console()
    unknown = set(names) - BENCHMARKS.keys()
    if unknown:
        console.print(f"There is no {', '.join(sorted(unknown))}; there are: {', '.join(BENCHMARKS)}")
        return 2
    for name in names or BENCHMARKS:
        BENCHMARKS[name](console)
    return 0


sys.exit(main(sys.argv[1:]))
