"""The policy under the server's ceilings, and what follows from it."""

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.failure.types import FIXABLE, FailureType
from app.domain.policy import Ceilings, Effective, Mode, Origin, decide_mode, effective, parse_policy, serves


def under(text: str | None, ceilings: Ceilings | None = None) -> Effective:
    if text is None:
        return effective(None, ceilings or Ceilings())
    read = parse_policy(text)
    assert read.problems == ()
    return effective(read.policy, ceilings or Ceilings())


def test_without_a_file_nothing_is_done_but_explained() -> None:
    policy = under(None)
    assert policy.mode is Mode.EXPLAIN
    assert all(decide_mode(policy, kind, ("a.py",)) is Mode.EXPLAIN for kind in FailureType)
    assert set(policy.origins.values()) == {Origin.DEFAULT}


def test_every_value_has_an_origin() -> None:
    for text in (None, "", "mode: ready\nmax_files: 1\nbranches: []\nmodel: off\n"):
        assert set(under(text).origins) == {field.name for field in fields(Effective)} - {"origins"}


@pytest.mark.parametrize(
    ("text", "name", "value", "origin"),
    [
        ("mode: observe", "mode", Mode.OBSERVE, Origin.REPOSITORY),
        ("mode: ready", "mode", Mode.SUGGEST, Origin.SERVER),  # held back by the ceiling below
        ("mode: suggest", "mode", Mode.SUGGEST, Origin.REPOSITORY),
        ("max_files: 3", "mode", Mode.EXPLAIN, Origin.DEFAULT),
        ("min_confidence: 0.95", "min_confidence", 0.95, Origin.REPOSITORY),
        ("min_confidence: 0.1", "min_confidence", 0.9, Origin.SERVER),
        ("", "min_confidence", 0.9, Origin.SERVER),  # the server has its own floor
        ("max_candidates: 1", "max_candidates", 1, Origin.REPOSITORY),
        ("max_candidates: 9", "max_candidates", 3, Origin.SERVER),
        ("", "max_candidates", 3, Origin.DEFAULT),
        ("max_files: 0", "max_files", 0, Origin.REPOSITORY),
        ("max_files: 99", "max_files", 20, Origin.SERVER),
        ("max_lines: 10", "max_lines", 10, Origin.REPOSITORY),
        ("max_lines: 9999", "max_lines", 800, Origin.SERVER),
        ("failure_types: [lint]", "failure_types", frozenset({FailureType.LINT}), Origin.REPOSITORY),
        ("failure_types: [lint, infra]", "failure_types", frozenset({FailureType.LINT}), Origin.SERVER),
        ("failure_types: []", "failure_types", frozenset(), Origin.REPOSITORY),
        ("", "failure_types", FIXABLE, Origin.DEFAULT),
        ("model: off", "model", False, Origin.REPOSITORY),
        ("", "model", True, Origin.DEFAULT),
        ("branches: [main]", "branches", ("main",), Origin.REPOSITORY),
        ("", "branches", None, Origin.DEFAULT),
        ("paths: {deny: [a]}", "paths_deny", ("a",), Origin.REPOSITORY),
        ("mode: {types: {lint: ready}}", "type_modes", {FailureType.LINT: Mode.SUGGEST}, Origin.REPOSITORY),
    ],
)
def test_a_policy_tightens_and_never_widens(text: str, name: str, value: object, origin: Origin) -> None:
    policy = under(text, Ceilings(mode=Mode.SUGGEST, min_confidence=0.9))
    assert getattr(policy, name) == value
    assert policy.origins[name] is origin


def test_a_model_that_the_server_has_not_stays_off() -> None:
    policy = under("model: on", Ceilings(model=False))
    assert policy.model is False
    assert policy.origins["model"] is Origin.SERVER


NUMBERS = st.none() | st.integers(0, 2000)


@given(NUMBERS, NUMBERS, st.none() | st.floats(0, 1), st.sampled_from(Mode), st.sampled_from(Mode))
def test_no_policy_gets_past_the_ceilings(
    files: int | None, lines: int | None, confidence: float | None, wanted: Mode, ceiling: Mode
) -> None:
    said = {"max_files": files, "max_lines": lines, "min_confidence": confidence, "mode": wanted.value}
    text = "".join(
        f"{key}: {value:f}\n" if isinstance(value, float) else f"{key}: {value}\n"
        for key, value in said.items()
        if value is not None
    )
    ceilings = Ceilings(mode=ceiling)
    policy = under(text + "paths:\n", ceilings)
    assert policy.mode.rank <= ceiling.rank
    assert policy.max_files <= ceilings.max_files
    assert policy.max_lines <= ceilings.max_lines
    assert policy.min_confidence >= ceilings.min_confidence


MODES = """\
mode:
  default: suggest
  types: {lint: ready, test: draft, infra: ready}
  paths: {"docs/**": explain, "src/**": ready, "src/core/**": draft}
"""


@pytest.mark.parametrize(
    ("kind", "paths", "mode"),
    [
        (FailureType.BUILD, (), Mode.SUGGEST),  # nothing said: the default
        (FailureType.LINT, (), Mode.READY),  # said of the type, more than the default
        (FailureType.BUILD, ("other.py",), Mode.SUGGEST),
        (FailureType.BUILD, ("src/a.py",), Mode.READY),  # said of the path
        (FailureType.TEST, ("src/a.py",), Mode.DRAFT),  # both speak: the more careful one
        (FailureType.LINT, ("src/core/a.py",), Mode.DRAFT),
        (FailureType.LINT, ("other.py",), Mode.READY),
        (FailureType.LINT, ("other.py", "docs/a.md"), Mode.EXPLAIN),  # the most careful path decides
        (FailureType.INFRA, (), Mode.EXPLAIN),  # not a type to fix, whatever the file says
    ],
)
def test_the_mode_follows_type_and_paths(kind: FailureType, paths: tuple[str, ...], mode: Mode) -> None:
    assert decide_mode(under(MODES), kind, paths) is mode


def test_observe_is_less_than_explain_also_for_what_is_not_fixed() -> None:
    assert decide_mode(under("mode: observe"), FailureType.INFRA, ()) is Mode.OBSERVE


@pytest.mark.parametrize(
    ("text", "yes", "said"),
    [
        ("", True, ""),
        ("workflows: {include: [ci.yml]}", True, ""),
        ("workflows: {include: [.github/workflows/*.yml]}", True, ""),
        ('workflows: {include: ["Tests *"]}', True, ""),  # by its name
        ("workflows: {include: [other.yml]}", False, "workflows.include"),
        ("workflows: {include: [ci.yml], exclude: [ci.yml]}", False, "workflows.exclude"),
        ("branches: [main]", False, "branches"),
        ('branches: ["feature/**"]', True, ""),
        ("branches: []", False, "branches"),
    ],
)
def test_only_the_workflows_and_branches_that_the_policy_names_are_served(text: str, *, yes: bool, said: str) -> None:
    decision = serves(under(text), ".github/workflows/ci.yml", "feature/a/b", "Tests and lint")
    assert decision.yes is yes
    assert said in decision.reason
    assert bool(decision.reason) is not yes
