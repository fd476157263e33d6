"""Our GraphQL against GitHub's public schema."""

from pathlib import Path

import pytest
from graphql import build_schema

from app.emulator.graph import engine
from app.github.graphql import document
from tests.contract.checker import Contract
from tests.contract.subset import differences

DOCUMENTS = sorted(file.stem for file in (Path(__file__).parents[2] / "app" / "github").glob("*.graphql"))

WHOLE = """
type Query { a(x: Int! y: Int = 1): A! u: U e: E i(in: In!): B old: Int @deprecated(reason: "use a") }
interface Node { id: ID! }
type A implements Node { id: ID! name: String }
type B { id: ID! name: String }
union U = A | B
enum E { ONE TWO }
input In { needed: Int! free: Int }
"""


def test_there_are_documents() -> None:
    assert {"commit", "checks", "surroundings", "mark_ready"} <= set(DOCUMENTS)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_github_takes_our_document_and_nothing_in_it_is_deprecated(held: Contract, name: str) -> None:
    parsed, problems = held.graph.checked(document(name))
    assert parsed is not None
    assert problems == ()


def test_the_stand_ins_schema_is_a_part_of_githubs(held: Contract) -> None:
    assert list(differences(engine.schema(), held.graph.schema)) == []


def test_a_schema_is_a_part_of_itself() -> None:
    assert [told for told in differences(build_schema(WHOLE), build_schema(WHOLE)) if "deprecated" not in told] == []


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ("type Query { z: Int }", "Query.z: no such field"),
        ("type Query { a: A! } type A { id: ID! }", "Query.a(x:): needed"),
        ("type Query { a(x: Int! z: Int): A! } type A { id: ID! }", "Query.a: no such z"),
        ("type Query { a(x: Int!): A } type A { id: ID! }", "Query.a: A, in the whole A!"),
        ("type Query { a(x: Int): A! } type A { id: ID! }", "Query.a(x:): Int, in the whole Int!"),
        ("type Query { a(x: Int! y: Int = 2): A! } type A { id: ID! }", "Query.a(y:): Int = 2, in the whole Int = 1"),
        ("type Query { e: E } enum E { ONE TWO THREE }", "E: no such THREE"),
        ("type Query { e: E } enum E { ONE }", "E.TWO: missing, so its answers are never seen"),
        ("type Query { u: U } type A { id: ID! } type C { id: ID! } union U = A | C", "U: no such C"),
        ("type Query { i(in: In!): B } type B { id: ID! } input In { free: Int }", "In.needed: needed"),
        ("type Query { i(in: In!): B } type B { id: ID! } input In { needed: Int! more: Int }", "In: no such more"),
        ("type Query { i(in: In!): B } type B { id: ID! } input In { needed: Int }", "In.needed: Int, in the whole Int!"),
        ("type Query { b: B } interface Node { id: ID! } type B implements Node { id: ID! }", "B implements: no such Node"),
        ("type Query { a: A } scalar A", "A: no such ScalarType"),
        ("type Query { old: Int }", "Query.old: deprecated: use a"),
    ],
)
def test_whatever_the_whole_does_not_have_is_told(part: str, told: str) -> None:
    assert told in list(differences(build_schema(part), build_schema(WHOLE)))
