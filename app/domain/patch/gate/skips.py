"""Gate: no test is told not to run, or to be right when it fails.

Read from the tokens of a file, so that a comment or a string that speaks of a skip is none. A skip on a platform where the failed
jobs do not run is honest: it hides nothing of what failed.
"""

import re
from collections import Counter
from collections.abc import Iterator

from app.domain.candidate import GateResult
from app.domain.patch.gate.cases import is_test_file, source_language
from app.domain.patch.gate.facts import Edits, GateFacts, verdict
from app.domain.patch.gate.grammar import tree
from app.domain.patch.gate.nodes import Kind, Token, tokens

_JS_ROOT = r"(?:it|test|describe|context|suite|specify|bench|expect|Deno \. test)"
_JS = re.compile(
    rf"\b{_JS_ROOT} (?:\. (?:concurrent|sequential|each|serial|describe) )?"
    r"\. (?:skip|only|todo|fixme|fails|failing|skipIf|runIf|ignore)\b"
    r"|\b(?:xit|xtest|xdescribe|xcontext|xspecify|fit|fdescribe|fcontext) \("
    r"|\b(?:this|t|ctx|context) \. (?:skip|todo) \(|\b(?:skip|todo|only|ignore) : (?:true|\")|\bpending \("
)
_MARKS = {
    "python": re.compile(
        r"\bmark \. (?:skipif|skip|xfail)\b|@ (?:unittest \. )?(?:skip|skipIf|skipUnless|expectedFailure)\b"
        r"|\bpytest \. (?:skip|xfail|importorskip) \(|\b(?:self|cls) \. skipTest \(|\braise (?:unittest \. )?SkipTest\b"
        r"|\b__test__ = false|\bcollect_ignore\w* =|\bcollect_ignore\w* \. \w+"
    ),
    **dict.fromkeys(("javascript", "typescript", "tsx"), _JS),
    "go": re.compile(r"\b(?:t|b|f|tb) \. Skip(?:f|Now)? \("),
    "rust": re.compile(
        r"# \[ ignore\b|# \[ cfg_attr \( [^\n]{1,160}? , ignore\b"
        r"|# \[ cfg \( [^\n]{1,120}? \) \] (?:# \[ (?:\w+ :: )*test \]|mod tests?\b)"
        r"|# \[ (?:\w+ :: )*test \] # \[ cfg \( [^\n]{1,120}? \) \]"
    ),
    "java": re.compile(
        r"@ (?:Disabled\w*|Ignore|Enabled(?:On|If)\w*)(?: \( (?:[^()\n]|\( \)){0,160} \))?"
        r"|\b(?:Assumptions? \. )?assum(?:e|ing)\w* \(|\benabled = false"
    ),
    "ruby": re.compile(
        r"(?<![.:] )(?<!def )\b(?:xit|xdescribe|xcontext|xspecify|fit|fdescribe|fcontext|pending|skip)\b(?! [=.])"
        r"|\b(?:skip|pending|focus) : (?:true|\")|(?<=, \"):(?:skip|pending|focus)\"|(?<= ):(?:skip|pending|focus)\b"
    ),
    "bash": re.compile(r"(?<![\w-])(?:startSkipping|skip|skip_all)(?![\w-])"),
}
# Where a platform is asked for. What stands in the place of {} is the platform.
_ASKED = tuple(
    re.compile(pattern)
    for pattern in (
        r'sys \. platform (?:== |\. startswith \( |in \( )"(\w+?)"',
        r'os \. name == "(\w+)"',
        r'platform \. system \( \) == "(\w+)"',
        r'process \. platform ={2,3} "(\w+)"',
        r'runtime \. GOOS == "(\w+)"',
        r"cfg_attr \( (windows|unix|macos) ,",
        r'cfg_attr \( target_(?:os|family) = "(\w+)" ,',
        r"cfg \( not \( (windows) \) \)",
        r'cfg \( not \( target_os = "(\w+)" \) \)',
        r"DisabledOnOs \( (?:value = )?OS \. (\w+) \)",
        r"(?:RUBY_PLATFORM =~ /|Gem \. )(\w+?)(?:/|_platform\?)",
        r'\[ "\$\(uname(?: -s)?\)" ={1,2} "?(\w+)"? \]',
    )
)
_FAMILIES = {
    **dict.fromkeys(("win32", "win", "nt", "windows", "cygwin", "mswin", "mingw"), "windows"),
    **dict.fromkeys(("darwin", "macos", "mac"), "macos"),
    **dict.fromkeys(("linux", "posix", "unix", "java"), "linux"),
}
_JOINED = re.compile(r"\b(?:or|and|not|true)\b|\|\||&&|!(?!=)")
_BEFORE, _AFTER = 90, 110  # characters in which a mark's condition stands
_GO_BUILD = re.compile(r"(?m)^//\s*(?:go:build|\+build)\s+(.+)$")
_GO_HONEST = re.compile(r"!\s*(windows|darwin|plan9|js|wasm)|linux|unix")


