"""How much a single line of a log sounds like the reason for a failure.

A table of shapes, strongest first. They are the habits of tools and languages, never of one project: what a compiler, a test
runner, a linter, a package manager or a shell prints when it gives up. A line weighs as much as the first shape it has.
"""

import re
from enum import IntEnum


class Weight(IntEnum):
    """How strongly a line speaks of a failure."""

    NOISE = -1  # progress, downloads, what passed
    NOTHING = 0
    HINT = 1  # a warning, a place in a file without a word of failure
    AFTERMATH = 2  # says that something failed before, not why
    WORD = 3  # an ordinary word of failure
    CLEAR = 4  # a message with its level or its place
    CAUSE = 5  # the head of a stack trace or of an error message
    NAMED = 6  # a tool names what failed: a test, a place in a file; programs that pass do not print this


_I = re.IGNORECASE
_PLACE = r"(?:[A-Za-z]:)?[^\s:()\[\]\"'<>|,]{1,200}\.[A-Za-z][A-Za-z0-9_+]{0,11}"

# What a shell repeats before it runs it, and the marks of a CI system: words in it are not messages.
_ECHO = re.compile(r"\$ \S|\+{1,6} ?\S|travis_(?:time|fold):|> \S+@\d\S* \S")
# Failures that a tool prints at the level of information.
_SHOUT = re.compile(r"\*\*\* (?:FAILED|ERROR)\b|<<< (?:FAILURE|ERROR)!")

_NOISE = re.compile(
    r"""
      ^\s*(?:Get:\d+|Hit:\d+|Ign:\d+|Fetched\s|Download(?:ing|ed)\b|Unpacking\s|Setting\ up\s|Selecting\s
        |Preparing\ to\ unpack|Processing\ triggers
        |Receiving\ objects|Resolving\ deltas|(?:remote:\s+)?(?:Counting|Compressing|Enumerating)\ objects
          |Requirement\ already|Collecting\s\S+$
        |Using\ cached|Installing\ (?:build|collected)|Successfully\ installed|go:\ (?:downloading|extracting|finding)\b
          |Fetching\s|Extracting\s
        |Retrieving\s|Compiling\ \S+\ v\d|Checking\ \S+\ v\d|Building\ wheel|Created\ wheel|npm\ (?:http|info|notice|verb
          |timing)\b|added\ \d+\ packages
        |\[download\]|added\ \d+|audited\ \d+|info\ |INFO\b|DEBUG\b|\[(?:INFO|DEBUG|info|debug|TRACE)\]\s
        |Entering\ directory|checking\ (?:for|whether|if)\ .{0,200}\.\.\.
      )
    | ^\s*(?:ok\b(?!.{0,20}fail)|PASS(?:ED)?\b|[✓✔√]|---\ PASS:|===\ (?:RUN|PAUSE|CONT|NAME)\b|\[\s*(?:OK|RUN|PASSED
      |-{6,})\s*\]|test\ .{1,300}\.\.\.\ (?:ok|ignored)$)
    | \.\.\.\s?(?:ok|yes|no|done|none)\s*$ | \b(?:PASSED|SKIPPED)\s*(?:\[\s*\d+%\])?$
    | \d{1,3}%\s*(?:\||\[|\() | ^\s*\d{1,3}%\s | \bETA\b
    | ^\s*(?:at\s+|\.{3,}\s*$|[.sxS]{10,}$)
    """,
    re.VERBOSE,
)

