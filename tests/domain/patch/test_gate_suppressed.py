"""Checkers told to look away: each row adds one such request, or is the honest look-alike of one."""

import pytest

from app.domain.failure.types import Failure
from app.domain.patch.gate.suppressed import no_suppressions
from tests.domain.patch.changes import change, facts

UNUSED = (Failure(tool="ruff", message="unused", rule="F401", file="a.py"),)


def passes(path: str, before: str, after: str, failures: tuple[Failure, ...] = UNUSED) -> bool:
    edit = change(path, before, after)
    return no_suppressions((edit,), facts(edit, failures=failures)).passed


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("a.py", "import os\n", "import os  # noqa\n"),
        ("a.py", "import os\n", "import os  # NOQA:F401\n"),
        ("a.py", "import os\n", "import os  # noqa: F4\n"),
        ("a.py", "import os\n", "import os  # noqa: E501, F401\n"),
        ("a.py", "import os\n", "# ruff: noqa\nimport os\n"),
        ("a.py", "import os\n", "# flake8: noqa: F401\nimport os\n"),
        ("a.py", "x = f()\n", "x = f()  # type: ignore\n"),
        ("a.py", "x = f()\n", "# mypy: ignore-errors\nx = f()\n"),
        ("a.py", "x = f()\n", "x = f()  # pyright: ignore\n"),
        ("a.py", "x = f()\n", "x = f()  # pylint: disable=all\n"),
        ("a.py", "x = f()\n", "# pylint: skip-file\nx = f()\n"),
        ("a.py", "x = f()\n", "x = f()  # nosec\n"),
        ("a.py", "x = f()\n", "x = f()  # pragma: no cover\n"),
        ("a.py", "x = f()\n", "# fmt: off\nx = f()\n"),
        ("a.ts", "f();\n", "// @ts-ignore\nf();\n"),
        ("a.ts", "f();\n", "// @ts-nocheck\nf();\n"),
        ("a.tsx", "f();\n", "// @ts-expect-error later\nf();\n"),
        ("a.js", "f();\n", "/* eslint-disable */\nf();\n"),
        ("a.js", "f();\n", "f(); // eslint-disable-line\n"),
        ("a.js", "f();\n", "/* istanbul ignore next */\nf();\n"),
        ("a.js", "f();\n", "// prettier-ignore\nf();\n"),
        ("a.rs", "fn f() {}\n", "#[allow(warnings)]\nfn f() {}\n"),
        ("a.rs", "fn f() {}\n", "#![allow(clippy::all)]\nfn f() {}\n"),
        ("a.go", "package a\n", "package a //nolint\n"),
        ("A.java", "class A {}\n", '@SuppressWarnings("all")\nclass A {}\n'),
        ("A.java", "class A {}\n", '@SuppressWarnings({"unchecked", "x"})\nclass A {}\n'),
        ("a.rb", "f\n", "f # rubocop:disable all\n"),
        ("a.rb", "f\n", "# rubocop:todo\nf\n"),
        ("a.sh", "f\n", "# shellcheck disable=all\nf\n"),
        ("a.yml", "a: 1\n", "a: 1 # yamllint disable-line\n"),
        ("a.kt", "f()\n", "f() // NOSONAR\n"),
    ],
)
def test_a_blanket_suppression_or_one_of_what_failed_is_refused(path: str, before: str, after: str) -> None:
    assert not passes(path, before, after)


@pytest.mark.parametrize(
    ("path", "rule", "after"),
    [
        ("a.py", "E501", "x = 1  # noqa: E501 - why\n"),
        ("a.py", "arg-type", "x = 1  # type: ignore[arg-type]\n"),
        ("a.py", "line-too-long", "x = 1  # pylint: disable=line-too-long\n"),
        ("a.js", "no-console", "f(); // eslint-disable-line no-console\n"),
        (
            "a.ts",
            "@typescript-eslint/no-explicit-any",
            "// eslint-disable-next-line @typescript-eslint/no-explicit-any -- x\nf();\n",
        ),
        ("a.rs", "dead_code", "#[allow(dead_code)]\nfn f() {}\n"),
        ("a.rs", "clippy::needless_return", "#[allow(clippy::needless_return)]\nfn f() {}\n"),
        ("a.go", "errcheck", "package a //nolint:errcheck\n"),
        ("A.java", "deprecation", '@SuppressWarnings("deprecation")\nclass A {}\n'),
        ("a.rb", "Style/StringLiterals", "f # rubocop:disable Style/StringLiterals\n"),
        ("a.rb", "Style/StringLiterals", "f # rubocop:disable Style\n"),
        ("a.sh", "SC2086", "# shellcheck disable=SC2086\nf\n"),
        ("a.yml", "line-length", "a: 1 # yamllint disable-line rule:line-length\n"),
    ],
)
def test_a_suppression_of_the_very_rule_is_refused_and_of_another_is_not(path: str, rule: str, after: str) -> None:
    failed = (Failure(tool="x", message="m", rule=rule, file=path),)
    other = (Failure(tool="x", message="m", rule="quite-another", file=path),)
    assert not passes(path, "x\n", after, failed)
    assert not passes(path, "x\n", after, ())  # nothing is known of what failed
    assert passes(path, "x\n", after, other) is (after != "f # rubocop:disable Style\n")


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("a.py", "x = 1\n", "x = '# noqa'\n"),
        ("a.py", "x = 1\n", "x = 1  # the noqa rules are elsewhere\n"),
        ("a.py", "import os  # noqa: F401, E501\n", "import os  # noqa: E501\n"),
        ("a.py", "import os  # noqa\n", "import os  # noqa: F401\n"),  # narrowed, as PGH004 asks for
        ("a.py", "import os  # noqa: F401\nx=1\n", "x = 1\nimport os  # noqa: F401\n"),
        ("a.py", "x = f()  # type: ignore\n", "x = f()\n"),
        ("a.ts", "f();\n", "const s = '@ts-ignore';\n"),
        ("a.rs", "fn f() {}\n", '#[derive(Debug)]\nstruct A;\nfn f() { let s = "#[allow(x)]"; }\n'),
        ("a.rs", "fn f() {}\n", "#[deny(warnings)]\nfn f() {}\n"),
        ("a.go", "package a\n", 'package a\n\nvar s = "//nolint"\n'),
        ("A.java", "class A {}\n", "@Override\nclass A {}\n"),
        ("docs/a.md", "x\n", "Write # noqa in no file.\n"),
        ("a.sh", "f\n", "echo '# shellcheck disable=all'\n"),
        ("a.yml", "a: 1\n", "a: no # quiet\n"),
    ],
)
def test_a_mention_a_move_and_a_narrower_one_pass(path: str, before: str, after: str) -> None:
    assert passes(path, before, after)


def test_a_suppression_moves_from_file_to_file_but_is_not_doubled() -> None:
    text = "x = f()  # type: ignore\n"
    gone, new = change("a.py", text, None), change("b.py", None, text)
    assert no_suppressions((gone, new), facts(gone, new)).passed
    assert not no_suppressions((gone, change("b.py", None, text * 2)), facts(gone, new)).passed
