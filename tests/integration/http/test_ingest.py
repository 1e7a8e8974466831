"""LLM usage and pushed usage over HTTP: each event once, a verdict for each, told when stored (SPEC 7, 8)."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import psycopg
import pytest

from tests.integration.http.conftest import Api
from tests.integration.servers import Database

LLM = "/api/v1/integrations/llm-usage"
USAGE = "/api/v1/integrations/usage"
DEPLOYMENTS = "/api/v1/deployments"

EMPTY: dict[str, Any] = {"accepted": 0, "duplicates": 0, "conflicts": [], "rejected": []}
ACCEPTED = {**EMPTY, "accepted": 1}
DUPLICATE = {**EMPTY, "duplicates": 1}


@pytest.fixture
def pilot(api: Api) -> str:
    """The id of acme's deployment."""
    made = api.client("acme").post(
        DEPLOYMENTS, json={"slug": "pilot", "display_name": "Pilot", "region": "syd1"}
    )
    return str(made.json()["id"])


@pytest.fixture
def gateway(api: Api) -> httpx.Client:
    return api.gateway()


@pytest.fixture
def owner(api_database: Database) -> Iterator[psycopg.Connection[Any]]:
    """Looks into the tables."""
    with psycopg.connect(api_database.operator_url, autocommit=True) as connection:
        yield connection


def call(pilot: str, request_id: str = "r1", **facts: Any) -> dict[str, Any]:
    """A priced event."""
    return {
        "gateway_request_id": request_id,
        "deployment_id": pilot,
        "model": "a-model",
        "input_tokens": 100,
        "output_tokens": 20,
        "charge": "0.0123",
        "currency": "AUD",
        "occurred_at": "2026-04-10T12:00:00Z",
        **facts,
    }


def used(pilot: str, event_id: str = "e1", **facts: Any) -> dict[str, Any]:
    """Some usage."""
    return {
        "event_id": event_id,
        "deployment_id": pilot,
        "resource_kind": "bandwidth_gb",
        "qty": "1.5",
        "occurred_at": "2026-04-10T12:00:00Z",
        **facts,
    }


def count(owner: psycopg.Connection[Any], table: str) -> int:
    row = owner.execute(f"SELECT count(*) FROM {table}").fetchone()
    assert row is not None
    return int(row[0])


def refused(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["Content-Type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["code"]


def test_one_event_is_recorded_once_however_its_payload_is_written(
    gateway: httpx.Client, pilot: str, owner: psycopg.Connection[Any]
) -> None:
    first = gateway.post(LLM, json=call(pilot, charge="1.50"))
    assert (first.status_code, first.json()) == (200, ACCEPTED)
    again = call(pilot.upper(), charge="1.5", occurred_at="2026-04-10T22:00:00+10:00")
    assert gateway.post(LLM, json=again).json() == DUPLICATE
    assert gateway.post(LLM, json={"events": [again]}).json() == DUPLICATE
    assert count(owner, "llm_usage_events") == 1


def test_the_same_id_with_another_payload_is_a_conflict_and_never_overwrites(
    gateway: httpx.Client, pilot: str, owner: psycopg.Connection[Any]
) -> None:
    gateway.post(LLM, json=call(pilot))
    other = call(pilot, charge="9")
    assert refused(gateway.post(LLM, json=other)) == (409, "event_conflict")
    batch = gateway.post(LLM, json={"events": [other, call(pilot, "r2")]}).json()
    assert batch == {**EMPTY, "accepted": 1, "conflicts": ["r1"]}
    charges = owner.execute("SELECT charge::text FROM llm_usage_events").fetchall()
    assert charges == [("0.01230000",)] * 2


def test_each_event_of_a_batch_has_its_own_verdict(gateway: httpx.Client, pilot: str) -> None:
    stranger = str(uuid.uuid4())
    later = (datetime.now(UTC) + timedelta(minutes=6)).isoformat()
    events = [
        call(pilot, "good"),
        call(pilot, "tokens", input_tokens="100"),
        call(stranger, "nobodys"),
        call(pilot, "yen", currency="JPY"),
        call(pilot, "later", occurred_at=later),
        call(pilot, "epoch", occurred_at="1970-01-01T00:00:00Z"),
        {"surprise": True},
        call(pilot, "good"),
        call(pilot, "good", charge="2"),
    ]
    answer = gateway.post(LLM, json={"events": events})
    assert answer.status_code == 200
    told = answer.json()
    assert (told["accepted"], told["duplicates"], told["conflicts"]) == (1, 1, ["good"])
    assert [(one["index"], one["gateway_request_id"], one["code"]) for one in told["rejected"]] == [
        (1, "tokens", "invalid_body"),
        (2, "nobodys", "deployment_not_found"),
        (3, "yen", "mixed_currencies"),
        (4, "later", "occurred_in_future"),
        (5, "epoch", "date_out_of_range"),
        (6, None, "invalid_body"),
    ]
    assert told["rejected"][0]["detail"] == "input_tokens: expected `int`, got `str`"
    assert gateway.post(LLM, json={"events": [call(pilot, "tokens")]}).json() == ACCEPTED


@pytest.mark.parametrize(
    ("facts", "status", "code"),
    [
        ({"deployment_id": "0199c1a2-6f3e-7c41-b0a5-1c2d3e4f5a6b"}, 422, "deployment_not_found"),
        ({"currency": "JPY"}, 422, "mixed_currencies"),
        ({"occurred_at": "2098-04-10T12:00:00Z"}, 422, "occurred_in_future"),
        ({"occurred_at": "1999-12-31T23:59:59Z"}, 422, "date_out_of_range"),
        ({"occurred_at": "0001-01-01T00:00:00+23:59"}, 422, "date_out_of_range"),
        ({"occurred_at": "2026-04-10T12:00:00"}, 422, "invalid_body"),
        ({"charge": 0.0123}, 422, "invalid_body"),
        ({"charge": "-1"}, 422, "invalid_body"),
        ({"charge": "0.123456789"}, 422, "invalid_body"),
        ({"gateway_request_id": ""}, 422, "invalid_body"),
        ({"gateway_request_id": "a\0b"}, 422, "invalid_body"),
        ({"input_tokens": -1}, 422, "invalid_body"),
    ],
)
def test_a_bad_event_alone_is_refused_with_its_reason(
    gateway: httpx.Client, pilot: str, facts: dict[str, Any], status: int, code: str
) -> None:
    assert refused(gateway.post(LLM, json=call(pilot, **facts))) == (status, code)


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        (b'{"events": []}', (422, "invalid_body")),
        (b'{"events": 3}', (422, "invalid_body")),
        (b'{"events": [{}], "more": 1}', (422, "invalid_body")),
        (json.dumps({"events": [{}] * 5001}).encode(), (422, "invalid_body")),
        (b"[]", (422, "invalid_body")),
        (b'{"events": [{}', (400, "malformed_request")),
        (b'{"events": [{"model": "\xff"}]}', (400, "malformed_request")),
        (b'{"events": ["' + b"a" * (4 * 1024 * 1024) + b'"]}', (413, "body_too_large")),
    ],
)
def test_a_body_that_is_no_batch_is_refused_as_a_whole(
    gateway: httpx.Client, body: bytes, refusal: tuple[int, str]
) -> None:
    answer = gateway.post(LLM, content=body, headers={"Content-Type": "application/json"})
    assert refused(answer) == refusal