# Looks like failure, and is not: counts of nothing, options, names of files, packages and classes.
_HARMLESS = re.compile(
    r"""
      \b(?:0|no|zero)\ (?:errors?|failures?|failed|failing|problems?|issues?|warnings?|vulnerabilities|offenses|exceptions?
        |tests?\ failed)\b
    | \b(?:errors?|failures?|failed|fail|failing|broken)['"]?\s?[:=]\s?['"]?0\b(?!x)
    | -W(?:no-)?error\b | --(?:fail|error|no-fail|bail)\b\S* | \bfail[-_]?(?:fast|on|if|under)\b | \bcontinue-on-error\b
      | \bset\s[-+]e
    | \b(?:fail|error)[-_ ]?(?:handler|handling|recovery|tolerant|reporting|log)\b
    | if-no-files-found | ^\s*(?:with|env|shell):\s | ^\s*(?:echo|printf)\s | \ballowed\ to\ fail | \bignor(?:ed|ing)\b
    | \b(?:retry|retrying|will\ retry|trying\ again)\b | \bdeprecat(?:ed|ion)\b | \bnpm\ WARN\b
      | \bcould\ not\ find\ .{0,60}\bskipping\b
    | \bNo\ (?:Gemfile|package\.json|\S+)\ found,\ skipping | ^\s*[A-Z][A-Z0-9_]{2,60}=\S
    """,
    re.VERBOSE | _I,
)

_NAMED = re.compile(
    rf"""
      \*\*\*\ (?:FAILED|ERROR)\b | <<<\ (?:FAILURE|ERROR)! | ^\s*---\ FAIL:\s | ^FAIL:?\s+\S | ^ERROR:\s+(?:test|\S+\ \()
    | ^\s*(?:FAILED|ERROR)\s+\S+(?:::|\.py) | ^_{{3,}}\ .{{1,200}}\ _{{3,}}$
    | ^\s*[✗✖✘×✕❌⨯●]\s | ^\s*\[[xX✗✖✘]\]\s | ^\s*•?\s*\[\s*FAILED\s*\]\s\S | ^\S.{{0,200}}\ >\ .{{1,200}}\ FAILED$
    | ^>\ Task\ \S+\ FAILED$ | ^\s*\d{{1,4}}\)\s.{{0,300}}$ | ^thread\ '.{{0,200}}'\s?(?:\(\d+\)\ )?panicked\ at
    | ^(?:error|warning)\[[A-Z]+\d+\] | ^error(?:\ TS\d+)?:\  | ^\s*error\s+TS\d+
    | ^{_PLACE}:\d+(?::\d+)?:?\s(?:\(.{{0,40}}\)\s)?(?:fatal\ )?error\b | ^{_PLACE}\(\d+(?:,\d+)*\):\s(?:fatal\ )?error\b
    | ^\s*\[?(?:error|ERROR)\]?:?\s+{_PLACE}:[\[(]?\d+
    | ^[A-Z]{{1,4}}\d{{3,4}}\s(?:\[\*\]\s)?\S | ^invalid-syntax:\s | ^unformatted:\s | ^\s*-->\s\S{{1,300}}:\d+:\d+
    | ^{_PLACE}:\d+:\d+:\s[A-Z]{{1,4}}\d{{3,4}}:?\s
    | ^would\ reformat\s | ^Would\ reformat:\s
    | ^There\ (?:was|were)\ \d+\ (?:failure|error)s?: | ^\s*(?:Failure|Error):\s*$
    """,
    re.VERBOSE,
)

_CAUSE = re.compile(
    r"""
      ^\s*Traceback\ \(most\ recent\ call\ (?:last|first)\) | ^Current\ thread\ 0x | ^Fatal\ Python\ error
    | ^panic:\s | \bfatal\ error:\s | ^E\s{2,8}\S | \bERROR:\ \w+Sanitizer:
    | \bAssertion(?:Error|\ failed)\b | ^Caused\ by:\s | ^Exception\ in\ thread
    | ^(?:[\w$]{1,60}\.){1,12}[\w$]{0,80}(?:Exception|Error)\b | ^\s*(?:[A-Z][A-Za-z0-9]{0,60})?(?:Error|Exception):\s\S
    | ^\s*\*\*\s\([A-Z]\w+Error\) | \brake\ aborted!
    | ^\s*npm\ ERR!\ (?:code|missing|notarget|404|E[A-Z]+)
    | ^ERROR:\s(?:Could\ not\ find\ a\ version|No\ matching\ distribution|Cannot\ install|ResolutionImpossible)
    | ^Undefined\ symbols\ for | \bundefined\ reference\ to\b | ^ld:\s | ^collect2:
    | ^(?:Offenses|Failures|Failed\ examples|Failed\ tests):?\s*$
    | \bCOMPILATION\ ERROR\b | ^\*\ What\ went\ wrong:
    | ^diff\ --git\ | ^@@\ -\d
    | ^!\ (?:LaTeX|Package|Undefined|Emergency|\S)
    """,
    re.VERBOSE,
)

