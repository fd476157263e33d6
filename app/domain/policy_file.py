"""Reading `.github/devflowfix.yml`: what it says, or what is wrong with it and at which line.

The text comes from a repository and is hostile: it is capped in size and depth, anchors and aliases are refused before anything
could be expanded, tags are refused, and keys that stand twice or that nobody knows are errors rather than surprises.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from rapidfuzz import fuzz, process
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    NodeEvent,
    ScalarEvent,
)
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from app.domain.policy_model import Policy

MAX_BYTES = 64 * 1024
_MAX_DEPTH = 12  # the deepest key of the schema lies at 3
_TAG = "tag:yaml.org,2002:"

Plain = dict[str, "Plain"] | list["Plain"] | str | int | float | bool | None
Where = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyProblem:
    """One thing wrong with a policy file. Line and column are 1-based; ``path`` names the key (``paths.allow[0]``)."""

    line: int
    column: int
    path: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRead:
    """A policy, or why there is none: with any problem the whole file does not count."""

    policy: Policy | None
    problems: tuple[PolicyProblem, ...] = ()


@dataclass(slots=True)
class _Tree:
    """The file as plain values, with the place of every key and item."""

    places: dict[Where, tuple[int, int]] = field(default_factory=dict)
    problems: list[PolicyProblem] = field(default_factory=list)

    def refuse(self, node: Node, where: Where, message: str) -> None:
        line, column = _place(node)
        self.problems.append(PolicyProblem(line=line, column=column, path=_dotted(where), message=message))


def parse_policy(text: str) -> PolicyRead:
    """Read a policy file's text. An empty file is a policy that says nothing."""
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        return _refused(1, 1, f"The file is larger than {MAX_BYTES // 1024} KB.")
    try:
        problems = tuple(_forbidden(text))
        node = None if problems else YAML(typ="safe", pure=True).compose(text)
    except YAMLError as error:
        return _unreadable(error)
    if problems:
        return PolicyRead(policy=None, problems=problems[:1])
    return _read(node)


def json_schema() -> dict[str, object]:
    """Describe the file for editors, as a JSON Schema (draft 2020-12)."""
    schema = Policy.model_json_schema(mode="validation")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "DevFlowFix policy", **schema}


def _forbidden(text: str) -> Iterator[PolicyProblem]:
    """Find what is refused before a tree is built: aliases, tags, depth and more than one document."""
    depth = documents = 0
    for event in YAML(typ="safe", pure=True).parse(text):
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        documents += isinstance(event, DocumentStartEvent)
        message = _objection(event, depth, documents)
        if message:
            mark = event.start_mark
            yield PolicyProblem(line=mark.line + 1, column=mark.column + 1, path="", message=message)
            return


def _objection(event: Event, depth: int, documents: int) -> str:
    if isinstance(event, NodeEvent) and event.anchor:
        return "Anchors and aliases are not understood here."
    if isinstance(event, (ScalarEvent, CollectionStartEvent)) and event.ctag is not None and str(event.ctag) not in {"", "None"}:
        return "Tags are not understood here."
    if depth > _MAX_DEPTH:
        return f"It is nested deeper than {_MAX_DEPTH} levels."
    return "The file holds more than one document." if documents > 1 else ""


def _read(node: Node | None) -> PolicyRead:
    tree = _Tree()
    value = {} if node is None else _plain(node, (), tree)
    if tree.problems:
        return PolicyRead(policy=None, problems=tuple(tree.problems))
    if value is None:
        value = {}
    if not isinstance(value, dict):
        return _refused(1, 1, "The file must be a mapping of keys to values.")
    try:
        return PolicyRead(policy=Policy.model_validate_json(json.dumps(value)))
    except ValidationError as error:
        problems = [_problem(detail, tree) for detail in error.errors(include_url=False)]
        return PolicyRead(policy=None, problems=tuple(sorted(problems, key=lambda p: (p.line, p.column))))


def _plain(node: Node, where: Where, tree: _Tree) -> Plain:
    """Turn a node into plain values, and note where everything stands."""
    tree.places.setdefault(where, _place(node))
    if isinstance(node, MappingNode):
        return _mapping(node, where, tree)
    if isinstance(node, SequenceNode):
        return [_plain(item, (*where, at), tree) for at, item in enumerate(node.value)]
    return _scalar(node, where, tree)


