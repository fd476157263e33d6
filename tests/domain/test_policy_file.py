"""The policy file as repositories write it, and as they get it wrong."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.failure.types import FailureType
from app.domain.policy import Mode, json_schema, parse_policy
from app.domain.policy_file import MAX_BYTES
from app.domain.policy_model import Policy, Role

EVERYTHING = """\
# What DevFlowFix may do here.
mode:
  default: explain
  types: {lint: ready, format: draft}
  paths:
    "docs/**": suggest
min_confidence: 0.9
failure_types: [lint, format, test]
paths:
  allow: ["src/**", "tests/"]
  deny: ["src/vendored/**"]
workflows:
  include: [ci.yml]
  exclude: ["Nightly *"]
branches: [main, "release/**"]
max_candidates: 2
max_files: 5
max_lines: 200
daily_budget_usd: 1
model: off
labels: [bot]
reviewers: [alice, org/team]
rerun: {flaky: on}
commands:
  restrictions: {fix: maintain}
slack: {channel: "#ci"}
shadow: off
"""


def test_every_key_is_read() -> None:
    read = parse_policy(EVERYTHING)
    assert read.problems == ()
    policy = read.policy
    assert policy is not None
    assert policy.mode.default is Mode.EXPLAIN
    assert policy.mode.types == {FailureType.LINT: Mode.READY, FailureType.FORMAT: Mode.DRAFT}
    assert policy.mode.paths == {"docs/**": Mode.SUGGEST}
    assert (policy.min_confidence, policy.max_candidates, policy.max_files, policy.max_lines) == (0.9, 2, 5, 200)
    assert policy.failure_types == (FailureType.LINT, FailureType.FORMAT, FailureType.TEST)
    assert policy.paths.allow == ("src/**", "tests/")
    assert policy.paths.deny == ("src/vendored/**",)
    assert (policy.workflows.include, policy.workflows.exclude) == (("ci.yml",), ("Nightly *",))
    assert policy.branches == ("main", "release/**")
    assert (policy.daily_budget_usd, policy.model, policy.shadow, policy.rerun.flaky) == (1.0, False, False, True)
    assert (policy.labels, policy.reviewers) == (("bot",), ("alice", "org/team"))
    assert policy.commands.restrictions == {"fix": Role.MAINTAIN}
    assert policy.slack.channel == "#ci"


@pytest.mark.parametrize("text", ["", "\n", "# only words\n", "---\n", "{}", "paths:\nlabels:\n", "mode:\n"])
def test_a_file_that_says_nothing_is_a_policy_of_defaults(text: str) -> None:
    assert parse_policy(text).policy == Policy()


@pytest.mark.parametrize("mode", [mode.value for mode in Mode])
def test_a_mode_alone_is_the_mode_of_everything(mode: str) -> None:
    policy = parse_policy(f"mode: {mode}\n").policy
    assert policy is not None
    assert policy.mode.default == mode


@pytest.mark.parametrize(
    ("text", "line", "column", "path", "message"),
    [
        ("mod: draft", 1, 1, "mod", "`mod` is no key here; did you mean `mode`?"),
        ("\npaths:\n  alow: []", 3, 3, "paths.alow", "`alow` is no key here; did you mean `allow`?"),
        ("zzz: 1", 1, 1, "zzz", "`zzz` is no key here."),
        ("a:\n  b: 1\nmode: draft", 1, 1, "a", "`a` is no key here."),
        (
            "mode: redy",
            *(1, 1, "mode"),
            "`redy` is none of `observe`, `explain`, `suggest`, `draft`, `ready`; did you mean `ready`?",
        ),
        (
            "mode:\n  types:\n    lint: 3",
            3,
            5,
            "mode.types.lint",
            "`3` is none of `observe`, `explain`, `suggest`, `draft`, `ready`.",
        ),
        ("min_confidence: 1.5", 1, 1, "min_confidence", "It must be less than or equal to 1."),
        ("min_confidence: .nan", 1, 1, "min_confidence", "It must be less than or equal to 1."),
        ("daily_budget_usd: .inf", 1, 1, "daily_budget_usd", "It must be a finite number."),
        ("max_files: '3'", 1, 1, "max_files", "It must be a valid integer."),
        ("max_files: true", 1, 1, "max_files", "It must be a valid integer."),
        ("max_files: 08", 1, 12, "max_files", "`08` is no number."),
        ("branches:\n  - main\n  - 1.0", 3, 5, "branches[1]", "It must be text; put it in quotes."),
        ("branches: main", 1, 1, "branches", "It must be a list."),
        ("paths: [a]", 1, 1, "paths", "It must be a mapping."),
        ("shadow: no", 1, 1, "shadow", "It must be `on` or `off`."),
        ("model: perhaps", 1, 1, "model", "It must be `on` or `off`."),
        ("max_files: 1\nmode: draft\nmax_files: 2", 3, 1, "max_files", "`max_files` stands here twice."),
        ("a: &x [1]\nb: *x", 1, 4, "", "Anchors and aliases are not understood here."),
        ("a: *x", 1, 4, "", "Anchors and aliases are not understood here."),
        ("a: !!python/object:os.system x", 1, 4, "", "Tags are not understood here."),
        ("mode: draft\n---\nmode: ready", 2, 1, "", "The file holds more than one document."),
        ("- mode", 1, 1, "", "The file must be a mapping of keys to values."),
        ("? [a]\n: 1", 1, 3, "", "A key must be a word."),
    ],
)
def test_a_mistake_is_told_at_its_line(text: str, line: int, column: int, path: str, message: str) -> None:
    read = parse_policy(text)
    assert read.policy is None
    first = read.problems[0]
    assert (first.line, first.column, first.path, first.message) == (line, column, path, message)


def test_all_mistakes_are_told_in_the_file_s_order() -> None:
    problems = parse_policy("max_lines: -1\nbranches: x\nmod: draft\n").problems
    assert [(problem.line, problem.path) for problem in problems] == [(1, "max_lines"), (2, "branches"), (3, "mod")]


def test_what_is_no_yaml_is_told_where_yaml_gave_up() -> None:
    problem = parse_policy("mode: draft\npaths: [a\n").problems[0]
    assert problem.line == 3
    assert problem.message.startswith("This is no valid YAML: ")


BOMB = "a: &a [x, x]\n" + "".join(f"{b}: &{b} [*{a}, *{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True))


@pytest.mark.parametrize("text", [BOMB, "[" * 60_000, "{a: " * 15_000, "a: " + "9" * 60_000, "x" * (MAX_BYTES + 1), "ü" * 40_000])
def test_a_file_made_to_keep_the_reader_busy_is_refused_at_once(text: str) -> None:
    started = time.monotonic()
    assert parse_policy(text).policy is None
    assert time.monotonic() - started < 3


@given(st.text(max_size=80) | st.lists(st.sampled_from(EVERYTHING.splitlines(keepends=True))).map("".join))
def test_any_text_is_a_policy_or_has_problems_at_lines_of_the_file(text: str) -> None:
    read = parse_policy(text)
    assert (read.policy is None) == bool(read.problems)
    for problem in read.problems:
        assert 1 <= problem.line <= len(text.splitlines()) + 1
        assert problem.column >= 1
        assert problem.message


def test_the_schema_for_editors_knows_every_key_and_no_other() -> None:
    schema = json.loads(json.dumps(json_schema()))
    assert set(schema["properties"]) == set(Policy.model_fields)
    assert schema["additionalProperties"] is False
    assert schema["properties"]["mode"]["anyOf"][0] == {"$ref": "#/$defs/Mode"}
    assert "on" in json.dumps(schema["properties"]["model"])
    assert schema["properties"]["max_files"]["description"] == "How many files a fix may change."