_AFTERMATH = re.compile(
    r"""
      ^Process\ completed\ with\ exit\ code
        | ^The\ (?:command|process)\ ["'].{0,2000}(?:exited\ with|failed\ with|failed\ and\ exited)
    | ^(?:g?make|mingw32-make|ninja)(?:\[\d+\])?:\ \*\*\* | ^make: | ^npm\ ERR! | ^error\ Command\ failed\ with\ exit\ code
    | ^\s*ELIFECYCLE | ^Error:\ Process\ completed | ^Done\.\ Your\ build | ^Build\ step\ .{1,80}\ marked\ build\ as\ failure
    | ^Finished:\ (?:FAILURE|UNSTABLE|ABORTED) | ^exit\ (?:status|code) | ^\s*FAIL(?:ED|URES!?)?\s*$ | ^FAIL\s+\S+\s+\[?[\d.b]
    | ^\s*(?:Tests|Test\ Suites|Test\ Files|Snapshots):?\s+.*\bfail | ^=+\ .{0,200}\b(?:failed|error|errors)\b.{0,200}\ =+$
    | ^\[ERROR\]\s*(?:$|->|\[Help|To\ see\ the\ full|Re-run\ Maven|For\ more\ information|After\ correcting|\s+mvn\ )
    | ^error:\ (?:could\ not\ compile|aborting\ due|test\ failed,|build\ failed) | ^Found\ \d+\ errors?\b
    | ^(?:BUILD|\*\*\ .{1,40})\ FAILED | ^FAILURE:\ Build\ failed | ^Execution\ failed | \bReturned\ non-zero\b
    """,
    re.VERBOSE,
)

_CLEAR = re.compile(
    rf"""
      (?<![\w/.-])(?:error|fatal|failure|failed|exception)\b\s?[:!\]] | ^\s*\[?(?:ERROR|FATAL|CRITICAL|SEVERE)\b
        | \bFAILED\b | \bFAILURE\b | \bFAIL\b
    | ^\s{{0,4}}{_PLACE}:\d+(?::\d+)?:?\s(?!\s*(?:warning|note|info|remark|required|in\b)) | ^\s*\d+:\d+\s+(?:error|✖|×)
      | \bE\d{{3,4}}\b
    | ^(?:/bin/)?(?:ba|z|da)?sh:\s | :\ line\ \d+:\s
      | :\ (?:command\ not\ found|No\ such\ file\ or\ directory|Permission\ denied|cannot\ execute)
    | \bSegmentation\ fault\b | \bcore\ dumped\b | \bout\ of\ memory\b | \bOOM\b | ^Killed\b | \bNo\ space\ left\b
    | \b(?:Uncaught|Unhandled)\b | \bExpected\b.{{0,120}}\b(?:but|got|received|actual)\b
    """,
    re.VERBOSE,
)

_WORD = re.compile(
    r"""
      (?<![\w/.-])(?:errors?|errored|fail(?:s|ed|ure|ures|ing)?|fatal|exceptions?|panic(?:ked)?|abort(?:ed|ing)?
        |crash(?:ed)?|broken|violat\w+|offenses?)(?![\w/(]|-\w|\.\w)
    | \b(?:cannot|can't|can\ not|could\ not|couldn't|unable\ to|not\ found|no\ such|does\ not\ exist|doesn't\ exist
      |not\ installed|not\ permitted
        |denied|refused|unauthorized|forbidden|rejected|undefined|unresolved|unexpected|invalid|illegal|incompatible|mismatch|conflicts?|missing|mandatory
        |timed?[ -]?out|timeout|unreachable|terminated|killed|unsupported|unknown|overflow|duplicate|stalled|out\ of\ date
          |not\ up[- ]to[- ]date)\b
    | \b(?:4\d\d|50\d)\ (?:Not|Forbidden|Unauthorized|Bad|Internal|Service|Gateway|Too)
    | (?<![\w.])[A-Z]\w{0,60}(?:Error|Exception)\b
    """,
    re.VERBOSE | _I,
)

