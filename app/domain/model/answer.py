"""The structured answer of a model (PRODUCT.md section 2.4): its shape, its JSON Schema, and reading it out of a text.

An endpoint that takes the schema gives exactly this. Others wrap it: in a code fence, after thoughts, between sentences.
"""

import json
import re
from collections.abc import Collection, Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.domain.model.talk import ToolCall
from app.domain.patch.apply import CodeChange

_MOST_TEXT = 2_000_000  # characters of an answer that are read
_MOST_STARTS = 200  # braces at which an object is looked for
_MOST_ERRORS = 8
_THOUGHTS = re.compile(r"<think(?:ing)?>.*?</think(?:ing)?>", re.DOTALL)

Sentence = Annotated[str, Field(min_length=1, max_length=4000)]
Code = Annotated[str, Field(max_length=1_000_000)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", use_attribute_docstrings=True)


class Change(_Part):
    """One replacement in one file."""

    file_path: Annotated[str, Field(min_length=1, max_length=1000)]
    """Path from the repository's root, with forward slashes."""
    current_code: Code | None
    """The code to replace, copied exactly, with enough lines to stand only once in the file. Null for a new or rewritten file."""
    fixed_code: Code | None
    """What stands there instead; the whole file where current_code is null. Null only to delete a file (then both are)."""
    explanation: Annotated[str, Field(max_length=4000)]
    """Why, in a sentence."""


class ImmediateFix(_Part):
    """What a person would do now."""

    description: Sentence
    """What the change does, in one sentence that completes "This commit will …"."""
    steps: Annotated[tuple[Sentence, ...], Field(max_length=30)]
    """The steps, one sentence each."""
    estimated_time_minutes: Annotated[int, Field(ge=0, le=100_000)]
    """How long a person would need."""
    risk_level: Literal["low", "medium", "high"]
    """How likely the change breaks something else."""


class Answer(_Part):
    """What a model proposes."""

    root_cause: Sentence
    """Why the job failed, in one or two sentences, naming file and line."""
    confidence: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
    """How likely the failed job turns green with exactly these changes, from 0 to 1."""
    code_changes: Annotated[tuple[Change, ...], Field(max_length=50)]
    """The changes; none if the failure cannot be mended by changing files of this repository."""
    immediate_fix: ImmediateFix

    @property
    def changes(self) -> tuple[CodeChange, ...]:
        """The changes as they are applied; the leading ``./`` that some models write is dropped."""
        return tuple(
            CodeChange(
                file_path=change.file_path.removeprefix("./"),
                current_code=change.current_code or "",
                fixed_code=change.fixed_code if change.fixed_code is not None or not change.current_code else "",
                explanation=change.explanation,
            )
            for change in self.code_changes
        )


class Misread(Exception):  # noqa: N818 - a fact about an answer, told back to the model
    """A text holds no answer of the right shape; ``problems`` are sentences that say what is missing or wrong."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def read_answer(text: str) -> Answer:
    """Find the answer in a text: the last object in it that has the right shape.

    Raises:
        Misread: there is none.
    """
    wrong: ValidationError | None = None
    for value in reversed(list(objects(text))):
        try:
            return Answer.model_validate(value)
        except ValidationError as error:
            if wrong is None or "code_changes" in value:
                wrong = error
    if wrong is None:
        raise Misread(("There is no JSON object in the answer.",))
    raise Misread(tuple(_problem(detail["loc"], detail["msg"]) for detail in wrong.errors()[:_MOST_ERRORS]))


def spoken_call(text: str, names: Collection[str]) -> ToolCall | None:
    """Find a tool call that a model wrote as text, as some do; null where it did not."""
    for value in objects(text):
        name, arguments = value.get("name"), value.get("parameters", value.get("arguments"))
        if isinstance(name, str) and name in names and isinstance(arguments, dict):
            return ToolCall(id="", name=name, arguments=json.dumps(arguments))
    return None


def objects(text: str) -> Iterator[dict[str, Any]]:
    """Give the JSON objects of a text in order, outermost ones only, whatever stands around them."""
    said = _THOUGHTS.sub("", text[:_MOST_TEXT])
    decoder = json.JSONDecoder(strict=False)  # line breaks inside strings are a usual slip, and their meaning is clear
    at = said.find("{")
    for _ in range(_MOST_STARTS):
        if at == -1:
            return
        try:
            value, end = decoder.raw_decode(said, at)
        except (ValueError, RecursionError):
            end = at + 1
        else:
            yield value
        at = said.find("{", end)


def _problem(place: tuple[int | str, ...], message: str) -> str:
    return f"{'.'.join(str(part) for part in place) or 'the answer'}: {message}."


def answer_schema() -> dict[str, Any]:
    """Give the answer's JSON Schema in the strict subset: every property required, no other, no bounds, no references."""
    schema = Answer.model_json_schema()
    plain: dict[str, Any] = _plain(schema, schema.get("$defs", {}))
    return plain


_KEPT = frozenset({"type", "description", "enum", "items", "anyOf", "properties"})


def _plain(node: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in node:
        node = definitions[node["$ref"].rpartition("/")[2]]
    plain = {key: value for key, value in node.items() if key in _KEPT}
    if "items" in plain:
        plain["items"] = _plain(plain["items"], definitions)
    if "anyOf" in plain:
        plain["anyOf"] = [_plain(one, definitions) for one in plain["anyOf"]]
    if "properties" in plain:
        plain["properties"] = {name: _plain(value, definitions) for name, value in plain["properties"].items()}
        plain |= {"required": list(plain["properties"]), "additionalProperties": False}
    return plain
