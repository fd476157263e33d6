"""Gate: what parsed before still parses.

Errors are compared before and after, never counted absolutely: a grammar may be younger or older than the project's language, and
a template is no valid YAML at all. A file that had errors may keep them; it may not get more.
"""

import json
import tomllib
from collections.abc import Callable

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import CollectionEndEvent, CollectionStartEvent
from tree_sitter import Node

from app.domain.candidate import GateResult
from app.domain.patch.gate.facts import Edits, GateFacts, verdict
from app.domain.patch.gate.grammar import GRAMMARS, language_of, tree

_MOST_YAML = 200_000  # characters; a longer file is not judged
_DEEPEST_YAML = 100


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


def errors(language: str, text: str) -> int:
    """Count the places of a text that the language's grammar cannot read; 0 or 1 for data formats."""
    if language in GRAMMARS:
        return _error_nodes(tree(language, text))
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
