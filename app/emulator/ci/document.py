"""A YAML file as plain values, each with the line and column where it stands, so that complaints can point at it.

YAML 1.2 rules: ``on`` and ``yes`` are texts. Dates stay texts too. A key given twice is an error, as on GitHub.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from app.emulator.ci.plan import WorkflowError
from app.emulator.ci.values import Value

Path = tuple[str | int, ...]
_MOST_NODES = 50_000  # aliases can make a small file huge
_DEEPEST = 100


@dataclass(slots=True)
class Document:
    """The values of a file and where each stands: ``marks[("jobs", "test")]`` is (line, column), 1-based, of the value."""

    value: Value = None
    marks: dict[Path, tuple[int, int]] = field(default_factory=dict)
    keys: dict[Path, tuple[int, int]] = field(default_factory=dict)

    def error(self, path: Path, message: str, *, at_key: bool = False) -> WorkflowError:
        """Make the error that something at a path is wrong."""
        places = self.keys if at_key else self.marks
        line, column = places.get(path) or self.marks.get(path) or (1, 1)
        return WorkflowError(message, line, column)


def read(text: str) -> Document:
    """Read YAML. Raises WorkflowError when it is none."""
    try:
        root = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise WorkflowError(f"You have an error in your yaml syntax on line {line}", line) from error
    except (YAMLError, ValueError, RecursionError) as error:
        raise WorkflowError("You have an error in your yaml syntax on line 1") from error
    document = Document()
    if root is not None:
        document.value = _value(root, (), document)
    return document


def _value(node: Node, path: Path, document: Document) -> Value:
    if len(document.marks) > _MOST_NODES or len(path) > _DEEPEST:
        raise WorkflowError("Maximum object size exceeded")
    document.marks[path] = (node.start_mark.line + 1, node.start_mark.column + 1)
    if isinstance(node, MappingNode):
        return dict(_members(node, path, document))
    if isinstance(node, SequenceNode):
        return [_value(one, (*path, index), document) for index, one in enumerate(node.value)]
    return _scalar(node)


def _members(node: MappingNode, path: Path, document: Document) -> Iterator[tuple[str, Value]]:
    seen: set[str] = set()
    for key_node, value_node in node.value:
        line, column = key_node.start_mark.line + 1, key_node.start_mark.column + 1
        if not isinstance(key_node, ScalarNode):
            raise WorkflowError("A sequence was not expected", line, column)
        key = str(key_node.value)
        if key in seen:
            raise WorkflowError(f"'{key}' is already defined", line, column)
        seen.add(key)
        document.keys[(*path, key)] = (line, column)
        yield key, _value(value_node, (*path, key), document)


def _scalar(node: Node) -> Value:
    written, kind = str(node.value), str(node.tag).rpartition(":")[2]
    if kind == "null":
        return None
    if kind == "bool":
        return written.lower() == "true"
    if kind in {"int", "float"}:
        return _number(written, kind, node)
    return written


def _number(written: str, kind: str, node: Node) -> Value:
    plain = written.replace("_", "").lower()
    try:
        if kind == "int":
            return int(plain, 0) if plain.lstrip("+-")[:2] in {"0x", "0o", "0b"} else int(plain)
        return float(plain.replace(".inf", "inf").replace(".nan", "nan"))
    except ValueError as error:  # an explicit tag on something else
        line, column = node.start_mark.line + 1, node.start_mark.column + 1
        raise WorkflowError(f"The value '{written}' on line {line} and column {column} is invalid", line, column) from error
