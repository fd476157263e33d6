"""What a model is shown first: what the failure names, what that imports, what tests it; and no more than fits."""

import pytest

from app.domain.ci import Commit, RunResult
from app.domain.diagnosis import ExcerptLine, JobReading
from app.domain.failure.types import Failure, FailureType
from app.domain.model.context import Context, choose, since_green
from app.domain.model.imports import Listing, imported, partners


def reading(*failures: Failure, lines: tuple[str, ...] = (), kind: FailureType = FailureType.TEST) -> JobReading:
    excerpt = tuple(ExcerptLine(number=at, text=text) for at, text in enumerate(lines, 1))
    return JobReading(job_id=1, job_name="test", failure_type=kind, confidence=1.0, failures=failures, excerpt=excerpt)


def named(file: str, line: int | None = None, test: str = "") -> Failure:
    return Failure(tool="pytest", message="it fails", file=file, line=line, test=test)


FILES = {
    "src/shop/__init__.py": "",
    "src/shop/cart.py": "from shop.money import add\nfrom . import tax\nimport os\n",
    "src/shop/money.py": "def add(a, b):\n    return a - b\n",
    "src/shop/tax.py": "RATE = 2\n",
    "src/shop/other.py": "",
    "tests/test_cart.py": "from shop.cart import total\n",
    "tests/test_money.py": "from shop.money import add\n",
    "pyproject.toml": "[project]\n",
    "poetry.lock": "shop\n",
}


def shown(context: Context) -> dict[str, str]:
    return {passage.path: passage.why for passage in context.passages}


def test_named_files_come_first_then_imports_then_tests() -> None:
    found = choose([reading(named("src/shop/money.py", 2), named("tests/test_cart.py", 1))], FILES, FILES.get)
    assert shown(found) == {
        "src/shop/money.py": "named by the failure",
        "tests/test_cart.py": "named by the failure",
        "src/shop/cart.py": "imported by tests/test_cart.py",
        "tests/test_money.py": "belongs to src/shop/money.py",
        "src/shop/tax.py": "imported by src/shop/cart.py",
        "src/shop/__init__.py": "imported by src/shop/cart.py",
    }
    assert list(shown(found))[-2:] == ["src/shop/tax.py", "src/shop/__init__.py"]


def test_a_trace_names_files_too() -> None:
    lines = ('  File "/home/runner/work/shop/shop/src/shop/tax.py", line 1, in <module>', "tests/test_cart.py:3: TypeError")
    assert set(shown(choose([reading(lines=lines)], FILES, FILES.get))) >= {"src/shop/tax.py", "tests/test_cart.py"}


def test_a_test_names_its_file() -> None:
    assert "tests/test_cart.py" in shown(choose([reading(named("", test="tests/test_cart.py::test_total"))], FILES, FILES.get))


@pytest.mark.parametrize(
    ("kind", "there"), [(FailureType.TEST, False), (FailureType.DEPENDENCY, True), (FailureType.CONFIG, True)]
)
def test_manifests_are_for_failures_of_their_kind_and_locks_for_none(kind: FailureType, *, there: bool) -> None:
    found = shown(choose([reading(lines=("poetry.lock is bad",), kind=kind)], FILES, FILES.get))
    assert ("pyproject.toml" in found) is there
    assert "poetry.lock" not in found


def test_what_does_not_fit_is_named() -> None:
    files = FILES | {"src/shop/money.py": "x" * 900}
    found = choose([reading(named("src/shop/money.py"), named("src/shop/tax.py"))], files, files.get, tokens=100)
    assert "src/shop/money.py" in found.left_out
    assert "src/shop/tax.py" in shown(found)


def test_a_long_file_is_shown_around_the_named_lines() -> None:
    text = "\n".join(f"line_of_text_number_{number} = {number}" for number in range(1, 3001))
    found = choose(
        [reading(named("long.py", 100), named("long.py", 150), named("long.py", 2990))], ["long.py"], {"long.py": text}.get
    )
    assert [(passage.start, passage.end, passage.total) for passage in found.passages] == [(40, 210, 3000), (2930, 3000, 3000)]
    assert found.passages[0].text.startswith("line_of_text_number_40 = 40\n")
    assert not found.passages[0].whole


