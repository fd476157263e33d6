import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from app.emulator.ci.plan import TriggerEvent
from app.emulator.ci.runner import JobResult
from app.emulator.ci.session import SYSTEM_PATH

RunSteps = Callable[..., Awaitable[JobResult]]
MakeEvent = Callable[..., TriggerEvent]
ReadLog = Callable[[JobResult], list[str]]


def script(folder: Path, name: str, text: str) -> str:
    """Put a small tool into a folder and give the folder."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{text}\n")
    (folder / name).chmod(0o755)
    return str(folder)


async def test_a_checkout_brings_the_files_and_a_repository_without_changes(run_steps: RunSteps, lines: ReadLog) -> None:
    steps = """
        - run: ls; git rev-parse 2>&1 | head -1
        - uses: actions/checkout@v4
          id: code
        - run: |
            cat src/a.py; git ls-files; git diff --exit-code && echo clean
            echo "${{ steps.code.outputs.commit == github.sha }}"
            echo more >> src/a.py; git diff --stat | tail -1; git log --format=%s
    """
    result = await run_steps(steps, files={"src/a.py": "print(1)\n", ".gitignore": "src\n"})
    shown = lines(result)
    assert result.conclusion == "success"
    assert shown.index("fatal: not a git repository (or any of the parent directories): .git") < shown.index("print(1)")
    assert {"src/a.py", ".gitignore", "clean", "true", " 1 file changed, 1 insertion(+)"} <= set(shown)


async def test_a_checkout_may_go_into_a_folder_and_may_name_the_ref_of_the_run(run_steps: RunSteps, event: MakeEvent) -> None:
    on = event("pull_request", ref="refs/pull/1/merge", head_branch="fix")
    steps = "- uses: actions/checkout@v4\n  with: {path: here, ref: '${{ github.head_ref }}'}\n- run: cat here/a"
    assert (await run_steps(steps, files={"a": "x"}, on=on)).conclusion == "success"


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ("repository: other/thing", "Not Found - https://docs.github.com/rest/repos/repos#get-a-repository"),
        ("ref: v9", "A branch or tag with the name 'v9' could not be found"),
    ],
)
async def test_a_checkout_of_something_else_fails(run_steps: RunSteps, inputs: str, message: str) -> None:
    result = await run_steps(f"- uses: actions/checkout@v4\n  with: {{{inputs}}}")
    assert result.annotations[0].message == message


@pytest.mark.parametrize(
    ("action", "tool", "version", "line", "output"),
    [
        ("actions/setup-python@v5", "python", "Python 3.12.1", "Successfully set up CPython (3.12.1)", "python-version: 3.12.1"),
        ("actions/setup-node@v4", "node", "v20.1.0", "node: v20.1.0", "node-version: v20.1.0"),
        ("astral-sh/setup-uv@v6", "uv", "uv 0.9.2 (abc)", "Successfully installed uv version 0.9.2", "uv-version: 0.9.2"),
    ],
)
async def test_set_up_actions_take_the_tools_that_there_are(
    run_steps: RunSteps, lines: ReadLog, tmp_path: Path, *, action: str, tool: str, version: str, line: str, output: str
) -> None:
    tools = script(tmp_path / "tools", tool, f"echo '{version}'")
    name = output.partition(":")[0]
    result = await run_steps(
        f"- uses: {action}\n  id: it\n- run: 'echo \"{name}: ${{{{ steps.it.outputs.{name} }}}}\"'", tools=tools
    )
    assert result.conclusion == "success"
    assert {line, output} <= set(lines(result))


async def test_a_tool_that_does_not_work_fails_its_set_up(run_steps: RunSteps, tmp_path: Path) -> None:
    tools = script(tmp_path / "tools", "node", "exit 9")
    result = await run_steps("- uses: actions/setup-node@v4", tools=tools)
    assert result.annotations[0].message == f"The process '{tools}/node' failed with exit code 9"


@pytest.mark.skipif(shutil.which("python", path=SYSTEM_PATH) is not None, reason="this system has a python of its own")
async def test_setting_python_up_makes_python_a_name_of_python3(run_steps: RunSteps, lines: ReadLog, tmp_path: Path) -> None:
    tools = script(tmp_path / "tools", "python3", 'echo "Python 3.13.0" "$@"')
    result = await run_steps("- uses: actions/setup-python@v5\n- run: python -m thing", tools=tools)
    assert "Python 3.13.0 -m thing" in lines(result)


@pytest.mark.skipif(shutil.which("uv", path=SYSTEM_PATH) is not None, reason="this system has a uv of its own")
async def test_a_tool_that_is_not_there_fails_its_set_up(run_steps: RunSteps) -> None:
    result = await run_steps("- uses: astral-sh/setup-uv@v6")
    assert result.annotations[0].message == "No version found for latest"


async def test_a_cache_is_never_hit(run_steps: RunSteps, lines: ReadLog) -> None:
    steps = """
        - uses: actions/checkout@v4
        - uses: actions/cache@v4
          id: cache
          with: {path: x, key: "k-${{ hashFiles('**/*.lock', '!b/**') }}", restore-keys: k-}
        - run: echo "hit=${{ steps.cache.outputs.cache-hit }}."
    """
    first = await run_steps(steps, files={"a.lock": "1", "b/b.lock": "2"})
    second = await run_steps(steps, files={"a.lock": "1", "b/b.lock": "3"})
    third = await run_steps(steps, files={"a.lock": "2"})
    none = await run_steps(steps, files={"x": "2"})
    keys = [next(line for line in lines(one) if line.startswith("Cache not found")) for one in (first, second, third, none)]
    assert keys[0] == keys[1] != keys[2]
    assert keys[3] == "Cache not found for input keys: k-, k-"
    assert "hit=." in lines(first)


@pytest.mark.parametrize(
    ("inputs", "line", "passes"),
    [
        ("path: dist/", "With the provided path, there will be 2 files uploaded", True),
        ("path: '**/*.whl'", "With the provided path, there will be 1 file uploaded", True),
        ("path: none", "##[warning]No files were found with the provided path: none. No artifacts will be uploaded.", True),
        (
            "{path: none, if-no-files-found: error}",
            "##[error]No files were found with the provided path: none. No artifacts will be uploaded.",
            False,
        ),
        ("name: x", "##[error]Input required and not supplied: path", False),
    ],
)
async def test_an_artifact_is_what_its_path_names(
    run_steps: RunSteps, lines: ReadLog, inputs: str, line: str, *, passes: bool
) -> None:
    steps = "- run: mkdir dist; touch dist/a.whl dist/b.txt\n- uses: actions/upload-artifact@v4\n  with: "
    result = await run_steps(steps + (inputs if inputs.startswith("{") else f"{{{inputs}}}"))
    assert line in lines(result)
    assert (result.conclusion == "success") is passes


@pytest.mark.parametrize(
    ("uses", "message"),
    [
        ("someone/thing@v1", "Unable to resolve action `someone/thing`, repository not found"),
        ("actions/checkout", "Expected format {org}/{repo}[/path]@ref. Actual 'actions/checkout'"),
    ],
)
async def test_an_action_that_is_not_known_fails_the_job_before_its_first_step(
    run_steps: RunSteps, uses: str, message: str
) -> None:
    result = await run_steps(f"- run: echo never\n- uses: {uses}")
    assert [(one.name, one.conclusion) for one in result.steps] == [("Set up job", "failure"), ("Complete job", "success")]
    assert result.annotations[0].message == message


@pytest.mark.parametrize("uses", ["./.github/actions/x", "docker://alpine:3"])
async def test_local_and_container_actions_fail_their_step(run_steps: RunSteps, uses: str) -> None:
    result = await run_steps(f"- run: echo first\n- uses: {uses}")
    assert result.annotations[0].message == f"This runner runs neither local nor container actions: {uses}"
    assert [one.conclusion for one in result.steps] == ["success", "success", "failure", "success"]


async def test_the_head_of_an_action_shows_its_inputs_and_their_defaults(run_steps: RunSteps, lines: ReadLog) -> None:
    result = await run_steps("- uses: actions/setup-node@v4\n  with: {node-version: 20, cache: npm}")
    shown = lines(result)
    begin = shown.index("##[group]Run actions/setup-node@v4")
    assert shown[begin : begin + 7] == [
        "##[group]Run actions/setup-node@v4",
        "with:",
        "  node-version: 20",
        "  cache: npm",
        "  check-latest: false",
        "  token: ***",
        "##[endgroup]",
    ]
