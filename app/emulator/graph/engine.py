"""Runs GraphQL documents for real, with graphql-core, against a part of GitHub's own schema; errors in GitHub's shape."""

import re
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLResolveInfo,
    GraphQLSchema,
    build_schema,
    execute,
    parse,
    validate,
)

from app.emulator.accounts import Json
from app.emulator.graph.roots import MutationRoot, QueryRoot
from app.emulator.routing import Answer, Call, Routes
from app.emulator.world import Refused

routes = Routes()


@cache
def schema() -> GraphQLSchema:
    """The schema, built once."""
    return build_schema(files("app.emulator.graph").joinpath("schema.graphql").read_text(encoding="utf-8"))


@cache
def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _resolve(source: Any, info: GraphQLResolveInfo[Call], **args: Any) -> Any:  # noqa: ANN401 - any view, any value
    """Read a field off a view (or mapping) under its snake-case name; methods get the arguments."""
    name = _snake(info.field_name)
    if info.parent_type.name == "Mutation":
        source = MutationRoot(info.context)
    facts = source if isinstance(source, dict) else getattr(source, "facts", {})
    value = facts[name] if name in facts else getattr(source, name)
    return value(**{_snake(key): argument for key, argument in args.items()}) if callable(value) else value


def _type_of(value: Any, _info: GraphQLResolveInfo[Call], _abstract: Any) -> str:  # noqa: ANN401 - any view
    return str(value.typename)


@lru_cache(maxsize=64)
def _checked(query: str) -> tuple[DocumentNode | None, tuple[GraphQLError, ...]]:
    try:
        document = parse(query)
    except GraphQLError as error:
        return None, (error,)
    return document, tuple(validate(schema(), document))


@routes("POST", "/graphql")
async def graphql(call: Call) -> Answer:
    """Execute a document; the HTTP status is 200 whatever its errors."""
    body = call.json
    if not isinstance(body.get("query"), str):
        return Answer(body={"errors": [{"message": "A query attribute must be specified and must be a string."}]})
    document, problems = _checked(body["query"])
    if document is None or problems:
        return Answer(body={"errors": [_invalid(problem) for problem in problems]})
    ran = execute(
        schema(),
        document,
        root_value=QueryRoot(call),
        context_value=call,
        variable_values=body.get("variables") or {},
        operation_name=body.get("operationName"),
        field_resolver=_resolve,
        type_resolver=_type_of,
    )
    result = ran if isinstance(ran, ExecutionResult) else await ran
    return Answer(body=_answer(call, result))


def _invalid(problem: GraphQLError) -> Json:
    locations = [{"line": where.line, "column": where.column} for where in problem.locations or []]
    return {"message": problem.message, "locations": locations, "extensions": {"code": "argumentLiteralsIncompatible"}}


def _answer(call: Call, result: ExecutionResult) -> Json:
    answer: Json = {"data": result.data}
    if result.errors:
        answer["errors"] = [_shape(call, error) for error in result.errors]
    return answer


def _shape(call: Call, error: GraphQLError) -> Json:
    origin = error.original_error
    locations = [{"line": where.line, "column": where.column} for where in error.locations or []]
    if isinstance(origin, Refused):
        return {"type": origin.kind, "path": error.path, "locations": locations, "message": origin.message}
    if origin is not None and not isinstance(
        origin, GraphQLError
    ):  # a fault of the stand-in itself: answered as GitHub would, and kept to be raised by `idle`
        call.world.failures.append(origin)
        return {"message": f"Something went wrong while executing your query: {origin!r}", "path": error.path}
    return {"message": error.message, "path": error.path, "locations": locations}
