"""The two shapes of every JSON answer."""

import re
from typing import Any

from aiohttp import web

_WORD = re.compile(r"[^a-z]+")


def success(status: int = 200, /, **fields: Any) -> web.Response:  # noqa: ANN401 - whatever the route has to say
    """Answer ``{"success": true, …}``."""
    return web.json_response({"success": True, **fields}, status=status)


def failure(status: int, code: str, message: str, /, **details: Any) -> web.Response:  # noqa: ANN401 - as above
    """Answer ``{"success": false, "error": {"code", "message", "details"}}``."""
    return web.json_response({"success": False, "error": {"code": code, "message": message, "details": details}}, status=status)


def from_http_error(error: web.HTTPException) -> web.Response:
    """Give what aiohttp refuses by itself (unknown path, wrong method) the shape of our own refusals."""
    answer = failure(error.status, _WORD.sub("_", error.reason.lower()).strip("_"), error.reason)
    if "Allow" in error.headers:
        answer.headers["Allow"] = error.headers["Allow"]
    return answer
