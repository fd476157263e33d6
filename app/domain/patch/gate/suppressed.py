"""Gate: no checker is told to look away.

A blanket suppression is refused, and one that may hide a rule that failed. One that names other rules only is honest where the
failing rules are known. Comments and attributes are found by the grammar, so a string that speaks of one is none.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from app.domain.candidate import GateResult
from app.domain.failure.types import Failure
from app.domain.patch.gate.cases import source_language
from app.domain.patch.gate.facts import Edits, GateFacts, verdict
from app.domain.patch.gate.grammar import tree
from app.domain.patch.gate.nodes import COMMENTS, text_of, walk

_RULE = r"[\w@./-]+(?:\([\w-]*\))?"
_JS_LINTER = "(?:eslint|oxlint|tslint|stylelint|jshint)"
_RULES = rf"{_RULE}(?:[,\s]+{_RULE})*"
# Each with the rules that it names; without any it hides everything.
_COMMENTS = (
    ("noqa", re.compile(r"(?i)#\s*(?:ruff\s*:\s*|flake8\s*[:=]\s*)?noqa\b(?:\s*:\s*(?P<rules>[A-Z]+\d+(?:[,\s]+[A-Z]+\d+)*))?")),
    ("type: ignore", re.compile(r"#\s*type:\s*ignore(?:\[(?P<rules>[^\]]*)\])?")),
    ("pyright", re.compile(r"#\s*pyright:\s*(?:ignore|basic|off|\w+=(?:false|none))(?:\[(?P<rules>[^\]]*)\])?")),
    ("mypy", re.compile(r"#\s*mypy:\s*(?:ignore-errors|disable-error-code|allow-\S+|no-strict\S*|disable)\b")),
    ("pylint", re.compile(rf"#\s*pylint:\s*(?:disable(?:-next|-msg)?\s*=\s*(?P<rules>{_RULES})|skip-file)")),
    ("nosec", re.compile(r"#\s*nosec\b(?:[:\s]+(?P<rules>B\d+(?:[,\s]+B\d+)*))?")),
    ("coverage", re.compile(r"#\s*pragma:\s*no\s*(?:cover|branch)|\b(?:istanbul|c8|v8)\s+ignore\b|:nocov:|LCOV_EXCL|GCOVR_EXCL")),
    ("formatter", re.compile(r"#\s*(?:fmt|yapf|autopep8|isort)\s*:\s*(?:off|skip|disable)|prettier-ignore|clang-format\s+off")),
    ("TypeScript", re.compile(r"@ts-(?:ignore|nocheck|expect-error)|\$Flow(?:FixMe|Ignore|ExpectedError)|@noflow")),
    ("eslint", re.compile(rf"{_JS_LINTER}[-\s:](?:disable|ignore)(?:-next-line|-line)?\s*:?\s*(?P<rules>{_RULES})?")),
    ("eslint", re.compile(r"eslint\s+(?P<rules>[\w@/-]+)\s*:\s*(?:[\"']?off|0)\b")),
    ("biome", re.compile(r"(?:biome|deno-lint|rome)-ignore(?:-all|-file|-start)?\s*(?P<rules>[\w/-]+)?")),
    ("nolint", re.compile(rf"//\s*nolint\b(?::\s*(?P<rules>{_RULE}(?:\s*,\s*{_RULE})*))?|#nosec")),
    ("staticcheck", re.compile(r"//\s*lint:(?:file-)?ignore\s+(?P<rules>\S+)")),
    ("rubocop", re.compile(rf"#\s*(?:rubocop|standard)\s*:\s*(?:disable|todo)\s*(?P<rules>{_RULES})?")),
    ("sorbet", re.compile(r"#\s*typed:\s*(?:false|ignore)")),
    ("shellcheck", re.compile(r"#\s*shellcheck\s+disable\s*=\s*(?P<rules>[\w,-]+)")),
    ("yamllint", re.compile(r"#\s*yamllint\s+disable(?:-line|-file)?\s*(?P<rules>(?:rule:\S+\s*)+)?")),
    ("hadolint", re.compile(r"#\s*hadolint\s+(?:global\s+)?ignore\s*=\s*(?P<rules>[\w,]+)")),
    ("scanner", re.compile(r"\bNOSONAR\b|\bnosemgrep\b|gitleaks:allow|pragma:\s*allowlist|CHECKSTYLE:OFF")),
    ("scanner", re.compile(r"\b(?:checkov|tfsec|trivy|kics)[:-](?:skip|ignore)")),
)  # fmt: skip
_RUST = re.compile(
    r"#!?\s*\[.*?\b(?:allow|expect)\s*\(\s*(?P<rules>[^)]*?)(?:,\s*reason\s*=.*)?\)|rustfmt(?:::|_)skip", re.DOTALL
)
_JAVA = re.compile(r"@(?:\w+\.)*Suppress(?:Warnings|FBWarnings|Lint)?\b(?:\s*\((?P<rules>.*)\))?", re.DOTALL)
_ATTRIBUTES = {
    "rust": ("allow", _RUST, {"attribute_item", "inner_attribute_item"}),
    "java": ("Suppress", _JAVA, {"annotation", "marker_annotation"}),
}
_EVERYTHING = frozenset(
    {"all", "warnings", "clippy::all", "unused", "clippy::pedantic", "unchecked", "typing", "Lint", "Style", "*"}
)
_LINE_COMMENT = re.compile(r"(?:^|\s)(?:#|//|/\*|--|;|<!--).*$")


@dataclass(frozen=True, slots=True)
class Suppression:
    """One request to look away, with the rules that it names; none stands for all."""

    tool: str
    rules: frozenset[str]
    text: str

    @property
    def blanket(self) -> bool:
        """Whether it hides everything, or a whole group."""
        return not self.rules or bool(self.rules & _EVERYTHING)


def no_suppressions(edits: Edits, facts: GateFacts) -> GateResult:
    """No suppression is added that is a blanket one or may hide what failed; what was there may move, narrow or go."""
    before: list[Suppression] = []
    after: list[Suppression] = []
    where: dict[Suppression, str] = {}
    for edit in edits:
        language = source_language(edit.path, dict(facts.languages))
        if edit.path.endswith((".md", ".rst", ".txt", ".adoc")):
            continue
        before += suppressions(edit.before or "", language)
        found = tuple(suppressions(edit.after or "", language))
        after += found
        where |= dict.fromkeys(found, edit.path)
    added = [one for one in _added(before, after) if one.blanket or _may_hide(one, facts.failures)]
    problems = [f"`{where[one]}` would tell a checker to look away: `{one.text.replace('`', '')}`." for one in added]
    return verdict("no_suppressions", problems, "No checker is told to look away.")


def suppressions(text: str, language: str | None) -> Iterator[Suppression]:
    """Give the suppressions that stand in a text."""
    if language is None:
        comments = (match[0] for line in text.split("\n") if (match := _LINE_COMMENT.search(line)))
        yield from (found for comment in comments for found in _in_comment(comment))
        return
    tool, pattern, kinds = _ATTRIBUTES.get(language, ("", _RUST, set()))
    for node in walk(tree(language, text)) if text else ():
        if node.type in COMMENTS:
            yield from _in_comment(text_of(node))
        elif node.type in kinds and (match := pattern.match(text_of(node))):
            yield _suppression(tool, match)


def _in_comment(comment: str) -> Iterator[Suppression]:
    for tool, pattern in _COMMENTS:
        for match in pattern.finditer(comment):
            yield _suppression(tool, match)


def _suppression(tool: str, match: re.Match[str]) -> Suppression:
    groups = match.groupdict()
    said = re.split(r"\s--\s|\s-\s", groups.get("rules") or "")[0]
    rules = frozenset(filter(None, (rule.strip("\"'{} ()") for rule in re.split(r"[,\s]+", said))))
    return Suppression(tool, rules, " ".join(match[0].split())[:80])


def _added(before: list[Suppression], after: list[Suppression]) -> Iterator[Suppression]:
    """Give those that were not there before; one that takes the place of a wider one of the same tool only narrows."""
    left = Counter((one.tool, one.rules) for one in before) - Counter((one.tool, one.rules) for one in after)
    known = Counter((one.tool, one.rules) for one in before)
    for one in after:
        if known[one.tool, one.rules] > 0:
            known[one.tool, one.rules] -= 1
            continue
        wider = next((key for key in left if left[key] > 0 and key[0] == one.tool and (not key[1] or one.rules < key[1])), None)
        if wider is None or one.blanket:
            yield one
        else:
            left[wider] -= 1


def _may_hide(one: Suppression, failures: tuple[Failure, ...]) -> bool:
    """Tell whether a suppression names a rule that failed, or a group that holds it; unknown rules may be among them."""
    failed = {failure.rule.casefold() for failure in failures if failure.rule}
    names = {rule.casefold().removeprefix("rule:").rpartition("::")[2] for rule in one.rules}
    ends = {rule.rpartition("/")[2].rpartition("::")[2] for rule in failed} | failed
    return not failed or any(rule.startswith(name) or name.startswith(rule) for name in names for rule in ends)
