import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.ci import Annotation, Job, Step
from app.domain.failure.read import read_job
from app.domain.failure.types import FailureType

T = "2025-07-04T14:32:14.5612144Z "


def job(conclusion: str = "failure", *steps: Step) -> Job:
    steps = steps or (
        Step(number=1, name="Check out", conclusion="success"),
        Step(number=2, name="Lint", conclusion="failure"),
        Step(number=3, name="Tidy up", conclusion="failure"),
    )
    return Job(id=7, name="lint", status="completed", conclusion=conclusion, steps=steps)


def log(*output: str, command: str = "ruff check .") -> str:
    lines = [
        "##[group]Run actions/checkout@v4",
        "##[endgroup]",
        "src/old.py:1:1: F811 not of the step that failed",
        f"##[group]Run {command}",
        command,
        "##[endgroup]",
        *output,
        "##[error]Process completed with exit code 1.",
        "Post job cleanup.",
    ]
    return "\n".join(T + line for line in lines)


def annotation(message: str, path: str = "src/a.py", level: str = "failure") -> Annotation:
    return Annotation(path=path, start_line=3, end_line=3, level=level, title="", message=message)


RUFF = ("src/a.py:1:8: F401 [*] `os` imported but unused", "Found 1 error.", "[*] 1 fixable with the `--fix` option.")


def test_a_lint_failure_is_read_from_its_log() -> None:
    reading = read_job(job(), log(*RUFF), ())
    (failure,) = reading.failures
    assert (reading.failure_type, reading.step_name, reading.job_id) == (FailureType.LINT, "Lint", 7)
    assert (failure.tool, failure.rule, failure.file, failure.line, failure.log_line) == ("ruff", "F401", "src/a.py", 1, 7)
    assert reading.root_cause == "ruff says F401 in src/a.py:1: `os` imported but unused"
    assert [line.number for line in reading.excerpt][:1] == [7]


def test_lint_and_format_of_one_job_are_both_kept() -> None:
    reading = read_job(job(), log(*RUFF, "Would reformat: src/b.py"), ())
    assert {failure.tool for failure in reading.failures} == {"ruff", "ruff format"}


def test_what_the_runner_repeats_of_the_command_is_no_failure() -> None:
    reading = read_job(job(), log(*RUFF, command="x.py:1:1: F999 a line of the command"), ())
    assert [failure.rule for failure in reading.failures] == ["F401"]


def test_what_fails_while_tidying_up_is_not_the_cause() -> None:
    text = log(*RUFF) + f"\n{T}src/z.py:1:1: F822 not of the step\n{T}##[error]The cache is gone"
    assert [failure.rule for failure in read_job(job(), text, ()).failures] == ["F401"]


def test_more_failures_are_counted_in_the_sentence() -> None:
    reading = read_job(job(), log(RUFF[0], "src/b.py:2:8: F401 [*] `re` imported but unused"), ())
    assert reading.root_cause.endswith("imported but unused (and 1 more)")


def test_without_a_log_annotations_speak() -> None:
    reading = read_job(
        job(),
        None,
        (
            annotation("Process completed with exit code 1.", ".github"),
            annotation("`os` is bad"),
            annotation("x", level="warning"),
        ),
    )
    (failure,) = reading.failures
    assert (failure.file, failure.line, failure.message) == ("src/a.py", 3, "`os` is bad")
    assert reading.excerpt == ()


def test_an_annotation_that_is_a_tools_own_line_is_read_as_such() -> None:
    reading = read_job(job(), None, (annotation("src/a.py:3:5: error: Name 'x' is not defined  [name-defined]"),))
    assert (reading.failure_type, reading.failures[0].tool) == (FailureType.TYPECHECK, "mypy")


def test_without_log_and_annotations_the_sentence_says_so() -> None:
    reading = read_job(job(), None, ())
    assert reading.failure_type is FailureType.LINT  # the step's name is all there is
    assert reading.confidence < 0.5
    assert reading.root_cause == "A lint step failed in step “Lint”, and nothing in its log says why."


def test_a_job_that_ran_out_of_time_says_so() -> None:
    reading = read_job(job("timed_out"), log("still running"), ())
    assert reading.failure_type is FailureType.TIMEOUT
    assert reading.root_cause == "“lint” ran out of time in step “Lint”."


def test_a_cancelled_job_has_no_cause_of_its_own() -> None:
    assert read_job(job("cancelled"), log(*RUFF), ()).failure_type is FailureType.UNKNOWN


def test_words_nobody_could_structure_are_quoted() -> None:
    reading = read_job(
        job("failure", Step(number=1, name="Deliver", conclusion="failure")),
        log("FATAL: the moon is missing", command="./deliver"),
        (),
    )
    assert reading.failure_type is FailureType.UNKNOWN
    assert reading.root_cause == "The log says: FATAL: the moon is missing"


@given(
    st.text(alphabet=st.one_of(st.characters(), st.sampled_from("\n\r\x1b :#[]()-./error0123"))),
    st.sampled_from(["failure", "timed_out", "cancelled"]),
)
def test_no_log_breaks_the_reading(text: str, conclusion: str) -> None:
    reading = read_job(job(conclusion), text, (annotation(text),))
    assert reading.root_cause
    assert "\n" not in reading.root_cause
    assert 0 <= reading.confidence <= 1
    assert len(reading.excerpt) <= 60


@pytest.mark.parametrize("text", ["", "\n", "\ufeff"])
def test_an_empty_log_is_no_log(text: str) -> None:
    assert read_job(job(), text, ()).root_cause
