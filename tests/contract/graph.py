"""GitHub's public GraphQL schema: are our documents and variables taken by it, and could it have given the answer?"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    NoDeprecatedCustomRule,
    OperationDefinitionNode,
    SelectionSetNode,
    build_schema,
    get_named_type,
    is_abstract_type,
    is_enum_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
    parse,
    specified_rules,
    validate,
)
from graphql.execution.values import get_variable_values

Json = Any  # whatever JSON holds

_SHAPES: Mapping[str, re.Pattern[str]] = {
    "Base64String": re.compile(r"[A-Za-z0-9+/=\n]*"),
    "Date": re.compile(r"\d{4}-\d\d-\d\d"),
    "DateTime": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"),
    "GitObjectID": re.compile(r"[0-9a-f]{40}"),
    "GitRefname": re.compile(r"refs/\S+"),
    "GitTimestamp": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)"),
    "URI": re.compile(r"\w+://\S+"),
}
_KINDS: Mapping[str, type] = {"String": str, "ID": str, "Int": int, "Boolean": bool, "Float": float, "BigInt": str, "HTML": str}


class Graph:
    """The public schema and what is asked of it."""

    def __init__(self, text: str) -> None:
        self.schema: GraphQLSchema = build_schema(text, assume_valid=True)
        self.checked = lru_cache(maxsize=256)(self._checked)

    def problems(self, asked: Json, answer: Json, *, failed_on_purpose: bool = False) -> list[str]:
        """Say what of a GraphQL exchange GitHub would not take or give."""
        if not isinstance(asked, dict) or not isinstance(asked.get("query"), str):
            return [] if _refused(answer) else ["GraphQL: a request without a document"]
        document, wrong = self.checked(asked["query"])
        if document is None or wrong:
            return [] if _refused(answer) else [f"GraphQL document: {problem}" for problem in wrong]
        operation = _operation(document, asked.get("operationName"))
        where = f"GraphQL {operation.name.value if operation.name else ''}"
        told = [] if _refused(answer) else list(self._of_variables(operation, asked.get("variables") or {}, where))
        return told if failed_on_purpose else told + list(self._of_answer(document, operation, answer, where))

    def _checked(self, text: str) -> tuple[DocumentNode | None, tuple[str, ...]]:
        try:
            document = parse(text)
        except GraphQLError as error:
            return None, (str(error),)
        rules = [*specified_rules, NoDeprecatedCustomRule]
        return document, tuple(str(error) for error in validate(self.schema, document, rules))

    def _of_variables(self, operation: OperationDefinitionNode, given: dict[str, Json], where: str) -> Iterator[str]:
        declared = {one.variable.name.value for one in operation.variable_definitions or ()}
        yield from (f"{where}: the variable {name!r} is not declared" for name in sorted(given.keys() - declared))
        values = get_variable_values(self.schema, operation.variable_definitions or (), given)
        if isinstance(values, list):
            yield from (f"{where} variables: {error.message}" for error in values)

    def _of_answer(self, document: DocumentNode, operation: OperationDefinitionNode, answer: Json, where: str) -> Iterator[str]:
        if not isinstance(answer, dict) or not answer.keys() <= {"data", "errors", "extensions"}:
            yield f"{where}: an answer of another shape: {answer!r}"
            return
        errors = answer.get("errors", [])
        if "errors" in answer and not (errors and all(isinstance(one.get("message"), str) for one in errors)):
            yield f"{where}: errors of another shape: {errors!r}"
        if answer.get("data") is None:
            if not errors:
                yield f"{where}: neither data nor errors"
            return
        root = self.schema.get_root_type(operation.operation)
        if root is not None:
            shape = _Shape(self.schema, document)
            yield from shape.of_object(root, [operation.selection_set], answer["data"], f"{where} data")


class _Shape:
    """Walks an answer beside the selections that asked for it."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self._schema = schema
        self._fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}

    def of_object(self, parent: GraphQLObjectType, asked: list[SelectionSetNode], value: Json, path: str) -> list[str]:
        """Say what does not fit an object of a known type."""
        if not isinstance(value, dict):
            return [f"{path}: expected {parent.name}, found {value!r}"]
        fields = self._fields(parent, asked)
        told = [f"{path}.{key}: {what}" for key, what in _difference(fields.keys(), value.keys())]
        for key in fields.keys() & value.keys():
            name, inner = fields[key][0].name.value, [one.selection_set for one in fields[key] if one.selection_set]
            if name == "__typename":
                told += [] if value[key] == parent.name else [f"{path}: {value[key]!r} is no {parent.name}"]
            else:
                told += self._of_value(parent.fields[name].type, inner, value[key], f"{path}.{key}")
        return told

    def _of_value(self, kind: Any, asked: list[SelectionSetNode], value: Json, path: str) -> list[str]:  # noqa: ANN401 - any type
        if is_non_null_type(kind):
            return [f"{path}: null, never null at GitHub"] if value is None else self._of_value(kind.of_type, asked, value, path)
        if value is None:
            return []
        if is_list_type(kind):
            return self._of_list(kind.of_type, asked, value, path)
        if is_leaf_type(kind):
            return [] if _fits_leaf(kind, value) else [f"{path}: {value!r} is no {kind.name}"]
        return (self.of_object if is_object_type(kind) else self._of_abstract)(kind, asked, value, path)

    def _of_list(self, kind: Any, asked: list[SelectionSetNode], value: Json, path: str) -> list[str]:  # noqa: ANN401 - as above
        if not isinstance(value, list):
            return [f"{path}: expected a list, found {value!r}"]
        rows = enumerate(value)
        return [told for index, one in rows for told in self._of_value(kind, asked, one, f"{path}[{index}]")]

    def _of_abstract(self, kind: Any, asked: list[SelectionSetNode], value: Json, path: str) -> list[str]:  # noqa: ANN401 - as above
        """An interface or union: the type that the answer names, else any possible one that fits."""
        if not isinstance(value, dict):
            return [f"{path}: expected {kind.name}, found {value!r}"]
        possible = self._schema.get_possible_types(kind)
        named = [one for one in possible if one.name == value.get("__typename")] if "__typename" in value else list(possible)
        tried = [self.of_object(one, asked, value, path) for one in named]
        return min(tried, key=len, default=[f"{path}: {value.get('__typename')!r} is no {kind.name}"])

    def _fields(self, parent: GraphQLObjectType, asked: list[SelectionSetNode]) -> dict[str, list[FieldNode]]:
        """The fields that an object of a type is asked for, by the key they come back under."""
        found: dict[str, list[FieldNode]] = {}
        for selections in asked:
            for one in selections.selections:
                if isinstance(one, FieldNode):
                    found.setdefault(one.alias.value if one.alias else one.name.value, []).append(one)
                elif self._applies(one, parent):
                    for key, nodes in self._fields(parent, [self._inside(one)]).items():
                        found.setdefault(key, []).extend(nodes)
        return found

    def _inside(self, one: Any) -> SelectionSetNode:  # noqa: ANN401 - a fragment or its name
        inner = self._fragments[one.name.value].selection_set if isinstance(one, FragmentSpreadNode) else one.selection_set
        assert isinstance(inner, SelectionSetNode)
        return inner

    def _applies(self, one: Any, parent: GraphQLObjectType) -> bool:  # noqa: ANN401 - a fragment or its name
        node = self._fragments[one.name.value] if isinstance(one, FragmentSpreadNode) else one
        assert isinstance(node, FragmentDefinitionNode | InlineFragmentNode)
        if node.type_condition is None:
            return True
        kind: GraphQLNamedType | None = self._schema.get_type(node.type_condition.name.value)
        return kind is parent or (is_abstract_type(kind) and self._schema.is_sub_type(kind, parent))


def _difference(asked: Any, came: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - views of keys
    yield from ((key, "asked for, not answered") for key in sorted(asked - came))
    yield from ((key, "answered, not asked for") for key in sorted(came - asked))


def _fits_leaf(kind: Any, value: Json) -> bool:  # noqa: ANN401 - a scalar or enum
    if is_enum_type(kind):
        return value in kind.values
    if kind.name in _SHAPES:
        return isinstance(value, str) and _SHAPES[kind.name].fullmatch(value) is not None
    expected = _KINDS.get(get_named_type(kind).name)
    if expected is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return expected is None or (isinstance(value, expected) and (expected is bool or not isinstance(value, bool)))


def _operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    found = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    return next(one for one in found if name is None or (one.name and one.name.value == name))


def _refused(answer: Json) -> bool:
    """Whether the whole request was refused: a mistake that was meant to be one."""
    return isinstance(answer, dict) and "errors" in answer and answer.get("data") is None
