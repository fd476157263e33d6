from collections.abc import Callable

import pytest

from app.emulator.ci.plan import BrokenWorkflow, TriggerEvent, WorkflowPlan

MakeEvent = Callable[..., TriggerEvent]
MakePlan = Callable[..., WorkflowPlan]

FULL = """
    name: CI
    run-name: By @${{ github.actor }}
    on: push
    env:
      COLOR: always
      LEVEL: workflow
    defaults:
      run: {shell: bash, working-directory: app}
    jobs:
      test:
        name: Test on ${{ matrix.python }}
        runs-on: ${{ matrix.os }}
        timeout-minutes: ${{ matrix.slow && 30 || 5 }}
        continue-on-error: ${{ matrix.python == '3.14' }}
        env: {LEVEL: job}
        outputs: {v: '${{ steps.a.outputs.v }}'}
        strategy:
          fail-fast: false
          max-parallel: 2
          matrix:
            python: ['3.11', '3.14']
            os: [ubuntu-latest]
            include: [{python: '3.14', slow: true}]
        steps:
          - uses: actions/checkout@v4
            with: {fetch-depth: 0}
          - id: a
            name: Test
            if: always()
            run: pytest
            shell: sh
            env: {X: '1'}
            timeout-minutes: 2
            continue-on-error: true
      report:
        needs: [test]
        if: failure()
        runs-on: [self-hosted, linux]
        defaults: {run: {working-directory: docs}}
        steps:
          - run: make
"""


def test_a_workflow_file_becomes_its_jobs_with_the_matrix_expanded(plan: MakePlan) -> None:
    found = plan(FULL)
    first, second, report = found.jobs
    assert (found.name, found.run_name, found.path) == ("CI", "By @mona", ".github/workflows/ci.yml")
    assert [job.name for job in found.jobs] == ["Test on 3.11", "Test on 3.14", "report"]
    assert (first.key, second.key, report.key) == ("test", "test", "report")
    assert (first.timeout_minutes, second.timeout_minutes, report.timeout_minutes) == (5, 30, None)
    assert (first.continue_on_error, second.continue_on_error) == (False, True)
    assert (first.fail_fast, first.max_parallel, report.fail_fast) == (False, 2, True)
    assert (first.runs_on, report.runs_on) == (("ubuntu-latest",), ("self-hosted", "linux"))
    assert first.env == {"COLOR": "always", "LEVEL": "job"}
    assert second.matrix == {"python": "3.14", "os": "ubuntu-latest", "slow": True}
    assert (second.job_index, second.job_total) == (1, 2)
    assert (report.needs, report.condition) == (("test",), "failure()")
    assert first.outputs == {"v": "${{ steps.a.outputs.v }}"}


def test_a_step_keeps_what_can_only_be_known_while_it_runs_and_takes_the_nearest_default(plan: MakePlan) -> None:
    first, _, report = plan(FULL).jobs
    checkout, test = first.steps
    (make,) = report.steps
    assert (checkout.uses, checkout.inputs, checkout.run) == ("actions/checkout@v4", {"fetch-depth": 0}, None)
    assert (checkout.name, checkout.condition) == (None, None)
    assert (test.id, test.name, test.condition, test.run) == ("a", "Test", "always()", "pytest")
    assert (test.shell, test.working_directory, test.env) == ("sh", "app", {"X": "1"})
    assert (test.timeout_minutes, test.continue_on_error) == (2, True)
    assert (make.shell, make.working_directory) == ("bash", "docs")


def test_a_workflow_without_a_name_is_called_after_its_path(plan: MakePlan) -> None:
    found = plan("{on: push, jobs: {a: {runs-on: x, steps: [{run: y}]}}}")
    assert (found.name, found.jobs[0].name) == (".github/workflows/ci.yml", "a")


def test_a_matrix_may_be_computed(plan: MakePlan) -> None:
    text = """
        on: push
        jobs:
          a:
            strategy: {matrix: "${{ fromJSON('{\\"v\\": [1, 2]}') }}"}
            runs-on: x
            steps: [{run: y}]
    """
    assert [job.name for job in plan(text).jobs] == ["a (1)", "a (2)"]


def test_inputs_of_a_dispatch_take_their_defaults(plan: MakePlan, event: MakeEvent) -> None:
    text = """
        on: {workflow_dispatch: {inputs: {level: {default: info}, tag: {}}}}
        jobs: {a: {name: "${{ inputs.level }}/${{ inputs.tag }}", runs-on: x, steps: [{run: y}]}}
    """
    found = plan(text, event("workflow_dispatch", inputs={"tag": "v1"})).jobs[0]
    assert (found.name, found.inputs) == ("info/v1", {"level": "info", "tag": "v1"})


def test_yaml_reads_as_version_1_2(plan: MakePlan) -> None:
    text = """
        on: push
        env: {A: yes, B: 0o14, C: 1_000, D: 2001-12-14, E: 1.50, F: ~, G: 0x1F, H: .inf}
        jobs: {a: {runs-on: x, steps: [{run: y}]}}
    """
    env = plan(text).jobs[0].env
    assert env == {"A": "yes", "B": 12, "C": 1000, "D": "2001-12-14", "E": 1.5, "F": None, "G": 31, "H": float("inf")}


