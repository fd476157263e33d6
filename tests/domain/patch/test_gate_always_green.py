"""Steps that pass whatever they do: each row adds one, or is the honest look-alike of one that does."""

import pytest

from app.domain.patch.gate.always_green import not_always_green
from tests.domain.patch.changes import change, facts

YML = "test:\n  steps:\n    - name: x\n      run: |\n        pytest\n"
TOX = "[testenv]\ncommands =\n    pytest\n"
PKG = '{\n  "scripts": {\n    "test": "jest"\n  }\n}\n'


def passes(path: str, before: str | None, after: str) -> bool:
    edit = change(path, before, after)
    return not_always_green((edit,), facts(edit)).passed


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("run.sh", "pytest\n", "pytest || true\n"),
        ("run.sh", "pytest\n", "pytest || :\n"),
        ("run.sh", "pytest\n", "pytest || exit 0\n"),
        ("run.sh", "pytest\n", "pytest || echo failed\n"),
        ("run.sh", "pytest\n", "pytest || { echo failed; true; }\n"),
        ("run.sh", "pytest\n", "pytest; true\n"),
        ("run.sh", "pytest\n", "set +e\npytest\n"),
        ("run.sh", "pytest\n", "set +o errexit\npytest\n"),
        ("run.sh", "pytest\n", "pytest\nexit 0\n"),
        ("run.sh", "pytest\n", "exit 0\npytest\n"),
        ("run.sh", "pytest\n", 'if [ -n "$CI" ]; then exit 0; fi\npytest\n'),
        ("run.sh", "pytest\n", "trap 'exit 0' EXIT\npytest\n"),
        ("run.sh", None, "pytest || true\n"),
        ("run.sh", "flake8\n", "flake8 --exit-zero\n"),
        (".gitlab-ci.yml", YML, YML + "  allow_failure: true\n"),
        ("ci/template.yml", YML, YML.replace("name: x", "continue-on-error: true")),
        ("ci/template.yml", YML, YML.replace("name: x", "if: false")),
        ("ci/template.yml", YML, YML.replace("name: x", "if: ${{ false }}")),
        ("ci/template.yml", YML, YML.replace("pytest", "pytest || true")),
        ("ci/template.yml", YML, YML.replace("pytest", "set +e\n        pytest")),
        (".pre-commit-config.yaml", "repos:\n- entry: flake8\n", "repos:\n- entry: flake8 --exit-zero\n"),
        (".gitlab-ci.yml", YML, YML + "  when: manual\n"),
        ("Makefile", "test:\n\tpytest\n", "test:\n\tpytest || true\n"),
        ("Makefile", "test:\n\tpytest\n", "test:\n\t-pytest\n"),
        ("Makefile", "test:\n\tpytest\n", "test:\n\t@-pytest\n"),
        ("Makefile", "test:\n\tpytest\n", ".IGNORE: test\ntest:\n\tpytest\n"),
        ("package.json", PKG, PKG.replace('"jest"', '"jest || true"')),
        ("package.json", PKG, PKG.replace('"jest"', '"jest --passWithNoTests"')),
        ("package.json", PKG, PKG.replace('"jest"', '"exit 0"')),
        ("package.json", PKG, PKG.replace('"jest"', '"echo ok"')),
        ("package.json", PKG, PKG.replace('"jest"', '"jest; true"')),
        ("tox.ini", TOX, TOX.replace("pytest", "- pytest")),
        ("tox.ini", TOX, TOX + "ignore_outcome = true\n"),
        ("tox.ini", TOX, TOX.replace("pytest", "flake8 --exit-zero")),
        ("noxfile.py", "session.run('flake8')\n", "session.run('flake8', '--exit-zero')\n"),
        ("noxfile.py", "session.run('pytest')\n", "session.run('pytest', success_codes=[0, 1])\n"),
        ("pyproject.toml", "[tool.x]\ncmd = 'pytest'\n", "[tool.x]\ncmd = 'pytest || true'\n"),
        ("Dockerfile", "RUN pytest\n", "RUN pytest || true\n"),
        ("tests/conftest.py", "x = 1\n", "def pytest_sessionfinish(session):\n    session.exitstatus = 0\n"),
        ("tests/conftest.py", "x = 1\n", "import os\n\nos._exit(0)\n"),
        ("a.test.js", "f();\n", "process.exit(0);\n"),
        ("a_test.go", "package a\n", "package a\n\nfunc TestMain(m *testing.M) { m.Run(); os.Exit(0) }\n"),
    ],
)
def test_a_step_that_would_always_pass_is_refused(path: str, before: str | None, after: str) -> None:
    assert not passes(path, before, after)


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("run.sh", "pytest\n", "# never write pytest || true\npytest -q\n"),
        ("run.sh", "pytest\n", 'echo "no || true here"\npytest\n'),
        ("run.sh", "pytest || true\n", "pytest -q || true\n"),  # it was there
        ("run.sh", "pytest || true\n", "pytest\n"),
        ("run.sh", "pytest\n", 'if [ "$1" = "--help" ]; then\n  usage\n  exit 0\nfi\npytest\n'),
        ("run.sh", "pytest\n", "pytest || exit 1\n"),
        ("run.sh", "pytest\n", "pytest || { echo failed; exit 1; }\n"),
        ("run.sh", "pytest\n", "set -euo pipefail\npytest\n"),
        ("run.sh", "f\n", "f() {\n  return 0\n}\nf\n"),
        ("run.sh", "f\n", "while true; do\n  f && break\ndone\n"),
        ("ci/t.yml", YML, YML.replace("name: x", "continue-on-error: false")),
        ("ci/t.yml", YML, YML.replace("name: x", "if: github.event_name == 'push'")),
        ("ci/t.yml", YML, YML.replace("name: x", "name: never || true")),
        ("ci/t.yml", YML, "# allow_failure: true\n" + YML),
        ("Makefile", "test:\n\tpytest\n", "test:\n\tpytest -q --strict-markers\n"),
        ("Makefile", "-include x.mk\ntest:\n\tpytest\n", "-include x.mk\n-include y.mk\ntest:\n\tpytest\n"),
        ("package.json", PKG, PKG.replace('"jest"', '"jest --ci"')),
        ("tox.ini", TOX, TOX.replace("pytest", "pytest -q")),
        ("docs/a.md", "x\n", "Never write `make || true`.\n"),
        ("app/cli.py", "main()\n", "import sys\n\nmain()\nsys.exit(0)\n"),  # a program may end well
        ("app/a.js", "f();\n", "const x = a || true;\n"),
    ],
)
def test_what_only_looks_like_it_passes(path: str, before: str | None, after: str) -> None:
    assert passes(path, before, after)
