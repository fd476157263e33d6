"""Take secrets out of a log before anything else sees it.

A log is hostile and careless at once: it holds what people printed by mistake. Every rule here names a shape that is a credential
by its own prefix, or a place where credentials stand (an authorisation header, a URL's password, an assignment to a name like
``token``). The number of lines never changes, so line numbers stay true; GitHub's own ``***`` is left as it is.

Time is linear in the text: each rule is found by a literal first, its quantifiers run over one character class, and a match can
start only where that class does not already reach.
"""

import math
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

REDACTED = "[redacted]"

# Where a token may start: not inside a word, or straight after an ANSI colour, whose final letter would look like one.
_START = (
    r"(?:(?<![A-Za-z0-9_-])|(?<=\x1b\[m)|(?<=\x1b\[\dm)|(?<=\x1b\[\d\dm)|(?<=\x1b\[\d;\dm)"
    r"|(?<=\x1b\[\d;\d\dm)|(?<=\\n)|(?<=%[0-9A-Fa-f]{2}))"
)
_WORD = "[A-Za-z0-9_-]"


@dataclass(frozen=True, slots=True)
class _Rule:
    """One shape of secret: the literals that must be there for the pattern to be tried, and what to write instead."""

    needles: tuple[str, ...]
    pattern: re.Pattern[str]
    replacement: str | Callable[[re.Match[str]], str] = REDACTED


def _token(needles: tuple[str, ...], pattern: str) -> _Rule:
    return _Rule(needles, re.compile(_START + pattern))


_TOKENS = (
    # GitHub's prefixes are unmistakable, so they count inside words as well: classic tokens, long stateless installation tokens
    # (520 characters and more, with dots), fine-grained ones.
    _Rule(("ghs_",), re.compile(r"ghs_[A-Za-z0-9._-]{36,}")),
    _Rule(("ghp_", "gho_", "ghu_", "ghr_"), re.compile(r"gh[pour]_[A-Za-z0-9]{30,}")),
    _Rule(("github_pat_",), re.compile(r"github_pat_[A-Za-z0-9_]{22,}")),
    _token(("glpat-", "gldt-", "glrt-", "glcbt-"), rf"gl(?:pat|dt|rt|cbt)-{_WORD}{{20,}}"),
    _token(("AKIA", "ASIA", "AROA", "AIDA", "ABIA", "ACCA"), r"(?:AKIA|ASIA|AROA|AIDA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])"),
    _token(("AIza",), rf"AIza{_WORD}{{35}}"),
    _token(("ya29.",), r"ya29\.[A-Za-z0-9._-]{20,}"),
    _token(("xox",), r"xox[abcdeoprs](?:\.xox[abcdeoprs])?-[A-Za-z0-9-]{10,}"),
    _token(("xapp-",), r"xapp-[A-Za-z0-9-]{10,}"),
    _token(("npm_",), r"npm_[A-Za-z0-9]{36,}"),
    _token(("pypi-",), rf"pypi-{_WORD}{{32,}}"),
    _token(("sk_", "rk_", "pk_"), r"[srp]k_(?:live|test|prod)_[A-Za-z0-9]{10,}"),
    _token(("whsec_",), r"whsec_[A-Za-z0-9+/=]{16,}"),
    _token(("sk-",), rf"sk-(?=[A-Za-z_-]*\d){_WORD}{{20,}}"),
    _token(("nvapi-",), rf"nvapi-{_WORD}{{20,}}"),
    _token(("gsk_", "xai-"), rf"(?:gsk_|xai-){_WORD}{{32,}}"),
    _token(("hf_",), r"hf_[A-Za-z0-9]{30,}"),
    _token(("SG.",), rf"SG\.{_WORD}{{16,64}}\.{_WORD}{{16,}}"),
    _token(("dckr_",), rf"dckr_(?:pat|oat)_{_WORD}{{20,}}"),
    _token(("dop_v1_", "doo_v1_", "dor_v1_"), r"do[opr]_v1_[a-f0-9]{64}"),
    _token(("dp.pt.", "dp.st."), r"dp\.[a-z]{2,5}\.[A-Za-z0-9._-]{32,}"),
    _token(("lin_api_", "secret_", "ntn_"), r"(?:lin_api_|secret_|ntn_)(?=[A-Za-z]*\d)[A-Za-z0-9]{32,}"),
    _token(("hvs.", "hvb."), rf"hv[sb]\.{_WORD}{{24,}}"),
    _token(("AGE-SECRET-KEY-",), r"AGE-SECRET-KEY-1[A-Z0-9]{40,}"),
    _token(("eyJ",), rf"eyJ{_WORD}{{6,}}+\.eyJ{_WORD}{{6,}}+(?:\.{_WORD}*+)?"),
)


def _keep_head(match: re.Match[str]) -> str:
    return match["head"] + REDACTED


