"""One role's requests that wait for the database leave the other roles theirs (SPEC 15, 16)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import httpx
import psycopg
import pytest

from arcadia_app.http.app import HttpOptions
from arcadia_app.http.rooms import RoomOptions
from arcadia_domain.ports.doors import Rate
from tests.integration.http.conftest import Api, running
from tests.integration.servers import Database

PATH = "/api/v1/deployments"
LLM = "/api/v1/integrations/llm-usage"
SIZE = RoomOptions().size
CROWD = 30
PROMPT = 3.0
"""Seconds in which whoever is not in the way of the crowd is answered; the crowd is there for longer."""
PATIENCE = 30

Send = Callable[[httpx.Client, str], httpx.Response]


def transition(ann: httpx.Client, pilot: str) -> httpx.Response:
    return ann.post(f"{PATH}/{pilot}/transition", json={"to": "paused"})


def transition_under_a_key(ann: httpx.Client, pilot: str) -> httpx.Response:
    key = {"Idempotency-Key": str(time.perf_counter_ns())}
    return ann.post(f"{PATH}/{pilot}/transition", json={"to": "paused"}, headers=key)


def read(ann: httpx.Client, pilot: str) -> httpx.Response:
    return ann.get(f"{PATH}/{pilot}")


def deployed(api: Api) -> str:
    made = api.client().post(PATH, json={"slug": "pilot", "display_name": "Pilot", "region": "syd1"})
    return str(made.json()["id"])


def called(pilot: str) -> dict[str, Any]:
    return {
        "gateway_request_id": "r1",
        "deployment_id": pilot,
        "model": "a-model",
        "input_tokens": 100,
        "output_tokens": 20,
        "charge": "0.0123",
        "currency": "AUD",
        "occurred_at": "2026-04-10T12:00:00Z",
    }


@contextmanager
def crowd(
    database: Database, api: Api, pilot: str, send: Send, lock: str, *, many: int = CROWD
) -> Iterator[list[httpx.Response]]:
    """Many requests of one tenant, as many of them as may waiting for a lock until the block ends; their
    answers, after it.
    """
    answers: list[httpx.Response] = []
    ann = api.bare(Authorization=api.client().headers["Authorization"])
    with (
        psycopg.connect(database.owner_url) as holder,
        psycopg.connect(database.owner_url, autocommit=True) as watcher,
        ThreadPoolExecutor(many) as pool,
    ):
        holder.execute(lock.encode())
        sent = [pool.submit(send, ann, pilot) for _ in range(many)]
        try:
            until_waiting(watcher, min(many, SIZE))
            yield answers
        finally:
            holder.rollback()
        answers += [one.result(PATIENCE) for one in sent]


def until_waiting(watcher: psycopg.Connection[Any], many: int) -> None:
    """Until so many wait for a lock."""
    waiting = "SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted"
    deadline = time.monotonic() + PATIENCE
    while watcher.execute(waiting).fetchone() != (many,):
        assert time.monotonic() < deadline


ROW = "SELECT FROM cloud_deployments FOR NO KEY UPDATE"
TABLE = "LOCK TABLE cloud_deployment_events IN ACCESS EXCLUSIVE MODE"


@pytest.mark.parametrize(
    ("send", "lock"),
    [(transition, ROW), (transition_under_a_key, ROW), (read, TABLE)],
    ids=["post", "post under a key", "get"],
)
def test_usage_is_recorded_and_operators_are_answered_while_a_tenant_waits_for_a_row(
    api_database: Database, api: Api, send: Send, lock: str
) -> None:
    pilot = deployed(api)
    gateway, olga = api.gateway(), api.admin()
    with crowd(api_database, api, pilot, send, lock) as answers:
        usage = gateway.post(LLM, json={"events": [called(pilot)]}, timeout=PROMPT)
        assert (usage.status_code, usage.json()["accepted"]) == (200, 1)
        alone = gateway.post(LLM, json=called(pilot), timeout=PROMPT)
        assert (alone.status_code, alone.json()["duplicates"]) == (200, 1)
        assert olga.get("/api/v1/jobs", timeout=PROMPT).status_code == 200
    assert len(answers) == CROWD
    assert {one.status_code for one in answers} <= {200, 422, 503}


def test_who_waits_too_long_for_room_is_told_that_the_database_is_busy(api_database: Database) -> None:
    options = HttpOptions(rooms=RoomOptions(wait=0.2))
    with running(api_database, options) as api:
        pilot = deployed(api)
        with crowd(api_database, api, pilot, transition, ROW, many=SIZE):
            for refused in (read(api.client(), pilot), transition(api.client(), pilot)):
                assert (refused.status_code, refused.json()["code"]) == (503, "database_busy")
                assert refused.headers["Retry-After"] == "1"
        assert read(api.client(), pilot).status_code == 200


def test_the_rate_limit_has_its_place_in_the_tenants_room(api_database: Database) -> None:
    with running(api_database, HttpOptions(rate=Rate(1000, timedelta(minutes=1)))) as api:
        pilot = deployed(api)
        lock = "LOCK TABLE rate_limits IN ACCESS EXCLUSIVE MODE"
        with crowd(api_database, api, pilot, read, lock):
            usage = api.gateway().post(LLM, json=called(pilot), timeout=PROMPT)
            assert (usage.status_code, usage.json()["accepted"]) == (200, 1)


def test_a_slow_client_keeps_no_place(api_database: Database) -> None:
    with running(api_database, HttpOptions(rooms=RoomOptions(size=1, wait=0.2))) as api:
        pilot, olga = deployed(api), api.admin()

        def slowly() -> Iterator[bytes]:
            yield b'{"display_name": '
            assert read(api.admin(), pilot).status_code == 200  # while the other's body is on its way
            yield b'"Renamed"}'

        headers = {"Content-Type": "application/json", "If-Match": read(olga, pilot).headers["ETag"]}
        renamed = olga.patch(f"{PATH}/{pilot}", content=slowly(), headers=headers)
        assert (renamed.status_code, renamed.json()["display_name"]) == (200, "Renamed")
