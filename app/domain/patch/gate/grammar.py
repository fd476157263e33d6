"""Languages: which one a file is written in, and its syntax tree."""

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
from tree_sitter import Language, Node, Parser

GRAMMARS: dict[str, Callable[[], object]] = {
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


def language_of(path: str) -> str | None:
    """Tell by its name in which language a file is written; null when its syntax is not judged."""
    name = path.rpartition("/")[2]
    dot = name.rfind(".")
    return _BY_NAME.get(name) or (_BY_ENDING.get(name[dot:].lower()) if dot > 0 else None)


def tree(language: str, text: str) -> Node:
    """Read a text with a grammar of ``GRAMMARS``; what it cannot read stands in the tree as errors."""
    return _parser(language).parse(text.encode("utf-8", "replace")).root_node


@cache
def _parser(language: str) -> Parser:
    return Parser(Language(GRAMMARS[language]()))
