"""The command line: ``devflowfix serve``, ``migrate``, ``replay``, ``demo``."""

import asyncio
import os
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console

from app import settings as environment
from app.prompts_shown import show
from app.replay import read_again
from app.serving import bring_up_to_date, prepare_logs, serve_until_stopped
from storage.errors import StorageError

cli = typer.Typer(help="DevFlowFix: from a red CI run to a fix pull request that is proven green.", no_args_is_help=True)
errors = Console(stderr=True)


def main() -> None:
    """Run the command line."""
    cli(prog_name="devflowfix")


@cli.command()
def serve() -> None:
    """Take deliveries and repair failures, until stopped (Ctrl-C or SIGTERM)."""
    settings = _settings()
    prepare_logs(settings.log_level)
    for warning in environment.warnings(settings, os.environ):
        errors.print(f"warning: {warning}", markup=False, highlight=False, soft_wrap=True)
    _run(serve_until_stopped(settings))


@cli.command()
def migrate() -> None:
    """Bring the database up to date."""
    _run(bring_up_to_date(_settings()))


@cli.command()
def replay(incident: Annotated[str, typer.Argument(help="an incident's id: inc_…")]) -> None:
    """Read a stored incident again from what was kept of it: nothing is asked of GitHub, nothing is changed."""
    _run(read_again(_settings(), incident))


@cli.command()
def prompt(incident: Annotated[str, typer.Argument(help="an incident's id: inc_…")]) -> None:
    """Show what the model was sent and answered about an incident, as it was kept, with secrets taken out."""
    _run(show(_settings(), incident))


@cli.command()
def demo(
    *,
    keep: Annotated[bool, typer.Option("--keep", help="leave everything running at the end, and say where")] = False,
    real: Annotated[bool, typer.Option("--real", help="ask the model of the environment instead of the script")] = False,
    folder: Annotated[Path, typer.Option(help="where the demo keeps its files; emptied at the start")] = Path("data/demo"),
) -> None:
    """Play the whole job on a GitHub stand-in: no account, no key, no network."""
    from app.demo.script import play  # noqa: PLC0415 - the stand-in is loaded for the demo alone

    try:
        status = asyncio.run(play(folder, keep=keep, real=_model_settings() if real else None))
    except FileExistsError as problem:
        _refuse(str(problem))
    raise typer.Exit(status)


def _model_settings() -> dict[str, str]:
    """Take what the environment says of a model; without any, that is said and the demo does not begin."""
    fallback = os.environ.get("NVIDIA_API_KEY") or os.environ.get("OPENAI_API_KEY") or ""
    given = {name: value for name, value in os.environ.items() if name.startswith("DEVFLOWFIX_MODEL") and value}
    given.setdefault("DEVFLOWFIX_MODEL_API_KEY", fallback)
    if not given["DEVFLOWFIX_MODEL_API_KEY"] and "DEVFLOWFIX_MODEL_BASE_URL" not in given:
        _refuse("--real needs a model: set DEVFLOWFIX_MODEL_API_KEY (and DEVFLOWFIX_MODEL_BASE_URL, DEVFLOWFIX_MODEL).")
    return {"DEVFLOWFIX_MODEL": environment.Settings.model_fields["model"].default} | given


def _settings() -> environment.Settings:
    try:
        return environment.load(os.environ)
    except environment.SettingsProblem as problem:
        _refuse(str(problem))


def _run(work: Any) -> None:  # noqa: ANN401 - whatever coroutine a command is
    try:
        asyncio.run(work)
    except (StorageError, OSError, LookupError) as problem:
        _refuse(str(problem))


def _refuse(message: str) -> NoReturn:
    """Say what a person can mend, without a stack trace, and end with a status that tells."""
    errors.print(message, markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(2)