_HINT = re.compile(
    rf"(?<![\w/-])warn(?:ing)?\b|^\s{{0,4}}{_PLACE}:\d+\b|^\s*\d+:\d+\s+\S|\bexpected\b|^[-+]{{3}}\s\S|^@@ |^\s*>\s", _I
)


# A line with none of these has none of the shapes above but noise and hints; most lines of a log end here, which is what
# makes reading fast.
_STEMS = (
    "err", "fail", "fatal", "exception", "panic", "abort", "crash", "broken", "violat", "offense", "cannot", "can't",
    "can not", "could not", "couldn't", "unable", "not found", "no such", "not exist", "n't exist", "not installed",
    "not permitted", "denied", "refused", "unauthorized", "forbidden", "reject", "undefined", "unresolved", "unexpected",
    "invalid", "illegal", "incompatib", "mismatch", "conflict", "missing", "mandatory", "time out", "timed", "timeout",
    "time-out", "unreachable", "terminated", "killed", "unsupported", "unknown", "overflow", "duplicate", "stalled", "out of",
    "not up", "expected", "traceback", "assert", "caused by", "reformat", "segmentation", "core dumped", "oom", "space left",
    "uncaught", "unhandled", "invalid-syntax", "unformatted", "multiple definition", "collect2", "went wrong", "elifecycle",
    "exit code", "exit status", "exited with", "done. your", "make: ", "make[", "non-zero", "sh: ", ": line ", "critical",
    "severe", "exit", "no matching", "finished: ",
)  # fmt: skip
_SIGNS = re.compile(
    r"^\s*(?:[✗✖✘×✕❌⨯●]|\[[xX✗✖✘]\]|\d{1,4}\)\s|E\s{2}|_{3}|!\s|[A-Z]{1,4}\d{3,4}\s|ld:|FAIL|diff --git|@@ |-->\s|\d+:\d+\s)"
    r"|[.]\w+:\d+(?::\d+)?:?\s|\bE\d{3,4}\b|\b(?:4\d\d|50\d)\s"
)


def weigh(text: str, marker: str = "") -> Weight:
    """Weigh one clean line (see ``app.domain.log.lines``), with the runner's marker before it."""
    text = text[:600]
    if marker == "error":
        return Weight.AFTERMATH if _AFTERMATH.search(text) else Weight.NAMED
    if not text.strip() or _ECHO.match(text):
        return Weight.NOTHING
    if _SHOUT.search(text):
        return Weight.NAMED
    low = text.lower()
    speaks = any(stem in low for stem in _STEMS) or _SIGNS.search(text)
    return _weigh_loud(text, marker) if speaks else _weigh_quiet(text, marker)


def _weigh_quiet(text: str, marker: str) -> Weight:
    """Weigh a line without a word of failure."""
    if _NOISE.search(text):
        return Weight.NOISE
    return Weight.HINT if marker == "warning" or _HINT.search(text) else Weight.NOTHING


def _weigh_loud(text: str, marker: str) -> Weight:
    """Weigh a line with a word or sign of failure in it."""
    if _AFTERMATH.search(text):
        return Weight.AFTERMATH
    if _NOISE.search(text):
        return Weight.NOISE
    head = Weight.NAMED if _NAMED.search(text) else Weight.CAUSE if _CAUSE.search(text) else None
    if head:
        return head if not _HARMLESS.search(text) else Weight.HINT
    return _weigh_words(text, marker)


def _weigh_words(text: str, marker: str) -> Weight:
    clear = _CLEAR.search(text)
    if not clear and not _WORD.search(text):
        return Weight.HINT if marker == "warning" or _HINT.search(text) else Weight.NOTHING
    if (
        marker in {"warning", "notice", "debug"}
        or _HARMLESS.search(text)
        or re.match(r"\s*(?:\[?warn(?:ing)?\b|.{0,200}:\swarning:)", text, _I)
    ):
        return Weight.HINT
    return Weight.CLEAR if clear else Weight.WORD
