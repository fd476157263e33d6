"""Asking over real HTTP with the real client: each way in which an endpoint can answer has a name."""

import asyncio
import re
from typing import Any

import pytest
from aiohttp import web

from app.domain.model.dialect import Dialect, Format, Question
from app.domain.model.talk import Message, ModelTrouble, Tool, ToolCall, TroubleKind, Turn
from app.emulator.model import replies
from app.emulator.model.complaints import SUPPORT
from app.emulator.model.endpoint import ScriptedModel
from app.emulator.model.replies import Reply
from app.llm.model import Model, ModelAccess
from tests.llm.samples import Asking

LOOK = Tool(name="look", description="Look.", parameters={"type": "object", "properties": {}, "additionalProperties": False})
SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": False}


def question(**more: Any) -> Question:  # noqa: ANN401 - fields of the question
    return Question(messages=(Message(role="user", content="What is it?"),), **more)


async def test_a_text_comes_back_with_what_it_cost(endpoint: ScriptedModel, model: Model) -> None:
    endpoint.rule(replies.answer("It is a test."), when=["What is it?"])
    turn = await model.complete(question())
    assert isinstance(turn, Turn)
    assert (turn.text, turn.finish_reason, turn.tool_calls) == ("It is a test.", "stop", ())
    assert (turn.usage.prompt_tokens, turn.usage.completion_tokens, turn.usage.estimated) == (3, 4, False)
    assert 0 < turn.seconds < 5
    assert endpoint.requests[0].authorization == "Bearer the key"


async def test_tokens_that_are_not_told_are_estimated(endpoint: ScriptedModel, model: Model) -> None:
    endpoint.rule(replies.uncounted(replies.answer("12345678")), when=[])
    turn = await model.complete(question())
    assert isinstance(turn, Turn)
    assert (turn.usage.completion_tokens, turn.usage.estimated) == (2, True)
    assert turn.usage.prompt_tokens >= 3


async def test_tools_that_the_model_asks_for_come_back(endpoint: ScriptedModel, model: Model) -> None:
    endpoint.rule(replies.calls(("look", {"at": 1}), ("look", "no json")), when=[])
    turn = await model.complete(question(tools=(LOOK,)))
    assert isinstance(turn, Turn)
    assert [(call.name, call.arguments) for call in turn.tool_calls] == [("look", '{"at": 1}'), ("look", "no json")]
    assert len({call.id for call in turn.tool_calls}) == 2


