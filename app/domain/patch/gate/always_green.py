"""Gate: nothing is added that makes a step green whatever it does.

Shell is read by its grammar, wherever it stands: in scripts, in YAML values, in recipes of a Makefile, in scripts of
package.json, in commands of tox, nox and pyproject. A comment or a string that speaks of ``|| true`` is none.
"""

import re
from collections import Counter
from collections.abc import Iterator

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import MappingStartEvent, ScalarEvent
from tree_sitter import Node

from app.domain.candidate import GateResult
from app.domain.patch.gate.cases import is_test_file
from app.domain.patch.gate.facts import Edits, GateFacts, verdict
from app.domain.patch.gate.grammar import GRAMMARS, language_of, tree
from app.domain.patch.gate.nodes import COMMENTS, Kind, text_of, tokens, walk

_NOTHING = frozenset({"true", ":", "/bin/true", "/usr/bin/true", "echo", "printf"})
_NO_ERROREXIT = frozenset({"+e", "+eu", "+ex", "+eo", "+euo", "+o", "+ue", "+xe"})
_HELP = re.compile(r"help|usage|version|-h\b|-V\b|dry.?run")
_FLAGS = re.compile(
    r"(?<![\w-])(--exit-zero(?:-even-if-changed)?|--pass-?[wW]ith-?[nN]o-?[tT]ests|--passWithNoTests|--allow-failure|--no-verify"
    r"|--exit-code[= ]0|--no-fail(?:-on-\w+)?|--ignore-errors|--keep-going-and-pass|--suppress-tests-failed-exit-code"
    r"|-Dmaven\.test\.failure\.ignore(?:=true)?|-DskipTests(?:=true)?|-Dmaven\.test\.skip(?:=true)?"
    r"|--no-error|--quit-code[= ]0)(?![\w-])"
)
_YAML_KEYS = {
    "continue-on-error": {"true", "yes", "on"},
    "allow_failure": {"true", "yes", "on"},
    "allow_failures": {"true", "yes"},
    "ignore_errors": {"true", "yes"},
    "ignore_failure": {"true"},
    "soft_fail": {"true"},
    "continueonerror": {"true"},
    "if": {"false", "${{ false }}", "${{false}}", "never()", "0"},
    "when": {"never", "manual"},
    "fail_ci_if_error": {"false"},
}
_EXITS = re.compile(
    r"\b(?:sys \. exit|os \. _exit|process \. exit|os \. Exit|System \. exit|process :: exit|_exit) \( 0 \)"
    r"|\bexitstatus = 0\b|\bprocess \. exitCode = 0\b|\bexit ! ?\(? ?(?:0|true)\b|\bat_exit\b|\bsuccess_codes ="
)
_MAKEFILE = re.compile(r"(^|/)(GNUm|M|m)akefile$|\.mk$")
_INI = re.compile(r"(^|/)(tox\.ini|setup\.cfg)$")
_SHELL_NAMES = re.compile(
    r"(^|/)(Dockerfile|Containerfile|[Jj]ustfile|Procfile|\.envrc)(\.\w+)?$|\.(just|zsh|ksh|fish|bats)$|(^|/)\.husky/[^/.]+$"
)
_MOST_STEPS = 6  # from a command to the condition that it stands under
_DEEPEST_YAML = 100
_MOST_YAML = 200_000  # characters; as far as the parser's speed allows


def not_always_green(edits: Edits, facts: GateFacts) -> GateResult:
    """No step is told to pass whatever happens."""
    before: Counter[str] = Counter()
    after: Counter[str] = Counter()
    where: dict[str, str] = {}
    for edit in edits:
        language = facts.languages.get(edit.path) or language_of(edit.path)
        before.update(escapes(edit.path, edit.before or "", language))
        found = Counter(escapes(edit.path, edit.after or "", language))
        after.update(found)
        where |= dict.fromkeys(found, edit.path)
    problems = [f"`{where[escape]}` would pass whatever happens: `{escape}`." for escape in after - before]
    return verdict("not_always_green", problems, "Nothing is told to pass whatever happens.")


