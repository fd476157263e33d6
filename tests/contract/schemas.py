"""GitHub's JSON schemas as validators: what is wrong with a value, and what it holds that the schema does not know."""

from collections.abc import Iterator
from typing import Any

import jsonschema_rs

Json = Any  # whatever JSON holds

UNKNOWN = ": not in GitHub's description"

_DEEP = ("allOf", "anyOf")
_NAMES = {"oneOf": "anyOf"}  # GitHub says "one of" where its alternatives overlap, as the two forms of an error do
_FORMATS = {"email": lambda text: "@" in text}  # the addresses of GitHub's own bots hold brackets, which the format does not take


def modern(node: Json, root: str) -> Json:
    """Write an OpenAPI 3.0 schema as JSON Schema 2020-12: ``nullable`` becomes a choice, references name their document."""
    if isinstance(node, list):
        return [modern(one, root) for one in node]
    if not isinstance(node, dict):
        return node
    made = {
        _NAMES.get(key, key): modern(value, root)
        for key, value in node.items()
        if not isinstance(value, bool) or key != "nullable"
    }
    if isinstance(made.get("$ref"), str):
        made["$ref"] = made["$ref"].replace("#", f"{root}#", 1) if made["$ref"].startswith("#") else made["$ref"]
    return {"anyOf": [{"type": "null"}, made]} if node.get("nullable") is True else made


class Schemas:
    """One OpenAPI document; its schemas are compiled when they are first asked for."""

    def __init__(self, document: Json, name: str) -> None:
        self._root = f"urn:github:{name}"
        self.document: Json = modern(document, self._root)
        self._registry = jsonschema_rs.Registry([(self._root, self.document)], draft=jsonschema_rs.Draft202012)
        self._compiled: dict[int, jsonschema_rs.Validator] = {}

    def problems(self, schema: Json, value: Json, where: str) -> list[str]:
        """Say what of a value does not fit a schema of this document, and which fields of it nobody declared."""
        errors = self._validator(schema).iter_errors(value)
        wrong = [f"{where}{_path(path)}: {what}" for error in errors for path, what in _told(error)]
        return wrong or [f"{where}{path}{UNKNOWN}" for path in self.unknown(schema, value)]

    def fits(self, schema: Json, value: Json) -> bool:
        """Tell whether a value fits."""
        return self._validator(schema).is_valid(value)

    def named(self, name: str) -> Json:
        """A schema by its name among the components."""
        return self.document["components"]["schemas"][name]

    def resolved(self, node: Json) -> Json:
        """Follow a reference to its end."""
        while "$ref" in node:
            here = self.document
            for part in node["$ref"].removeprefix(f"{self._root}#/").split("/"):
                here = here[part.replace("~1", "/").replace("~0", "~")]
            node = here
        return node

    def unknown(self, schema: Json, value: Json, path: str = "") -> Iterator[str]:
        """Name the fields in a value that no alternative of its schema declares. A schema without properties takes any."""
        branches = list(self._branches(schema))
        if isinstance(value, list):
            items = {"anyOf": [one["items"] for one in branches if "items" in one]}
            for index, one in enumerate(value):
                yield from self.unknown(items, one, f"{path}[{index}]")
        if not isinstance(value, dict):
            return
        declared = [one for one in branches if one.get("properties")]
        if not declared or any(isinstance(one.get("additionalProperties"), dict) for one in branches):
            return
        for key, one in value.items():
            inner = [branch["properties"][key] for branch in declared if key in branch["properties"]]
            if not inner:
                yield f"{path}.{key}"
            yield from self.unknown({"anyOf": inner}, one, f"{path}.{key}")

    def _branches(self, schema: Json) -> Iterator[Json]:
        node = self.resolved(schema)
        yield node
        for key in _DEEP:
            for one in node.get(key, ()):
                yield from self._branches(one)

    def _validator(self, schema: Json) -> jsonschema_rs.Validator:
        """Compile a schema; its identity is its name, because all of them live as long as the document."""
        found = self._compiled.get(id(schema))
        if found is None:
            found = jsonschema_rs.Draft202012Validator(schema, registry=self._registry, formats=_FORMATS, validate_formats=True)
            self._compiled[id(schema)] = found
        return found


def _path(parts: list[str | int]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)


def _told(error: jsonschema_rs.ValidationError) -> Iterator[tuple[list[str | int], str]]:
    """Say where and what; of a choice, what the alternative that came nearest has against the value."""
    if isinstance(error.kind, jsonschema_rs.ValidationErrorKind.AnyOf):
        kinds = [branch for branch in error.kind.context if not _is_null(branch)] or error.kind.context
        for one in min(kinds, key=len):
            yield from _told(one)
    else:
        yield error.instance_path, error.message if len(error.message) < 300 else f"…{error.message[-300:]}"


def _is_null(branch: list[jsonschema_rs.ValidationError]) -> bool:
    return [one.message.endswith('is not of type "null"') for one in branch] == [True]
