"""Trailing whitespace, the end of the file and line endings, exactly as pre-commit's hooks of these names mend them.

Only the files that the log names, only what it says of each. editorconfig-checker and ``git diff --check`` are understood too.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from app.domain.diagnosis import JobReading
from app.domain.failure.types import Failure
from app.fixers.hooks import changed_by_hooks, failed_hooks, fixed_files
from app.fixers.proposal import FixFacts, Proposal, SourceTree
from app.fixers.view import View
from app.fixers.words import counted

TRAILING, END, MIXED = "trailing-whitespace", "end-of-file-fixer", "mixed-line-ending"
_HOOKS = (TRAILING, END, MIXED)  # in this order: what a trimmed last line leaves, the end of the file must see
_WORDS = {TRAILING: "trailing whitespace", END: "the end of the file", MIXED: "line endings"}
_CONFIDENCE = 0.97
_PRE_COMMIT = ".pre-commit-config.yaml"
_PLACE = re.compile(r"^(?P<path>\S[^:]*):(?P<line>\d+): (?P<said>trailing whitespace|new blank line at EOF)")
_EDITORCONFIG_FILE = re.compile(r"^(?P<path>\S[^:]*):$")
_EDITORCONFIG = re.compile(r"^\s+(?:\d+(?:-\d+)?: )?(?P<said>Trailing whitespace|Wrong line endings or (?:no|new) final newline)")
_MARKDOWN = re.compile(r"markdown-linebreak-ext[= ](?P<endings>[\w.,*]+)")
_FORCED = re.compile(r"--fix[= ](?P<ending>lf|crlf|cr)\b")


async def propose(source: SourceTree, readings: tuple[JobReading, ...], facts: FixFacts) -> Proposal | None:
    """Mend the whitespace that the logs complain about; null where they do not, or nothing of it is to be found."""
    view = View.of(source, facts)
    wanted: dict[str, set[str]] = defaultdict(set)
    said_by: dict[str, set[int]] = defaultdict(set)
    for reading in readings:
        for hook, named in _complaints(view, reading):
            path = view.resolve(named)
            if path is not None:
                wanted[path].add(hook)
                said_by[path].add(reading.job_id)
    config = view.read(_PRE_COMMIT) or ""
    texts = {path: text for path, hooks in wanted.items() if (text := _mended(view, path, hooks, config)) is not None}
    if not texts:
        return None
    jobs = frozenset().union(*(said_by[path] for path in texts))
    return replace(_proposal(view, texts, wanted, readings), jobs=jobs)


def trimmed(text: str, *, keep_linebreaks: bool) -> str:
    """Trim the end of every line; in markdown, two spaces after words are a line break and may stay."""
    return "".join(_trimmed_line(line, keep_linebreaks=keep_linebreaks) for line in re.split(r"(?<=\n)|(?<=\r)(?!\n)", text))


def ended(text: str) -> str:
    """End a text with exactly one line end, of the kind that its last line has; one that holds nothing else becomes empty."""
    body = text.rstrip("\r\n")
    if not body:
        return ""
    tail = text[len(body) :]
    ending = re.match(r"\r\n|\n|\r", tail)
    return body + (ending[0] if ending else "\n")


def same_endings(text: str, forced: str = "") -> str:
    """Give every line the ending that most have (as ``--fix=auto``; line feed where two are as many), or the forced one."""
    counts = {ending: len(re.findall(pattern, text)) for ending, pattern in _ENDINGS.items()}
    if not forced and sum(count > 0 for count in counts.values()) < 2:
        return text
    most = forced or max(counts, key=lambda ending: counts[ending])
    return re.sub(r"\r\n|\r|\n", most, text)


_ENDINGS = {"\n": r"(?<!\r)\n", "\r\n": r"\r\n", "\r": r"\r(?!\n)"}  # in the order in which the hook prefers them


def _trimmed_line(line: str, *, keep_linebreaks: bool) -> str:
    body = line.rstrip("\r\n")
    ending = line[len(body) :]
    bare = body.rstrip(" \t\f\v")
    linebreak = keep_linebreaks and bare != "" and body.endswith("  ")
    return bare + ("  " if linebreak else "") + ending


def _mended(view: View, path: str, hooks: set[str], config: str) -> str | None:
    """Mend a file in each named respect; null where that changes nothing."""
    before = text = view.read(path)
    if text is None or before is None:
        return None
    if TRAILING in hooks:
        text = trimmed(text, keep_linebreaks=_keeps_linebreaks(path, config))
    if END in hooks:
        text = ended(text)
    if MIXED in hooks:
        forced = _FORCED.search(config)
        text = same_endings(text, {"lf": "\n", "crlf": "\r\n", "cr": "\r"}[forced["ending"]] if forced else "")
    return text if text != before else None


def _keeps_linebreaks(path: str, config: str) -> bool:
    found = _MARKDOWN.search(config)
    endings = found["endings"].split(",") if found else []
    return "*" in endings or path.rpartition(".")[2].lower() in {ending.lstrip(".").lower() for ending in endings}


def _complaints(view: View, reading: JobReading) -> Iterator[tuple[str, str]]:
    """Give (what is wrong, file) for everything that a job's log says about whitespace."""
    pairs = tuple(changed_by_hooks(reading))
    yield from ((hook, path) for hook, path in pairs if hook in _HOOKS)
    unsure = {path for hook, path in pairs if not hook} | (fixed_files(reading) - {path for hook, path in pairs if hook})
    hooks = failed_hooks(reading) or _configured(view)
    yield from ((hook, path) for path in sorted(unsure) for hook in _HOOKS if hook in hooks)
    yield from _checkers(reading)


def _configured(view: View) -> frozenset[str]:
    """Give the hooks that the repository has: where a log does not say which one it was, it was one of them."""
    text = view.read(_PRE_COMMIT) or ""
    return frozenset(hook for hook in _HOOKS if f"id: {hook}" in text)


def _checkers(reading: JobReading) -> Iterator[tuple[str, str]]:
    """Read what ``git diff --check`` and editorconfig-checker print."""
    file = ""
    for line in reading.excerpt:
        if place := _PLACE.match(line.text):
            yield TRAILING if place["said"].startswith("trailing") else END, place["path"]
        elif head := _EDITORCONFIG_FILE.match(line.text):
            file = head["path"]
        elif file and (said := _EDITORCONFIG.match(line.text)):
            yield TRAILING if said["said"].startswith("Trailing") else END, file


def _proposal(view: View, texts: dict[str, str], wanted: dict[str, set[str]], readings: tuple[JobReading, ...]) -> Proposal:
    hooks = [hook for hook in _HOOKS if any(hook in wanted[path] for path in texts)]
    explanation = f"Mended {', '.join(_WORDS[hook] for hook in hooks)} in the files that the log names."
    return Proposal(
        origin="whitespace",
        title=f"mend whitespace in {counted(len(texts), 'file')}",
        explanation=explanation,
        confidence=_CONFIDENCE,
        edits=view.edits({**view.edited, **texts}, explanation),
        targets=frozenset(texts),
        cleared=frozenset(f for reading in readings for f in reading.failures if _is_cleared(view, f, texts, hooks)),
    )


def _is_cleared(view: View, failure: Failure, texts: dict[str, str], hooks: list[str]) -> bool:
    """A hook's failure goes with its files: one that names a mended file, or that names the hook alone."""
    if failure.tool not in {"pre-commit", "editorconfig-checker"}:
        return False
    return view.resolve(failure.file) in texts if failure.file else failure.rule in hooks