def escapes(path: str, text: str, language: str | None) -> Iterator[str]:
    """Give what makes a file's commands pass although they failed."""
    if not text:
        return
    if language == "bash" or _SHELL_NAMES.search(path):
        yield from _of_shell(text)
    elif language == "yaml":
        yield from _of_yaml(text)
    elif _MAKEFILE.search(path):
        yield from _of_makefile(text)
    elif _INI.search(path):
        yield from _of_ini(text)
    elif language in GRAMMARS:
        yield from _of_code(path, text, language)
    elif language == "toml" or path.endswith("package.json"):
        yield from _of_strings(text)


def _of_shell(text: str) -> Iterator[str]:
    root = tree("bash", text)
    for node in walk(root):
        if node.type == "list" and node.child_count == 3 and node.children[1].type == "||" and _does_nothing(node.children[2]):
            yield f"|| {text_of(node.children[2])[:40]}"
        elif node.type == "command":
            yield from _of_command(node)
        if node.type in {"program", "compound_statement", "subshell"}:
            yield from _ends_in_nothing(node)


def _of_command(node: Node) -> Iterator[str]:
    words = [text_of(child).strip("'\"") for child in node.children]
    if words[0] == "set" and any(word in _NO_ERROREXIT for word in words[1:]):
        yield " ".join(words[:3])
    if words[0] in {"exit", "return"} and words[1:2] == ["0"] and not _is_answer(node):
        yield f"{words[0]} 0"
    if (
        words[0] == "trap"
        and re.search(r"exit 0|true|:", words[1] if len(words) > 1 else "")
        and {"EXIT", "ERR", "0"} & set(words[2:])
    ):
        yield "trap"
    yield from (match[1] for word in (" ".join(words),) for match in _FLAGS.finditer(word) if words[0] not in _NOTHING)


def _does_nothing(node: Node) -> bool:
    """Tell whether a command always succeeds: ``true``, ``:``, ``exit 0``, ``echo …``, in brackets or not."""
    while node.type in {"compound_statement", "subshell"}:
        inner = [child for child in node.children if child.is_named and child.type not in COMMENTS]
        if not inner:
            return True
        node = inner[-1]
    words = text_of(node).split()
    return bool(words) and (words[0] in _NOTHING or words[:2] in (["exit", "0"], ["return", "0"]))


def _ends_in_nothing(node: Node) -> Iterator[str]:
    """Find ``…; true`` at the end: the result of what came before is lost."""
    inner = [child for child in node.children if child.is_named and child.type not in COMMENTS]
    if len(inner) > 1 and inner[-1].type == "command" and text_of(inner[-1]).strip() in {"true", ":", "/bin/true"}:
        yield f"; {text_of(inner[-1]).strip()}"


def _is_answer(node: Node) -> bool:
    """Tell whether an exit answers a call for help, or ends one case of several that a caller chooses."""
    around = node.parent
    for _ in range(_MOST_STEPS):
        if around is None or around.type in {"if_statement", "case_item", "function_definition", "program", "list"}:
            break
        around = around.parent
    if around is None or around.type not in {"if_statement", "case_item", "list"}:
        return around is not None and around.type == "function_definition" and text_of(node).startswith("return")
    return _HELP.search(text_of(around.children[1] if around.type == "if_statement" else around.children[0])) is not None


def _of_yaml(text: str) -> Iterator[str]:
    """Read keys that forgive, and every value as shell; a template that is no YAML is read line by line."""
    key, at_key, depth = "", False, [False]
    try:
        for event in YAML(typ="safe", pure=True).parse(text) if len(text) <= _MOST_YAML else ():
            if isinstance(event, ScalarEvent):
                if depth[-1] and at_key:
                    key = str(event.value).casefold()
                else:
                    yield from _of_value(key, str(event.value))
                at_key = not at_key
            elif type(event).__name__.endswith("StartEvent"):
                depth.append(isinstance(event, MappingStartEvent))
                at_key = True
                if len(depth) > _DEEPEST_YAML:
                    yield from _of_lines(text)
                    return
            elif type(event).__name__ in {"MappingEndEvent", "SequenceEndEvent"}:
                depth.pop()
                at_key = True
    except (YAMLError, ValueError, RecursionError):
        yield from _of_lines(text)


