"""Looks: what was seen becomes the row, and what it counts for changes when its rates do."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from arcadia_domain.cloud.gaps import Gap
from arcadia_domain.cloud.inventory import CloudResource
from arcadia_domain.cloud.listing import SeenResource
from arcadia_domain.cloud.looks import FoundRates, Look, as_seen, differs, newcomer, rates_found
from arcadia_domain.cloud.meters import RateChange, rates
from tests.unit.domain.cloud.resources import APRIL, MAY, SEEN, instants, resource

LOOK = Look(sync_id=UUID(int=9), account="acme", kind="droplet", at=SEEN + timedelta(hours=1), actor="olga")

sightings = st.builds(
    SeenResource,
    kind=st.just("droplet"),
    provider_id=st.just("1"),
    name=st.sampled_from(["web", "db"]),
    region=st.sampled_from([None, "syd1"]),
    size_slug=st.sampled_from([None, "s-1vcpu-1gb", "s-2vcpu-2gb"]),
    status=st.sampled_from([None, "active", "off"]),
    tags=st.sampled_from([(), ("a",), ("a", "b")]),
    created_at=st.none() | instants(),
    attrs=st.sampled_from([{}, {"features": ["backups"]}, {"kubernetes_worker": True}]),
)
rows = st.one_of(sightings.map(lambda seen: newcomer(LOOK, seen, UUID(int=1))), st.just(resource()))


@given(rows, sightings, st.none() | instants())
def test_a_row_after_a_look_is_what_was_seen_and_alive(
    known: CloudResource, seen: SeenResource, died: object
) -> None:
    now = as_seen(LOOK, seen, replace(known, deleted_at=died))  # type: ignore[arg-type]
    assert not differs(seen, now)
    assert (now.deleted_at, now.last_seen, now.first_seen) == (None, LOOK.at, known.first_seen)
    if seen.created_at is None:
        assert now.created_at == known.created_at
    else:
        assert now.created_at == min(seen.created_at, known.created_at or known.first_seen)
    assert (now.id, now.key, now.tenant_id) == (known.id, known.key, known.tenant_id)


@given(rows, sightings)
def test_a_resource_counts_anew_exactly_when_its_rates_are_others(
    known: CloudResource, seen: SeenResource
) -> None:
    now = as_seen(LOOK, seen, known)
    was, are = (rates(one.kind, one.size_slug, one.attrs) for one in (known, now))
    found = rates_found(LOOK, known, now)
    assert bool(found) is (was != are)
    if found:
        changed, *before = found
        assert changed == FoundRates(known.id, RateChange(LOOK.at, are))
        birth = known.created_at or known.first_seen
        assert before == ([FoundRates(known.id, RateChange(birth, was), True)] if birth < LOOK.at else [])


@given(rows, sightings, instants(), instants())
def test_in_a_gap_it_counts_for_nothing_and_for_what_it_is_now_after_it(
    known: CloudResource, seen: SeenResource, one: datetime, other: datetime
) -> None:
    gap = Gap(min(one, other), max(one, other))
    now = as_seen(LOOK, seen, known)
    was, are = (rates(each.kind, each.size_slug, each.attrs) for each in (known, now))
    found = rates_found(LOOK, known, now, gap)
    birth = known.created_at or known.first_seen
    points = {point.change.from_at: (point.change.rates, point.if_first) for point in found}
    assert len(points) == len(found)  # each of another instant: one statement writes them all
    if not (was or are):
        assert found == []
        return
    assert points[gap.end] == (are, False)
    assert points.get(gap.start) == ((are if gap.start == gap.end else {}), False)
    assert (birth < gap.start) is ((was, True) in points.values() and birth in points)


@given(instants(APRIL, MAY + timedelta(days=5)))
def test_a_resize_that_ended_since_the_last_look_dates_the_change_of_size(ended: datetime) -> None:
    look = replace(LOOK, resized={"1": ended})
    bigger = replace(resource(), size_slug="s-2vcpu-2gb")
    with_backups = replace(resource(), attrs={"features": ["backups"]})
    assert rates_found(look, resource(), bigger)[0].change.from_at == (
        min(ended, look.at) if ended >= SEEN else look.at  # the provider's clock may run ahead of ours
    )
    assert rates_found(look, resource(), with_backups)[0].change.from_at == look.at
