"""Gate: no checker's settings are eased: nothing more is ignored, no rule goes, no threshold moves the easy way."""

import re
from collections.abc import Iterator

from app.domain.candidate import GateResult
from app.domain.patch.gate.facts import Edits, GateFacts, verdict
from app.domain.patch.gate.settings import Path, Settings, settings

# Lists that take something from the check; names in folded spelling with "-" for "_".
_IGNORES = re.compile(
    r"(extend-)?(ignore|exclude|per-file-ignores)|extend-per-file-ignores|force-exclude|disable|disable-error-code|ignorepatterns|ignores"
    r"|ignore-patterns|ignore-paths|ignored-modules|ignored-classes|ignore-words-list|omit|exclude-lines|exclude-also|skips?|skip-dirs"
    r"|skip-files|exclude-rules|exclude-dirs|exclude-files|testpathignorepatterns|coveragepathignorepatterns|modulepathignorepatterns"
    r"|norecursedirs|collect-ignore|ignored|allowlist|excluded|ignorefiles|partial-branches"
)
# Lists of what is checked.
_CHECKED = re.compile(
    r"(extend-)?(select|safe-select)|enable|enable-error-code|enable-all|plugins|load-plugins|extends|include|testmatch|testpaths|files"
    r"|collectcoveragefrom|source|source-pkgs|presets|hooks|id|warnings-as-errors|reporters|linters"
)
_STRICT = re.compile(
    r"strict.*|disallow-.*|warn-.*|check-untyped-defs|no-implicit-.*|noimplicit.*|nounused.*|nounchecked.*|nofallthrough.*|exactoptional.*"
    r"|alwaysstrict|xfail-strict|branch|enabled|report.*|failonwarnings|bail|forbidonly"
)
_LENIENT = re.compile(
    r"ignore-errors|ignore-missing-imports|skiplibcheck|allow-untyped-.*|allow-redefinition|implicit-optional|implicit-reexport"
    r"|passwithnotests|allowunreachablecode|allowunusedlabels|suppress.*|exit-zero|disableallchecks|disabled"
    r"|no-site-packages|allow-failures?|informational|continue-on-collection-errors|allowonly"
)
_FLOORS = re.compile(
    r"fail-under|min-?coverage|minimum-coverage|branches|functions|lines|statements|target|check-coverage|threshold|range|minimum"
)
_CEILINGS = re.compile(
    r"max-.*|line-length|line-width|linelength|maxwarnings|max|complexity|.*timeout.*|retries|reruns|maxfailures?|count|limit|cognitive.*"
)  # fmt: skip
_DEFAULTS = {"line-length": 88.0, "max-line-length": 79.0}
_SEVERITIES = {
    "off": 0,
    "0": 0,
    "allow": 0,
    "none": 0,
    "false": 0,
    "1": 1,
    "warn": 1,
    "warning": 1,
    "information": 1,
    "2": 2,
    "error": 2,
    "deny": 2,
    "true": 2,
    "forbid": 3,
}
_RULES = frozenset({"rules", "lints", "clippy", "rust", "overrides", "rustdoc"})
_OPTIONS = re.compile(
    r"(--ignore|--deselect|--ignore-glob|-k$|-m$|--no-cov|--reruns|--disable-warnings|-p$|no:\w+|--no-strict|ignore(::.*)?$|default(::.*)?$)"
)
_WANTED_OPTIONS = re.compile(r"(--strict\S*|--cov-fail-under\S*|-W\S*|--doctest\S*|error(::.*)?|--cov(=\S*)?|--runslow)$")


def not_eased(edits: Edits, _facts: GateFacts) -> GateResult:
    """No settings of a checker ask for less than before."""
    problems = []
    for edit in edits:
        before, after = settings(edit.path, edit.before), settings(edit.path, edit.after)
        if before is None or after is None:
            continue
        if before and not after:
            problems.append(f"`{edit.path}` would lose the settings of its checker altogether.")
            continue
        problems += [f"`{edit.path}` would ask for less: {what}." for what in dict.fromkeys(eased(before, after))]
    return verdict("checks_not_eased", problems, "Every checker asks for as much as before.")