def no_skips(edits: Edits, facts: GateFacts) -> GateResult:
    """No skip, expected failure or narrowing to single tests is added, but for platforms where the failed jobs do not run."""
    before: Counter[str] = Counter()
    after: Counter[str] = Counter()
    where: dict[str, str] = {}
    for edit in edits:
        language = source_language(edit.path, dict(facts.languages))
        if language is not None and (is_test_file(edit.path) or language == "rust"):
            before.update(marks(edit.before or "", language, facts.platforms))
            found = Counter(marks(edit.after or "", language, facts.platforms))
            after.update(found)
            where |= dict.fromkeys(found, edit.path)
    problems = [f"`{where[mark]}` would not run all of its tests, or expect them to fail: `{mark}`." for mark in after - before]
    return verdict("tests_run", problems, "No test is skipped or expected to fail.")


def marks(text: str, language: str, platforms: frozenset[str]) -> Iterator[str]:
    """Give what keeps tests from counting; marks for other platforms left out."""
    if not text:
        return
    stream = " ".join(map(_written, tokens(tree(language, text), layout=True)))
    for match in _MARKS[language].finditer(stream):
        if not _elsewhere(stream, match, platforms):
            yield match[0].strip(" (")
    if language == "go":
        yield from (f"//go:build {found[1]}" for found in _GO_BUILD.finditer(text) if not _GO_HONEST.fullmatch(found[1].strip()))


def _written(token: Token) -> str:
    """Write a token for the patterns: what a string says counts only where it is one plain word."""
    if token.kind is not Kind.STRING:
        return token.text
    if token.text.startswith(":"):  # a symbol of Ruby
        return token.text
    plain = token.text if re.fullmatch(r"[\w$(). -]{0,20}", token.text) else "…"
    return f'"{plain}"'


def _elsewhere(stream: str, mark: re.Match[str], platforms: frozenset[str]) -> bool:
    """Tell whether a mark holds only on platforms where none of the failed jobs ran."""
    behind = _own_arguments(stream[mark.start() : mark.end() + _AFTER])
    ahead = _own_condition(stream[max(0, mark.start() - _BEFORE) : mark.start()])
    for condition in (behind, ahead):
        asked = [match[1].casefold() for pattern in _ASKED for match in pattern.finditer(condition)]
        honest = asked and all(_FAMILIES.get(name) not in {None, *platforms} for name in asked)
        if honest and not _JOINED.search(re.sub(r"cfg \( not ", "", condition)):
            return True
    return False


def _own_arguments(stream: str) -> str:
    """Give a mark with what stands in its brackets, or in the modifier behind it (Ruby's ``skip "…" if …``)."""
    depth = 0
    for at, character in enumerate(stream):
        depth += (character in "([") - (character in ")]")
        if depth < 0 or (depth == 0 and character in ")]"):
            tail = stream[at + 1 :]
            return stream[: at + 1] + (tail.partition(" end")[0] if tail.startswith(" if ") else "")
    modifier = re.match(r"skip (?:\"[^\"]{0,40}\" )?if .{0,60}?(?=/|platform\?)\S*", stream)
    return modifier[0] if modifier else stream if depth else ""


def _own_condition(stream: str) -> str:
    """Give the condition right before a mark: of an ``if`` that begins with it, of ``… ?`` or ``… &&``."""
    begun = re.search(
        r"(?:\bif |^|[;({}] )(?:\( )?([^;{}?:]{3,80}?)(?: \))? (?:[{:?]|&&|\]\] &&)(?: \( ?)?(?: pytest|raise|self)? ?$", stream
    )
    return begun[1] if begun else ""
