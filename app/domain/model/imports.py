"""Which files of a repository a file imports, and which stand beside it: read from the text, by patterns, without parsing.

A half-broken file is the usual case here, so nothing that needs it to parse would do. What is not found is not guessed.
"""

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

_PYTHON = (".py", ".pyi")
_SCRIPT = (".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".cts", ".vue", ".svelte")
_C_HEADERS = (".h", ".hh", ".hpp", ".hxx")
_C_SOURCES = (".c", ".cc", ".cpp", ".cxx", ".m", ".mm")
_MOST_TEXT = 200_000  # characters of a file in which imports are looked for
_FROM = re.compile(
    r"^[ \t]{0,40}from[ \t]+(?P<module>[.\w]+)[ \t]+import[ \t]+(?P<names>\([^()]{0,4000}\)|[^\n#]{1,1000})", re.MULTILINE
)
_IMPORT = re.compile(r"^[ \t]{0,40}import[ \t]+(?P<modules>[^\n#;]{1,1000})", re.MULTILINE)
_QUOTED = re.compile(r"""(?:\bfrom|\bimport|\brequire|\bmock)[ \t]{0,4}\(?[ \t]{0,4}["'](?P<path>\.{1,2}/?[^"'\n]{0,300})["']""")
_INCLUDE = re.compile(r'^[ \t]{0,40}#[ \t]*include[ \t]+"(?P<path>[^"\n]{1,300})"', re.MULTILINE)
_NAME = re.compile(r"[A-Za-z_]\w*")
_TEST = re.compile(r"^(?:test_(?P<before>.+)|(?P<after>.+?)(?:_test|_spec|\.test|\.spec|Test|Tests))$")


@dataclass(frozen=True, slots=True)
class Listing:
    """The paths of a repository, found by their last parts."""

    paths: frozenset[str]
    _by_name: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, paths: Iterable[str]) -> "Listing":
        """Index paths by file name."""
        every = sorted(set(paths))
        names: dict[str, list[str]] = defaultdict(list)
        for path in every:
            names[path.rpartition("/")[2]].append(path)
        return cls(frozenset(every), {name: tuple(found) for name, found in names.items()})

    def ending(self, tail: str) -> tuple[str, ...]:
        """Give the paths that are a tail, or end in it after a slash."""
        found = self._by_name.get(tail.rpartition("/")[2], ())
        return tuple(path for path in found if path == tail or path.endswith("/" + tail))

    def named(self, written: str) -> str | None:
        """Find the file that a log names: as it is, below a job's working folder, or behind a runner's absolute path."""
        tail = written.replace("\\", "/").removeprefix("./")
        if tail in self.paths:
            return tail
        if tail.startswith("/") or tail[1:3] == ":/":
            parts = tail.strip("/").split("/")
            endings = ("/".join(parts[at:]) for at in range(1, len(parts)))
            return next((ending for ending in endings if ending in self.paths), None)
        found = self.ending(tail) if tail else ()
        return found[0] if len(found) == 1 else None


def imported(path: str, text: str, listing: Listing) -> tuple[str, ...]:
    """Give the repository's own files that a file imports, in the order in which it does."""
    read = text[:_MOST_TEXT]
    if path.endswith(_PYTHON):
        found = (_module(module, path, listing) for module in _python_modules(path, read))
    elif path.endswith(_SCRIPT):
        found = (_script(match["path"], path, listing) for match in _QUOTED.finditer(read))
    elif path.endswith(_C_HEADERS + _C_SOURCES):
        found = (one for match in _INCLUDE.finditer(read) for one in _included(match["path"], path, listing))
    else:
        return ()
    return tuple(dict.fromkeys(one for one in found if one and one != path))


def partners(path: str, listing: Listing) -> tuple[str, ...]:
    """Give the tests of a file, or the file that a test is of, as their names say it; those in the same folder first."""
    folder, _, name = path.rpartition("/")
    stem, dot, ending = name.rpartition(".")
    match = _TEST.match(stem)
    if match:
        wanted = {(match["before"] or match["after"]) + dot + ending}
    else:
        wanted = {
            shape.format(stem) + dot + ending for shape in ("test_{}", "{}_test", "{}.test", "{}.spec", "{}_spec", "{}Test")
        }
    found = [one for name in sorted(wanted) for one in listing.ending(name) if one != path]
    return tuple(sorted(found, key=lambda one: (one.rpartition("/")[0] != folder, -_shared(one, path), one)))


def _python_modules(path: str, text: str) -> Iterator[str]:
    """Give dotted names that may be modules, absolute ones: ``from a import b`` may mean ``a.b`` and surely means ``a``."""
    hits = sorted([*_FROM.finditer(text), *_IMPORT.finditer(text)], key=lambda match: match.start())
    for match in hits:
        groups = match.groupdict()
        if "modules" in groups:
            yield from (part.split()[0] for part in match["modules"].split(",") if part.split())
            continue
        module = _absolute(match["module"], path)
        names = _NAME.findall(re.sub(r"\bas[ \t]+\w+|#[^\n]*", "", match["names"]))
        yield from (f"{module}.{name}" if module else name for name in names)
        yield module


def _absolute(module: str, path: str) -> str:
    """Resolve leading dots against the folder of the importing file."""
    name = module.lstrip(".")
    up = len(module) - len(name)
    if not up:
        return name
    folders = path.split("/")[:-1]
    kept = folders[: len(folders) - (up - 1)] if up <= len(folders) + 1 else []
    return ".".join([*kept, *filter(None, [name])])


def _module(module: str, importer: str, listing: Listing) -> str | None:
    """Find a module's file: below the root or any source folder; of several, the one that lies nearest to the importer."""
    tail = module.replace(".", "/")
    if not tail:
        return None
    found = [one for shape in ("{}.py", "{}.pyi", "{}/__init__.py") for one in listing.ending(shape.format(tail))]
    return max(found, key=lambda one: (_shared(one, importer), -len(one)), default=None)


def _script(written: str, importer: str, listing: Listing) -> str | None:
    """Resolve a relative path as bundlers do: as written, with an ending, another one, or the folder's index."""
    target = posixpath.normpath(posixpath.join(posixpath.dirname(importer), written))
    stem = posixpath.splitext(target)[0]
    candidates = [target, *(target + ending for ending in (*_SCRIPT, ".json"))]
    candidates += [stem + ending for ending in _SCRIPT]  # "./a.js" stands for a.ts
    candidates += [f"{target}/index{ending}" for ending in _SCRIPT]
    return next((one for one in candidates if one in listing.paths), None)


def _included(written: str, includer: str, listing: Listing) -> Iterator[str]:
    """Give an included header, the nearest of several, and the source of its name, which holds what the header promises."""
    tail = posixpath.normpath(written).removeprefix("../")
    header = max(listing.ending(tail), key=lambda one: (_shared(one, includer), -len(one)), default=None)
    if header is None:
        return
    yield header
    stem = posixpath.splitext(posixpath.basename(header))[0]
    sources = [one for ending in _C_SOURCES for one in listing.ending(stem + ending)]
    yield from sorted(sources, key=lambda one: (-max(_shared(one, header), _shared(one, includer)), one))[:1]


def _shared(one: str, other: str) -> int:
    """Count the leading folders that two paths have in common."""
    pairs = zip(one.split("/"), other.split("/"), strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), 0)
