"""Settings of checkers: each row eases one, or is the honest look-alike of one that does."""

import pytest

from app.domain.patch.gate.eased import not_eased
from tests.domain.patch.changes import change, facts

RUFF = "[tool.ruff]\nline-length = 100\n[tool.ruff.lint]\nselect = ['E', 'F']\nignore = ['E203']\n"
MYPY = "[mypy]\nstrict = True\nwarn_unused_ignores = True\n"
COVERAGE = "[tool.coverage.report]\nfail_under = 90\n"
PYTEST = "[tool.pytest.ini_options]\naddopts = '-ra --strict-markers --cov-fail-under=90'\nxfail_strict = true\ntimeout = 60\n"
ESLINT = '{\n  // rules\n  "rules": {"no-console": "error", "eqeqeq": ["warn", "always"]},\n}\n'
FLAT = "export default [{ rules: { 'no-console': 'error' }, ignores: ['dist'] }];\n"
TS = '{"compilerOptions": {"strict": true, "noImplicitAny": true, /* why */ "target": "es2022"}, "exclude": ["dist"]}\n'
JEST = "module.exports = { coverageThreshold: { global: { lines: 80 } }, testTimeout: 5000 };\n"
PACKAGE = '{"name": "a", "jest": {"coverageThreshold": {"global": {"branches": 80}}}, "files": ["dist"]}\n'
GOLANGCI = "linters:\n  enable:\n    - errcheck\n    - govet\nissues:\n  exclude-rules:\n    - path: x\n"
RUBOCOP = "Style/Strings:\n  Enabled: true\nMetrics/MethodLength:\n  Max: 10\n"
HOOKS = "repos:\n  - repo: x\n    rev: v1\n    hooks:\n      - id: ruff\n      - id: mypy\n"
CARGO = '[package]\nname = "a"\n[lints.clippy]\nunwrap_used = "deny"\n'
FLAKE8 = "[flake8]\nmax-line-length = 100\nextend-ignore = E203\nper-file-ignores =\n    a.py: F401\n"


def passes(path: str, before: str | None, after: str | None) -> bool:
    edit = change(path, before, after)
    return not_eased((edit,), facts(edit)).passed


def swapped(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new)


@pytest.mark.parametrize(
    ("path", "before", "old", "new"),
    [
        ("pyproject.toml", RUFF, "['E203']", "['E203', 'F401']"),
        ("pyproject.toml", RUFF, "['E', 'F']", "['E']"),
        ("pyproject.toml", RUFF, "line-length = 100", "line-length = 200"),
        ("pyproject.toml", RUFF, "line-length = 100\n", "line-length = 100\nextend-exclude = ['a.py']\n"),
        ("pyproject.toml", RUFF, "ignore = ['E203']\n", "ignore = ['E203']\nper-file-ignores = {'a.py' = ['F401']}\n"),
        ("pyproject.toml", COVERAGE, "90", "80"),
        ("pyproject.toml", COVERAGE, "fail_under = 90\n", ""),
        ("pyproject.toml", COVERAGE, "fail_under = 90\n", "fail_under = 90\nomit = ['a.py']\n"),
        ("pyproject.toml", PYTEST, "-ra", "-ra --deselect=tests/test_a.py"),
        ("pyproject.toml", PYTEST, "-ra", "-ra --ignore=tests"),
        ("pyproject.toml", PYTEST, " --strict-markers", ""),
        ("pyproject.toml", PYTEST, "fail-under=90", "fail-under=50"),
        ("pyproject.toml", PYTEST, "xfail_strict = true", "xfail_strict = false"),
        ("pyproject.toml", PYTEST, "timeout = 60", "timeout = 600"),
        ("pyproject.toml", "[tool.mypy]\nstrict = true\n", "strict = true", "strict = false"),
        ("pyproject.toml", "[tool.mypy]\n", "mypy]\n", "mypy]\n[[tool.mypy.overrides]]\nmodule = 'a'\nignore_errors = true\n"),
        ("ruff.toml", "[lint]\nselect = ['ALL']\n", "['ALL']", "['E']"),
        ("mypy.ini", MYPY, "strict = True", "strict = False"),
        ("mypy.ini", MYPY, "warn_unused_ignores = True\n", ""),
        ("mypy.ini", MYPY, "strict = True\n", "strict = True\nignore_missing_imports = True\n"),
        (".flake8", FLAKE8, "E203", "E203, F401"),
        (".flake8", FLAKE8, "a.py: F401", "a.py: F401, E711"),
        ("setup.cfg", FLAKE8, "= 100", "= 160"),
        (".pylintrc", "[MESSAGES CONTROL]\ndisable=\n  a\n", "  a\n", "  a,\n  b\n"),
        (".coveragerc", "[report]\nfail_under = 90\n", "90", "10"),
        (".eslintrc.json", ESLINT, '"error"', '"off"'),
        (".eslintrc.json", ESLINT, '"error"', '"warn"'),
        (".eslintrc.json", ESLINT, '["warn", "always"]', '"off"'),
        (".eslintrc.json", ESLINT, '"rules"', '"ignorePatterns": ["a.js"], "rules"'),
        ("eslint.config.js", FLAT, "'error'", "0"),
        ("eslint.config.js", FLAT, "['dist']", "['dist', 'src/a.js']"),
        ("eslint.config.mjs", FLAT, "'no-console': 'error'", "'no-console': 'error', eqeqeq: 'off'"),
        ("tsconfig.json", TS, '"strict": true', '"strict": false'),
        ("tsconfig.json", TS, '"noImplicitAny": true, ', ""),
        ("tsconfig.json", TS, '["dist"]', '["dist", "src/a.ts"]'),
        ("tsconfig.json", TS, '"strict": true', '"strict": true, "skipLibCheck": true'),
        ("jest.config.js", JEST, "lines: 80", "lines: 10"),
        ("jest.config.js", JEST, "5000", "60000"),
        ("jest.config.js", JEST, "testTimeout", "testPathIgnorePatterns: ['a.test.js'], testTimeout"),
        ("package.json", PACKAGE, "80", "8"),
        (".golangci.yml", GOLANGCI, "    - errcheck\n", ""),
        (".golangci.yml", GOLANGCI, "    - path: x\n", "    - path: x\n    - path: a.go\n"),
        (".rubocop.yml", RUBOCOP, "Enabled: true", "Enabled: false"),
        (".rubocop.yml", RUBOCOP, "Max: 10", "Max: 100"),
        (".pre-commit-config.yaml", HOOKS, "      - id: mypy\n", ""),
        (".pre-commit-config.yaml", HOOKS, "- id: mypy\n", "- id: mypy\n        exclude: ^a.py$\n"),
        ("codecov.yml", "coverage:\n  status:\n    project:\n      default:\n        target: 90%\n", "90%", "10%"),
        ("Cargo.toml", CARGO, '"deny"', '"allow"'),
        (".shellcheckrc", "disable=SC1\n", "SC1", "SC1,SC2086"),
        (".eslintignore", "dist\n", "dist\n", "dist\nsrc/a.js\n"),
        (".yamllint", "rules:\n  line-length: enable\n", "enable", "disable\nignore: |\n  a.yml\n"),
    ],
)
def test_settings_that_ask_for_less_are_refused(path: str, before: str, old: str, new: str) -> None:
    assert not passes(path, before, swapped(before, old, new))


