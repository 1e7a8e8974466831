"""What changed between two looks."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arcadia_domain.cloud.changes import Change, EventKind, changes
from arcadia_domain.cloud.inventory import CloudResource
from tests.unit.domain.cloud.resources import MAY, SEEN, resource


def kinds(before: list[CloudResource], after: list[CloudResource]) -> list[tuple[str, EventKind]]:
    return [(event.key[2], event.kind) for event in changes(before, after)]


def test_what_was_not_there_appears() -> None:
    assert kinds([], [resource()]) == [("1", EventKind.APPEARED)]


def test_what_is_listed_no_longer_disappears() -> None:
    assert kinds([resource()], []) == [("1", EventKind.DISAPPEARED)]


def test_a_tombstone_counts_as_absent() -> None:
    gone = resource(deleted_at=MAY)
    assert kinds([resource()], [gone]) == [("1", EventKind.DISAPPEARED)]
    assert kinds([gone], []) == kinds([], [gone]) == kinds([gone], [gone]) == []


def test_what_was_tombstoned_and_is_listed_again_returns_with_what_changed_meanwhile() -> None:
    [event] = changes([resource(deleted_at=MAY)], [resource(status="off")])
    assert event.kind is EventKind.RETURNED
    assert event.fields == {"status": Change("active", "off")}


def test_a_change_says_what_was_before_and_what_is_after() -> None:
    before = resource(size_slug="s-1vcpu-1gb", attrs={"memory": 1024, "vcpus": 1})
    after = resource(size_slug="s-1vcpu-2gb", attrs={"memory": 2048, "vcpus": 1})
    [event] = changes([before], [after])
    assert event.kind is EventKind.CHANGED
    assert event.fields == {
        "size_slug": Change("s-1vcpu-1gb", "s-1vcpu-2gb"),
        "attrs.memory": Change(1024, 2048),
    }


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param({"tags": ("Web", "prod")}, {"tags": ("prod", "web")}, id="tags are a set in any case"),
        pytest.param({"region": "SYD1"}, {"region": "syd1"}, id="slugs in any case"),
        pytest.param({"attrs": {"tags": None}}, {"attrs": {"tags": []}}, id="null and empty"),
        pytest.param({"attrs": {"volume_ids": []}}, {"attrs": {}}, id="empty and absent"),
        pytest.param({"attrs": {"ids": [1, 2]}}, {"attrs": {"ids": [2, 1]}}, id="the order of a list"),
        pytest.param(
            {"attrs": {"prices": [Decimal("0.10"), 5]}},
            {"attrs": {"prices": [Decimal("5.0"), Decimal("0.1")]}},
            id="how a number is written",
        ),
        pytest.param(
            {"attrs": {"rules": [{"a": 1, "b": []}]}},
            {"attrs": {"rules": [{"a": 1}]}},
            id="empty within a rule",
        ),
        pytest.param(
            {"attrs": {"next_backup_window": "a"}},
            {"attrs": {"next_backup_window": "b"}},
            id="what moves by itself",
        ),
        pytest.param({"tenant_id": "a"}, {"tenant_id": "b"}, id="whom it is assigned to"),
        pytest.param({"last_seen": SEEN}, {"last_seen": MAY}, id="when it was seen"),
    ],
)
def test_these_are_no_change(before: dict[str, object], after: dict[str, object]) -> None:
    assert changes([replace(resource(), **before)], [replace(resource(), **after)]) == []  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param({"ids": [1, 1, 2]}, {"ids": [1, 2, 2]}, id="how often a list holds an item"),
        pytest.param({"on": True}, {"on": False}, id="a switch"),
        pytest.param({"count": 0}, {"count": None}, id="zero is not empty"),
        pytest.param({"on": False}, {"on": None}, id="off is not absent"),
    ],
)
def test_these_are_changes(before: dict[str, object], after: dict[str, object]) -> None:
    assert len(changes([resource(attrs=before)], [resource(attrs=after)])) == 1


def test_a_listing_that_did_not_finish_makes_nothing_disappear() -> None:
    syd, fra = resource(number=1, region="syd1"), resource(number=2, region="fra1")
    gone = changes([syd, fra], [], complete={("acme", "droplet", "syd1")})
    assert [event.key[2] for event in gone] == ["1"]
    assert changes([syd, fra], [], complete=set()) == []
    assert len(changes([syd, fra], [], complete={("acme", "droplet", None)})) == 2


def test_a_tombstone_is_believed_though_the_listing_did_not_finish() -> None:
    assert len(changes([resource()], [resource(deleted_at=MAY)], complete=set())) == 1


def test_an_event_keeps_the_id_by_which_the_resource_was_known() -> None:
    before = resource()
    [event] = changes([before], [replace(before, id=resource(number=9).id, name="web-2")])
    assert event.resource_id == before.id


@given(st.sets(st.integers(1, 6)), st.sets(st.integers(1, 6)))
def test_the_events_are_exactly_the_difference_in_order_of_key(before: set[int], after: set[int]) -> None:
    events = kinds([resource(number=n) for n in before], [resource(number=n) for n in after])
    expected = [
        (str(n), EventKind.DISAPPEARED if n in before else EventKind.APPEARED) for n in before ^ after
    ]
    assert events == sorted(expected)
