"""``uses:`` steps. The stand-in has no actions of others; the few that nearly every workflow uses are played here.

``actions/checkout`` really checks the commit out. The set-up actions take what the demo's tools offer and say which version
that is. Caches and artifacts are accepted and kept nowhere.
"""

import shutil
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.emulator.ci.filters import matches
from app.emulator.ci.outcome import StepError, env_lines
from app.emulator.ci.plan import StepPlan
from app.emulator.ci.process import OPEN, execute
from app.emulator.ci.session import Session

Outputs = Mapping[str, str]
Inputs = Mapping[str, str]
Main = Callable[[Session, Inputs], Awaitable[Outputs]]


@dataclass(frozen=True, slots=True)
class Action:
    """An action that is played: what it does, the inputs it shows, and whether something runs after the job's steps."""

    main: Main
    defaults: Mapping[str, str]
    post: str = ""  # "always" or "success": when the part after the steps runs; empty where there is none
    goodbye: tuple[str, ...] = ()  # what that part prints


def named(uses: str) -> Action | None:
    """Find an action by what stands after ``uses:``; null where there is none of that name."""
    return _ACTIONS.get(uses.partition("@")[0].lower()) if "@" in uses else None


def announce(session: Session, step: StepPlan, action: Action, inputs: Inputs, env: Mapping[str, str]) -> None:
    """Write the head of a step that uses an action."""
    shown = {**inputs, **{name: value for name, value in action.defaults.items() if name not in inputs}}
    shown = {name: session.event.repository if value == "{repository}" else value for name, value in shown.items() if value}
    session.log.line(f"##[group]Run {step.uses}")
    session.log.lines(["with:", *(f"  {name}: {value}" for name, value in shown.items())] if shown else [])
    session.log.lines(env_lines(env))
    session.log.line("##[endgroup]")


async def _checkout(session: Session, inputs: Inputs) -> Outputs:
    event, folder = session.event, session.layout.workspace / inputs.get("path", "")
    sha = event.sha or event.head_sha
    if inputs.get("repository", event.repository).lower() != event.repository.lower():
        raise StepError("Not Found - https://docs.github.com/rest/repos/repos#get-a-repository")
    if inputs.get("ref", "") not in {"", sha, event.head_sha, event.ref, event.ref_name, event.head_branch}:
        raise StepError(f"A branch or tag with the name '{inputs['ref']}' could not be found")
    session.log.line(f"Syncing repository: {event.repository}")
    session.log.lines(["##[group]Fetching the repository", f"From https://github.com/{event.repository}"])
    session.log.lines([f" * [new ref]         {sha} -> {event.ref.removeprefix('refs/')}", "##[endgroup]"])
    folder.mkdir(parents=True, exist_ok=True)
    await session.checkout(folder)
    await _as_repository(session, folder)
    session.log.lines(["##[group]Checking out the ref", f"HEAD is now at {sha[:7]}", "##[endgroup]"])
    session.log.lines(["[command]/usr/bin/git log -1 --format=%H", sha])
    return {"ref": event.ref, "commit": sha}


_AS_REPOSITORY = """cd "$1"
"$0" init -q .
"$0" add -A -f
"$0" -c user.name=runner -c user.email=runner@localhost commit -q --allow-empty -m "$2"
"""


async def _as_repository(session: Session, folder: Path) -> None:
    """Make the files that were written a repository, so that ``git diff`` and ``git ls-files`` work in the steps."""
    git = shutil.which("git", path=session.search_path())
    if git is None or (folder / ".git").exists():
        return
    message = session.event.head_message or session.event.head_sha
    await _quietly(session, ["/bin/sh", "-e", "-c", _AS_REPOSITORY, git, str(folder), message])


async def _quietly(session: Session, command: list[str]) -> str:
    """Run a tool for an action, outside the fence, and give what it printed. Raises StepError."""
    printed: list[str] = []
    ending = await execute(
        command,
        environment=session.environment({}, "") | {"GIT_CONFIG_NOSYSTEM": "1"},
        folder=session.layout.workspace,
        on_line=printed.append,
        fence=OPEN,
        seconds=session.remaining(),
        cancel=session.cancel,
    )
    if ending.why != "exited" or ending.code != 0:
        raise StepError(f"The process '{command[0]}' failed with exit code {ending.code}")
    return "\n".join(printed)


async def _setup_python(session: Session, inputs: Inputs) -> Outputs:
    python = _tool(session, "python", "python3")
    if python is None:
        wanted = inputs.get("python-version", "3.x")
        raise StepError(f"The version '{wanted}' with architecture 'x64' was not found for Ubuntu 24.04.")
    if python.name != "python":
        _alias(session, "python", python)
    version = (await _quietly(session, [str(python), "--version"])).removeprefix("Python ").strip()
    session.log.lines(["##[group]Installed versions", f"Successfully set up CPython ({version})", "##[endgroup]"])
    session.env["pythonLocation"] = str(python.parent.parent)
    return {"python-version": version, "python-path": str(python), "cache-hit": "false"}


