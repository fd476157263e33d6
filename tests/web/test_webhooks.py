"""The webhook door: what is let in, what is refused, and that refused ones leave nothing behind."""

import asyncio
import secrets
import socket
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.web.webhooks import MOST_BYTES, PATHS, account_of, signed
from storage.inbox import State
from tests.web.conftest import NEW_SECRET, OLD_SECRET, Door, body_of, sign


@pytest.mark.parametrize("path", PATHS)
async def test_a_delivery_is_acknowledged_once_it_is_stored(door: Door, path: str) -> None:
    body = body_of()
    status, answer = await door.post(body, {"X-GitHub-Delivery": "guid-1"}, path)
    assert (status, answer) == (202, {"success": True, "delivery": "guid-1", "result": "new", "reason": ""})
    stored = await door.inbox.read("guid-1")
    assert stored is not None
    assert (stored.event, stored.action, stored.installation_id, stored.repository_id, stored.account_login, stored.body) == (
        "workflow_run", "completed", 7, 11, "Octo", body
    )  # fmt: skip
    assert door.arrived == ["arrived"]


SIGNATURES = {
    "the new secret's": (sign(body_of()), 202),
    "the old secret's, while rotating": (sign(body_of(), OLD_SECRET), 202),
    "none": (None, 401),
    "empty": ("", 401),
    "another secret's": (sign(body_of(), secrets.token_hex(16)), 401),
    "another body's": (sign(b"{}"), 401),
    "without its name": (sign(body_of()).removeprefix("sha256="), 401),
    "in capitals": (sign(body_of()).upper(), 401),
    "cut short": (sign(body_of())[:-1], 401),
    "sha1 under the right header": (sign(body_of(), algorithm="sha1"), 401),
    "not ASCII": ("sha256=ü" + sign(body_of())[8:], 401),
}


@pytest.mark.parametrize("which", SIGNATURES)
async def test_only_the_right_signature_is_let_in(door: Door, which: str) -> None:
    signature, expected = SIGNATURES[which]
    status, answer = await door.post(body_of(), {"X-Hub-Signature-256": signature})
    assert status == expected
    assert await door.stored() == (1 if expected == 202 else 0)
    if expected == 401:
        assert answer["success"] is False
        assert answer["error"]["code"] == "bad_signature"


async def test_a_sha1_signature_alone_is_not_enough(door: Door) -> None:
    body = body_of()
    status, _ = await door.post(body, {"X-Hub-Signature-256": None, "X-Hub-Signature": sign(body, algorithm="sha1")})
    assert status == 401


def test_githubs_own_example_is_verified() -> None:
    signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    assert signed(b"Hello, World!", signature, ["It's a Secret to Everybody"])
    assert not signed(b"Hello, World?", signature, ["It's a Secret to Everybody"])
    assert not signed(b"Hello, World!", signature, [])


@given(st.binary(max_size=200), st.text(max_size=100))
def test_no_made_up_signature_is_let_in_and_none_breaks_the_check(body: bytes, signature: str) -> None:
    assert not signed(body, signature, [NEW_SECRET])
    assert signed(body, sign(body), [OLD_SECRET, NEW_SECRET])


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415, "unsupported_media_type"),
        ({"Content-Type": "text/plain"}, 415, "unsupported_media_type"),
        ({"Content-Type": None}, 415, "unsupported_media_type"),
        ({"Content-Encoding": "identity"}, 415, "unsupported_media_type"),
        ({"Content-Type": "text/plain", "X-Hub-Signature-256": None}, 415, "unsupported_media_type"),
        ({"X-GitHub-Event": None, "X-Hub-Signature-256": None}, 401, "bad_signature"),
        ({"X-GitHub-Event": None}, 400, "bad_header"),
        ({"X-GitHub-Delivery": None}, 400, "bad_header"),
        ({"X-GitHub-Event": "Push!"}, 400, "bad_header"),
        ({"X-GitHub-Delivery": "a b"}, 400, "bad_header"),
        ({"X-GitHub-Delivery": "a" * 101}, 400, "bad_header"),
    ],
)
async def test_what_is_not_a_delivery_is_refused(door: Door, headers: dict[str, str | None], status: int, code: str) -> None:
    given_status, answer = await door.post(body_of(), headers)
    assert (given_status, answer["success"], answer["error"]["code"]) == (status, False, code)
    assert set(answer["error"]) == {"code", "message", "details"}
    assert await door.stored() == 0
    assert door.arrived == []


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b"null", b'"text"', b"\xff", b"[" * 100_000, b'{"a": ' + b"9" * 5000 + b"}"])
async def test_a_signed_body_that_is_no_json_object_is_refused(door: Door, body: bytes) -> None:
    status, answer = await door.post(body)
    assert (status, answer["error"]["code"]) == (400, "bad_json")
    assert await door.stored() == 0


async def test_a_json_content_type_may_name_its_character_set(door: Door) -> None:
    status, _ = await door.post(body_of(), {"Content-Type": "application/json; charset=utf-8"})
    assert status == 202


async def test_a_body_of_25_mb_is_taken(door: Door) -> None:
    body = body_of(filler="")
    body = body[:-2] + b"x" * (MOST_BYTES - len(body)) + body[-2:]
    assert len(body) == MOST_BYTES
    status, _ = await door.post(body, {"X-GitHub-Delivery": "large"})
    assert status == 202
    stored = await door.inbox.read("large")
    assert stored is not None
    assert stored.body == body