def _mapping(node: MappingNode, where: Where, tree: _Tree) -> Plain:
    found: dict[str, Plain] = {}
    for key_node, value_node in node.value:
        if not isinstance(key_node, ScalarNode):
            tree.refuse(key_node, where, "A key must be a word.")
            continue
        key = str(key_node.value)
        if key in found:
            tree.refuse(key_node, (*where, key), f"`{key}` stands here twice.")
        tree.places[(*where, key)] = _place(key_node)
        found[key] = _plain(value_node, (*where, key), tree)
    return {key: value for key, value in found.items() if value is not None}  # a key without a value says nothing


def _scalar(node: Node, where: Where, tree: _Tree) -> Plain:
    """Read a scalar by YAML 1.2's core rules; a date and the like stay the text that they are."""
    text, tag = str(node.value), str(node.tag).removeprefix(_TAG)
    try:
        if tag == "bool":
            return text.lower() == "true"
        if tag == "int":
            return int(text.replace("_", ""), 0)
        if tag == "float":
            return float(text.replace("_", "").lower().replace(".inf", "inf").replace(".nan", "nan"))
    except ValueError:
        tree.refuse(node, where, f"`{text[:40]}` is no number.")
    return None if tag == "null" else text


def _problem(detail: ErrorDetails, tree: _Tree) -> PolicyProblem:
    """Say what a validator found in the file's own terms, at the nearest place that the file has."""
    where: Where = tuple(detail["loc"])
    if where[:2] == ("mode", "default") and where not in tree.places:
        where = ("mode",)
    named = where[:-1] if where and where[-1] == "[key]" else where
    place = next(tree.places[named[:n]] for n in range(len(named), -1, -1) if named[:n] in tree.places)
    return PolicyProblem(line=place[0], column=place[1], path=_dotted(named), message=_message(detail, named))


def _message(detail: ErrorDetails, where: Where) -> str:
    kind, given = detail["type"], detail["input"]
    if kind == "extra_forbidden":
        return f"`{where[-1]}` is no key here" + _nearest(str(where[-1]), _keys_at(where[:-1]))
    if kind == "enum":
        words = [word.strip("' ") for word in detail["ctx"]["expected"].replace(" or ", ", ").split(",")]
        known = ", ".join(f"`{word}`" for word in words)
        return f"`{str(given)[:40]}` is none of {known}" + _nearest(str(given), words)
    plain = {
        "string_type": "It must be text; put it in quotes.",
        "tuple_type": "It must be a list.",
        "model_type": "It must be a mapping.",
        "dict_type": "It must be a mapping.",
        "bool_type": "It must be `on` or `off`.",
    }
    return plain.get(kind) or detail["msg"].replace("Input should be", "It must be") + "."


def _keys_at(where: Where) -> list[str]:
    """Give the keys that the schema knows at a place."""
    shape: type | None = Policy
    for part in where:
        shape = _shape_of(shape, str(part))
    return sorted(getattr(shape, "model_fields", {}))


def _shape_of(shape: type | None, key: str) -> type | None:
    fields = getattr(shape, "model_fields", {})
    annotation = fields[key].annotation if key in fields else None
    return annotation if isinstance(annotation, type) else None


def _nearest(word: str, known: list[str]) -> str:
    """End the sentence, with the nearest known word where one is near."""
    found = process.extractOne(word.lower(), known, scorer=fuzz.ratio, score_cutoff=60)
    return f"; did you mean `{found[0]}`?" if found else "."


def _place(node: Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _dotted(where: Where) -> str:
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in where)
    return text.removeprefix(".")


def _refused(line: int, column: int, message: str) -> PolicyRead:
    return PolicyRead(policy=None, problems=(PolicyProblem(line=line, column=column, path="", message=message),))


def _unreadable(error: YAMLError) -> PolicyRead:
    """Say where YAML itself gave up."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    said = (error.problem if isinstance(error, MarkedYAMLError) else None) or str(error).partition("\n")[0]
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    return _refused(line, column, f"This is no valid YAML: {said}.")
