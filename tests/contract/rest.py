"""GitHub's REST API as its OpenAPI description tells it: which operation a request is, what it may carry, what may come back."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from tests.contract.schemas import UNKNOWN, Json, Schemas

ANYWHERE = frozenset({400, 401, 403, 404, 410, 422, 429, 500, 502, 503, 504})
"""Refusals that any operation may answer; GitHub's description names them for some operations only."""

_METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One request and its answer. A null request or response is an empty body; bytes are no JSON."""

    method: str
    path: str
    query: str
    request: Json
    status: int
    response: Json
    refused_on_purpose: bool = False  # the answer is a fault that a test asked for, not one of GitHub's

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One operation of the description."""

    template: str
    body: Json
    schemas: Schemas = field(repr=False)
    pattern: re.Pattern[str] = field(repr=False)
    parameters: dict[tuple[str, str], Json] = field(repr=False)
    refusal: Json = field(repr=False)  # the forms that refusals have wherever the description is silent

    @cached_property
    def request_schema(self) -> Json:
        """The schema of the request's body; null where there is none."""
        content = self.schemas.resolved(self.body.get("requestBody", {})).get("content", {})
        return content.get("application/json", {}).get("schema")

    @property
    def request_needed(self) -> bool:
        """Whether a body must be sent."""
        return bool(self.schemas.resolved(self.body.get("requestBody", {})).get("required"))

    def answer(self, status: int) -> Json:
        """How the description tells an answer; null where it does not."""
        found = self.body["responses"].get(str(status))
        return None if found is None else self.schemas.resolved(found)

    def problems(self, sent: Sent) -> Iterator[str]:
        """Say what of an exchange GitHub would not send or take."""
        if sent.status < 400 or sent.refused_on_purpose:  # a mistake that was refused was a test of refusing
            yield from self._of_path(sent)
            yield from self._of_query(sent)
            yield from self._of_request(sent)
        if not sent.refused_on_purpose:
            yield from self._of_answer(sent)

    def _of_path(self, sent: Sent) -> Iterator[str]:
        found = self.pattern.fullmatch(sent.path)
        for name, text in (found.groupdict() if found else {}).items():
            yield from self._of_value("path", name, text, sent)

    def _of_query(self, sent: Sent) -> Iterator[str]:
        given = dict(parse_qsl(sent.query, keep_blank_values=True))
        for name, text in given.items():
            if ("query", name) not in self.parameters:
                yield f"{sent}: no query parameter {name!r} in {self.template}"
                continue
            yield from self._of_value("query", name, text, sent)
        for (place, name), one in self.parameters.items():
            if place == "query" and one.get("required") and name not in given:
                yield f"{sent}: the query parameter {name!r} is missing"

    def _of_value(self, place: str, name: str, text: str, sent: Sent) -> Iterator[str]:
        schema = self.parameters[place, name]["schema"]
        if not any(self.schemas.fits(schema, value) for value in _readings(text)):
            yield f"{sent}: {place} parameter {name}={text!r} does not fit"

    def _of_request(self, sent: Sent) -> Iterator[str]:
        if sent.request is None:
            if self.request_needed and not self.schemas.fits(self.request_schema, {}):
                yield f"{sent}: a body is needed"
        elif self.request_schema is None:
            yield f"{sent}: takes no body, was sent {sent.request!r}"
        else:
            yield from self.schemas.problems(self.request_schema, sent.request, f"{sent} request")

    def _of_answer(self, sent: Sent) -> Iterator[str]:
        where = f"{sent} {sent.status} answer"
        if sent.status >= 400:
            yield from self._of_refusal(sent, where)
            return
        told = self.answer(sent.status)
        if told is None:
            if sent.status != HTTPStatus.NOT_MODIFIED or sent.method != "GET":
                yield f"{where}: GitHub's description knows no such status here"
            return
        content = told.get("content", {})
        schema = content.get("application/json", {}).get("schema")
        if schema is not None and not isinstance(sent.response, bytes):
            yield from self.schemas.problems(schema, sent.response, where)
        elif not content and sent.response not in (None, b""):
            yield f"{where}: has no body in GitHub's description"

    def _of_refusal(self, sent: Sent, where: str) -> Iterator[str]:
        """A refusal: what the description says, else the form that all of them have. All name their status as text."""
        told = self.answer(sent.status)
        if told is None and sent.status not in ANYWHERE:
            yield f"{where}: GitHub's description knows no such status here"
            return
        schema = (told or {}).get("content", {}).get("application/json", {}).get("schema") or self.refusal
        told_apart = self.schemas.problems(schema, sent.response, where)
        yield from (problem for problem in told_apart if problem != f"{where}.status{UNKNOWN}")