def test_only_the_gateway_and_operators_record_usage(api: Api, pilot: str) -> None:
    for path, event in ((LLM, call(pilot)), (USAGE, used(pilot))):
        assert refused(api.client("acme").post(path, json=event)) == (403, "gateway_only")
        assert refused(api.client("acme").post(path, content=b"not looked at")) == (403, "gateway_only")
        assert api.admin().post(path, json=event).json() == ACCEPTED


def test_a_thousand_identical_events_at_once_store_one(
    gateway: httpx.Client, pilot: str, owner: psycopg.Connection[Any]
) -> None:
    event = call(pilot)
    with ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(lambda _: gateway.post(LLM, json=event).json(), range(1000)))
    assert answers.count(ACCEPTED) == 1
    assert answers.count(DUPLICATE) == 999
    assert count(owner, "llm_usage_events") == count(owner, "ingest_keys") == 1


def test_batches_that_overlap_in_opposite_order_store_each_event_once(
    gateway: httpx.Client, pilot: str, owner: psycopg.Connection[Any]
) -> None:
    events = [call(pilot, f"r{n}") for n in range(500)]
    batches = [events, events[::-1], events[100:], events[::-1][100:]]
    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(lambda batch: gateway.post(LLM, json={"events": batch}).json(), batches))
    assert sum(one["accepted"] for one in told) == 500
    assert sum(one["duplicates"] for one in told) == 1300
    assert all(one["conflicts"] == one["rejected"] == [] for one in told)
    assert count(owner, "llm_usage_events") == 500


def test_single_events_at_once_are_each_answered_for_themselves(
    gateway: httpx.Client, pilot: str, owner: psycopg.Connection[Any]
) -> None:
    good = [call(pilot, f"good{n}") for n in range(60)]
    bad = [call(pilot, f"bad{n}", currency="JPY") for n in range(20)]
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda event: gateway.post(LLM, json=event), good + bad))
    assert [answer.json() for answer in answers[:60]] == [ACCEPTED] * 60
    assert {refused(answer) for answer in answers[60:]} == {(422, "mixed_currencies")}
    assert count(owner, "llm_usage_events") == 60


