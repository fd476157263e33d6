import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.failure.classify import classify
from app.domain.failure.tools.catalogue import recognise
from app.domain.failure.tools.shape import Found
from app.domain.failure.types import Failure, FailureType
from app.domain.log.lines import clean

RUFF = "a.py:1:8: F401 [*] `os` imported but unused"
UNFORMATTED = "Would reformat: a.py"
RUSTC = "error[E0308]: mismatched types\n --> src/main.rs:2:5"
PYTEST = "= short test summary info =\nFAILED tests/t.py::test_a - assert 1 == 2"
NETWORK = "requests.exceptions.ConnectionError: Connection refused"


@pytest.mark.parametrize(
    ("output", "kind", "least"),
    [
        (RUFF, FailureType.LINT, 0.9),
        (f"{RUSTC}\n  = note: `-D clippy::all` implied\nrunning cargo clippy", FailureType.BUILD, 0.9),
        (f"{PYTEST}\n{NETWORK}", FailureType.TEST, 0.9),
        (NETWORK, FailureType.INFRA, 0.5),
        (f"{RUFF}\n{UNFORMATTED}", FailureType.LINT, 0.9),
        ("##[error]Resource not accessible by integration", FailureType.PERMISSION, 0.6),
        ("all is well", FailureType.UNKNOWN, 0.0),
        ("", FailureType.UNKNOWN, 0.0),
    ],
)
def test_the_type_is_the_causes(output: str, kind: FailureType, least: float) -> None:
    answer = classify(recognise(clean(output)))
    assert answer.type is kind
    assert answer.confidence >= least


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        ("Run ruff format --check .", FailureType.FORMAT),
        ("Run ruff check .", FailureType.LINT),
        ("Type check with mypy", FailureType.TYPECHECK),
        ("Run npm ci", FailureType.DEPENDENCY),
        ("Run npm test", FailureType.TEST),
        ("Run make", FailureType.BUILD),
        ("Run ./deliver.sh", FailureType.UNKNOWN),
    ],
)
def test_the_command_says_the_kind_of_work_where_nothing_was_recognised(command: str, kind: FailureType) -> None:
    answer = classify((), command)
    assert answer.type is kind
    assert answer.confidence < 0.5


def test_the_lines_that_say_so_are_named() -> None:
    assert classify(recognise(clean(f"hello\n{RUFF}"))).lines == (2,)


def test_files_that_do_not_compile_outrank_a_linter_that_is_surer_of_itself() -> None:
    pairs = ((FailureType.LINT, 0.99), (FailureType.BUILD, 0.9))
    found = [Found(failure=Failure(tool="x", message="y"), type=kind, strength=strength) for kind, strength in pairs]
    assert classify(found).type is FailureType.BUILD


def test_two_types_as_sure_as_each_other_make_it_less_sure() -> None:
    def one(kind: FailureType) -> Found:
        return Found(failure=Failure(tool="x", message="y"), type=kind, strength=0.9)

    alone, together = classify([one(FailureType.BUILD)]), classify([one(FailureType.BUILD), one(FailureType.TEST)])
    assert alone.type is together.type is FailureType.BUILD
    assert together.confidence < alone.confidence


@given(st.lists(st.tuples(st.sampled_from(FailureType), st.floats(0.01, 0.99))))
def test_confidence_is_never_more_than_the_evidence(pairs: list[tuple[FailureType, float]]) -> None:
    found = [Found(failure=Failure(tool="x", message="y"), type=kind, strength=strength) for kind, strength in pairs]
    answer = classify(found)
    assert answer.confidence <= round(max((strength for _, strength in pairs), default=0.0), 3)
    assert answer.type in {FailureType.UNKNOWN, *(kind for kind, _ in pairs)}
