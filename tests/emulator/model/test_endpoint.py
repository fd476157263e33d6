"""The scripted endpoint speaks as OpenAI's does, answers only what its rules know, and refuses what a real one refuses."""

from typing import Any

import openai
import pytest

from app.emulator.model import replies
from app.emulator.model.complaints import complaint
from app.emulator.model.endpoint import ScriptedModel
from app.emulator.model.vectors import embed

HELLO: list[Any] = [{"role": "user", "content": "hello world"}]


async def ask(client: openai.AsyncOpenAI, messages: list[Any], **more: Any) -> Any:  # noqa: ANN401 - what the client gives
    return await client.chat.completions.create(model="scripted", messages=messages, **more)


async def test_a_rule_answers_what_holds_all_its_texts(endpoint: ScriptedModel, client: openai.AsyncOpenAI) -> None:
    endpoint.rule(replies.answer({"a": 1}), when=["hello", "world"])
    done = await ask(client, HELLO)
    assert done.choices[0].message.content == '{"a": 1}'
    assert (done.usage.prompt_tokens, done.usage.completion_tokens, done.usage.total_tokens) == (3, 2, 5)


@pytest.mark.parametrize(
    "rule", [{"when": ["hello", "moon"]}, {"when": ["hello"], "unless": ["world"]}, {"when": [], "times": 0}]
)
async def test_what_no_rule_knows_is_refused_and_recorded(
    endpoint: ScriptedModel, client: openai.AsyncOpenAI, rule: dict[str, Any]
) -> None:
    endpoint.rule(replies.answer("x"), **rule)
    with pytest.raises(openai.UnprocessableEntityError, match="no rule matches"):
        await ask(client, HELLO)
    assert [asked.said for asked in endpoint.unmatched] == ["hello world"]


async def test_what_the_model_said_itself_is_no_question(endpoint: ScriptedModel, client: openai.AsyncOpenAI) -> None:
    endpoint.rule(replies.answer("x"), replies.answer("y"), when=["moon"])
    with pytest.raises(openai.UnprocessableEntityError):
        await ask(client, [*HELLO, {"role": "assistant", "content": "moon"}, {"role": "user", "content": "and"}])


async def test_replies_follow_the_conversation_and_the_last_rule_wins(
    endpoint: ScriptedModel, client: openai.AsyncOpenAI
) -> None:
    endpoint.rule(replies.answer("one"), replies.answer("two"), when=["hello"])
    endpoint.rule(replies.answer("special"), when=["hello", "moon"])
    later: list[Any] = [*HELLO, {"role": "assistant", "content": "one"}, {"role": "user", "content": "and"}]
    told = [(await ask(client, messages)).choices[0].message.content for messages in (HELLO, later, HELLO)]
    assert told == ["one", "two", "one"]
    assert (await ask(client, [{"role": "user", "content": "hello moon"}])).choices[0].message.content == "special"


async def test_a_rule_can_be_used_up(endpoint: ScriptedModel, client: openai.AsyncOpenAI) -> None:
    endpoint.rule(replies.answer("later"), when=["hello"])
    endpoint.rule(replies.failing(503, retry_after="1"), when=["hello"], times=1)
    with pytest.raises(openai.InternalServerError) as failed:
        await ask(client, HELLO)
    assert failed.value.response.headers["retry-after"] == "1"
    assert (await ask(client, HELLO)).choices[0].message.content == "later"


async def test_tools_are_asked_for_in_the_shape_that_the_client_reads(
    endpoint: ScriptedModel, client: openai.AsyncOpenAI
) -> None:
    endpoint.rule(replies.calls(("look", {"a": 1})), when=[])
    done = await ask(client, HELLO)
    assert done.choices[0].finish_reason == "tool_calls"
    assert (done.choices[0].message.tool_calls[0].function.name, done.choices[0].message.tool_calls[0].function.arguments) == (
        "look",
        '{"a": 1}',
    )


async def test_models_are_listed(client: openai.AsyncOpenAI) -> None:
    assert [model.id async for model in client.models.list()] == ["scripted"]


@pytest.mark.parametrize("encoding", ["float", "base64", None])
async def test_embeddings_are_the_same_each_time_and_near_for_near_texts(client: openai.AsyncOpenAI, encoding: Any) -> None:  # noqa: ANN401
    more = {"encoding_format": encoding} if encoding else {}
    texts = ["assert failed in the cart test", "the cart test failed: assert", "no space left on device"]
    done = await client.embeddings.create(model="scripted", input=texts, **more)
    got = [item.embedding for item in done.data]
    if encoding != "base64":
        a, b, c = got
        assert a == pytest.approx(embed(texts[0]), abs=1e-6)
        assert sum(x * y for x, y in zip(a, b, strict=True)) > sum(x * y for x, y in zip(a, c, strict=True)) + 0.3
    assert done.usage.prompt_tokens > 0


async def test_a_key_is_asked_for_where_there_is_one() -> None:
    endpoint = await ScriptedModel.start(api_key="right")
    http = openai.DefaultAsyncHttpxClient(trust_env=False)
    async with openai.AsyncOpenAI(base_url=endpoint.base_url, api_key="wrong", max_retries=0, http_client=http) as client:
        with pytest.raises(openai.AuthenticationError):
            await ask(client, HELLO)
    await endpoint.close()


async def test_an_unknown_address_is_not_there(endpoint: ScriptedModel, client: openai.AsyncOpenAI) -> None:
    with pytest.raises(openai.NotFoundError):
        await client.files.list()
    assert endpoint.requests[0].status == 404


CALL = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
ASKS = {"role": "assistant", "content": None, "tool_calls": [CALL]}
TELLS = {"role": "tool", "tool_call_id": "c1", "content": "seen"}
EVERYTHING = frozenset({"json_schema", "json_object", "tools", "tools_with_format", "max_tokens", "temperature"})


def schema(node: dict[str, Any]) -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"name": "a", "strict": True, "schema": node}}


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"messages": [*HELLO, ASKS, TELLS]}, ""),
        ({"messages": [*HELLO, TELLS]}, "must be a response to a preceding message"),
        ({"messages": [*HELLO, ASKS]}, "does not end with something to answer"),
        ({"messages": [*HELLO, ASKS, *HELLO]}, "must be followed by tool messages"),
        ({"messages": [*HELLO, ASKS, TELLS, TELLS]}, "must be a response"),
        ({"messages": []}, "does not end"),
        ({"messages": [{"role": "robot", "content": "x"}]}, "Invalid role"),
        ({"messages": None}, "required"),
        ({"response_format": schema({"type": "object", "properties": {}})}, "'additionalProperties' is required"),
        (
            {"response_format": schema({"type": "object", "properties": {"a": {}}, "additionalProperties": False})},
            "'required' must",
        ),
        (
            {
                "response_format": schema(
                    {
                        "type": "object",
                        "properties": {"a": {"type": "array", "items": {"type": "object"}}},
                        "required": ["a"],
                        "additionalProperties": False,
                    }
                )
            },
            "in the schema.a.item, 'additionalProperties'",
        ),
    ],
)
def test_what_a_real_endpoint_refuses_is_refused(body: dict[str, Any], wrong: str) -> None:
    said = complaint({"model": "scripted", "messages": HELLO, **body}, EVERYTHING)
    assert wrong in said
    assert bool(said) == bool(wrong)