@pytest.mark.parametrize(
    ("reply", "kind", "sentence"),
    [
        (replies.refusal("I will not."), TroubleKind.REFUSED, "The model would not answer: I will not."),
        (replies.filtered(), TroubleKind.REFUSED, "The model would not answer."),
        (
            replies.failing(400, "Too hot.", code="content_filter"),
            TroubleKind.REFUSED,
            "filter would not let the request pass (400)",
        ),
        (replies.empty(), TroubleKind.EMPTY, "The model's answer was empty."),
        (replies.answer(" \n"), TroubleKind.EMPTY, "empty"),
        (Reply(body=""), TroubleKind.EMPTY, "no content"),
        (replies.cut(), TroubleKind.CUT, "cut off at the limit of its length"),
        (replies.half_a_body(), TroubleKind.MALFORMED, "is no JSON"),
        (Reply(body="[]"), TroubleKind.MALFORMED, "without a message"),
        (Reply(body='{"error": {"message": "Overloaded"}}'), TroubleKind.MALFORMED, "without a message: Overloaded."),
        (replies.html(), TroubleKind.NOT_AN_ENDPOINT, "answered with a web page"),
        (replies.html(404), TroubleKind.NOT_AN_ENDPOINT, "no OpenAI-compatible endpoint, or it does not have this model (404)."),
        (replies.failing(302, location="http://127.0.0.1:9/v1"), TroubleKind.NOT_AN_ENDPOINT, "(302)"),
        (replies.failing(401), TroubleKind.UNAUTHORIZED, "does not accept the key (401): It does not work right now."),
        (replies.failing(403), TroubleKind.UNAUTHORIZED, "(403)"),
        (replies.failing(429), TroubleKind.LIMITED, "takes no more requests for now (429)"),
        (replies.failing(402), TroubleKind.LIMITED, "(402)"),
        (replies.failing(500), TroubleKind.UNAVAILABLE, "does not work (500)"),
        (replies.failing(503), TroubleKind.UNAVAILABLE, "(503)"),
        (replies.failing(504), TroubleKind.TIMEOUT, "did not answer in time (504)"),
        (replies.failing(413, "Too long."), TroubleKind.REJECTED, "does not take the request (413): Too long."),
        (replies.failing(400, "Context length exceeded."), TroubleKind.REJECTED, "(400): Context length exceeded."),
    ],
)
async def test_what_is_no_answer_has_a_name_and_a_sentence(
    endpoint: ScriptedModel, model: Model, reply: Reply, kind: TroubleKind, sentence: str
) -> None:
    endpoint.rule(reply, when=[])
    got = await model.complete(question())
    assert isinstance(got, ModelTrouble)
    assert got.kind is kind
    assert sentence in got.sentence
    assert len(endpoint.requests) == 1, "the client retried or followed a redirect"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry_after": "7"}, 7.0),
        ({"retry_after_ms": "1500"}, 1.5),
        ({"retry_after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
        ({"retry_after": "99999999"}, 86400.0),
        ({"retry_after": "soon"}, None),
        ({}, None),
    ],
)
async def test_how_long_to_wait_is_read(
    endpoint: ScriptedModel, model: Model, headers: dict[str, str], seconds: float | None
) -> None:
    endpoint.rule(replies.failing(429, **headers), when=[])
    got = await model.complete(question())
    assert isinstance(got, ModelTrouble)
    assert got.retry_after == seconds
    assert got.passing


async def test_an_answer_that_does_not_come_is_a_time_out(endpoint: ScriptedModel, asking: Asking) -> None:
    endpoint.rule(replies.slow(2.0, replies.answer("late")), when=[])
    got = await asking(seconds=0.1).complete(question())
    assert isinstance(got, ModelTrouble)
    assert got.kind is TroubleKind.TIMEOUT
    assert got.seconds < 1.5


