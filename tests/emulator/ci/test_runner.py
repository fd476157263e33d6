"""Jobs that really run: what steps see, what they may, and how they end."""

import asyncio
import os
import shutil
from collections.abc import Awaitable, Callable

import pytest

from app.emulator.ci.contexts import RunNumbers
from app.emulator.ci.plan import JobPlan, TriggerEvent, WorkflowPlan
from app.emulator.ci.runner import JobResult, Limits, Need, should_run

RunSteps = Callable[..., Awaitable[JobResult]]
RunPlan = Callable[..., Awaitable[JobResult]]
MakePlan = Callable[..., WorkflowPlan]
MakeEvent = Callable[..., TriggerEvent]
ReadLog = Callable[[JobResult], list[str]]


def conclusions(result: JobResult) -> list[str]:
    """How the steps of the workflow ended, without the runner's own."""
    return [one.conclusion for one in result.steps if not one.name.startswith(("Set up job", "Complete job", "Post "))]


async def test_a_job_whose_steps_pass_passes(run_steps: RunSteps, lines: ReadLog) -> None:
    result = await run_steps("- run: echo one\n- run: echo two >&2")
    assert result.conclusion == "success"
    assert conclusions(result) == ["success", "success"]
    assert [line for line in lines(result) if line in {"one", "two"}] == ["one", "two"]
    assert result.annotations == ()


async def test_a_failing_step_fails_the_job_and_skips_the_rest(run_steps: RunSteps, lines: ReadLog) -> None:
    result = await run_steps(
        "- run: exit 3\n- run: echo never\n- run: echo still\n  if: always()\n- run: echo sorry\n  if: failure()"
    )
    assert result.conclusion == "failure"
    assert conclusions(result) == ["failure", "skipped", "success", "success"]
    assert "##[error]Process completed with exit code 3." in lines(result)
    assert [tuple(one) for one in result.annotations] == [(".github", 1, 1, "failure", "", "Process completed with exit code 3.")]
    assert "never" not in lines(result)


async def test_steps_are_numbered_and_named_as_github_lists_them(run_steps: RunSteps) -> None:
    result = await run_steps(
        """
        - uses: actions/checkout@v4
        - name: Read ${{ github.ref_name }}
          uses: actions/cache@v4
          with: {path: x, key: y}
        - run: |

            make lint
            make test
        - run: exit 1
        """
    )
    assert [(one.number, one.name, one.conclusion) for one in result.steps] == [
        (1, "Set up job", "success"),
        (2, "Run actions/checkout@v4", "success"),
        (3, "Read main", "success"),
        (4, "Run make lint", "failure"),
        (5, "Run exit 1", "skipped"),
        (9, "Post Read main", "skipped"),
        (10, "Post Run actions/checkout@v4", "success"),
        (11, "Complete job", "success"),
    ]
    assert {one.status for one in result.steps} == {"completed"}
    assert all(one.started_at < one.completed_at for one in result.steps)


@pytest.mark.parametrize(
    ("shell", "script", "passes"),
    [
        ("", "false; echo on", False),
        ("", "false | true", True),
        ("bash", "false | true", False),
        ("bash", "echo ${UNSET}x", True),
        ("sh", "false; true", False),
        ("sh", '[ -z "$BASH_VERSION" ] || shopt -oq posix', True),
        ("python", "import sys; sys.exit(0)", True),
        ("python", "raise SystemExit(2)", False),
        ("bash {0}", "false; true", True),
        ("nosuchshell {0}", "true", False),
        ("fish", "true", False),
    ],
)
async def test_scripts_run_in_the_shell_and_with_the_options_that_github_uses(
    run_steps: RunSteps, shell: str, script: str, *, passes: bool
) -> None:
    line = f"  shell: {shell}\n" if shell else ""
    tools = str(shutil.which("python3")).rpartition("/")[0]
    setup = "- run: ln -s $(command -v python3) ../python\n- run: echo $(dirname $PWD) >> $GITHUB_PATH\n"
    result = await run_steps(f"{setup}- run: '{script.replace(chr(39), chr(39) * 2)}'\n{line}", tools=tools)
    assert conclusions(result)[-1] == ("success" if passes else "failure")


