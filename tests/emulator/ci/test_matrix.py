from typing import Any

import pytest

from app.emulator.ci.matrix import expand, job_name
from app.emulator.ci.plan import WorkflowError


@pytest.mark.parametrize(
    ("matrix", "combinations"),
    [
        ({"a": [1, 2]}, [{"a": 1}, {"a": 2}]),
        ({"a": [1, 2], "b": ["x", "y"]}, [{"a": 1, "b": "x"}, {"a": 1, "b": "y"}, {"a": 2, "b": "x"}, {"a": 2, "b": "y"}]),
        ({"a": [1, 2], "b": ["x", "y"], "exclude": [{"a": 1, "b": "y"}, {"a": 2}]}, [{"a": 1, "b": "x"}]),
        ({"include": [{"a": 1}, {"b": 2}]}, [{"a": 1}, {"b": 2}]),
        ({"a": [1, 2], "include": [{"a": 2, "c": True}]}, [{"a": 1}, {"a": 2, "c": True}]),
        ({"a": [1], "exclude": [{"a": 1}], "include": [{"a": 9}]}, [{"a": 9}]),
        ({"a": [{"x": 1}, {"x": 2}], "exclude": [{"a": {"x": 1}}]}, [{"a": {"x": 2}}]),
    ],
)
def test_a_matrix_becomes_its_combinations(matrix: dict[str, Any], combinations: list[dict[str, Any]]) -> None:
    assert expand(matrix) == combinations


def test_includes_follow_githubs_own_example() -> None:
    matrix: dict[str, Any] = {
        "fruit": ["apple", "pear"],
        "animal": ["cat", "dog"],
        "include": [
            {"color": "green"},
            {"color": "pink", "animal": "cat"},
            {"fruit": "apple", "shape": "circle"},
            {"fruit": "banana"},
            {"fruit": "banana", "animal": "cat"},
        ],
    }
    assert expand(matrix) == [
        {"fruit": "apple", "animal": "cat", "color": "pink", "shape": "circle"},
        {"fruit": "apple", "animal": "dog", "color": "green", "shape": "circle"},
        {"fruit": "pear", "animal": "cat", "color": "pink"},
        {"fruit": "pear", "animal": "dog", "color": "green"},
        {"fruit": "banana"},
        {"fruit": "banana", "animal": "cat"},
    ]


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        ({}, "Matrix must define at least one vector"),
        ({"a": []}, "Matrix vector 'a' does not contain any values"),
        ({"a": "x"}, "Matrix vector 'a' must be a sequence"),
        ({"a": [1], "include": [3]}, "Matrix 'include' must be a sequence of mappings"),
        ({"a": list(range(257))}, "Strategy expansion exceeded 256 results"),
    ],
)
def test_a_matrix_that_makes_no_jobs_is_refused(matrix: dict[str, Any], message: str) -> None:
    with pytest.raises(WorkflowError) as refused:
        expand(matrix)
    assert refused.value.message == message


@pytest.mark.parametrize(
    ("name", "combination", "has_expression", "shown"),
    [
        ("test", {}, False, "test"),
        ("test", {"python": "3.11", "os": "ubuntu"}, False, "test (3.11, ubuntu)"),
        ("test", {"python": 3.1, "fast": True, "none": None}, False, "test (3.1, true, )"),
        ("test", {"os": {"name": "linux", "bits": [32, 64]}}, False, "test (linux, 32, 64)"),
        ("on 3.11", {"python": "3.11"}, True, "on 3.11"),
        ("test", {"x": "y" * 200}, False, "test (" + "y" * 91 + "..."),
    ],
)
def test_a_job_is_named_after_its_combination(
    name: str, combination: dict[str, Any], shown: str, *, has_expression: bool
) -> None:
    assert job_name(name, combination, has_expression=has_expression) == shown
