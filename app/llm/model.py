"""A model behind any OpenAI-compatible endpoint: one question, one turn or a stated trouble, never an exception of the client.

The only module that imports openai. The client retries nothing, follows no redirect and heeds no proxy of the environment; the
engine decides about trying again. What an endpoint does not take is learnt from its refusal and left out from then on.
"""

import asyncio
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import openai

from app.domain.model.completion import Sent, read_completion
from app.domain.model.dialect import Dialect, Question, asked_in, payload, simpler
from app.domain.model.refusal import Refused, sentence_of, trouble_of
from app.domain.model.spending import Price
from app.domain.model.talk import ModelTrouble, Turn

_MOST_LESSONS = 6  # refusals of one question that are learnt from: there are no more fields to leave out
_TEACHING = frozenset({400, 422, 500, 501})


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAccess:
    """Where a model is and how it is asked. ``price`` is null where it is not known; ``seconds`` bound one answer."""

    base_url: str
    name: str
    api_key: str = field(default="", repr=False)
    price: Price | None = None
    seconds: float = 120.0
    answer_tokens: int = 8000  # the longest answer
    temperature: float | None = 0.2


class Model:
    """A model that can be asked. Make it inside the running loop, close it at the end."""

    def __init__(self, access: ModelAccess, dialect: Dialect | None = None) -> None:
        self.access = access
        self.dialect = dialect or Dialect()
        self._client = openai.AsyncOpenAI(
            base_url=access.base_url,
            api_key=access.api_key or "none",  # local endpoints ask for none, the client insists on some
            admin_api_key="",
            http_client=openai.DefaultAsyncHttpxClient(trust_env=False, follow_redirects=False, timeout=access.seconds),
            max_retries=0,
            timeout=access.seconds,
        )
        # The client fills these from the environment: what a variable says of OpenAI is not this endpoint's business.
        self._client.organization = self._client.project = None

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def complete(self, question: Question) -> Turn | ModelTrouble:
        """Ask once. What the endpoint refuses to take is left out, and the question is put again without it."""
        prompt, began, lessons = sum(message.tokens for message in question.messages), time.monotonic(), 0
        dialect = self.dialect
        while True:
            body = payload(dialect, question, self.access.name, self.access.temperature)
            got = await self._send(body)
            sent = Sent(prompt_tokens=prompt, seconds=time.monotonic() - began, asked=asked_in(dialect, question))
            if isinstance(got, str):
                self.dialect = dialect  # kept only now: a refusal may name a field and mean something else
                return read_completion(got, sent)
            learnt = simpler(dialect, body, (sentence_of(got.words) or got.words).lower()) if got.status in _TEACHING else None
            if learnt is None or lessons >= _MOST_LESSONS:
                return trouble_of(got, sent, datetime.now(UTC))
            dialect, lessons = learnt, lessons + 1

    async def _send(self, body: dict[str, Any]) -> str | Refused:
        """Send one request; give the text of the answer, whatever it is, or how it failed."""
        try:
            async with asyncio.timeout(self.access.seconds):
                raw = await self._client.chat.completions.with_raw_response.create(**body)
                return str(raw.http_response.text)
        except (TimeoutError, openai.APITimeoutError):
            return Refused(status=408, words=f"no answer within {self.access.seconds:.0f} s")
        except openai.APIStatusError as error:
            headers = {name.lower(): value for name, value in error.response.headers.items()}
            return Refused(status=error.status_code, words=error.response.text[:2000], code=error.code or "", headers=headers)
        except openai.APIConnectionError as error:
            return Refused(status=0, words=str(error.__cause__ or error))