async def test_a_command_that_a_signal_ends_reports_it_as_a_shell_does(run_steps: RunSteps, lines: ReadLog) -> None:
    result = await run_steps("- run: kill -9 $$")
    assert "##[error]Process completed with exit code 137." in lines(result)


async def test_a_step_sees_nothing_of_the_parents_environment(
    run_steps: RunSteps, lines: ReadLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEVFLOWFIX_MODEL_API_KEY", "of-the-parent")
    result = await run_steps("- run: env")
    assert not [line for line in lines(result) if "of-the-parent" in line]
    names = {line.partition("=")[0] for line in lines(result) if "=" in line}
    assert {"CI", "HOME", "PATH", "GITHUB_ACTIONS"} <= names
    assert "GITHUB_TOKEN" not in names


async def test_a_step_knows_where_and_for_what_it_runs(run_steps: RunSteps, lines: ReadLog, event: MakeEvent) -> None:
    names = """
        CI GITHUB_ACTION GITHUB_ACTIONS GITHUB_SHA GITHUB_REF GITHUB_REF_NAME GITHUB_REF_TYPE GITHUB_REPOSITORY GITHUB_EVENT_NAME
        GITHUB_HEAD_REF
        GITHUB_BASE_REF GITHUB_RUN_ID GITHUB_RUN_NUMBER GITHUB_RUN_ATTEMPT GITHUB_WORKFLOW GITHUB_JOB GITHUB_ACTOR
        HOME PWD RUNNER_OS RUNNER_TEMP
    """
    names = " ".join(names.split())
    result = await run_steps(
        f'- run: for n in {names}; do echo "$n=${{!n}}"; done; cat $GITHUB_EVENT_PATH',
        on=event(
            "pull_request", ref="refs/pull/7/merge", base_branch="main", head_branch="fix", sha="f" * 40, payload={"number": 7}
        ),
        run=RunNumbers(id=31, number=4, attempt=2),
    )
    found = dict(line.split("=", 1) for line in lines(result) if line.split("=")[0] in names.split() and "=" in line)
    assert found == {
        "CI": "true",
        "GITHUB_ACTION": "__run",
        "GITHUB_ACTIONS": "true",
        "GITHUB_SHA": "f" * 40,
        "GITHUB_REF": "refs/pull/7/merge",
        "GITHUB_REF_NAME": "7/merge",
        "GITHUB_REF_TYPE": "branch",
        "GITHUB_REPOSITORY": "octo/demo",
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_HEAD_REF": "fix",
        "GITHUB_BASE_REF": "main",
        "GITHUB_RUN_ID": "31",
        "GITHUB_RUN_NUMBER": "4",
        "GITHUB_RUN_ATTEMPT": "2",
        "GITHUB_WORKFLOW": "CI",
        "GITHUB_JOB": "test",
        "GITHUB_ACTOR": "mona",
        "HOME": "/home/runner",
        "PWD": "/home/runner/work/demo/demo",
        "RUNNER_OS": "Linux",
        "RUNNER_TEMP": "/home/runner/work/_temp",
    }
    assert '{"number": 7}' in lines(result)


async def test_variables_of_workflow_job_and_step_come_over_each_other(run_steps: RunSteps, lines: ReadLog) -> None:
    result = await run_steps(
        """
        - run: echo "$A $B $C $N"
          env: {C: "step-${{ env.A }}", N: 3.10}
        - run: echo "$A $B $C"
        """,
        top="env: {A: top, B: top, C: top}",
        job="env: {B: 'job ${{ github.ref_name }}', C: job}",
    )
    assert "top job main step-top 3.1" in lines(result)
    assert "top job main job" in lines(result)


async def test_steps_hand_values_on_through_the_runners_files(run_steps: RunSteps, lines: ReadLog) -> None:
    result = await run_steps(
        """
        - id: first
          run: |
            echo "version=1.2" >> "$GITHUB_OUTPUT"
            { echo "NOTES<<END"; echo one; echo two; echo END; } >> "$GITHUB_ENV"
            mkdir ../bin; printf '#!/bin/sh\\necho my tool\\n' > ../bin/mytool; chmod +x ../bin/mytool
            echo "$(dirname "$PWD")/bin" >> "$GITHUB_PATH"
            echo "# Summary" >> "$GITHUB_STEP_SUMMARY"
        - run: |
            echo "got ${{ steps.first.outputs.version }} ${{ steps.first.outcome }}"
            echo "$NOTES" | tail -1
            mytool
        """,
        job="outputs: {v: '${{ steps.first.outputs.version }}'}",
    )
    assert {"got 1.2 success", "two", "my tool"} <= set(lines(result))
    assert result.outputs == {"v": "1.2"}
    assert "Set output 'v'" in lines(result)


async def test_a_file_that_the_runner_cannot_read_fails_the_step(run_steps: RunSteps, lines: ReadLog) -> None:
    result = await run_steps("- run: echo rubbish >> $GITHUB_ENV")
    assert result.conclusion == "failure"
    assert [line for line in lines(result) if line.startswith("##[error]")] == [
        "##[error]Unable to process file command 'env' successfully.",
        "##[error]Invalid format 'rubbish'",
    ]


async def test_an_environment_that_no_process_can_have_fails_the_step_that_would_get_it(
    run_steps: RunSteps, lines: ReadLog
) -> None:
    result = await run_steps("- run: printf 'A=x\\0y\\n' >> $GITHUB_ENV\n- run: echo never")
    assert conclusions(result) == ["success", "failure"]
    assert any("An error occurred trying to start process" in line and "null" in line for line in lines(result))


async def test_a_masked_value_never_shows_again(run_steps: RunSteps) -> None:
    result = await run_steps(
        """
        - run: echo "::add-mask::hunter2"
        - name: use hunter2
          run: echo "it is hunter2"; echo "::error title=hunter2::hunter2"; exit 1
          env: {PASSWORD: hunter2}
        """
    )
    after = result.log[result.log.index(b'##[group]Run echo "it is') :]
    assert b"hunter2" not in after
    assert b"  PASSWORD: ***" in after
    assert b"it is ***" in after
    assert [one.message for one in result.annotations] == ["***", "Process completed with exit code 1."]
    assert result.steps[2].name == "use ***"


async def test_continue_on_error_lets_the_job_pass_and_keeps_the_outcome(run_steps: RunSteps, lines: ReadLog) -> None:
    result = await run_steps(
        """
        - id: shaky
          run: exit 1
          continue-on-error: ${{ matrix.none == null }}
        - run: echo "${{ steps.shaky.outcome }}/${{ steps.shaky.conclusion }}/${{ job.status }}"
        """
    )
    assert result.conclusion == "success"
    assert conclusions(result) == ["success", "success"]
    assert "failure/success/success" in lines(result)


async def test_conditions_see_contexts_and_earlier_steps(run_steps: RunSteps) -> None:
    result = await run_steps(
        """
        - id: one
          run: echo "go=yes" >> $GITHUB_OUTPUT
        - run: 'true'
          if: steps.one.outputs.go == 'yes' && github.event_name == 'push' && matrix.python == '3.11'
        - run: 'true'
          if: env.MODE == 'other'
        - id: four
          run: 'true'
          if: ${{ !contains(github.ref, 'main') }}
        - run: 'true'
          if: steps.four.conclusion == 'skipped' && steps.four.outputs.x == null
        - run: 'true'
          if: needs.build.result == 'success' && needs.build.outputs.v == '1'
        """,
        top="env: {MODE: this}",
        job="strategy: {matrix: {python: ['3.11']}}",
        needs={"build": Need(result="success", outputs={"v": "1"})},
    )
    assert conclusions(result) == ["success", "success", "skipped", "skipped", "success", "success"]


async def test_steps_see_the_inputs_of_a_dispatch_with_their_defaults(
    run_plan: RunPlan, plan: MakePlan, event: MakeEvent, lines: ReadLog
) -> None:
    text = """
        on: {workflow_dispatch: {inputs: {level: {default: info}, tag: {}}}}
        jobs: {a: {runs-on: x, steps: [{run: "echo ${{ inputs.level }}/${{ inputs.tag }}"}]}}
    """
    on = event("workflow_dispatch", inputs={"tag": "v1"})
    assert "info/v1" in lines(await run_plan(plan(text, on).jobs[0], on=on))


async def test_an_expression_that_breaks_while_running_fails_its_step(run_steps: RunSteps, lines: ReadLog) -> None:
    result = await run_steps("- run: echo ${{ fromJSON('{') }}\n- run: x\n  if: fromJSON('{')\n- run: echo on\n  if: always()")
    assert conclusions(result) == ["failure", "skipped", "success"]
    assert any(line.startswith("##[error]The template is not valid. Error parsing fromJson") for line in lines(result))


@pytest.mark.parametrize(("folder", "passes"), [("src", True), ("${{ github.ref_name }}", False)])
async def test_a_step_runs_in_its_working_directory(run_steps: RunSteps, lines: ReadLog, folder: str, *, passes: bool) -> None:
    steps = f"- uses: actions/checkout@v4\n- run: cat here.txt\n  working-directory: {folder}"
    result = await run_steps(steps, files={"src/here.txt": "found\n"})
    assert ("found" in lines(result)) is passes
    if not passes:
        assert any("with working directory '/home/runner/work/demo/demo/main'. No such file" in line for line in lines(result))


async def test_a_step_that_takes_too_long_is_ended_with_all_it_started(run_steps: RunSteps, lines: ReadLog) -> None:
    result = await run_steps(
        """
        - name: Slow
          run: sleep 600 & sleep 600
          timeout-minutes: 0.005
        - run: pgrep -f 'sleep 600' || echo none left
          if: failure()
        """
    )
    assert result.conclusion == "failure"
    assert "##[error]The action 'Slow' has timed out after 0.005 minutes." in lines(result)
    assert conclusions(result) == ["failure", "success"]


@pytest.mark.parametrize("job", ["timeout-minutes: 0.005", ""])
async def test_a_job_that_takes_too_long_times_out_and_only_its_last_words_run(
    run_steps: RunSteps, lines: ReadLog, job: str
) -> None:
    result = await run_steps(
        "- run: sleep 600\n- run: echo never\n- run: echo cleaned up\n  if: always()\n- run: echo c\n  if: cancelled()",
        job=job,
        limits=Limits(seconds=20 if job else 0.3),
    )
    assert result.conclusion == "timed_out"
    assert conclusions(result) == ["cancelled", "skipped", "success", "success"]
    assert {"##[error]The operation was canceled.", "cleaned up"} <= set(lines(result))
    assert [one.message for one in result.annotations] == [
        "The operation was canceled.",
        "The job running on runner GitHub Actions 1 has exceeded the maximum execution time of 0.005 minutes.",
    ]


async def test_last_words_have_an_end_too(run_steps: RunSteps) -> None:
    steps = "- run: sleep 600\n- run: sleep 600\n  if: always()\n- run: sleep 600\n  if: always()"
    result = await run_steps(steps, limits=Limits(seconds=0.2, grace_seconds=0.2))
    assert conclusions(result) == ["cancelled", "cancelled", "cancelled"]
    assert result.conclusion == "timed_out"


async def test_a_cancelled_job_ends_as_cancelled(run_steps: RunSteps) -> None:
    cancel = asyncio.Event()
    asyncio.get_running_loop().call_later(0.2, cancel.set)
    result = await run_steps("- run: sleep 600\n- run: echo never", cancel=cancel)
    assert (result.conclusion, conclusions(result)) == ("cancelled", ["cancelled", "skipped"])


async def test_a_job_cancelled_before_its_first_step_runs_none(run_steps: RunSteps) -> None:
    cancel = asyncio.Event()
    cancel.set()
    result = await run_steps("- run: echo never\n- run: echo bye\n  if: always()", cancel=cancel)
    assert (result.conclusion, conclusions(result)) == ("cancelled", ["skipped", "success"])


async def test_much_output_is_capped_but_the_runners_own_lines_stay(run_steps: RunSteps, lines: ReadLog) -> None:
    result = await run_steps("- run: yes 0123456789 | head -c 2000000; exit 1", limits=Limits(seconds=20, log_bytes=10_000))
    assert len(result.log) < 15_000
    assert "##[warning]The log is longer than 10000 bytes; the rest of the output is left out." in lines(result)
    assert "##[error]Process completed with exit code 1." in lines(result)


async def test_output_may_hold_any_bytes_and_lines_without_end(run_steps: RunSteps, lines: ReadLog) -> None:
    result = await run_steps(
        r"""- run: printf 'a\377b\r\n'; printf 'tab\tend'; head -c 1200000 /dev/zero | tr '\0' x; printf '\nlast'"""
    )
    shown = lines(result)
    assert "a\ufffdb" in shown
    assert "last" in shown
    assert sum(line.count("x") for line in shown if line.startswith(("tab", "xxx"))) == 1_200_000


async def test_a_job_whose_condition_is_false_is_skipped_without_a_trace(run_plan: RunPlan, plan: MakePlan) -> None:
    job = plan("{on: push, jobs: {a: {if: github.ref == 'x', runs-on: u, steps: [{run: y}]}}}").jobs[0]
    result = await run_plan(job)
    assert (result.conclusion, result.steps, result.log) == ("skipped", (), b"")


@pytest.mark.parametrize(
    ("condition", "results", "runs"),
    [
        (None, [], True),
        (None, ["success"], True),
        (None, ["success", "failure"], False),
        (None, ["skipped"], False),
        (None, ["cancelled"], False),
        ("always()", ["failure"], True),
        ("failure()", ["failure"], True),
        ("failure()", ["success"], False),
        ("failure()", ["skipped"], False),
        ("cancelled()", ["cancelled", "success"], True),
        ("${{ !cancelled() }}", ["failure"], True),
        ("!failure() && !cancelled()", ["skipped"], True),
        ("needs.n0.result == 'success'", ["success"], True),
        ("always() && needs.n0.result == 'skipped'", ["skipped"], True),
        ("github.event_name == 'push'", ["failure"], False),
        ("fromJSON('{')", ["success"], False),
    ],
)
def test_a_job_runs_when_its_condition_says_so(
    event: MakeEvent, condition: str | None, results: list[str], *, runs: bool
) -> None:
    job = JobPlan(key="a", name="a", steps=(), condition=condition)
    needs = {f"n{index}": Need(result=result) for index, result in enumerate(results)}
    assert should_run(job, event(), needs) is runs


@pytest.mark.parametrize(
    ("job", "message"),
    [
        ("runs-on: windows-latest", "No runner matching the specified labels was found: windows-latest"),
        ("container: node:20", "Docker is not available on this runner: jobs in containers and with services cannot run."),
        ("env: {A: \"${{ fromJSON('{') }}\"}", "The template is not valid. Error parsing fromJson"),
    ],
)
async def test_a_job_that_this_machine_cannot_run_fails_while_it_is_set_up(
    run_plan: RunPlan, plan: MakePlan, job: str, message: str
) -> None:
    runs_on = "" if job.startswith("runs-on") else "runs-on: ubuntu-latest"
    text = f"on: push\njobs:\n  a:\n    {job}\n    {runs_on}\n    steps:\n      - run: echo never\n"
    result = await run_plan(plan(text).jobs[0])
    assert result.conclusion == "failure"
    assert [(one.number, one.name, one.conclusion) for one in result.steps] == [
        (1, "Set up job", "failure"),
        (5, "Complete job", "success"),
    ]
    assert result.annotations[0].message.startswith(message)


async def test_nothing_is_left_outside_the_jobs_folder(run_steps: RunSteps, lines: ReadLog) -> None:
    result = await run_steps("- run: mktemp; cd ~; pwd; cd /; mktemp -d")
    places = [line for line in lines(result) if line.startswith(f"{os.sep}tmp{os.sep}tmp.")]
    assert len(places) == 2
    assert "/home/runner" in lines(result)
