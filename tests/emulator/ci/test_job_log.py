"""The log of a job, word for word, as the logs API serves it."""

import re
from collections.abc import Awaitable, Callable

from inline_snapshot import snapshot

from app.emulator.ci.log import BOM
from app.emulator.ci.runner import JobResult

RunSteps = Callable[..., Awaitable[JobResult]]


async def test_a_failing_job_reads_like_github_prints_it(run_steps: RunSteps) -> None:
    result = await run_steps(
        """
        - uses: actions/checkout@v4
        - name: Lint
          run: |
            echo "src/a.py:1:8: F401 unused"
            echo "::error file=src/a.py,line=1,title=F401::unused import"
            exit 1
          env: {LEVEL: strict}
        """,
        top="env: {COLOR: always}",
        files={"src/a.py": "import os\n"},
    )
    text = re.sub(r"shell: \S*/bash", "shell: /usr/bin/bash", result.log.removeprefix(BOM).decode())
    text = re.sub(r"SHA:[0-9a-f]{40}", "SHA:<of the action>", text)
    assert result.log.startswith(BOM)
    assert text.replace("\x1b", "<ESC>").splitlines() == snapshot(
        [
            "2025-07-04T12:00:00.0020000Z Current runner version: '2.333.1'",
            "2025-07-04T12:00:00.0030000Z ##[group]Operating System",
            "2025-07-04T12:00:00.0040000Z Ubuntu",
            "2025-07-04T12:00:00.0050000Z 24.04.4",
            "2025-07-04T12:00:00.0060000Z LTS",
            "2025-07-04T12:00:00.0070000Z ##[endgroup]",
            "2025-07-04T12:00:00.0080000Z ##[group]Runner Image",
            "2025-07-04T12:00:00.0090000Z Image: ubuntu-24.04",
            "2025-07-04T12:00:00.0100000Z Version: 20260420.95.1",
            "2025-07-04T12:00:00.0110000Z ##[endgroup]",
            "2025-07-04T12:00:00.0120000Z ##[group]GITHUB_TOKEN Permissions",
            "2025-07-04T12:00:00.0130000Z Contents: read",
            "2025-07-04T12:00:00.0140000Z Metadata: read",
            "2025-07-04T12:00:00.0150000Z ##[endgroup]",
            "2025-07-04T12:00:00.0160000Z Secret source: None",
            "2025-07-04T12:00:00.0170000Z Prepare workflow directory",
            "2025-07-04T12:00:00.0180000Z Prepare all required actions",
            "2025-07-04T12:00:00.0190000Z Getting action download info",
            "2025-07-04T12:00:00.0200000Z Download action repository 'actions/checkout@v4' (SHA:<of the action>)",
            "2025-07-04T12:00:00.0210000Z Complete job name: test",
            "2025-07-04T12:00:00.0240000Z ##[group]Run actions/checkout@v4",
            "2025-07-04T12:00:00.0250000Z with:",
            "2025-07-04T12:00:00.0260000Z   repository: octo/demo",
            "2025-07-04T12:00:00.0270000Z   token: ***",
            "2025-07-04T12:00:00.0280000Z   ssh-strict: true",
            "2025-07-04T12:00:00.0290000Z   ssh-user: git",
            "2025-07-04T12:00:00.0300000Z   persist-credentials: true",
            "2025-07-04T12:00:00.0310000Z   clean: true",
            "2025-07-04T12:00:00.0320000Z   sparse-checkout-cone-mode: true",
            "2025-07-04T12:00:00.0330000Z   fetch-depth: 1",
            "2025-07-04T12:00:00.0340000Z   fetch-tags: false",
            "2025-07-04T12:00:00.0350000Z   show-progress: true",
            "2025-07-04T12:00:00.0360000Z   lfs: false",
            "2025-07-04T12:00:00.0370000Z   submodules: false",
            "2025-07-04T12:00:00.0380000Z   set-safe-directory: true",
            "2025-07-04T12:00:00.0390000Z env:",
            "2025-07-04T12:00:00.0400000Z   COLOR: always",
            "2025-07-04T12:00:00.0410000Z ##[endgroup]",
            "2025-07-04T12:00:00.0420000Z Syncing repository: octo/demo",
            "2025-07-04T12:00:00.0430000Z ##[group]Fetching the repository",
            "2025-07-04T12:00:00.0440000Z From https://github.com/octo/demo",
            "2025-07-04T12:00:00.0450000Z  * [new ref]         5f0c2ab7d1e94c3388ba6a7f2d1f0e9c8b7a6d54 -> heads/main",
            "2025-07-04T12:00:00.0460000Z ##[endgroup]",
            "2025-07-04T12:00:00.0470000Z ##[group]Checking out the ref",
            "2025-07-04T12:00:00.0480000Z HEAD is now at 5f0c2ab",
            "2025-07-04T12:00:00.0490000Z ##[endgroup]",
            "2025-07-04T12:00:00.0500000Z [command]/usr/bin/git log -1 --format=%H",
            "2025-07-04T12:00:00.0510000Z 5f0c2ab7d1e94c3388ba6a7f2d1f0e9c8b7a6d54",
            '2025-07-04T12:00:00.0540000Z ##[group]Run echo "src/a.py:1:8: F401 unused"',
            '2025-07-04T12:00:00.0550000Z <ESC>[36;1mecho "src/a.py:1:8: F401 unused"<ESC>[0m',
            '2025-07-04T12:00:00.0560000Z <ESC>[36;1mecho "::error file=src/a.py,line=1,title=F401::unused import"<ESC>[0m',
            "2025-07-04T12:00:00.0570000Z <ESC>[36;1mexit 1<ESC>[0m",
            "2025-07-04T12:00:00.0580000Z shell: /usr/bin/bash -e {0}",
            "2025-07-04T12:00:00.0590000Z env:",
            "2025-07-04T12:00:00.0600000Z   COLOR: always",
            "2025-07-04T12:00:00.0610000Z   LEVEL: strict",
            "2025-07-04T12:00:00.0620000Z ##[endgroup]",
            "2025-07-04T12:00:00.0630000Z src/a.py:1:8: F401 unused",
            "2025-07-04T12:00:00.0640000Z ##[error]unused import",
            "2025-07-04T12:00:00.0650000Z ##[error]Process completed with exit code 1.",
            "2025-07-04T12:00:00.0680000Z Post job cleanup.",
            "2025-07-04T12:00:00.0690000Z [command]/usr/bin/git version",
            "2025-07-04T12:00:00.0720000Z Cleaning up orphan processes",
        ]
    )
    assert [tuple(one) for one in result.annotations] == snapshot(
        [
            ("src/a.py", 1, 1, "failure", "F401", "unused import"),
            (".github", 1, 1, "failure", "", "Process completed with exit code 1."),
        ]
    )


async def test_every_line_but_the_later_ones_of_a_message_has_githubs_timestamp(run_steps: RunSteps) -> None:
    result = await run_steps("- run: printf '%s\\n' one '' two '::error::first%0Asecond'\n  env: {A: \"b\\nc\"}")
    stamped = re.compile(r"2025-07-04T12:00:00\.\d{7}Z (.*)")
    bare = [line for line in result.log.removeprefix(BOM).decode().splitlines() if not stamped.fullmatch(line)]
    assert bare == ["c", "second"]


async def test_times_never_go_back_and_belong_to_their_steps(run_steps: RunSteps) -> None:
    result = await run_steps("- run: echo one\n- run: echo two")
    text = result.log.removeprefix(BOM).decode()
    times = re.findall(r"^(\S+)Z ", text, re.MULTILINE)
    assert times == sorted(times)
    one, two = (re.search(rf"^(\S+)Z {word}$", text, re.MULTILINE) for word in ("one", "two"))
    for found, step in ((one, result.steps[1]), (two, result.steps[2])):
        assert found is not None
        assert step.started_at.strftime("%H:%M:%S.%f") < found[1][11:] < step.completed_at.strftime("%H:%M:%S.%f") + "0"
