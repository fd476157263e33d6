"""``devflowfix demo``: the whole job on a GitHub stand-in, as a person would see it; ends with where to look or what is wrong."""

import asyncio
import os
import secrets
import shutil
import signal
import sys
from contextlib import AsyncExitStack
from importlib.resources import files
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from ruamel.yaml import YAML

from app.demo import child, lint, scenes
from app.demo.stage import NeverHappened, Stage
from app.domain.ids import incident_id, task_id
from app.emulator.github import GitHub
from storage import incidents, tasks
from storage.database import Database

SETTLE_SECONDS = 2
"""The demo does not wait a minute for late checks: its CI has none. A real server's default is 60 s."""


async def play(folder: Path, *, keep: bool) -> int:
    """Play the demo in a folder of its own, which is emptied first; gives the exit status."""
    console = Console()
    if not shutil.which("git"):
        console.print("The demo needs git: please install it and try again.")
        return 2
    _emptied(folder)
    stage = Stage(console)
    try:
        await _play(stage, folder, keep=keep)
    except (NeverHappened, child.DidNotStart) as problem:
        console.print(f"\n[red]The demo did not end as it should.[/red] {problem}", soft_wrap=True)
        console.print(
            f"The server's log: {folder / 'server.log'}\n{child.tail(folder / 'server.log')}", markup=False, soft_wrap=True
        )
        return 1
    return 0


def _emptied(folder: Path) -> None:
    """Empty a folder that an earlier demo made; anything else is left alone."""
    marker = folder / ".devflowfix-demo"
    if folder.exists() and any(folder.iterdir()) and not marker.exists():
        raise FileExistsError(f"{folder} is not empty and was not made by the demo; choose another --folder")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    marker.touch()


async def _play(stage: Stage, folder: Path, *, keep: bool) -> None:
    async with AsyncExitStack() as stack:
        stage.scene("A GitHub with CI that really runs")
        port, secret = child.free_port(), secrets.token_hex(16)
        github = await GitHub.start(
            folder / "github",
            manifest=manifest(),
            webhook_url=f"http://127.0.0.1:{port}/api/v1/webhooks/github",
            webhook_secret=secret,
            tools_path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        )
        stack.push_async_callback(github.close)
        stage.happened(f"a GitHub stand-in answers at {github.api_url}")
        server = await child.start(environment(github, folder, secret), port, folder / "server.log")
        stack.push_async_callback(server.stop)
        stage.happened(f"devflowfix serve is ready at {server.url}")
        await _prepared(stage, github)
        seen = await lint.broken_and_repaired(stage, github)
        stage.console.print(await _table(github, folder, seen))
        if keep:
            await _kept(stage, github, server, str(folder))


def environment(github: GitHub, folder: Path, secret: str) -> dict[str, str]:
    """Make the settings of a server that works for the stand-in."""
    key = folder / "app-key.pem"
    key.touch(mode=0o600)
    key.write_text(github.private_key_pem)
    return {
        "DEVFLOWFIX_GITHUB_APP_ID": str(github.app_id),
        "DEVFLOWFIX_GITHUB_PRIVATE_KEY": str(key.absolute()),
        "DEVFLOWFIX_WEBHOOK_SECRET": secret,
        "DEVFLOWFIX_GITHUB_API_URL": github.api_url,
        "DEVFLOWFIX_DATA_DIR": str((folder / "data").absolute()),
        "DEVFLOWFIX_SETTLE_SECONDS": str(SETTLE_SECONDS),
    }


def manifest() -> Any:  # noqa: ANN401 - YAML
    """Read ``app.yml``: beside the packages in a checkout, inside ours when installed."""
    beside = Path(str(files("app"))).parent / "app.yml"
    path = beside if beside.exists() else Path(str(files("app"))) / "app.yml"
    return YAML(typ="safe").load(path)


async def _prepared(stage: Stage, github: GitHub) -> None:
    repo = await github.create_repository(scenes.REPOSITORY, scenes.START, author=scenes.MAINTAINER, run_ci=True)
    repo.add_collaborator(scenes.CONTRIBUTOR, "write")
    await github.install(scenes.ACCOUNT)
    await github.idle()
    run = repo.runs()[-1]
    stage.happened(f"{scenes.REPOSITORY} has a policy (mode: ready), and CI on main is [green]{run.latest.conclusion}[/green]")
    if run.latest.conclusion != "success":
        raise NeverHappened("CI on main should be green before anything is broken")


async def _table(github: GitHub, folder: Path, seen: lint.Seen) -> Table:
    db = await Database.open(f"sqlite+aiosqlite:///{(folder / 'data' / 'devflowfix.db').absolute()}")
    try:
        rows = await _facts(db, github, seen)
    finally:
        await db.close()
    table = Table(title="What happened", show_header=False, title_justify="left")
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows:
        table.add_row(name, value)
    return table


async def _facts(db: Database, github: GitHub, seen: lint.Seen) -> list[tuple[str, str]]:
    repo = github.repository(seen.repository)
    run = next(run for run in repo.runs(seen.failed_sha))
    name = incident_id(github.api_url.removeprefix("http://"), repo.id, run.id, 1)
    async with db.read() as tx:
        diagnosis = await incidents.get_diagnosis(tx, name)
        task = await tasks.get_task(tx, task_id(name))
    if diagnosis is None or task is None:
        raise NeverHappened(f"incident {name} is not in the database")
    return [
        ("incident", name),
        ("type", f"{diagnosis.failure_type.value} (confidence {diagnosis.confidence:.2f})"),
        ("attribution", f"{diagnosis.attribution.value}: {' '.join(diagnosis.evidence)}"),
        ("task", f"{task.status.value}: {task.reason}"),
        ("GitHub calls", f"{seen.calls} from the delivery to the open pull request (budget 9)"),
        (
            "time",
            f"{seen.seconds:.1f} s from the breaking push to the open pull request, CI included, {SETTLE_SECONDS} s settling",
        ),
        ("pull request", f"#{seen.pull.number} {seen.pull_url}"),
        ("where to look", "docs/life-of-a-failure.md, app/repair/workflow.py, app/domain/verification.py"),
    ]


async def _kept(stage: Stage, github: GitHub, server: child.Server, folder: str) -> None:
    """Leave everything running until somebody presses Ctrl-C."""
    stage.scene("Everything keeps running; Ctrl-C ends it")
    stage.detail(f"GitHub   {github.api_url}\nserver   {server.url}/health\nmetrics  {server.url}/metrics\nfiles    {folder}")
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()