def eased(before: Settings, after: Settings) -> Iterator[str]:
    """Say what settings ask for less."""
    added, removed = after - before, before - after
    gone: dict[Path, list[str]] = {}
    for path, value in removed:
        gone.setdefault(path, []).append(value)
    come: dict[Path, list[str]] = {}
    for path, value in added:
        come.setdefault(path, []).append(value)
    for path in dict.fromkeys((*gone, *come)):
        was, now = gone.get(path, []), come.get(path, [])
        if what := _less(path, was, now):
            yield f"`{'.'.join(path).replace('`', '')[:80]}` {what}"


def _less(path: Path, was: list[str], now: list[str]) -> str:
    """Say how one setting asks for less; empty where it does not."""
    name = path[-1].replace("_", "-") if path else ""
    names = {part.replace("_", "-") for part in path}
    if any(_IGNORES.fullmatch(part) for part in names) and now and not set(now) <= {"false", "[]"}:
        return f"would get `{_shown(now)}`"
    if name in {"addopts", "filterwarnings"}:
        return _options(was, now)
    if _CEILINGS.fullmatch(name) or _FLOORS.fullmatch(name):
        return _moved(name, was, now, up=_CEILINGS.fullmatch(name) is not None)
    return (_softer(was, now) if names & _RULES else "") or _switched(name, was, now)


def _switched(name: str, was: list[str], now: list[str]) -> str:
    """Compare switches and lists of what is checked."""
    off = bool({"false", "off", "none", "no"} & {value.casefold() for value in now})
    if _STRICT.fullmatch(name) and (off or (was and not now and "false" not in was)):
        return f"would no longer be `{_shown(was) or 'true'}`"
    if _LENIENT.fullmatch(name) and {"true", "yes"} & {value.casefold() for value in now}:
        return "would be switched on"
    return f"would lose `{_shown(was)}`" if _CHECKED.fullmatch(name) and was and not _widened(was, now) else ""


def _shown(values: list[str]) -> str:
    return ", ".join(sorted(values))[:60].replace("`", "")


def _widened(was: list[str], now: list[str]) -> bool:
    """Tell whether each rule that goes is covered by one that comes: ``F401`` by ``F`` or ``ALL``."""
    return all(any(new in {"ALL", "all"} or old.startswith(new) for new in now) for old in was)


def _softer(was: list[str], now: list[str]) -> str:
    """Compare the severities of a rule."""
    old = [_SEVERITIES[value.casefold()] for value in was if value.casefold() in _SEVERITIES]
    new = [_SEVERITIES[value.casefold()] for value in now if value.casefold() in _SEVERITIES]
    if new and min(new) < (max(old) if old else 1):
        return f"would be `{_shown(now)}`"
    return "would go" if old and max(old) > 0 and not now else ""


def _moved(name: str, was: list[str], now: list[str], *, up: bool) -> str:
    """Compare thresholds: a ceiling may not rise, a floor not sink, neither may go."""
    old, new = [*filter(None, map(_number, was))], [*filter(None, map(_number, now))]
    if up and not old and name in _DEFAULTS and new and max(new) > _DEFAULTS[name]:
        return f"would be {max(new):g}"
    if old and now and ((new and (max(new) > max(old) if up else min(new) < min(old))) or (not new and not up)):
        return f"would be {_shown(now)} in place of {max(old):g}"
    return f"would go, which was {max(old):g}" if old and not now and name not in _DEFAULTS else ""


def _number(value: str) -> float | None:
    match = re.match(r"-?\d+(?:\.\d+)?", value.replace("_", ""))
    return float(match[0]) if match else None


def _options(was: list[str], now: list[str]) -> str:
    """Compare the words of a command line."""
    old = {word for value in was for word in value.split()}
    new = {word for value in now for word in value.split()}
    more = [word for word in new - old if _OPTIONS.match(word)]
    less = [word for word in old - new if _WANTED_OPTIONS.match(word)]
    floors = {word.partition("=")[0]: _number(word.partition("=")[2]) for word in new if "fail-under" in word}
    less = [word for word in less if (floors.get(word.partition("=")[0]) or 0) < (_number(word.partition("=")[2]) or 1)]
    return f"would get `{_shown(more)}`" if more else f"would lose `{_shown(less)}`" if less else ""