_PLACES = (
    _Rule(
        ("hooks.slack.com/", "discord.com/api/webhooks/", "discordapp.com/api/webhooks/", "webhook.office.com/"),
        re.compile(
            r"(?P<head>(?:hooks\.slack\.com/(?:services|workflows|triggers)|discord(?:app)?\.com/api/webhooks|webhook\.office\.com)/)"
            r"[A-Za-z0-9/_@-]{8,}"
        ),
        _keep_head,
    ),
    # https://user:password@host and https://token@host
    _Rule(("://",), re.compile(r"(?P<head>://[^\s/:@\"'<>\\]{0,128}:)(?!\*\*\*@|\$)[^\s/@\"'<>\\]{1,512}(?=@)"), _keep_head),
    _Rule(("://",), re.compile(r"(?P<head>://)(?!\*\*\*@)(?=[^\s/:@]{0,19}\d)[A-Za-z0-9_.-]{20,512}(?=@)"), _keep_head),
    _Rule(
        ("uthorization", "UTHORIZATION"),
        re.compile(
            r"(?P<head>(?i:(?:proxy-)?authorization)[\"']?[ \t]{0,4}[:=][ \t]{0,4}[\"']?"
            r"(?:(?i:basic|bearer|token|digest|negotiate|apikey|aws4-hmac-sha256)[ \t]{1,4})?+)"
            r"(?!\*\*\*|\$|\[redacted\])[^\s\"'`,]{4,}[^\n\"'`]*"
        ),
        _keep_head,
    ),
    _Rule(
        ("ookie", "OOKIE"),
        re.compile(
            r"(?P<head>(?<![A-Za-z])(?i:set-cookie|cookie)[\"']?[ \t]{0,4}:[ \t]{0,4}[\"']?)"
            r"(?!\*\*\*|\[redacted\])(?=[^\n=]{1,128}=)[^\n\"']+"
        ),
        _keep_head,
    ),
    _Rule(
        ("AccountKey=", "SharedAccessKey=", "sig=", "Signature=", "Security-Token="),
        re.compile(
            r"(?P<head>(?:AccountKey|SharedAccessKey|[?&]sig|X-Amz-Signature|X-Amz-Security-Token|[?&]Signature)=)(?!\*\*\*)[A-Za-z0-9%+/=_-]{16,}"
        ),
        _keep_head,
    ),
)

# A name that says its value is secret. No prefix is matched, so SOME_API_KEY and --npm-token are found by their ends.
_ASSIGNMENT = re.compile(
    r"(?P<head>(?i:passw(?:or)?d|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|client[_-]?key|credential|pwd)s?"
    r"(?i:[_-](?:id|key|value|base64|b64|prod|production|staging|dev|test))?[\"']?[ \t]{0,4}(?:=>|:=|[:=])[ \t]{0,4}[\"']?)"
    r"(?P<value>[^\s\"'`,;&|<>(){}\[\]]{8,})"
)
_ASSIGNMENT_NEEDLE = re.compile(r"(?i)passw|passphrase|secret|token|key|credential|pwd")
_PUBLIC_VALUE = re.compile(r"\*{3}|\$|%|@|/|\.{1,2}/|(?i:true|false|none|null|undefined)$|(?i:[a-z]:\\)|https?:")


def _entropy(value: str) -> float:
    """Shannon entropy in bits per character."""
    return -sum(n / len(value) * math.log2(n / len(value)) for n in Counter(value).values())


def _is_secret_value(value: str) -> bool:
    """Tell whether a value looks chosen by chance: letters and digits mixed, and few repeats."""
    if _PUBLIC_VALUE.match(value):
        return False
    head = value[:256]
    mixed = any(c.isdigit() for c in head) and any(c.isalpha() for c in head)
    return mixed and _entropy(head) >= 2.75


def _assignment(match: re.Match[str]) -> str:
    return match["head"] + REDACTED if _is_secret_value(match["value"]) else match[0]


_KEY_BEGIN = re.compile(r"-----BEGIN[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_KEY_END = re.compile(r"-----END[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_KEY_BODY = re.compile(r"[A-Za-z0-9+/=]+[\"'\\,n]{0,8}")
_KEY_TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]{8,20}Z ?")
_KEY_FIELD = re.compile(r"[A-Z][A-Za-z-]{2,30}:(?: |$)")  # "Proc-Type: 4,ENCRYPTED"
_KEY_MAX_LINES = 400  # an RSA key of 16,384 bits has 200 lines; past that it is not a key


def _key_line(line: str) -> tuple[str, bool]:
    """Redact one line inside a key block; tell whether the block goes on.

    Before the key's own text may stand a timestamp and indentation, or a column of its own when the text is long.
    """
    end = _KEY_END.search(line)
    if end:
        return REDACTED + line[end.start() :], False
    time = _KEY_TIME.match(line)
    start = time.end() if time else 0
    body = line[start:].strip()
    if not body or _KEY_FIELD.match(body):
        return line, True
    word = body.rpartition(" ")[2]
    if not _KEY_BODY.fullmatch(word) or (word != body and len(word) < 40):
        return line, False
    return line[: line.rindex(word)] + REDACTED, True


def _key_blocks(text: str) -> str:
    """Redact private key blocks, on one line or on many, keeping every line."""
    lines = text.split("\n")
    left = 0
    for index, line in enumerate(lines):
        begin = _KEY_BEGIN.search(line)
        if begin:
            end = _KEY_END.search(line, begin.end())
            lines[index] = line[: begin.end()] + REDACTED + (line[end.start() :] if end else "")
            left = 0 if end else _KEY_MAX_LINES
        elif left:
            lines[index], more = _key_line(line)
            left = left - 1 if more else 0
    return "\n".join(lines)


def redact(text: str) -> str:
    """Replace everything that looks like a secret by ``[redacted]``; the number of lines stays the same."""
    if "PRIVATE KEY" in text:
        text = _key_blocks(text)
    for rule in (*_TOKENS, *_PLACES):
        if any(needle in text for needle in rule.needles):
            text = rule.pattern.sub(rule.replacement, text)
    if _ASSIGNMENT_NEEDLE.search(text):
        text = _ASSIGNMENT.sub(_assignment, text)
    return text
