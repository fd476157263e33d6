"""``devflowfix demo``: the whole job on a GitHub stand-in, as a person would see it; ends with where to look or what is wrong."""

import asyncio
import os
import secrets
import shutil
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from importlib.resources import files
from pathlib import Path
from typing import Any

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table
from ruamel.yaml import YAML

from app.demo import child, scenes, script_of_model
from app.demo.contributor import stacked_on_a_contributor
from app.demo.hopeless import withdrawn
from app.demo.lint import broken_and_repaired
from app.demo.network import run_again
from app.demo.seen import Seen
from app.demo.stage import NeverHappened, Stage
from app.domain.ids import incident_id
from app.emulator.github import GitHub
from app.emulator.model.endpoint import ScriptedModel
from app.repair.ask_model import KIND, Asked
from storage import artifacts, encoding, incidents
from storage.database import Database

SCENES = (broken_and_repaired, stacked_on_a_contributor, withdrawn, run_again)

SETTLE_SECONDS = 2
"""The demo does not wait a minute for late checks: its CI has none. A real server's default is 60 s."""


async def play(folder: Path, *, keep: bool, real: Mapping[str, str] | None) -> int:
    """Play the demo in a folder of its own, which is emptied first; gives the exit status. ``real`` is a model's settings."""
    console = Console()
    if not shutil.which("git"):
        console.print("The demo needs git: please install it and try again.")
        return 2
    _emptied(folder)
    stage = Stage(console)
    try:
        await perform(stage, folder, keep=keep, real=real)
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


async def perform(stage: Stage, folder: Path, *, keep: bool = False, real: Mapping[str, str] | None = None) -> Table:
    """Play every scene and give the table of what happened; with ``keep`` it stays until somebody presses Ctrl-C.

    Raises:
        NeverHappened: a scene did not end as it should.
        DidNotStart: the server did not come up.
    """
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
        model = real if real is not None else await _scripted(stack)
        server = await child.start(environment(github, folder, secret) | dict(model), port, folder / "server.log")
        stack.push_async_callback(server.stop)
        stage.happened(f"devflowfix serve is ready at {server.url}, with the model {model['DEVFLOWFIX_MODEL']}")
        await _prepared(stage, github)
        seen = [await scene(stage, github) for scene in SCENES]
        table = await _table(github, folder, seen)
        stage.console.print(table)
        if keep:
            await _kept(stage, github, server, str(folder))
        return table


async def _scripted(stack: AsyncExitStack) -> dict[str, str]:
    """Start the scripted model endpoint and give the settings that name it."""
    model = await ScriptedModel.start()
    stack.push_async_callback(model.close)
    script_of_model.teach(model)
    return {
        "DEVFLOWFIX_MODEL_BASE_URL": model.base_url,
        "DEVFLOWFIX_MODEL": model.name,
        "DEVFLOWFIX_MODEL_PRICES": f"{model.name}=0.60/0.60",
    }


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
    """Make the repositories, green, and install the App on their organisation."""
    for scene in scenes.ALL:
        repo = await github.create_repository(scene.name, scene.files, author=scenes.MAINTAINER, run_ci=True)
        repo.add_collaborator(scenes.CONTRIBUTOR, "write")
    await github.install(scenes.ACCOUNT)
    await github.idle()
    ends = {scene.name: github.repository(scene.name).runs()[-1].latest.conclusion for scene in scenes.ALL}
    if set(ends.values()) != {"success"}:
        raise NeverHappened(f"CI should be green before anything is broken: {ends}")
    stage.happened(f"{', '.join(ends)}: CI on main is [green]green[/green], and each has a policy (mode: ready)")


async def _table(github: GitHub, folder: Path, seen: Sequence[Seen]) -> Table:
    db = await Database.open(f"sqlite+aiosqlite:///{(folder / 'data' / 'devflowfix.db').absolute()}")
    try:
        rows = [await _row(db, github, one) for one in seen]
    finally:
        await db.close()
    table = Table(title="What happened", title_justify="left", box=SIMPLE, pad_edge=False)
    for name in ("scene", "type", "how it ended", "calls", "turns", "tokens", "time"):
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*row)
    table.caption = (
        "calls: all to GitHub until then; in brackets from the delivery to the open pull request (budget 9). "
        "turns, tokens: the model's. To read on: docs/life-of-a-failure.md, app/repair/workflow.py."
    )
    table.caption_justify = "left"
    return table


async def _row(db: Database, github: GitHub, seen: Seen) -> tuple[str, ...]:
    repo = github.repository(seen.repository)
    name = incident_id(github.api_url.removeprefix("http://"), repo.id, seen.run_id, 1)
    async with db.read() as tx:
        diagnosis = await incidents.get_diagnosis(tx, name)
        bodies = [await artifacts.get(tx, name, KIND, number) for kind, number in await artifacts.names(tx, name) if kind == KIND]
    asked = [encoding.loads(Asked, body) for body in bodies if body is not None]
    if diagnosis is None:
        raise NeverHappened(f"incident {name} is not in the database")
    counted = f"{seen.calls}" + (f" ({seen.to_pull_request})" if seen.to_pull_request else "")
    return (
        f"{seen.title}\n{name}",
        f"{diagnosis.failure_type.value}\n{diagnosis.attribution.value}",
        f"{seen.end}\n{seen.link.removeprefix(github.api_url)}",
        counted,
        str(sum(one.turns for one in asked)),
        str(sum(one.prompt_tokens + one.completion_tokens for one in asked)),
        f"{seen.seconds:.1f} s",
    )


async def _kept(stage: Stage, github: GitHub, server: child.Server, folder: str) -> None:
    """Leave everything running until somebody presses Ctrl-C."""
    stage.scene("Everything keeps running; Ctrl-C ends it")
    stage.detail(f"GitHub   {github.api_url}\nserver   {server.url}/health\nmetrics  {server.url}/metrics\nfiles    {folder}")
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()
