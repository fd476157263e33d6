"""How a step went, and how steps are named."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.emulator.ci.expressions import Scope, interpolated
from app.emulator.ci.plan import StepPlan
from app.emulator.ci.syntax import ExpressionError


class StepError(Exception):
    """A step cannot go on; the message is what the runner logs as an error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a step went before ``continue-on-error`` is looked at. ``errors`` are the runner's own, not yet logged."""

    conclusion: str  # success, failure, cancelled
    outputs: Mapping[str, str] = field(default_factory=dict)
    errors: tuple[str, ...] = ()

    @classmethod
    def failure(cls, *errors: str) -> "Outcome":
        """A step that failed for these reasons."""
        return cls(conclusion="failure", errors=errors)


def display_name(step: StepPlan, scope: Scope) -> str:
    """The name that the jobs API lists: as written, else ``Run`` and what is run."""
    otherwise = f"Run {step.uses if step.run is None else first_line(step.run)}"
    try:
        return interpolated(step.name or otherwise, scope) or otherwise
    except ExpressionError:  # said where the step runs; GitHub lists the name as written then
        return step.name or otherwise


def first_line(script: str) -> str:
    """What names a script that has no name."""
    return script.strip(" \t\r\n").split("\n")[0].rstrip("\r")


def env_lines(env: Mapping[str, str]) -> list[str]:
    """The block of a step's variables in the log."""
    return ["env:", *(f"  {name}: {value}" for name, value in env.items())] if env else []
