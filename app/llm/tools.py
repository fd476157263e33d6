"""The tools that a model is given: list, search and read the source, nothing else, within a budget.

They answer in text, fenced, with secrets taken out; whatever goes wrong is an answer too, so that the model can do better.
"""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.domain.log.redact import redact
from app.domain.model.matching import BadPattern, matcher
from app.domain.model.talk import Tool, ToolCall
from app.domain.patterns import matches
from app.llm.source import Shelf
from app.wording.prompts import fence

_MOST_PATHS = 400
_MOST_HITS = 80
_MOST_LINES = 400
_LONGEST_LINE = 400
_MOST_ANSWER = 24_000  # characters of one answer
_MOST_SEARCHED = 60_000_000  # characters of one search
_SEARCH_SECONDS = 5.0

Glob = Annotated[str | None, Field(max_length=200, description="Pattern of paths such as src/**/*.py; left out: every file.")]


class _Arguments(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _ListFiles(_Arguments):
    glob: Glob = None


class _Search(_Arguments):
    pattern: Annotated[str, Field(description="Text to find within one line, case-sensitive.")]
    glob: Glob = None
    regex: Annotated[bool, Field(description="Whether the pattern is a regular expression (no look-around).")] = False


class _ReadFile(_Arguments):
    path: Annotated[str, Field(max_length=1000, description="Path from the repository's root.")]
    start: Annotated[int, Field(ge=1, description="First line, from 1.")] = 1
    end: Annotated[int | None, Field(ge=1, description="Last line; left out: as far as fits.")] = None


@dataclass(slots=True)
class Toolbox:
    """The tools over one source, with what is left of their budget."""

    shelf: Shelf
    calls: int = 24
    characters: int = 120_000
    used: int = field(default=0, init=False)
    given: int = field(default=0, init=False)
    clock: Callable[[], float] = time.monotonic

    @property
    def spent(self) -> bool:
        """Tell whether nothing more may be asked."""
        return self.used >= self.calls or self.given >= self.characters

    def offered(self) -> tuple[Tool, ...]:
        """Describe the tools; none once the budget is used up."""
        return () if self.spent else _TOOLS

    def answer(self, call: ToolCall) -> str:
        """Carry out one call. Reads files: call it off the event loop."""
        if self.spent:
            return "The budget for looking at the repository is used up. Answer now."
        self.used += 1
        said = redact(self._carried_out(call))
        room = min(_MOST_ANSWER, self.characters - self.given)
        if len(said) > room:
            said = said[:room] + "\n… cut here: ask for less at once"
        self.given += len(said)
        return fence(f"{call.name[:40]} answers", said)

    def _carried_out(self, call: ToolCall) -> str:
        kinds: dict[str, tuple[type[_Arguments], Callable[[Any], str]]] = {
            "list_files": (_ListFiles, self._list_files),
            "search": (_Search, self._search),
            "read_file": (_ReadFile, self._read_file),
        }
        if call.name not in kinds:
            return f"There is no tool of this name; there are {', '.join(kinds)}."
        kind, carry_out = kinds[call.name]
        try:
            return carry_out(kind.model_validate(json.loads(call.arguments or "{}")))
        except ValidationError as error:
            return "; ".join(f"{'.'.join(map(str, one['loc'])) or 'arguments'}: {one['msg']}" for one in error.errors()[:5])
        except BadPattern as bad:
            return str(bad)
        except (ValueError, RecursionError):
            return "The arguments are no JSON."

    def _list_files(self, asked: _ListFiles) -> str:
        found = list(self._under(asked.glob))
        more = f"\n… and {len(found) - _MOST_PATHS} more: use a narrower glob" if len(found) > _MOST_PATHS else ""
        return "\n".join(found[:_MOST_PATHS]) + more if found else "No file matches."

    def _under(self, glob: str | None) -> Iterator[str]:
        """Give the paths that a pattern names; one without a slash means the file's name anywhere."""
        for path in self.shelf.paths:
            if not glob or matches(glob.removeprefix("./"), path) or ("/" not in glob and matches(glob, path.rpartition("/")[2])):
                yield path

    def _search(self, asked: _Search) -> str:
        holds = matcher(asked.pattern, regex=asked.regex)
        found: list[str] = []
        until, left = self.clock() + _SEARCH_SECONDS, _MOST_SEARCHED
        for path in self._under(asked.glob):
            raw = self.shelf.exact(path) or ""
            left -= len(raw)
            if left < 0 or self.clock() > until:
                found.append("… the search was stopped: use a narrower glob")
                break
            if holds(raw):  # lines are looked for with secrets out, lest a search guess them letter by letter
                lines = enumerate((self.shelf.shown(path) or "").split("\n"), 1)
                found += [f"{path}:{number}: {line[:_LONGEST_LINE].rstrip()}" for number, line in lines if holds(line)]
            if len(found) > _MOST_HITS:
                found[_MOST_HITS:] = ["… there are more: use a narrower pattern or glob"]
                break
        return "\n".join(found) or "Nothing matches."

    def _read_file(self, asked: _ReadFile) -> str:
        path = asked.path.removeprefix("./")
        text = self.shelf.shown(path)
        if text is None:
            return "There is no text file of this path in the commit (or it is too large to read)."
        lines = text.split("\n")
        end = min(len(lines), asked.end or len(lines), asked.start + _MOST_LINES - 1)
        if asked.start > end:
            return f"{path} has {len(lines)} lines."
        return f"{path}, lines {asked.start}–{end} of {len(lines)}:\n" + "\n".join(lines[asked.start - 1 : end])


def _described(name: str, description: str, kind: type[_Arguments]) -> Tool:
    """Describe a tool by the arguments that it takes."""
    schema = kind.model_json_schema()
    parameters = {
        key: value for key, value in schema.items() if key in {"type", "properties", "required", "additionalProperties"}
    }
    return Tool(name=name, description=description, parameters=parameters)


_TOOLS = (
    _described("list_files", "List the repository's files, by pattern.", _ListFiles),
    _described("search", "Find the lines that hold a text or match a regular expression.", _Search),
    _described("read_file", "Read lines of a file, exactly as they are.", _ReadFile),
)
NAMES = frozenset(tool.name for tool in _TOOLS)
