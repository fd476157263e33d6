"""Gate: what parsed before still parses.

Errors are compared before and after, never counted absolutely: a grammar may be younger or older than the project's language, and
a template is no valid YAML at all. A file that had errors may keep them; it may not get more.
"""

import json
import tomllib
from collections.abc import Callable
from functools import cache

import tree_sitter_bash
import tree_sitter_go
import tree_sitter_java
import tree_sitter_javascript
import tree_sitter_python
import tree_sitter_ruby
import tree_sitter_rust
import tree_sitter_typescript
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import CollectionEndEvent, CollectionStartEvent
from tree_sitter import Language, Node, Parser

from app.domain.candidate import GateResult
from app.domain.patch.gate.facts import Edits, GateFacts, verdict

_GRAMMARS: dict[str, Callable[[], object]] = {
    "python": tree_sitter_python.language,
    "javascript": tree_sitter_javascript.language,
    "typescript": tree_sitter_typescript.language_typescript,
    "tsx": tree_sitter_typescript.language_tsx,
    "go": tree_sitter_go.language,
    "rust": tree_sitter_rust.language,
    "java": tree_sitter_java.language,
    "ruby": tree_sitter_ruby.language,
    "bash": tree_sitter_bash.language,
}
_MOST_YAML = 200_000  # characters; a longer file is not judged
_DEEPEST_YAML = 100
_BY_ENDING = {
    **dict.fromkeys((".py", ".pyi"), "python"),
    **dict.fromkeys((".js", ".jsx", ".mjs", ".cjs"), "javascript"),
    **dict.fromkeys((".ts", ".mts", ".cts"), "typescript"),
    ".tsx": "tsx",
    ".go": "go",
    ".rs": "rust",
    ".java": "java",
    **dict.fromkeys((".rb", ".rake", ".gemspec"), "ruby"),
    **dict.fromkeys((".sh", ".bash"), "bash"),
    ".json": "json",
    ".toml": "toml",
    **dict.fromkeys((".yml", ".yaml"), "yaml"),
}
_BY_NAME = {"Gemfile": "ruby", "Rakefile": "ruby", "pylock.toml": "toml", "Pipfile": "toml"}


def still_parses(edits: Edits, facts: GateFacts) -> GateResult:
    """No file has more syntax errors than before, by its language's grammar or parser."""
    problems = []
    for edit in edits:
        language = facts.languages.get(edit.path) or language_of(edit.path)
        if language is None or edit.after is None:
            continue
        found = errors(language, edit.after)
        if found > (errors(language, edit.before) if found and edit.before is not None else 0):
            problems.append(f"`{edit.path}` would no longer parse as {language}.")
    return verdict("parses", problems, "Every file parses as well as before.")


def language_of(path: str) -> str | None:
    """Tell by its name in which language a file is written; null when its syntax is not judged."""
    name = path.rpartition("/")[2]
    dot = name.rfind(".")
    return _BY_NAME.get(name) or (_BY_ENDING.get(name[dot:].lower()) if dot > 0 else None)


def errors(language: str, text: str) -> int:
    """Count the places of a text that the language's grammar cannot read; 0 or 1 for data formats."""
    if language in _GRAMMARS:
        return _error_nodes(_parser(language).parse(text.encode("utf-8", "replace")).root_node)
    try:
        _DATA[language](text)
    except (ValueError, YAMLError, RecursionError):
        return 1
    return 0


def _read_yaml(text: str) -> None:
    """Read a YAML stream as events only: nothing is constructed, no alias is expanded.

    The reader needs some seconds for a megabyte, and quadratic time for depth: what nobody writes by hand is not read to its end.
    """
    depth = 0
    for event in YAML(typ="safe", pure=True).parse(text) if len(text) <= _MOST_YAML else ():
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if depth > _DEEPEST_YAML:
            raise ValueError("nested too deep")


_DATA: dict[str, Callable[[str], object]] = {"json": json.loads, "toml": tomllib.loads, "yaml": _read_yaml}


@cache
def _parser(language: str) -> Parser:
    return Parser(Language(_GRAMMARS[language]()))


def _error_nodes(root: Node) -> int:
    """Count error and missing nodes; a node inside an error is part of it."""
    count, stack = 0, [root]
    while stack:
        node = stack.pop()
        if node.is_error or node.is_missing:
            count += 1
        elif node.has_error:
            stack.extend(node.children)
    return count
