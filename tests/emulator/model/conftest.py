"""A scripted endpoint and OpenAI's own client, so that the stand-in is held to what that client expects."""

from collections.abc import AsyncIterator

import openai
import pytest_asyncio

from app.emulator.model.endpoint import ScriptedModel


@pytest_asyncio.fixture
async def endpoint() -> AsyncIterator[ScriptedModel]:
    one = await ScriptedModel.start()
    yield one
    await one.close()


@pytest_asyncio.fixture
async def client(endpoint: ScriptedModel) -> AsyncIterator[openai.AsyncOpenAI]:
    http = openai.DefaultAsyncHttpxClient(trust_env=False)
    async with openai.AsyncOpenAI(base_url=endpoint.base_url, api_key="any", max_retries=0, http_client=http) as one:
        yield one
