"""Is one GraphQL schema a part of another: whatever the part takes and gives, the whole takes and may give."""

from collections.abc import Iterable, Iterator, Mapping

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    is_introspection_type,
    is_required_argument,
    is_required_input_field,
    is_specified_scalar_type,
    print_ast,
)

Fielded = GraphQLObjectType | GraphQLInterfaceType
Arguments = Mapping[str, GraphQLArgument]


def differences(part: GraphQLSchema, whole: GraphQLSchema) -> Iterator[str]:
    """Say where a schema is no part of another. Types of fields and arguments must be the same, null included."""
    for name, mine in part.type_map.items():
        if is_introspection_type(mine) or is_specified_scalar_type(mine):
            continue
        theirs = whole.get_type(name)
        if type(theirs) is not type(mine):
            yield f"{name}: no such {type(mine).__name__.removeprefix('GraphQL')}"
        else:
            yield from _of_type(mine, theirs)


def _of_type(mine: GraphQLNamedType, theirs: GraphQLNamedType | None) -> Iterator[str]:
    match mine, theirs:
        case GraphQLObjectType(), GraphQLObjectType():
            yield from _of_fields(mine, theirs)
        case GraphQLInterfaceType(), GraphQLInterfaceType():
            yield from _of_fields(mine, theirs)
        case GraphQLInputObjectType(), GraphQLInputObjectType():
            yield from _of_inputs(mine.name, mine.fields, theirs.fields)
        case GraphQLUnionType(), GraphQLUnionType():
            yield from _surplus(mine.name, _names(mine.types), _names(theirs.types))
        case GraphQLEnumType(), GraphQLEnumType():
            yield from _surplus(mine.name, mine.values.keys(), theirs.values.keys())
            yield from (
                f"{mine.name}.{name}: missing, so its answers are never seen" for name in theirs.values.keys() - mine.values
            )
        case _:
            pass  # scalars of one name


def _of_fields(mine: Fielded, theirs: Fielded) -> Iterator[str]:
    yield from _surplus(f"{mine.name} implements", _names(mine.interfaces), _names(theirs.interfaces))
    for name, field in mine.fields.items():
        yield from _of_field(f"{mine.name}.{name}", field, theirs.fields.get(name))


def _of_field(where: str, mine: GraphQLField, theirs: GraphQLField | None) -> Iterator[str]:
    if theirs is None:
        yield f"{where}: no such field"
        return
    if str(mine.type) != str(theirs.type):
        yield f"{where}: {mine.type}, in the whole {theirs.type}"
    if theirs.deprecation_reason is not None:
        yield f"{where}: deprecated: {theirs.deprecation_reason}"
    yield from _of_arguments(where, mine.args, theirs.args)


def _of_arguments(where: str, mine: Arguments, theirs: Arguments) -> Iterator[str]:
    yield from _surplus(where, mine.keys(), theirs.keys())
    for name, one in theirs.items():
        if name not in mine and is_required_argument(one):
            yield f"{where}({name}:): needed"
        elif name in mine and _written(mine[name]) != _written(one):
            yield f"{where}({name}:): {_written(mine[name])}, in the whole {_written(one)}"


def _written(one: GraphQLArgument) -> str:
    default = one.ast_node.default_value if one.ast_node else None
    return f"{one.type}" if default is None else f"{one.type} = {print_ast(default)}"


def _of_inputs(where: str, mine: Mapping[str, GraphQLInputField], theirs: Mapping[str, GraphQLInputField]) -> Iterator[str]:
    yield from _surplus(where, mine.keys(), theirs.keys())
    for name, one in theirs.items():
        if name not in mine and is_required_input_field(one):
            yield f"{where}.{name}: needed"
        elif name in mine and str(mine[name].type) != str(one.type):
            yield f"{where}.{name}: {mine[name].type}, in the whole {one.type}"


def _names(types: tuple[GraphQLNamedType, ...]) -> set[str]:
    return {one.name for one in types}


def _surplus(where: str, mine: Iterable[str], theirs: Iterable[str]) -> Iterator[str]:
    yield from (f"{where}: no such {name}" for name in sorted(set(mine) - set(theirs)))
