"""What stays the same of a message when the same failure happens again elsewhere.

Everything that a runner, a clock, a random generator or a shifted line changes is replaced by a word for its kind: addresses,
hashes, ids, times, sizes, ports, temporary directories, versions of the checkout path, numbers. Words, names of files in the
repository and rule codes stay.
"""

import re

_WORKSPACES = re.compile(
    r"""(?:file://)?(?:
        (?:/home/runner/work|/Users/runner/work|/__w|/runner/_work|/opt/actions-runner/_work
          |/home/[\w.-]+/actions-runner/_work)/[^/\s:'"]{1,100}/[^/\s:'"]{1,100}
      | [A-Za-z]:[\\/]a[\\/][^\\/\s:'"]{1,100}[\\/][^\\/\s:'"]{1,100}
      | /github/workspace | \$?\{?GITHUB_WORKSPACE\}? | /builds/[\w.-]{1,100}/[\w.-]{1,100}
        | /home/travis/build/[\w.-]{1,100}/[\w.-]{1,100}
      | /home/circleci/(?:project|repo) | /drone/src | /workspace(?=/)
    )[\\/]""",
    re.VERBOSE,
)
_TEMPORARY = re.compile(
    r"(?:/private)?(?:/tmp|/var/tmp|/var/folders/\w{1,4}/\w{1,60}/T|/dev/shm|/home/runner/work/_temp"
    r"|[A-Za-z]:\\[^\s:'\"]{0,80}\\Temp)"
    r"[\\/][^\s:'\",)\]]{1,200}"
)

_VOLATILE = (
    (re.compile(r"\x1b\[[0-9;]{0,20}m"), ""),
    (re.compile(r"\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b"), "<id>"),
    (re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?"), "<time>"),
    (re.compile(r"\b\d{4}[-/]\d\d[-/]\d\d\b"), "<time>"),
    (re.compile(r"\b\d{1,2}:\d\d:\d\d(?:[.,]\d{1,9})?\b"), "<time>"),
    (re.compile(r"\b0x[0-9a-fA-F]{1,32}\b"), "<address>"),
    (re.compile(r"\b(?=[0-9a-f]{0,63}[a-f])(?=[0-9a-f]{0,63}\d)[0-9a-f]{7,64}\b"), "<hash>"),
    (re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?\b"), "<host>"),
    (re.compile(r"\b(localhost|::1\]?):\d{2,5}\b"), r"\1:<port>"),
    (re.compile(r"(?<![\w.])\d{1,12}(?:[.,]\d{1,9})?\s?(?:ns|[uµm]s|s|sec|secs|seconds?|m|min|minutes?|h|hours?)\b"), "<time>"),
    (re.compile(r"(?<![\w.])\d{1,12}(?:[.,]\d{1,9})?\s?(?:[kKMGT]i?B|bytes|B|%)(?!\w)"), "<size>"),
)
_NUMBER = re.compile(r"(?<![A-Za-z_])\d{1,20}(?:\.\d{1,20})*(?![A-Za-z_])")
_SPACE = re.compile(r"\s+")
_MAX = 500  # characters of a message that count; the rest is detail


def repository_path(path: str) -> str:
    """Make a path as a tool printed it repository-relative where it can be told; else leave it, with forward slashes."""
    path = path.strip().strip("'\"`").removeprefix("file://")
    path = _WORKSPACES.sub("", path, count=1) if _WORKSPACES.match(path) else path
    path = path.replace("\\", "/")
    while path.startswith("./"):
        path = path[2:].lstrip("/")
    return path


def message_shape(text: str) -> str:
    """Reduce a message to the part that is the same for the same failure on another run, branch or runner."""
    text = _WORKSPACES.sub("", text[: 4 * _MAX])
    text = _TEMPORARY.sub("<temporary>", text)
    for pattern, word in _VOLATILE:
        text = pattern.sub(word, text)
    text = _NUMBER.sub("<n>", text)
    return _SPACE.sub(" ", text).strip().lower()[:_MAX]