def _of_lines(text: str) -> Iterator[str]:
    for line in text.splitlines():
        name, _, value = line.partition(" #")[0].strip(" -").partition(":")
        yield from _of_value(name.strip().casefold(), value.strip())


def _of_value(key: str, value: str) -> Iterator[str]:
    if value.strip().casefold() in _YAML_KEYS.get(key, ()):
        yield f"{key}: {value.strip()}"
    elif key not in {"name", "description", "if", "when"}:
        yield from _of_words(value)


def _of_words(value: str) -> Iterator[str]:
    """Read a value that may be a command; only what looks like one is given to the grammar."""
    if re.search(r"\|\||;|\bset \+|\bexit 0|\btrap\b|--|-D", value):
        yield from _of_shell(value)
        if re.search(r"[;\n&]\s*(?:true|:)\s*$", value):
            yield "; true"


def _of_makefile(text: str) -> Iterator[str]:
    """Read recipes; a leading minus forgives, ``.IGNORE`` and ``-i`` forgive everything."""
    for line in text.replace("\\\n", " ").split("\n"):
        if line.startswith("\t"):
            recipe = line.strip().lstrip("@+ ")
            if recipe.startswith("-"):
                yield f"-{recipe.lstrip('-@+ ')[:40]}"
            yield from _of_words(recipe.lstrip("-@+ "))
        elif line.startswith(".IGNORE") or re.match(r"MAKEFLAGS\s*\+?:?=.*(-i|-k|--ignore)", line):
            yield line.strip()


def _of_ini(text: str) -> Iterator[str]:
    for line in text.splitlines():
        bare = re.split(r"(?:^|\s)[#;]\s", line)[0].strip()
        name, equals, value = bare.partition("=")
        if (
            equals
            and name.strip() in {"ignore_outcome", "ignore_errors", "skip_install_errors"}
            and value.strip().casefold() == "true"
        ):
            yield bare
        command = value.strip() if equals and name.strip().startswith("commands") else bare
        if re.match(r"-\s+\w|-\w{3,}", command):
            yield command[:40]
        yield from _of_words(command.lstrip("- "))


def _of_strings(text: str) -> Iterator[str]:
    """Read the strings of JSON and TOML as commands."""
    for match in re.finditer(r'"((?:[^"\\\n]|\\[\s\S]?)*+)(?:"|\n|$)|\'([^\'\n]*)(?:\'|\n|$)', text):
        yield from _of_words((match[1] or match[2] or "").replace('\\"', '"'))
    for match in re.finditer(r'(?m)"(?:test|lint|check|build)(?:[:\w-]*)"\s*:\s*"\s*(true|:|exit 0|echo [^"&|;]*|)\s*"', text):
        yield f"script {match[1]}"


def _of_code(path: str, text: str, language: str) -> Iterator[str]:
    """Find exits with success in tests and their hooks, and forgiving arguments in nox sessions."""
    name = path.rpartition("/")[2]
    if not is_test_file(path) and name not in {"noxfile.py", "tasks.py", "Rakefile", "setup.py"}:
        return
    found = tokens(tree(language, text), layout=True)
    stream = " ".join(token.text if token.kind is not Kind.STRING else '"…"' for token in found)
    yield from (match[0] for match in _EXITS.finditer(stream))
    if name in {"noxfile.py", "tasks.py"}:
        for token in found:
            if token.kind is Kind.STRING:
                yield from _of_words(token.text)
                yield from (match[1] for match in _FLAGS.finditer(token.text))
