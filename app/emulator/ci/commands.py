"""Workflow commands: what a step says to the runner through its output (``::error file=a.py,line=3::…``).

"Workflow commands for GitHub Actions" in GitHub's documentation; which commands exist, and that others are ordinary output, from
the runner's source.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from app.emulator.ci.log import Annotation, JobLog

DEFAULT_PATH = ".github"  # where GitHub puts remarks that name no file
PER_STEP = 10  # annotations of one level that GitHub keeps for one step
_COMMAND = re.compile(r"\s*::(?P<name>[^\s:]+)(?:\s+(?P<properties>[^:]*(?::(?!:)[^:]*)*))?::(?P<data>.*)", re.DOTALL)
_LEVELS = {"error": "failure", "warning": "warning", "notice": "notice"}
_DATA = (("%0D", "\r"), ("%0A", "\n"), ("%25", "%"))
_PROPERTY = (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%"))
_DEPRECATED = (
    "##[warning]The `{0}` command is deprecated and will be disabled soon. Please upgrade to using Environment Files. For more "
    "information see: https://github.blog/changelog/2022-10-11-github-actions-deprecating-save-state-and-set-output-commands/"
)
_DISABLED = (
    "##[error]The `{0}` command is disabled. Please upgrade to using Environment Files or opt into unsecure command execution by "
    "setting the `ACTIONS_ALLOW_UNSECURE_COMMANDS` environment variable to `true`. For more information see: "
    "https://github.blog/changelog/2020-10-01-github-actions-deprecating-set-env-and-add-path-commands/"
)


@dataclass(slots=True)
class Listener:
    """Reads the output of one step: commands are carried out, everything else goes to the log."""

    log: JobLog
    workspace: str = ""
    debug: bool = False
    annotations: list[Annotation] = field(default_factory=list)
    outputs: dict[str, str] = field(default_factory=dict)
    failed: bool = False  # a command that fails its step was used
    _stopped: str | None = None

    def line(self, text: str) -> None:
        """Take one line of output."""
        found = _COMMAND.fullmatch(text)
        if self._stopped is not None:
            resumes = found is not None and found["name"] == self._stopped
            self._stopped = None if resumes else self._stopped
            if not resumes:
                self.log.output(text)
        elif found is None or not self._carry_out(found["name"].lower(), found):
            self.log.output(text)

    def _carry_out(self, name: str, found: re.Match[str]) -> bool:
        """Carry a command out; false when there is none of that name."""
        data, properties = _unescaped(found["data"], _DATA), _properties(found["properties"] or "")
        if name in _LEVELS:
            self._remark(name, properties, data)
        elif name in {"group", "endgroup"}:
            self.log.output(f"##[{name}]{data}")
        elif name == "debug":
            self._debug(data)
        elif name == "add-mask":
            self.log.mask(data)
        elif name == "stop-commands":
            self._stopped = data
        elif name in {"set-output", "save-state"}:
            self._set_output(name, properties.get("name", ""), data)
        elif name in {"set-env", "add-path"}:
            self.log.output(f"##[error]Unable to process command '{self.log.masked(found[0].strip())}' successfully.")
            self.log.output(_DISABLED.format(name))
            self.failed = True
        else:
            return name in {"echo", "add-matcher", "remove-matcher"}  # known, and without effect here
        return True

    def _remark(self, name: str, properties: Mapping[str, str], message: str) -> None:
        self.log.output(f"##[{name}]{message}")
        line = _line(properties.get("line"), 1)
        remark = Annotation(
            path=self._relative(properties.get("file", "")) or DEFAULT_PATH,
            start_line=line,
            end_line=_line(properties.get("endline"), line),
            level=_LEVELS[name],
            title=self.log.masked(properties.get("title", "")),
            message=self.log.masked(message),
        )
        if sum(one.level == remark.level for one in self.annotations) < PER_STEP:
            self.annotations.append(remark)

    def _relative(self, path: str) -> str:
        return path.removeprefix(f"{self.workspace}/") if self.workspace else path

    def _debug(self, message: str) -> None:
        if self.debug:
            self.log.output(f"##[debug]{message}")

    def _set_output(self, command: str, name: str, value: str) -> None:
        self.log.output(_DEPRECATED.format(command))
        if command == "set-output":
            self.outputs[name] = value


def _properties(written: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in written.split(","))
    return {key.strip().lower(): _unescaped(value, _PROPERTY) for key, _, value in pairs if key.strip()}


def _unescaped(text: str, codes: tuple[tuple[str, str], ...]) -> str:
    for code, character in codes:
        text = text.replace(code, character)
    return text


def _line(written: str | None, otherwise: int) -> int:
    return int(written) if written is not None and written.isdecimal() else otherwise
