"""The shape of `.github/devflowfix.yml` (PRODUCT.md section 3), for reading it and as a JSON Schema for editors."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from app.domain.failure.types import FailureType


class Mode(StrEnum):
    """How far DevFlowFix goes, each mode doing what the one before does and more."""

    OBSERVE = "observe"  # record only
    EXPLAIN = "explain"  # a check run with the diagnosis
    SUGGEST = "suggest"  # and the diff, nothing pushed
    DRAFT = "draft"  # a verified fix as a draft pull request
    READY = "ready"  # ready for review once verified

    @property
    def rank(self) -> int:
        """Position from the most careful (0) on: a smaller mode is the tighter one."""
        return list(Mode).index(self)


class Role(StrEnum):
    """A person's role in a repository, as GitHub names it."""

    READ = "read"
    TRIAGE = "triage"
    WRITE = "write"
    MAINTAIN = "maintain"
    ADMIN = "admin"


def _on_or_off(value: object) -> object:
    """Take ``on`` and ``off`` for what they mean: YAML 1.2 reads them as words."""
    return {"on": True, "off": False}.get(value, value) if isinstance(value, str) else value


Pattern = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Patterns = Annotated[tuple[Pattern, ...], Field(max_length=100)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Switch = Annotated[
    bool, BeforeValidator(_on_or_off, json_schema_input_type=bool), Field(json_schema_extra={"enum": ["on", "off", True, False]})
]


class _Part(BaseModel):
    """A mapping of the file: no unknown keys, no guessing of types (validate it as JSON), nothing changed later."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, use_attribute_docstrings=True)


class Modes(_Part):
    """The mode, with exceptions. Where a type and a path both say something, the more careful one holds."""

    default: Mode | None = Field(default=None)
    """The mode where nothing below applies."""
    types: dict[FailureType, Mode] = {}
    """Mode by failure type, e.g. `lint: ready`."""
    paths: Annotated[dict[Pattern, Mode], Field(max_length=100)] = {}
    """Mode by path pattern, e.g. `"docs/**": draft`; of several that match, the most careful one."""


class Paths(_Part):
    """Which files a fix may touch."""

    allow: Patterns = Field(default=())
    """Patterns of paths that a fix may touch; none: every path."""
    deny: Patterns = Field(default=())
    """Patterns of paths that a fix never touches; they win over `allow`."""


class Workflows(_Part):
    """Which workflows are looked at: by file path, file name or workflow name."""

    include: Patterns = Field(default=())
    """Only these; none: all."""
    exclude: Patterns = Field(default=())
    """Never these; they win over `include`."""


class Rerun(_Part):
    """What may be run again."""

    flaky: Switch | None = None
    """Whether jobs that failed by chance are run again."""


class Commands(_Part):
    """Who may use commands."""

    restrictions: dict[Name, Role] = {}
    """The role that a verb needs at least, e.g. `fix: maintain`."""


class Slack(_Part):
    """Where messages go."""

    channel: Name | None = None
    """The channel for this repository, e.g. `#ci`."""


def _one_mode(value: object) -> object:
    """Take a mode alone for the mode of everything."""
    return value if isinstance(value, dict | Modes) else {"default": value}


class Policy(_Part):
    """What DevFlowFix may do in this repository. What is left out keeps the server's value; a policy may only tighten it."""

    mode: Annotated[Modes, BeforeValidator(_one_mode, json_schema_input_type=Mode | Modes)] = Modes()
    """`observe`, `explain`, `suggest`, `draft` or `ready`; or a mapping with `default`, `types` and `paths`."""
    min_confidence: Annotated[float, Field(ge=0, le=1)] | None = None
    """How sure a fix must be, from 0 to 1, before a pull request is opened."""
    failure_types: tuple[FailureType, ...] | None = Field(default=None)
    """Which failure types are fixed."""
    paths: Paths = Paths()
    workflows: Workflows = Workflows()
    branches: Patterns | None = Field(default=None)
    """Patterns of branches on which failures are looked at; left out: all."""
    max_candidates: Annotated[int, Field(ge=0, le=100)] | None = None
    """How many fixes are tried for one failure."""
    max_files: Annotated[int, Field(ge=0)] | None = None
    """How many files a fix may change."""
    max_lines: Annotated[int, Field(ge=0)] | None = None
    """How many lines a fix may add and remove together."""
    daily_budget_usd: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    """How much the model may cost a day, in US dollars."""
    model: Switch | None = None
    """Whether a model may be asked; `off` leaves the fixers that need none."""
    labels: tuple[Name, ...] | None = Field(default=None)
    """Labels of a fix pull request."""
    reviewers: tuple[Name, ...] | None = Field(default=None)
    """Logins or `org/team` asked to review a fix pull request."""
    rerun: Rerun = Rerun()
    commands: Commands = Commands()
    slack: Slack = Slack()
    shadow: Switch | None = None
    """Whether everything is decided and recorded, and nothing published."""