HEAD = "on: push\njobs:\n  a:\n    runs-on: x\n"
STEP = HEAD + "    steps:\n      - "


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", 1, "No event triggers defined in `on`"),
        ("just text", 1, "No event triggers defined in `on`"),
        ("jobs: {}", 1, "No event triggers defined in `on`"),
        ("on: push", 1, "Required property is missing: jobs"),
        ("on: push\njobs:", 2, "Unexpected value ''"),
        ("on: push\nstages: 1\njobs: {}", 2, "Unexpected value 'stages'"),
        ("on: push\njobs:\n  a: 1", 3, "A mapping was expected"),
        ("on: push\njobs:\n  a:\n    steps: [{run: x}]", 4, "Required property is missing: runs-on"),
        (HEAD, 4, "Required property is missing: steps"),
        (HEAD + "    step: []", 5, "Unexpected value 'step'"),
        (HEAD + "    steps: []", 5, "A sequence was expected"),
        (HEAD + "    strategy: {matrx: 1}\n    steps: [{run: x}]", 5, "Unexpected value 'matrx'"),
        (HEAD + "    env: [1]\n    steps: [{run: x}]", 5, "A mapping was expected"),
        (STEP + "name: x", 6, "Every step must define a `uses` or `run` key"),
        (STEP + "run: x\n        uses: y", 7, "a step cannot have both the `uses` and `run` keys"),
        (STEP + "run: [x]", 6, "A string was expected"),
        (STEP + "runs: x", 6, "Unexpected value 'runs'"),
        (
            STEP + "{run: x, id: A}\n      - {run: y, id: a}",
            7,
            "The identifier 'a' may not be used more than once within the same scope",
        ),
        (STEP + "run: x\n        if: foo()", 7, "Unrecognized function: 'foo'. Located at position 1 within expression: foo()"),
        (
            STEP + "run: echo ${{ matrx.x }}",
            6,
            "Unrecognized named-value: 'matrx'. Located at position 1 within expression: matrx.x",
        ),
        (
            STEP + "run: echo ${{ x",
            6,
            "The expression is not closed. An unescaped ${{ sequence was found, but the closing }} sequence",
        ),
        (
            HEAD + "    if: steps.a.outputs.b\n    steps: [{run: x}]",
            5,
            "Unrecognized named-value: 'steps'. Located at position 1 within expression: steps.a.outputs.b",
        ),
        (
            STEP + "run: x\n        if: secrets.A",
            7,
            "Unrecognized named-value: 'secrets'. Located at position 1 within expression: secrets.A",
        ),
        (HEAD + "    needs: b\n    steps: [{run: x}]", 5, "Job 'a' depends on unknown job 'b'."),
        (
            HEAD + "    needs: a\n    steps: [{run: x}]",
            3,
            "The workflow must contain at least one job with no dependencies.",
        ),
        (
            HEAD
            + "    steps: [{run: x}]\n  b: {needs: [a, c], runs-on: x, steps: [{run: y}]}\n"
            + "  c: {needs: b, runs-on: x, steps: [{run: y}]}",
            6,
            "Job 'b' depends on job 'c' which creates a cycle in the dependency graph.",
        ),
        ("on: push\njobs:\n  a:\n    uses: ./x.yml", 4, 'error parsing called workflow "./x.yml" : workflow was not found.'),
        (HEAD + "    strategy: {matrix: {v: []}}\n    steps: [{run: x}]", 5, "Matrix vector 'v' does not contain any values"),
        (
            HEAD + "    strategy: {matrix: {v: '${{ fromJSON(needs.b.outputs.v) }}'}}\n    steps: [{run: x}]",
            5,
            "This emulator cannot expand a matrix that depends on the outputs of another job",
        ),
        ("on: push\non: push", 2, "'on' is already defined"),
        ("a: &a [*a]", 1, "Maximum object size exceeded"),
        ("? [a]\n: b", 1, "A sequence was not expected"),
        ("a: !!int b", 1, "The value 'b' on line 1 and column 4 is invalid"),
    ],
)
def test_an_unusable_file_is_broken_with_githubs_words_and_line(
    broken: Callable[[str], BrokenWorkflow], text: str, line: int, message: str
) -> None:
    found = broken(text)
    assert found.message.startswith(f"The workflow is not valid. .github/workflows/ci.yml (Line: {line}, Col: ")
    assert message in found.message
    assert found.line == line


@pytest.mark.parametrize(
    ("text", "line"),
    [("on: push\njobs: [", 2), ("on: push\n\ta: 1", 2), ("a: b: c", 1), ("on: push\n a: 1", 2), ("\x00", 1), ("[" * 400, 1)],
)
def test_what_is_no_yaml_is_said_with_its_line(broken: Callable[[str], BrokenWorkflow], text: str, line: int) -> None:
    assert broken(text).message == f"You have an error in your yaml syntax on line {line}"
    assert broken(text).line == line


def test_a_file_made_huge_by_aliases_is_refused(broken: Callable[[str], BrokenWorkflow]) -> None:
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert "Maximum object size exceeded" in broken("\n".join(rows)).message