def test_an_idempotency_key_is_honoured_here_too(gateway: httpx.Client, pilot: str) -> None:
    key = {"Idempotency-Key": "k1"}
    first = gateway.post(LLM, json=call(pilot), headers=key)
    again = gateway.post(LLM, json=call(pilot), headers=key)
    assert first.json() == again.json() == ACCEPTED
    assert again.headers["Idempotency-Replayed"] == "true"
    assert gateway.post(LLM, json=call(pilot)).json() == DUPLICATE


def test_usage_is_pushed_by_the_day_and_each_event_once(
    gateway: httpx.Client, pilot: str, owner: psycopg.Connection[Any]
) -> None:
    batch = {
        "events": [
            used(pilot, "e1"),
            used(pilot, "e2", qty="2"),
            used(pilot, "e3", resource_kind="dns_zones", qty="3"),
            used(pilot, "e4", resource_kind="dns_zones", qty="2"),
            used(pilot, "e5", resource_kind="gpu_hours"),
        ]
    }
    told = gateway.post(USAGE, json=batch).json()
    assert (told["accepted"], [(one["event_id"], one["code"]) for one in told["rejected"]]) == (
        4,
        [("e5", "unknown_kind")],
    )
    assert gateway.post(USAGE, json=batch).json()["duplicates"] == 4
    assert gateway.post(USAGE, json=used(pilot, "e6", resource_kind="dns_zones", qty="5")).json() == ACCEPTED
    days = owner.execute(
        "SELECT kind, sum(qty)::text FROM usage_deltas GROUP BY kind ORDER BY kind"
    ).fetchall()
    assert days == [("bandwidth_gb", "3.500000"), ("dns_zones", "5.000000")]
    assert refused(gateway.post(USAGE, json=used(pilot, qty="9"))) == (409, "event_conflict")


def test_tokens_that_the_gateway_charges_for_cannot_be_pushed_as_well(
    gateway: httpx.Client, pilot: str, owner: psycopg.Connection[Any]
) -> None:
    tokens = used(pilot, "tokens", resource_kind="llm_tokens")
    assert refused(gateway.post(USAGE, json=tokens)) == (422, "tokens_not_counted")
    told = gateway.post(USAGE, json={"events": [tokens, used(pilot)]}).json()
    [rejected] = told["rejected"]
    assert (told["accepted"], rejected["index"], rejected["code"]) == (1, 0, "tokens_not_counted")
    assert "in mode gateway at 2026-04-10T12:00:00+00:00" in rejected["detail"]
    assert count(owner, "usage_events") == 1


def test_two_hundred_pushes_to_one_day_at_once_add_up(
    gateway: httpx.Client, pilot: str, owner: psycopg.Connection[Any]
) -> None:
    def send(n: int) -> int:
        events = [
            used(pilot, f"sum{n}", qty="0.000001"),
            used(pilot, f"peak{n}", resource_kind="dns_zones", qty=str(n)),
        ]
        accepted: int = gateway.post(USAGE, json={"events": events}).json()["accepted"]
        return accepted

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(send, range(200))) == 400
    days = owner.execute(
        "SELECT kind, sum(qty)::text FROM usage_deltas GROUP BY kind ORDER BY kind"
    ).fetchall()
    assert days == [("bandwidth_gb", "0.000200"), ("dns_zones", "199.000000")]


def test_the_plan_pays_for_tokens_of_its_mode_and_nobody_pushes_them_as_well(
    api: Api, gateway: httpx.Client, pilot: str, owner: psycopg.Connection[Any]
) -> None:
    api.clock.at = datetime(2026, 5, 10, tzinfo=UTC)
    api.admin().patch(f"{DEPLOYMENTS}/{pilot}", json={"llm_mode": "plan"})
    api.clock.pass_by(timedelta(days=1))
    before, after = "2026-05-09T23:59:59Z", "2026-05-10T00:00:00Z"
    batch = {"events": [call(pilot, "r1", occurred_at=before), call(pilot, "r2", occurred_at=after)]}
    assert gateway.post(LLM, json=batch).json()["accepted"] == 2
    modes = owner.execute("SELECT gateway_request_id, llm_mode FROM llm_usage_events ORDER BY 1").fetchall()
    assert modes == [("r1", "gateway"), ("r2", "plan")]
    tokens = owner.execute("SELECT kind, day::text, qty::text FROM usage_deltas").fetchall()
    assert tokens == [("llm_tokens", "2026-05-10", "120.000000")]
    pushed = used(pilot, resource_kind="llm_tokens", occurred_at=after)
    assert refused(gateway.post(USAGE, json=pushed)) == (409, "usage_source_conflict")
    pushed = used(pilot, resource_kind="llm_tokens", occurred_at="2026-05-11T00:00:00Z")
    assert gateway.post(USAGE, json=pushed).json() == ACCEPTED
    late = call(pilot, "r3", occurred_at="2026-05-11T00:00:00Z")
    assert refused(gateway.post(LLM, json=late)) == (409, "usage_source_conflict")
    assert gateway.post(LLM, json=call(pilot, "r2", occurred_at=after)).json() == DUPLICATE