@pytest.mark.parametrize("path", [".flake8", "setup.cfg"])
def test_settings_that_go_altogether_are_refused(path: str) -> None:
    assert not passes(path, FLAKE8, None)
    assert not passes(path, FLAKE8, "")
    assert passes(path, FLAKE8, FLAKE8)


@pytest.mark.parametrize(
    ("path", "before", "old", "new"),
    [
        ("pyproject.toml", RUFF, "['E', 'F']", "['E', 'F', 'B']"),
        ("pyproject.toml", RUFF, "['E', 'F']", "['F', 'E']"),
        ("pyproject.toml", RUFF, "['E', 'F']", "['ALL']"),
        ("pyproject.toml", RUFF, "['E203']", "[]"),
        ("pyproject.toml", RUFF, "line-length = 100", "line-length = 88"),
        ("pyproject.toml", COVERAGE, "90", "95"),
        ("pyproject.toml", PYTEST, "-ra", "-ra -q"),
        ("pyproject.toml", PYTEST, "timeout = 60", "timeout = 30"),
        ("pyproject.toml", RUFF, "[tool.ruff]\n", "[project]\ndependencies = ['a']\n[tool.ruff]\n"),
        ("pyproject.toml", "[tool.hatch.build]\nexclude = ['a']\n", "['a']", "['a', 'b']"),  # no checker
        ("mypy.ini", MYPY, "strict = True", "strict = True\nplugins = a"),
        (".flake8", FLAKE8, "E203", "E203  # why"),
        (".eslintrc.json", ESLINT, '"warn"', '"error"'),
        (".eslintrc.json", ESLINT, "// rules", "// off"),
        ("eslint.config.js", FLAT, "'error'", "['error']"),
        ("tsconfig.json", TS, "es2022", "es2023"),
        ("tsconfig.json", TS, "/* why */ ", ""),
        ("jest.config.js", JEST, "lines: 80", "lines: 85"),
        ("package.json", PACKAGE, '["dist"]', '["lib"]'),
        (".golangci.yml", GOLANGCI, "    - govet\n", "    - govet\n    - gosec\n"),
        (".rubocop.yml", RUBOCOP, "Max: 10", "Max: 8"),
        (".pre-commit-config.yaml", HOOKS, "rev: v1", "rev: v2"),
        ("Cargo.toml", CARGO, '"a"', '"b"'),
        ("docs/setup.md", "ignore = []\n", "[]", "['F401']"),
        ("app/settings.py", "ignore = []\n", "[]", "['F401']"),
    ],
)
def test_settings_that_ask_for_as_much_pass(path: str, before: str, old: str, new: str) -> None:
    assert passes(path, before, swapped(before, old, new))


def test_a_first_settings_file_may_come_unless_it_only_ignores() -> None:
    assert passes("ruff.toml", None, "[lint]\nselect = ['E']\n")
    assert not passes("ruff.toml", None, "[lint]\nignore = ['E501']\n")