async def test_an_answer_that_drips_is_a_time_out() -> None:
    async def drip(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        for _ in range(40):  # each piece is in time, the whole is not
            await response.write(b" ")
            await asyncio.sleep(0.05)
        return response

    application = web.Application()
    application.router.add_post("/v1/chat/completions", drip)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    model = Model(ModelAccess(base_url=f"http://127.0.0.1:{runner.addresses[0][1]}/v1", name="x", seconds=0.3))
    got = await model.complete(question())
    await model.close()
    await runner.cleanup()
    assert isinstance(got, ModelTrouble)
    assert got.kind is TroubleKind.TIMEOUT


async def test_nobody_at_the_address_is_unavailable(endpoint: ScriptedModel, asking: Asking) -> None:
    await endpoint.close()
    got = await asking().complete(question())
    assert isinstance(got, ModelTrouble)
    assert got.kind is TroubleKind.UNAVAILABLE
    assert "cannot be reached" in got.sentence


async def test_a_wrong_key_and_an_unknown_model_are_told_apart(endpoint: ScriptedModel, asking: Asking) -> None:
    for access, kind in (({"api_key": "another"}, TroubleKind.UNAUTHORIZED), ({"name": "other"}, TroubleKind.NOT_AN_ENDPOINT)):
        got = await asking(**access).complete(question())
        assert isinstance(got, ModelTrouble)
        assert got.kind is kind


async def test_the_environment_is_not_sent_along(
    endpoint: ScriptedModel, asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://192.0.2.1:3128")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-of-the-environment")
    monkeypatch.setenv("OPENAI_API_KEY", "key-of-the-environment")
    seen: list[dict[str, str]] = []

    async def hear(request: web.Request) -> web.Response:
        seen.append(dict(request.headers))
        return web.json_response({"choices": [{"message": {"content": "yes"}, "finish_reason": "stop"}]})

    application = web.Application()
    application.router.add_post("/v1/chat/completions", hear)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    turn = await asking(base_url=f"http://127.0.0.1:{runner.addresses[0][1]}/v1", api_key="").complete(question())
    await runner.cleanup()
    assert isinstance(turn, Turn)
    assert "of-the-environment" not in str(seen)


ALL_OF_IT = {"tools": (LOOK,), "schema": SCHEMA}


@pytest.mark.parametrize(
    ("lacks", "learnt"),
    [
        (set(), Dialect()),
        ({"json_schema"}, Dialect(format=Format.JSON_OBJECT)),
        ({"json_schema", "json_object"}, Dialect(format=Format.PLAIN)),
        ({"tools"}, Dialect(tools=False)),
        ({"tools_with_format"}, Dialect(format_with_tools=False)),
        ({"max_tokens"}, Dialect(limit="max_completion_tokens")),
        ({"temperature"}, Dialect(temperature=False)),
        (set(SUPPORT), None),
    ],
)
async def test_what_an_endpoint_does_not_take_is_left_out_from_then_on(lacks: set[str], learnt: Dialect | None) -> None:
    endpoint = await ScriptedModel.start(lacks=frozenset(lacks))
    endpoint.rule(replies.answer("fine"), when=[])
    model = Model(ModelAccess(base_url=endpoint.base_url, name="scripted"))
    first = await model.complete(question(**ALL_OF_IT))
    tried = len(endpoint.requests)
    second = await model.complete(question(**ALL_OF_IT))
    await model.close()
    await endpoint.close()
    assert isinstance(first, Turn)
    assert isinstance(second, Turn)
    assert len(endpoint.requests) == tried + 1, "it forgot what it had learnt"
    assert learnt is None or model.dialect == learnt


async def test_a_refusal_that_names_no_field_teaches_nothing(endpoint: ScriptedModel, model: Model) -> None:
    endpoint.rule(replies.failing(400, "Your tone is wrong."), when=[])
    assert isinstance(await model.complete(question(**ALL_OF_IT)), ModelTrouble)
    assert model.dialect == Dialect()
    assert len(endpoint.requests) == 1


async def test_a_field_that_is_never_taken_ends_the_tries(endpoint: ScriptedModel, model: Model) -> None:
    endpoint.rule(replies.failing(400, "response_format, tools, temperature: none of it is good"), when=[])
    got = await model.complete(question(**ALL_OF_IT))
    assert isinstance(got, ModelTrouble)
    assert got.kind is TroubleKind.REJECTED
    assert len(endpoint.requests) <= 7
    assert model.dialect == Dialect(), "what did not help is not kept"


async def test_the_schema_travels_strictly_and_tool_answers_name_their_call(endpoint: ScriptedModel, model: Model) -> None:
    endpoint.rule(replies.answer("a"), replies.answer("b"), when=[])
    asked = Message(role="assistant", content="", tool_calls=(ToolCall(id="c1", name="look", arguments="{}"),))
    messages = (Message(role="user", content="x"), asked, Message(role="tool", content="seen", tool_call_id="c1"))
    assert isinstance(await model.complete(Question(messages=messages, tools=(LOOK,), schema=SCHEMA, answer_tokens=77)), Turn)
    body = endpoint.requests[0].body
    assert body["response_format"]["json_schema"] == {"name": "answer", "strict": True, "schema": SCHEMA}
    assert body["messages"][2] == {"role": "tool", "content": "seen", "tool_call_id": "c1"}
    assert body["messages"][1]["content"] is None
    assert (body["max_tokens"], body["tools"][0]["function"]["name"]) == (77, "look")


def test_a_key_does_not_print() -> None:
    assert not re.search("secret word", repr(ModelAccess(base_url="http://127.0.0.1", name="x", api_key="secret word")))
