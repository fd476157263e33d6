"""Settings of checkers, whatever their format, as a bag of (path, value), so that a change can be asked what it adds and removes.

A list gives one entry for each element, under the path of the list; a table in a list stands under the list's path too. So a
changed order or a table moved is no change, and every format is compared by the same rules.
"""

import configparser
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import (
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from tree_sitter import Node

from app.domain.patch.gate.grammar import tree
from app.domain.patch.gate.nodes import text_of, tokens

Path = tuple[str, ...]
Settings = Counter[tuple[Path, str]]

_TOOLS = frozenset(
    {
        *("ruff", "flake8", "mypy", "pylint", "pytest", "coverage", "isort", "black", "bandit", "pyright", "basedpyright", "ty"),
        *("pydocstyle", "codespell", "pydoclint", "interrogate", "vulture", "importlinter", "deptry", "pyrefly", "pycodestyle"),
    }
)
_PACKAGE = frozenset({"eslintconfig", "jest", "nyc", "c8", "xo", "stylelint", "ava", "mocha", "standard", "tsd"})
_INI = re.compile(
    r"(^|/)(setup\.cfg|tox\.ini|pytest\.ini|\.pytest\.ini|mypy\.ini|\.mypy\.ini|\.flake8|\.coveragerc|\.?pylintrc|\.pycodestyle|\.bandit)$"
)
_INI_SECTIONS = re.compile(
    r"(?i)(flake8|mypy|pylint|tool:pytest|pytest|coverage|run|report|pycodestyle|pydocstyle|isort|bandit|main|master|messages|basic|format|design|imports|miscellaneous|similarities)"
)
_SHARED_INI = re.compile(r"(^|/)(setup\.cfg|tox\.ini)$")
_SHARED_SECTIONS = re.compile(r"(?i)(flake8|mypy|pylint|tool:pytest|pytest$|coverage:|pycodestyle|pydocstyle|isort|bandit)")
_YAML = re.compile(
    r"(^|/)(\.?golangci|\.rubocop(_todo)?|\.pre-commit-config|\.?codecov|\.eslintrc|\.stylelintrc|\.?yamllint|\.hadolint|\.markdownlint"
    r"|\.ansible-lint|\.swiftlint|detekt|\.mocharc|\.nycrc|\.c8rc|\.prospector|\.semgrep|\.trivy|trivy|\.coveralls|analysis_options)\.ya?ml$|(^|/)\.yamllint$"
)
_JSON = re.compile(
    r"(^|/)(tsconfig[^/]*|jsconfig|\.eslintrc|\.stylelintrc|\.nycrc|\.c8rc|jest\.config|\.mocharc|biome|deno|pyrightconfig|\.markdownlint"
    r"|\.jshintrc|tslint|\.oxlintrc|\.swcrc|\.htmlhintrc)(\.json[c5]?)?$"
)
_SCRIPT = re.compile(
    r"(^|/)(\.?eslint(rc)?(\.config)?|jest\.config|vitest\.(config|workspace)|vite\.config|karma\.conf|playwright\.config|cypress\.config"
    r"|stylelint\.config|\.?mocharc|nyc\.config|ava\.config|wdio\.conf)\.[cm]?[jt]s$"
)
_TOML = re.compile(
    r"(^|/)(\.?ruff|\.?clippy|deny|\.?taplo|\.?typos|\.gitleaks|pyproject|Cargo|\.bandit|\.cargo/config|nextest)\.toml$"
)
_LINES = re.compile(
    r"(^|/)\.(eslint|prettier|stylelint|semgrep|trivy|gitleaks|flake8|jshint|markdownlint|ansible-lint-|bandit|nyc)ignore$"
)
_DEEPEST = 100


def settings(path: str, text: str | None) -> Settings | None:
    """Read the settings of a checker's file; null where a path is no such file."""
    reader = next((read for pattern, read in _READERS if pattern.search(path)), None)
    if reader is None:
        return None
    try:
        return _relevant(path, reader(text or ""))
    except (ValueError, YAMLError, configparser.Error, RecursionError, KeyError):
        return _from_lines(text or "")


def _relevant(path: str, found: Settings) -> Settings:
    """Leave out of shared files what is no checker's."""
    name = path.rpartition("/")[2]
    if name == "pyproject.toml":
        keep = [key for key in found if key[0][:1] == ("tool",) and len(key[0]) > 1 and key[0][1] in _TOOLS]
    elif name == "package.json":
        keep = [key for key in found if key[0][0] in _PACKAGE]
    elif name == "Cargo.toml":
        keep = [key for key in found if "lints" in key[0]]
    elif _SHARED_INI.search(path):
        keep = [key for key in found if _SHARED_SECTIONS.match(key[0][0])]
    else:
        return found
    return Counter({key: found[key] for key in keep})


def _from_toml(text: str) -> Settings:
    found: Settings = Counter()
    waiting: list[tuple[Path, object]] = [((), tomllib.loads(text))]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [((*path, str(key).casefold()), inner) for key, inner in value.items()]
        elif isinstance(value, list):
            waiting += [(path, inner) for inner in value]
        else:
            found[path, _plain(str(value))] += 1
    return found


def _from_ini(text: str) -> Settings:
    parser = configparser.ConfigParser(interpolation=None, strict=False, allow_no_value=True, delimiters=("=", ":"))
    parser.read_string(text)
    found: Settings = Counter()
    for section in parser.sections():
        for key, value in parser.items(section):
            found.update(((section.casefold(), key.replace("_", "-")), word) for word in _words(value or "", key))
    return found


def _words(value: str, key: str) -> Iterable[str]:
    """Cut an ini value into its elements; a command line stays whole words."""
    bare = re.sub(r"(?m)(^|\s)[#;]\s.*$", "", value)
    if "per-file" not in key.replace("_", "-"):
        return [_plain(word) for word in re.split(r"[\s,]+", bare.strip()) if word]
    lines = [line.partition(":") for line in bare.splitlines() if ":" in line]
    return [f"{files.strip()}:{code}" for files, _, codes in lines for code in re.split(r"[\s,]+", codes.strip()) if code]


def _from_yaml(text: str) -> Settings:
    """Read YAML by its events, so that no alias is expanded."""
    found: Settings = Counter()
    path: list[str] = []  # one entry a mapping: the key being read
    kinds: list[str] = []  # "key" and "value" in turn for mappings, "item" for sequences
    for event in YAML(typ="safe", pure=True).parse(text[:200_000]):
        if isinstance(event, ScalarEvent):
            if kinds and kinds[-1] == "key":
                path[-1], kinds[-1] = str(event.value).casefold(), "value"
                continue
            found[tuple(path), _plain(str(event.value))] += 1
        elif isinstance(event, MappingStartEvent | SequenceStartEvent):
            mapping = isinstance(event, MappingStartEvent)
            kinds.append("key" if mapping else "item")
            path += [""] if mapping else []
            if len(kinds) > _DEEPEST:
                raise ValueError("nested too deep")
            continue
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            path = path[:-1] if isinstance(event, MappingEndEvent) else path
            kinds.pop()
        if kinds and kinds[-1] == "value":
            kinds[-1] = "key"
    return found


def _from_json(text: str) -> Settings:
    """Read JSON with the comments and trailing commas that these files are written with."""
    return _from_script(f"({text})")


def _from_script(text: str) -> Settings:
    """Read the object literals of a script."""
    found: Settings = Counter()
    waiting: list[tuple[Path, Node]] = [((), tree("typescript", text))]
    while waiting:
        path, node = waiting.pop()
        if node.type == "pair":
            key, value = node.child_by_field_name("key"), node.child_by_field_name("value")
            name = next((token.text for token in (tokens(key) if key is not None else ())), "")
            waiting += [((*path, name.casefold()), value)] if value is not None else []
        elif node.type in {"string", "number", "true", "false", "null", "identifier"} and path:
            found[path, next((token.text for token in tokens(node)), text_of(node))] += 1
        elif node.type not in {"call_expression", "member_expression", "arrow_function"} or not path:
            waiting += [(path, child) for child in node.children if child.is_named]
    return found


def _from_lines(text: str) -> Settings:
    """Read one entry a line: ignore files, and what its own format no longer reads."""
    return Counter((("ignore",), line.strip()) for line in text.splitlines() if line.strip() and not line.startswith("#"))


def _from_shellcheckrc(text: str) -> Settings:
    return _from_ini(f"[shellcheck]\n{text}")


def _plain(value: str) -> str:
    return value.casefold() if value in {"True", "False", "None"} else value


_READERS: tuple[tuple[re.Pattern[str], Callable[[str], Settings]], ...] = (
    (_LINES, _from_lines),
    (re.compile(r"(^|/)\.?shellcheckrc$"), _from_shellcheckrc),
    (_TOML, _from_toml),
    (_INI, _from_ini),
    (_YAML, _from_yaml),
    (re.compile(r"(^|/)package\.json$"), _from_json),
    (_JSON, _from_json),
    (_SCRIPT, _from_script),
)
