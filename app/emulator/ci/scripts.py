"""``run:`` steps: which shell runs a script and how, and what comes of it."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app.emulator.ci.command_files import CommandFileError, CommandFiles
from app.emulator.ci.commands import Listener
from app.emulator.ci.expressions import interpolated
from app.emulator.ci.outcome import Outcome, StepError, display_name, env_lines, first_line
from app.emulator.ci.plan import StepPlan
from app.emulator.ci.process import Ending, execute
from app.emulator.ci.session import Session
from app.emulator.ci.values import number

CYAN, PLAIN = "\x1b[36;1m", "\x1b[0m"
# "Workflow syntax", jobs.<job_id>.steps[*].shell: the commands GitHub runs; {0} is the file that holds the script
_SHELLS = {
    "bash": "bash --noprofile --norc -e -o pipefail {0}",
    "sh": "sh -e {0}",
    "python": "python {0}",
    "pwsh": "pwsh -command \". '{0}'\"",
}
_UNSPECIFIED = "bash -e {0}"
_SUFFIX = {"python": ".py", "pwsh": ".ps1"}


@dataclass(frozen=True, slots=True)
class _Shell:
    """A shell as found on the path: the words of its command and how the log shows them."""

    words: tuple[str, ...]
    shown: str
    suffix: str


async def run_script(session: Session, step: StepPlan, number_: int, env: Mapping[str, str]) -> Outcome:
    """Run a step's script. Raises StepError and ExpressionError."""
    script = interpolated(step.run, session.scope(env))
    environment = session.environment(env, step.id or "__run")
    shell = _shell(interpolated(step.shell, session.scope(env)), environment["PATH"])
    _announce(session, script, shell, env)
    files = CommandFiles(session.layout.temp / "_runner_file_commands", number_)
    listener = Listener(session.log, str(session.layout.workspace), session.around.debug)
    environment |= files.create()
    command = _command(session, shell, script)
    ending = await _executed(session, step, command, env=env, environment=environment, listener=listener)
    session.annotations.extend(listener.annotations)
    return _outcome(session, step, ending, listener, files)


def _announce(session: Session, script: str, shell: _Shell, env: Mapping[str, str]) -> None:
    lines = script.rstrip("\n").split("\n")
    session.log.line(f"##[group]Run {first_line(script)}")
    session.log.lines(f"{CYAN}{line}{PLAIN}" for line in lines)
    session.log.line(f"shell: {shell.shown}")
    session.log.lines(env_lines(env))
    session.log.line("##[endgroup]")


def _shell(written: str, path: str) -> _Shell:
    template = _SHELLS.get(written, written) if written else _UNSPECIFIED
    if "{0}" not in template:
        known = "Shell must be a valid built-in (bash, sh, cmd, powershell, pwsh)"
        raise StepError(f"Invalid shell option. {known} or a format string containing '{{0}}'")
    name, *rest = template.split()
    found = shutil.which(name, path=path)
    if found is None:
        raise StepError(f"{name}: command not found")
    return _Shell((found, *rest), " ".join([found, *rest]), _SUFFIX.get(written, ".sh"))


async def _executed(
    session: Session,
    step: StepPlan,
    command: list[str],
    *,
    env: Mapping[str, str],
    environment: Mapping[str, str],
    listener: Listener,
) -> Ending:
    folder = _folder(session, step, env)
    failed = f"An error occurred trying to start process '{command[0]}' with working directory '{folder}'."
    if not folder.is_dir():
        raise StepError(f"{failed} No such file or directory")
    try:
        return await execute(
            command,
            environment=environment,
            folder=folder,
            on_line=listener.line,
            fence=session.fence,
            seconds=min(session.remaining(), _allowed(session, step, env)),
            cancel=session.cancel,
        )
    except (OSError, ValueError) as error:  # an environment that is too large, or holds a null character
        raise StepError(f"{failed} {error}") from error


def _command(session: Session, shell: _Shell, script: str) -> list[str]:
    """Store the script and give the words that run it."""
    path = session.layout.temp / f"{len(session.results) + 1}{shell.suffix}"
    path.write_text(script if script.endswith("\n") else script + "\n", encoding="utf-8", errors="replace")
    return [word.replace("{0}", str(path)) for word in shell.words]


def _folder(session: Session, step: StepPlan, env: Mapping[str, str]) -> Path:
    return session.layout.workspace / interpolated(step.working_directory, session.scope(env))


def _allowed(session: Session, step: StepPlan, env: Mapping[str, str]) -> float:
    """The step's own ``timeout-minutes`` in seconds; endless where it has none."""
    minutes = number(session.evaluated(step.timeout_minutes, env))
    return minutes * 60 if minutes > 0 else float("inf")


def _outcome(session: Session, step: StepPlan, ending: Ending, listener: Listener, files: CommandFiles) -> Outcome:
    if ending.why == "timed_out" and session.remaining() > 0:
        minutes = number(session.evaluated(step.timeout_minutes, session.env))
        return Outcome.failure(f"The action '{display_name(step, session.scope())}' has timed out after {minutes:g} minutes.")
    if ending.why != "exited":
        return session.canceled()
    outputs = dict(listener.outputs)
    errors = _taken_over(session, files, outputs)
    if ending.code != 0:
        errors = (f"Process completed with exit code {ending.code}.", *errors)
    failed = bool(errors) or listener.failed
    return Outcome(conclusion="failure" if failed else "success", outputs=outputs, errors=errors)


def _taken_over(session: Session, files: CommandFiles, outputs: dict[str, str]) -> tuple[str, ...]:
    """Take over what the step wrote into its files; gives the errors of a file that cannot be read."""
    try:
        session.env |= files.env()
        outputs |= files.outputs()
        session.path = files.paths() + session.path
    except CommandFileError as error:
        return error.messages
    return ()