async def test_one_byte_more_is_refused(door: Door) -> None:
    status, answer = await door.post(b" " * (MOST_BYTES + 1), {"X-Hub-Signature-256": None})
    assert (status, answer["error"]["code"]) == (413, "too_large")
    assert await door.stored() == 0


async def test_a_body_of_unknown_length_is_not_read_further_than_allowed(door: Door) -> None:
    address = urlsplit(door.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    head = "POST /webhooks/github HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    writer.write(head.encode())
    chunk = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
    for _ in range(26):
        writer.write(chunk)
        await writer.drain()
    assert b" 413 " in await reader.readline()  # although the body never ended
    writer.close()


async def test_a_ping_is_answered_and_not_stored(door: Door) -> None:
    status, answer = await door.post(b'{"zen": "Keep it simple.", "hook_id": 1}', {"X-GitHub-Event": "ping"})
    assert (status, answer["success"]) == (200, True)
    assert await door.stored() == 0


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"X-GitHub-Event": "star"}, body_of()),
        ({}, body_of(action="requested")),
        ({}, b"{}"),
        ({}, body_of(action=["completed"])),
    ],
)
async def test_what_nobody_handles_is_recorded_without_its_body(door: Door, headers: dict[str, str | None], body: bytes) -> None:
    status, answer = await door.post(body, headers | {"X-GitHub-Delivery": "guid"})
    assert (status, answer["result"], answer["reason"]) == (202, "dropped", "nobody handles it")
    stored = await door.inbox.read("guid")
    assert stored is not None
    assert (stored.state, stored.body) == (State.DROPPED, None)
    assert door.arrived == []


class TestWithAllowedAccounts:
    @pytest.fixture
    def allowed_accounts(self) -> frozenset[str]:
        return frozenset({"octo"})

    @pytest.mark.parametrize(
        ("more", "result"),
        [
            ({}, "new"),
            ({"repository": {"owner": {"login": "OCTO"}}}, "new"),
            ({"repository": {"owner": {"login": "other"}}}, "dropped"),
            ({"repository": None}, "dropped"),
            ({"repository": None, "installation": {"account": {"login": "octo"}}}, "new"),
            ({"repository": {"owner": {"login": "other"}}, "installation": {"account": {"login": "octo"}}}, "dropped"),
        ],
    )
    async def test_deliveries_of_other_accounts_are_dropped(self, door: Door, more: dict[str, object], result: str) -> None:
        status, answer = await door.post(body_of(**more))
        assert (status, answer["result"]) == (202, result)


async def test_a_redelivered_guid_is_told_from_a_finished_one(door: Door) -> None:
    results = [(await door.post(body_of(), {"X-GitHub-Delivery": "guid"}))[1]["result"] for _ in range(2)]
    await door.inbox.done("guid")
    status, answer = await door.post(body_of(), {"X-GitHub-Delivery": "guid"})
    assert [*results, answer["result"]] == ["new", "unfinished", "finished"]
    assert status == 202
    assert len(door.arrived) == 2


async def test_doubled_deliveries_at_the_same_time_are_one(door: Door) -> None:
    answers = await asyncio.gather(*(door.post(body_of(), {"X-GitHub-Delivery": "guid"}) for _ in range(8)))
    assert [status for status, _ in answers] == [202] * 8
    assert sorted(answer["result"] for _, answer in answers) == ["new"] + ["unfinished"] * 7
    assert await door.stored() == 1


async def test_what_cannot_be_stored_is_not_acknowledged(door: Door) -> None:
    door.broken.add("inbox")
    status, answer = await door.post(body_of())
    assert (status, answer["error"]["code"]) == (503, "not_stored")
    assert "secret" not in str(answer)
    door.broken.clear()
    assert (await door.post(body_of()))[0] == 202


@pytest.mark.parametrize("login", ["a\x00b", "\ud800", 5, None, ["octo"], "a" * 101, ""])
async def test_a_strange_account_name_is_not_one(login: object) -> None:
    assert account_of({"repository": {"owner": {"login": login}}}) == ""


@pytest.mark.parametrize("number", [2**63, -1, "7", 1.5, None])
async def test_a_strange_id_is_not_one(door: Door, number: object) -> None:
    status, _ = await door.post(body_of(installation={"id": number}), {"X-GitHub-Delivery": "guid"})
    stored = await door.inbox.read("guid")
    assert stored is not None
    assert (status, stored.installation_id) == (202, None)


async def test_a_client_that_leaves_in_the_middle_disturbs_nobody(door: Door) -> None:
    address = urlsplit(door.url)
    with socket.create_connection((address.hostname or "", address.port or 0)) as client:
        client.sendall(
            b"POST /webhooks/github HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
        )
    assert (await door.post(body_of()))[0] == 202
    assert 'devflowfix_deliveries_total{result="incomplete"} 1.0' in (await door.get("/metrics"))[1]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_the_door_takes_posts_only(door: Door, method: str) -> None:
    async with door.session.request(method, door.url + PATHS[0]) as answer:
        assert answer.status == 405
        assert answer.headers["Allow"] == "POST"
        assert (await answer.json())["error"]["code"] == "method_not_allowed"
