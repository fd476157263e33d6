"""What an endpoint's refusal means: by its status, and by the code in its body where one status means two things."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from app.domain.model.completion import Sent
from app.domain.model.talk import ModelTrouble, TroubleKind

_LONGEST_WAIT = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """An answer with an error status (408 for none in time, 0 for no connection), its body or the error's words, its headers."""

    status: int
    words: str
    code: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)  # names in lower case


_SENTENCES = {
    TroubleKind.TIMEOUT: "The model did not answer in time",
    TroubleKind.UNAVAILABLE: "The model endpoint cannot be reached or does not work",
    TroubleKind.LIMITED: "The model endpoint takes no more requests for now",
    TroubleKind.UNAUTHORIZED: "The model endpoint does not accept the key",
    TroubleKind.NOT_AN_ENDPOINT: "The model's address is no OpenAI-compatible endpoint, or it does not have this model",
    TroubleKind.REJECTED: "The model endpoint does not take the request",
    TroubleKind.REFUSED: "The model endpoint's filter would not let the request pass",
}


def trouble_of(refused: Refused, sent: Sent, now: datetime) -> ModelTrouble:
    """Say what an error status means; a date in ``retry-after`` is held against ``now``."""
    kind = _kind(refused)
    words = _short(sentence_of(refused.words))
    about = f" ({refused.status})" if refused.status not in {0, 408} else ""
    return ModelTrouble(
        kind=kind,
        sentence=f"{_SENTENCES[kind]}{about}{f': {words}' if words else ''}".rstrip(".") + ".",
        retry_after=_wait(refused.headers, now),
        seconds=sent.seconds,
        asked=sent.asked,
        received=refused.words[:500],
    )


def _kind(refused: Refused) -> TroubleKind:
    if "content_filter" in refused.code or "content_policy" in refused.code:
        return TroubleKind.REFUSED
    known = {
        **dict.fromkeys((401, 403), TroubleKind.UNAUTHORIZED),
        **dict.fromkeys((404, 405, 410), TroubleKind.NOT_AN_ENDPOINT),
        **dict.fromkeys((408, 504), TroubleKind.TIMEOUT),
        **dict.fromkeys((0, 409, 425), TroubleKind.UNAVAILABLE),
        **dict.fromkeys((402, 429), TroubleKind.LIMITED),  # 402: the account's money is used up
    }
    if refused.status in known:
        return known[refused.status]
    if refused.status < 400:
        return TroubleKind.NOT_AN_ENDPOINT  # a redirect: it is not followed, because the key would travel with it
    return TroubleKind.UNAVAILABLE if refused.status >= 500 else TroubleKind.REJECTED


def sentence_of(body: str) -> str:
    """Find the sentence in an error's body: OpenAI's shape, FastAPI's, or text that is no page; empty where there is none."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        told = "" if body.lstrip().startswith("<") else body
    for key in ("error", "message", "detail"):
        told = told.get(key, told) if isinstance(told, dict) else told
    return " ".join(told.split()) if isinstance(told, str) else ""


def _short(line: str) -> str:
    return line if len(line) <= 200 else line[:200] + " …"


def _wait(headers: Mapping[str, str], now: datetime) -> float | None:
    """Read for how long not to ask again, in seconds: milliseconds, seconds or a date; null where nothing is said."""
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        said = headers.get(name, "").strip()
        if said.isascii() and said.replace(".", "", 1).isdigit():
            return min(float(said) / unit, _LONGEST_WAIT)
    return _until(headers.get("retry-after", ""), now)


def _until(said: str, now: datetime) -> float | None:
    try:
        date = parsedate_to_datetime(said)
    except ValueError:
        return None
    date = date if date.tzinfo else date.replace(tzinfo=UTC)
    return min(max(0.0, (date - now).total_seconds()), _LONGEST_WAIT)