class RestApi:
    """All operations."""

    def __init__(self, document: Json) -> None:
        _correct(document)
        self.schemas = Schemas(document, "rest")
        self._refusal = {
            "anyOf": [self.schemas.named(name) for name in ("basic-error", "validation-error", "validation-error-simple")]
        }
        self._operations: dict[str, list[Operation]] = {method: [] for method in _METHODS}
        for template, item in self.schemas.document["paths"].items():
            for method in _METHODS:
                if method in item:
                    self._operations[method].append(self._operation(template, item[method]))

    def operation(self, method: str, path: str) -> Operation | None:
        """Find the operation of a request: of several that fit, the one with the most that is literal."""
        path += "/." if path.endswith("/contents") else ""  # the root folder is answered without a path, too
        fitting = [one for one in self._operations.get(method.lower(), ()) if one.pattern.fullmatch(path)]
        return max(fitting, key=lambda one: len(re.sub(r"\{\w+\}", "", one.template)), default=None)

    def problems(self, sent: Sent) -> list[str]:
        """Say what of an exchange GitHub would not send or take."""
        operation = self.operation(sent.method, sent.path)
        if operation is None:
            return [] if sent.status == 404 else [f"{sent}: GitHub has no such operation"]
        return list(operation.problems(sent))

    def _operation(self, template: str, body: Json) -> Operation:
        listed = [self.schemas.resolved(one) for one in body.get("parameters", ())]
        parameters = {(one["in"], one["name"]): one for one in listed}
        wide = {one["name"] for one in listed if one.get("x-multi-segment")}
        return Operation(
            template=template,
            body=body,
            schemas=self.schemas,
            pattern=_pattern(template, wide),
            parameters=parameters,
            refusal=self._refusal,
        )


def _correct(document: Json) -> None:
    """Mend two places that contradict the rest of the description.

    The account in the list of installations is a user and an enterprise at once; ``installation`` says "or". The label of a
    listed pull request always has a description; the same label is described without one everywhere else.
    """
    listed = document["paths"]["/app/installations"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    listed["items"] = {"$ref": "#/components/schemas/installation"}
    label = document["components"]["schemas"]["pull-request-simple"]["properties"]["labels"]["items"]
    label["properties"]["description"]["nullable"] = True


def _pattern(template: str, wide: set[str]) -> re.Pattern[str]:
    """Turn a path template into a pattern; only parameters that GitHub marks so hold slashes."""
    pieces = re.split(r"\{([\w-]+)\}", template)
    made = [re.escape(pieces[0])]
    for name, literal in zip(pieces[1::2], pieces[2::2], strict=True):
        made.append(f"(?P<{name.replace('-', '_')}>{'.+' if name in wide else '[^/]+'}){re.escape(literal)}")
    return re.compile("".join(made))


def _readings(text: str) -> list[Any]:
    """What a parameter's text may mean."""
    read: list[Any] = [text]
    if re.fullmatch(r"-?\d+", text):
        read.append(int(text))
    if text in {"true", "false"}:
        read.append(text == "true")
    return read
