"""Health, metrics, request ids, the shape of errors, and an orderly stop."""

import asyncio
import json
import re

import pytest
import structlog
from aiohttp import ClientConnectorError, ClientSession, web

from app.domain.work import WorkCounts
from app.web.health import Probes
from app.web.server import build_app, serve
from app.web.webhooks import Intake
from storage.inbox import Delivery, InboxCounts, Stored
from tests.web.conftest import Door, body_of


@pytest.mark.parametrize("prefix", ["", "/api/v1"])
async def test_health_answers_as_long_as_the_process_lives(door: Door, prefix: str) -> None:
    door.broken |= {"database", "engine"}
    status, text = await door.get(f"{prefix}/health")
    assert (status, json.loads(text)) == (200, {"success": True, "status": "ok", "version": "1.2.3"})


@pytest.mark.parametrize("prefix", ["", "/api/v1"])
async def test_ready_names_the_parts_that_do_not_work_without_giving_them_away(door: Door, prefix: str) -> None:
    status, text = await door.get(f"{prefix}/health/ready")
    assert (status, json.loads(text)["success"]) == (200, True)
    door.broken.add("database")
    status, text = await door.get(f"{prefix}/health/ready")
    assert status == 503
    assert json.loads(text)["error"]["details"] == {"inbox": "ok", "engine": "ok", "database": "ConnectionError"}
    assert "password" not in text


@pytest.mark.parametrize("prefix", ["", "/api/v1"])
async def test_metrics_count_deliveries_by_result_and_what_is_open(door: Door, prefix: str) -> None:
    for action in ("completed", "completed", "requested"):
        await door.post(body_of(action=action))
    await door.post(body_of(), {"X-Hub-Signature-256": None})
    await door.post(b"{}", {"X-GitHub-Event": "ping"})
    status, text = await door.get(f"{prefix}/metrics")
    assert status == 200
    numbers = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    assert {name: float(number) for name, number in numbers.items() if "_total" in name} == {
        'devflowfix_deliveries_total{result="new"}': 2,
        'devflowfix_deliveries_total{result="dropped"}': 1,
        'devflowfix_deliveries_total{result="bad_signature"}': 1,
        'devflowfix_deliveries_total{result="ping"}': 1,
    }
    assert float(numbers['devflowfix_inbox_deliveries{state="received"}']) == 2
    assert float(numbers['devflowfix_inbox_deliveries{state="done"}']) == 0
    assert 0 < float(numbers["devflowfix_oldest_unhandled_delivery_seconds"]) < 30
    assert [float(numbers[f'devflowfix_runs{{state="{state}"}}']) for state in ("running", "queued", "delayed", "failed")] == [
        1,
        2,
        3,
        4,
    ]
    assert float(numbers["devflowfix_oldest_queued_run_seconds"]) == 5.5


@pytest.mark.parametrize(
    ("given", "kept"), [("abc-1", True), (None, False), ("", False), ("a b", False), ("x" * 65, False), ("a\u00e9", False)]
)
async def test_every_answer_carries_a_request_id(door: Door, given: str | None, *, kept: bool) -> None:
    headers = {} if given is None else {"X-Request-Id": given}
    async with door.session.get(f"{door.url}/nowhere", headers=headers) as answer:
        assert answer.status == 404
        assert (await answer.json())["error"] == {"code": "not_found", "message": "Not Found", "details": {}}
        request_id = answer.headers["X-Request-Id"]
    assert request_id == given if kept else re.fullmatch("[0-9a-f]{32}", request_id)


async def test_the_request_id_stands_in_the_log_and_an_unexpected_error_stays_inside(door: Door) -> None:
    with structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        async with door.session.get(f"{door.url}/fault", headers={"X-Request-Id": "me-1"}) as answer:
            assert answer.status == 500
            assert "a secret" not in await answer.text()
            assert answer.headers["X-Request-Id"] == "me-1"
    assert [(line["event"], line["request_id"]) for line in lines] == [("request failed", "me-1")]


async def test_stopping_lets_requests_under_way_finish() -> None:
    begun, gate = asyncio.Event(), asyncio.Event()

    async def store(_delivery: Delivery) -> Stored:
        return Stored.NEW

    async def inbox() -> InboxCounts:
        return InboxCounts(states={}, oldest_open=0.0)

    async def work() -> WorkCounts:
        return WorkCounts(running=0, queued=0, delayed=0, failed=0, oldest_queued=0.0)

    async def slow(_request: web.Request) -> web.Response:
        begun.set()
        await gate.wait()
        return web.Response(text="finished")

    intake = Intake(secrets=["s"], store=store, handled=lambda _event, _payload: True, arrived=lambda: None)
    app = build_app(intake=intake, probes=Probes(version="1", inbox=inbox, work=work), routes=[web.get("/slow", slow)])
    runner = await serve(app, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    async with ClientSession() as session:
        asking = asyncio.create_task(session.get(f"{url}/slow"))
        await begun.wait()
        stopping = asyncio.create_task(runner.cleanup())
        await asyncio.sleep(0.05)
        with pytest.raises(ClientConnectorError):
            await session.get(f"{url}/health")
        gate.set()
        assert await (await asking).text() == "finished"
        await stopping


def test_secrets_do_not_show_when_the_intake_is_printed() -> None:
    async def store(_delivery: Delivery) -> Stored:
        return Stored.NEW

    intake = Intake(secrets=["hush"], store=store, handled=lambda _event, _payload: True, arrived=lambda: None)
    assert "hush" not in repr(intake)