def _tool(session: Session, *names: str) -> Path | None:
    found = (shutil.which(name, path=session.search_path()) for name in names)
    return next((Path(path) for path in found if path), None)


def _alias(session: Session, name: str, tool: Path) -> None:
    """Put a tool on the path under another name; a script and no link, because virtual environments look at where they lie."""
    folder = session.layout.tools / "bin"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(f'#!/bin/sh\nexec "{tool}" "$@"\n')
    (folder / name).chmod(0o755)
    session.path.insert(0, str(folder))


async def _setup_node(session: Session, inputs: Inputs) -> Outputs:
    node = _tool(session, "node")
    if node is None:
        raise StepError(
            f"Unable to find Node version '{inputs.get('node-version', '')}' for platform linux and architecture x64."
        )
    version = (await _quietly(session, [str(node), "--version"])).strip()
    session.log.lines(["##[group]Environment details", f"node: {version}", "##[endgroup]"])
    return {"node-version": version, "cache-hit": "false"}


async def _setup_uv(session: Session, inputs: Inputs) -> Outputs:
    uv = _tool(session, "uv")
    if uv is None:
        raise StepError(f"No version found for {inputs.get('version', 'latest')}")
    version = (await _quietly(session, [str(uv), "--version"])).removeprefix("uv ").split()[0]
    session.log.line(f"Successfully installed uv version {version}")
    return {"uv-version": version, "uv-path": str(uv), "cache-hit": "false"}


async def _cache(session: Session, inputs: Inputs) -> Outputs:
    if "key" not in inputs or "path" not in inputs:
        raise StepError(f"Input required and not supplied: {'path' if 'path' not in inputs else 'key'}")
    keys = [inputs["key"], *inputs.get("restore-keys", "").split()]
    if inputs.get("fail-on-cache-miss") == "true":
        raise StepError(f"Failed to restore cache entry. Exiting as fail-on-cache-miss is set. Input key: {inputs['key']}")
    session.log.line(f"Cache not found for input keys: {', '.join(keys)}")
    return {"cache-hit": ""}


async def _upload_artifact(session: Session, inputs: Inputs) -> Outputs:
    if "path" not in inputs:
        raise StepError("Input required and not supplied: path")
    count = _matching(session.layout.workspace, inputs["path"].split("\n"))
    if count == 0:
        message = f"No files were found with the provided path: {inputs['path']}. No artifacts will be uploaded."
        if inputs.get("if-no-files-found") == "error":
            raise StepError(message)
        session.log.line(f"##[warning]{message}")
        return {}
    session.log.line(f"With the provided path, there will be {count} file{'s' if count > 1 else ''} uploaded")
    session.log.line(f"Artifact {inputs.get('name', 'artifact')} has been successfully uploaded!")
    return {}


def _matching(root: Path, patterns: list[str]) -> int:
    wanted = [one.strip().removeprefix("./").rstrip("/") for one in patterns if one.strip()]
    names = (str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())
    return sum(any(matches(one, name) or name.startswith(f"{one}/") or one == "." for one in wanted) for name in names)


def _defaults(written: str) -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in written.split())


_CHECKOUT_INPUTS = _defaults(
    "repository={repository} token=*** ssh-strict=true ssh-user=git persist-credentials=true clean=true "
    "sparse-checkout-cone-mode=true fetch-depth=1 fetch-tags=false show-progress=true lfs=false submodules=false "
    "set-safe-directory=true"
)
_PYTHON_INPUTS = _defaults("check-latest=false token=*** update-environment=true allow-prereleases=false freethreaded=false")
_NODE_INPUTS = _defaults("check-latest=false token=***")
_UV_INPUTS = _defaults("enable-cache=auto github-token=***")
_CACHE_INPUTS = _defaults("enableCrossOsArchive=false fail-on-cache-miss=false lookup-only=false save-always=false")
_UPLOAD_INPUTS = _defaults("name=artifact if-no-files-found=warn compression-level=6 overwrite=false include-hidden-files=false")
_ACTIONS = {
    "actions/checkout": Action(_checkout, _CHECKOUT_INPUTS, "always", ("[command]/usr/bin/git version",)),
    "actions/setup-python": Action(_setup_python, _PYTHON_INPUTS, "success"),
    "actions/setup-node": Action(_setup_node, _NODE_INPUTS, "success"),
    "actions/cache": Action(_cache, _CACHE_INPUTS, "success", ("Nothing was cached: this runner keeps no caches.",)),
    "actions/upload-artifact": Action(_upload_artifact, _UPLOAD_INPUTS),
    "astral-sh/setup-uv": Action(_setup_uv, _UV_INPUTS, "always"),
}