def test_a_long_file_without_named_lines_shows_its_head() -> None:
    found = choose([reading(named("long.py"))], ["long.py"], {"long.py": "some words\n" * 5000}.get)
    assert [(passage.start, passage.end) for passage in found.passages] == [(1, 120)]


LISTING = Listing.of(
    [
        *FILES,
        *(
            "web/src/app.ts",
            "web/src/util.ts",
            "web/src/util.test.ts",
            "web/src/parts/index.tsx",
            "web/src/data.json",
            "web/src/old.js",
        ),
        *("a/same.py", "b/same.py", "a/importer.py"),
        *("include/words.h", "src/words.c", "native/lib/words.h", "native/lib/words.cpp", "include/plain.h"),
    ]
)


@pytest.mark.parametrize(
    ("path", "text", "found"),
    [
        ("src/shop/cart.py", "from .money import add", ["src/shop/money.py"]),
        (
            "src/shop/cart.py",
            "from . import (\n    tax,\n    money as m,  # why\n)",
            ["src/shop/tax.py", "src/shop/money.py", "src/shop/__init__.py"],
        ),
        ("tests/test_cart.py", "import shop.cart as c, os", ["src/shop/cart.py"]),
        ("tests/test_cart.py", "from shop import cart", ["src/shop/cart.py", "src/shop/__init__.py"]),
        ("a/importer.py", "import same", ["a/same.py"]),
        ("src/shop/cart.py", "def f(:\n    from shop.tax import RATE", ["src/shop/tax.py"]),
        ("src/shop/cart.py", "from ....... import x", []),
        ("src/shop/cart.py", "# from shop.tax import RATE", []),
        ("web/src/app.ts", "import { a } from './util'", ["web/src/util.ts"]),
        ("web/src/app.ts", 'export * from "./parts"', ["web/src/parts/index.tsx"]),
        ("web/src/app.ts", "const a = require('./old.js'); import('./data.json')", ["web/src/old.js", "web/src/data.json"]),
        ("web/src/app.ts", "import a from './util.js'", ["web/src/util.ts"]),
        ("web/src/app.ts", "import a from '../../../../etc/passwd'; import r from 'react'", []),
        ("web/src/parts/index.tsx", "jest.mock('../util')", ["web/src/util.ts"]),
        ("README.md", "import shop.cart", []),
        ("src/main.c", '#include <stdio.h>\n# include "words.h"', ["include/words.h", "src/words.c"]),
        ("native/lib/main.cpp", '#include "words.h"', ["native/lib/words.h", "native/lib/words.cpp"]),
        ("src/main.c", '#include "plain.h"\n#include "gone.h"', ["include/plain.h"]),
    ],
)
def test_imports_are_found(path: str, text: str, found: list[str]) -> None:
    assert list(imported(path, text, LISTING)) == found


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("src/shop/money.py", ["tests/test_money.py"]),
        ("tests/test_money.py", ["src/shop/money.py"]),
        ("web/src/util.ts", ["web/src/util.test.ts"]),
        ("web/src/util.test.ts", ["web/src/util.ts"]),
        ("README.md", []),
    ],
)
def test_tests_and_what_they_test_belong_together(path: str, found: list[str]) -> None:
    assert list(partners(path, LISTING)) == found


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("./src/shop/tax.py", "src/shop/tax.py"),
        ("shop/tax.py", "src/shop/tax.py"),
        ("src\\shop\\tax.py", "src/shop/tax.py"),
        ("D:/a/shop/shop/src/shop/tax.py", "src/shop/tax.py"),
        ("same.py", None),
        ("/usr/lib/python3/site-packages/x.py", None),
        ("", None),
    ],
)
def test_a_name_in_a_log_is_a_file_of_the_commit_or_nothing(written: str, found: str | None) -> None:
    assert LISTING.named(written) == found


def test_commits_are_those_since_the_last_green_run() -> None:
    def commit(sha: str, *conclusions: str) -> Commit:
        runs = tuple(RunResult(run_id=1, workflow_id=5, workflow_name="CI", event="push", conclusion=one) for one in conclusions)
        return Commit(sha=sha, headline="", author_login="", authored_at=None, runs=runs)

    history = [commit("c", "failure"), commit("b"), commit("a", "failure", "success"), commit("0")]
    assert [one.sha for one in since_green(history, 5)] == ["c", "b"]
    assert len(since_green(history, 6)) == 4
