"""Bodies of one event or a batch: what is read, and what is refused by itself."""

from __future__ import annotations

import json
from typing import Any

import pytest

from arcadia_app.http.billing.event_bodies import Told, Unreadable, told
from arcadia_app.http.refusals import InvalidBody, MalformedRequest
from arcadia_app.wire.ingest import LARGEST_BATCH, UsageBatch, UsageToRecord

GOOD = {
    "event_id": "e1",
    "deployment_id": "0199c1a2-6f3e-7c41-b0a5-1c2d3e4f5a6b",
    "resource_kind": "bandwidth_gb",
    "qty": "1.5",
    "occurred_at": "2026-04-10T12:00:00Z",
}


def read(body: Any) -> Told[UsageToRecord]:
    given = body if isinstance(body, bytes) else json.dumps(body).encode()
    return told(given, UsageToRecord, UsageBatch)


def test_one_event_stands_alone_and_a_batch_of_one_does_not() -> None:
    assert read(GOOD).alone
    assert not read({"events": [GOOD]}).alone
    assert read(GOOD).events == read({"events": [GOOD]}).events


def test_a_bad_event_is_named_by_place_and_id_with_everything_that_is_wrong() -> None:
    bad = {**GOOD, "event_id": "bad", "qty": 1.5, "resource_kind": "", "more": 1}
    found = read({"events": [GOOD, bad, {**GOOD, "event_id": 7}, 3, {}, GOOD]})
    assert len(found.events) == 2
    assert found.unreadable[1] == Unreadable(
        "bad",
        "resource_kind: must be: A resource kind, some with a size: "
        "dns_zones, droplet_hours, droplet_hours:s-4vcpu-8gb.; "
        "qty: expected `str`, got `float`; more: is not known",
    )
    assert {place: one.event_id for place, one in found.unreadable.items()} == {
        1: "bad",
        2: None,
        3: None,
        4: None,
    }
    assert found.unreadable[3].detail == "expected `object`, got `int`"


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"events": []}, {"events"}),
        ({"events": [GOOD] * (LARGEST_BATCH + 1)}, {"events"}),
        ({"events": None}, {"events"}),
        ({"events": [GOOD], "more": 1}, {"more"}),
        ({**GOOD, "more": 1}, {"more"}),
        ({**GOOD, "qty": "-1"}, {"qty"}),
        ([GOOD], {""}),
        ("e1", {""}),
    ],
)
def test_a_fault_outside_the_events_of_a_batch_refuses_the_body(body: Any, fields: set[str]) -> None:
    with pytest.raises(InvalidBody) as refused:
        read(body)
    assert {error.field for error in refused.value.errors} == fields


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b'{"events": [{}', b'{"events": [{"qty": "\xff"}]}', b'{"events": ' + b"[" * 100_000],
)
def test_what_is_no_json_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedRequest):
        read(body)


def test_the_largest_batch_is_read() -> None:
    assert len(read({"events": [GOOD] * LARGEST_BATCH}).events) == LARGEST_BATCH
