"""A scripted model behind an OpenAI-compatible endpoint: it answers by rules, only what it was asked about.

``/v1/chat/completions``, ``/v1/models`` and ``/v1/embeddings`` over HTTP on loopback, every request kept. A conversation that
no rule speaks to is refused with 422: a repair that forgets the failing lines, or the log of the candidate before, fails.
"""

import asyncio
import json
import math
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from app.emulator.model.complaints import SUPPORT, complaint
from app.emulator.model.replies import Reply
from app.emulator.model.script import Rule, reply_to, said_to, text_of
from app.emulator.model.vectors import DIMENSIONS, embed, in_base64

NO_RULE = "no rule matches"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request to the endpoint, with the status that it got."""

    path: str
    body: Any
    authorization: str
    status: int

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The conversation that was sent."""
        return list(self.body.get("messages", [])) if isinstance(self.body, dict) else []

    @property
    def said(self) -> str:
        """Everything that was told to the model."""
        return said_to(self.messages)


@dataclass(slots=True, kw_only=True)
class ScriptedModel:
    """The endpoint. Make it with ``start``, tell it rules, close it."""

    name: str = "scripted"
    api_key: str = ""  # what requests must carry; empty: anything
    supports: frozenset[str] = SUPPORT
    rules: list[Rule] = field(default_factory=list)
    requests: list[Asked] = field(default_factory=list)
    base_url: str = ""
    _runner: web.AppRunner | None = None
    _ids: int = 0

    @classmethod
    async def start(
        cls, *, name: str = "scripted", api_key: str = "", lacks: frozenset[str] = frozenset(), port: int = 0
    ) -> "ScriptedModel":
        """Listen on loopback; ``lacks`` names what of ``SUPPORT`` it refuses, ``port`` 0 takes any."""
        model = cls(name=name, api_key=api_key, supports=SUPPORT - lacks)
        application = web.Application(client_max_size=2**26)
        application.router.add_route("*", "/{path:.*}", model._handle)
        model._runner = web.AppRunner(application, shutdown_timeout=0.2)
        await model._runner.setup()
        await web.TCPSite(model._runner, "127.0.0.1", port).start()
        model.base_url = f"http://127.0.0.1:{model._runner.addresses[0][1]}/v1"
        return model

    async def close(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()

    def rule(
        self,
        *replies: Reply,
        when: tuple[str, ...] | list[str],
        unless: tuple[str, ...] | list[str] = (),
        times: int | None = None,
    ) -> Rule:
        """Answer conversations that hold every text of ``when`` and none of ``unless``; of several rules the last one counts.

        Args:
            replies: one for each turn of a conversation: the first to the first question, the next after it was answered, …
            when: texts that must have been told to the model, wherever.
            unless: texts that must not have been told.
            times: how many requests it answers at most.
        """
        made = Rule(when=tuple(when), unless=tuple(unless), replies=replies, times=times)
        self.rules.append(made)
        return made

    @property
    def unmatched(self) -> list[Asked]:
        """The requests that no rule spoke to."""
        return [asked for asked in self.requests if asked.status == 422]

    async def _handle(self, request: web.Request) -> web.Response:
        raw = await request.read()
        try:
            body = json.loads(raw) if raw else None
        except ValueError:
            body = None
        given = request.headers.get("Authorization", "")
        reply = self._answer(request.method, request.path, body, given)
        self.requests.append(Asked(path=request.path, body=body, authorization=given, status=reply.status))
        await asyncio.sleep(reply.delay)
        return web.Response(text=reply.body, status=reply.status, content_type=reply.content_type, headers=dict(reply.headers))

    def _answer(self, method: str, path: str, body: Any, authorization: str) -> Reply:  # noqa: ANN401 - whatever was sent
        if self.api_key and authorization != f"Bearer {self.api_key}":
            return _error(401, "Incorrect API key provided.", "invalid_api_key")
        if (method, path) == ("GET", "/v1/models"):
            return _json({"object": "list", "data": [{"id": self.name, "object": "model", "created": 0, "owned_by": "script"}]})
        if (method, path) == ("POST", "/v1/embeddings"):
            return self._embeddings(body)
        if (method, path) == ("POST", "/v1/chat/completions"):
            return self._chat(body)
        return _error(404, f"Invalid URL ({method} {path})")

    def _chat(self, body: Any) -> Reply:  # noqa: ANN401 - whatever was sent
        if wrong := complaint(body, self.supports):
            return _error(400, wrong, "invalid_request_error")
        if body["model"] != self.name:
            return _error(404, f"The model '{body['model']}' does not exist.", "model_not_found")
        reply = reply_to(self.rules, body["messages"])
        if reply is None:
            return _error(422, f"{NO_RULE}: the script has no answer to this conversation", "no_rule")
        return reply if reply.body is not None else self._completion(body, reply)

    def _completion(self, body: dict[str, Any], reply: Reply) -> Reply:
        self._ids += 1
        message: dict[str, Any] = {"role": "assistant", "content": reply.content, "refusal": reply.refusal}
        if reply.calls:
            message["tool_calls"] = [self._call(at, name, arguments) for at, (name, arguments) in enumerate(reply.calls)]
        completion: dict[str, Any] = {
            "id": f"chatcmpl-{self._ids}",
            "object": "chat.completion",
            "created": 0,
            "model": self.name,
            "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": reply.finish_reason}],
        }
        if reply.counted:
            completion["usage"] = _usage(body["messages"], message)
        return _json(completion, reply.delay)

    def _call(self, at: int, name: str, arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - text, or an object to be written as text
        text = arguments if isinstance(arguments, str) else json.dumps(arguments)
        return {"id": f"call_{self._ids}_{at}", "type": "function", "function": {"name": name, "arguments": text}}

    def _embeddings(self, body: Any) -> Reply:  # noqa: ANN401 - whatever was sent
        given = body.get("input") if isinstance(body, dict) else None
        texts = [given] if isinstance(given, str) else given
        if not isinstance(texts, list) or not texts or not all(isinstance(text, str) and text for text in texts):
            return _error(400, "'input' must be a text or a list of texts, none of them empty.", "invalid_request_error")
        vectors = [embed(text, body.get("dimensions") or DIMENSIONS) for text in texts]
        coded = [in_base64(vector) if body.get("encoding_format") == "base64" else vector for vector in vectors]
        tokens = sum(_tokens(text) for text in texts)
        data = [{"object": "embedding", "index": at, "embedding": vector} for at, vector in enumerate(coded)]
        used = {"prompt_tokens": tokens, "total_tokens": tokens}
        return _json({"object": "list", "model": body.get("model", self.name), "data": data, "usage": used})


def _usage(messages: list[dict[str, Any]], answered: dict[str, Any]) -> dict[str, int]:
    """Count tokens as a quarter of the characters."""
    prompt = sum(_tokens(text_of(message)) for message in messages)
    called = "".join(call["function"]["arguments"] for call in answered.get("tool_calls", ()))
    completion = _tokens(text_of(answered) + called)
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def _tokens(text: str) -> int:
    return math.ceil(len(text) / 4)


def _json(body: dict[str, Any], delay: float = 0.0) -> Reply:
    return Reply(body=json.dumps(body), delay=delay)


def _error(status: int, message: str, code: str | None = None) -> Reply:
    return Reply(status=status, body=json.dumps({"error": {"message": message, "type": "error", "param": None, "code": code}}))
