"""Which resource a line is for: one of that kind and name that lived then, or none and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arcadia_domain.cloud.costs import CostLine
from arcadia_domain.cloud.inventory import CloudResource
from arcadia_domain.cloud.matching import How, Match, Unmatched, match, wanted_ids, wanted_names
from tests.unit.domain.cloud.resources import APRIL, MAY, SEEN, WEB, instants, line, resource

MID = APRIL + timedelta(days=14)


def matched(one: CostLine, *resources: CloudResource) -> Match:
    [found] = match([one], resources)
    assert found.line is one
    return found


def test_the_one_of_that_kind_and_name_that_lived_then_is_it() -> None:
    found = matched(line(), resource(), resource("web-2", number=2), resource(number=3, kind="volume"))
    assert (found.resource_id, found.how, found.reason) == (WEB, How.NAME, None)


def test_names_are_compared_in_any_case() -> None:
    assert matched(line("WEB-1 (s-1vcpu-1gb)"), resource("Web-1")).resource_id == WEB


@pytest.mark.parametrize(
    ("one", "resources", "reason"),
    [
        (line("GST (10%)", product="Taxes"), [resource()], Unmatched.TAX),
        (line(product="Credits"), [resource()], Unmatched.CREDIT),
        (line(product="Adjustments"), [resource()], Unmatched.ADJUSTMENT),
        (line(product="Bandwidth Overage"), [resource()], Unmatched.OVERAGE),
        (line(product="Premium Support"), [resource()], Unmatched.SUPPORT),
        (line(product="Something New"), [resource()], Unmatched.PRODUCT_OF_NO_KIND),
        (line("Spaces ($5/mo)", product="Spaces Subscription"), [resource()], Unmatched.ACCOUNT_WIDE),
        (line("Basic", product="Container Registry"), [resource(kind="registry")], Unmatched.NO_NAME),
        (line("web-1"), [resource()], Unmatched.NO_NAME),
        (line(), [resource("web-2")], Unmatched.NO_SUCH_RESOURCE),
        (line(), [resource(kind="volume")], Unmatched.NO_SUCH_RESOURCE),
        (line(), [resource(created_at=MAY)], Unmatched.NOT_AT_THAT_TIME),
        (line(), [resource(deleted_at=APRIL)], Unmatched.NOT_AT_THAT_TIME),
        (line(), [resource(), resource(number=2)], Unmatched.SEVERAL),
        (line(), [], Unmatched.NO_SUCH_RESOURCE),
    ],
)
def test_else_there_is_none_and_the_reason_is_said(
    one: CostLine, resources: list[CloudResource], reason: Unmatched
) -> None:
    found = matched(one, *resources)
    assert (found.resource_id, found.how, found.reason) == (None, How.NONE, reason)


def test_a_backup_is_for_its_droplet() -> None:
    assert matched(line(product="Backups"), resource()).resource_id == WEB


def test_every_reason_is_said_in_words_of_its_own() -> None:
    said = [reason.in_words for reason in Unmatched]
    assert len(set(said)) == len(said)
    assert all(sentence.endswith(".") for sentence in said)


UUIDS = tuple(f"0a2c4f5e-1111-4222-8333-00000000000{n}" for n in range(3))


def identified(one: CostLine, provider_id: str) -> CostLine:
    return replace(one, provider_id=provider_id)


def called(provider_id: str, **facts: Any) -> CloudResource:
    return replace(resource(**facts), provider_id=provider_id)


def test_the_one_with_the_id_is_it_whatever_its_name_and_its_time() -> None:
    one = called("412", name="renamed", created_at=MAY, number=5)
    found = matched(identified(line(), "412"), one, resource("web-1"))
    assert (found.resource_id, found.how, found.reason) == (one.id, How.ID, None)


def test_an_id_counts_among_the_kinds_of_its_product_only() -> None:
    others = [called("412", kind="volume"), called("412", kind="kubernetes_node_pool", number=2)]
    assert matched(identified(line("other (s)"), "412"), *others).reason is Unmatched.NO_SUCH_RESOURCE
    pool = called(UUIDS[0], kind="kubernetes_node_pool", number=3)
    cluster_line = identified(line("pool (s-2vcpu-4gb)", product="Kubernetes Clusters"), UUIDS[0])
    assert matched(cluster_line, pool).resource_id == pool.id
    image = called("412", kind="image", number=4)
    assert matched(identified(line("x", product="Snapshots"), "412"), image).resource_id == image.id


def test_a_name_that_another_id_has_is_another_resource() -> None:
    assert matched(identified(line(), "412"), called("413")).reason is Unmatched.OTHER_ID
    volume = line("web-1 (syd1) 10GB", product="Volumes")
    assert matched(identified(volume, UUIDS[0]), called(UUIDS[1], kind="volume")).reason is Unmatched.OTHER_ID


def test_a_name_counts_where_the_ids_are_of_two_forms() -> None:
    address = line("Unused Reserved IP - 198.51.100.7", product="Reserved IPs")
    held = called("198.51.100.7", kind="reserved_ip", name="198.51.100.7")
    found = matched(identified(address, UUIDS[0]), held)
    assert (found.resource_id, found.how) == (held.id, How.NAME)


def test_an_id_that_nobody_knows_on_a_line_without_a_name_is_said() -> None:
    one = identified(line("Basic", product="Container Registry"), UUIDS[0])
    assert matched(one, resource(kind="registry")).reason is Unmatched.NO_SUCH_RESOURCE


def test_what_is_wanted_is_what_a_line_is_matched_by() -> None:
    lines = [
        identified(line("Web-1 (s)"), "412"),
        identified(line("a (1 GB)", product="Snapshots"), "413"),
        line("GST", product="Taxes"),
    ]
    assert wanted_names(lines) == {("droplet", "web-1"), ("snapshot", "a")}
    assert wanted_ids(lines) == {("droplet", "412"), ("snapshot", "413"), ("image", "413")}


def test_a_name_used_twice_in_a_month_is_told_apart_by_time() -> None:
    first = resource(number=1, deleted_at=MID)
    second = resource(number=2, created_at=MID)
    assert matched(line(end=MID), first, second).resource_id == UUID(int=1)
    assert matched(line(start=MID), first, second).resource_id == UUID(int=2)
    assert matched(line(), first, second).reason is Unmatched.NOT_AT_THAT_TIME
    both = [resource(number=1, deleted_at=MID), resource(number=2)]
    assert matched(line(end=MID), *both).reason is Unmatched.SEVERAL
    assert matched(line(), *both).resource_id == UUID(int=2)


def test_a_line_of_one_that_we_never_saw_is_not_for_the_next_of_its_name() -> None:
    second = resource(created_at=MID)
    first_line, own = line(end=MID + timedelta(minutes=59)), line(start=MID)
    assert matched(first_line, second).reason is Unmatched.NOT_AT_THAT_TIME
    assert matched(own, second).resource_id == WEB


@pytest.mark.parametrize("off", [timedelta(0), timedelta(minutes=59, seconds=59), timedelta(hours=1)])
def test_a_line_may_begin_and_end_within_an_hour_of_its_resource(off: timedelta) -> None:
    last = MID + timedelta(days=3)
    one = resource(created_at=MID, deleted_at=last)
    assert matched(line(start=MID - off, end=last + off), one).resource_id == WEB
    assert matched(line(start=MID + off, end=last - off), one).resource_id == WEB
    wide, tick = timedelta(hours=1), timedelta(microseconds=1)
    assert matched(line(start=MID - wide - tick, end=last), one).reason is Unmatched.NOT_AT_THAT_TIME
    assert matched(line(start=MID, end=last + wide + tick), one).reason is Unmatched.NOT_AT_THAT_TIME


def test_a_line_that_ends_as_it_starts_is_for_what_lived_at_that_instant() -> None:
    assert matched(line(start=MID, end=MID), resource(created_at=MID)).resource_id == WEB
    assert matched(line(start=MID, end=MID), resource(deleted_at=MID)).resource_id is None


def test_without_a_birth_date_it_lived_from_the_first_look() -> None:
    unborn = resource(created_at=None)
    assert matched(line(), unborn).reason is Unmatched.NOT_AT_THAT_TIME
    assert matched(line(end=SEEN + timedelta(seconds=1)), unborn).resource_id == WEB


@st.composite
def lives(draw: st.DrawFn) -> list[CloudResource]:
    found = []
    for number in range(draw(st.integers(0, 6))):
        birth, death = sorted(draw(st.tuples(instants(), instants())))
        gone = draw(st.booleans())
        found.append(resource(number=number, created_at=birth, deleted_at=death if gone else None))
    return found


@given(lives(), instants(), instants())
def test_it_is_matched_exactly_where_one_lifetime_spans_it(
    resources: list[CloudResource], one: datetime, two: datetime
) -> None:
    start, end = min(one, two), max(one, two) + timedelta(microseconds=1)
    never = datetime(2100, 1, 1, tzinfo=UTC)
    hour = timedelta(hours=1)
    spanning = [
        each.id
        for each in resources
        if each.created_at is not None
        and start - each.created_at >= -hour
        and (each.deleted_at or never) - end >= -hour
        and each.created_at < end
        and (each.deleted_at or never) > start
    ]
    found = matched(line(start=start, end=end), *resources)
    assert found.resource_id == (spanning[0] if len(spanning) == 1 else None)
    assert (found.reason is Unmatched.SEVERAL) == (len(spanning) > 1)


def test_the_lines_keep_their_order() -> None:
    lines = [line(f"web-{n} (s-1vcpu-1gb)") for n in range(20)]
    found = match(lines, [resource(f"web-{n}", number=n) for n in reversed(range(20))])
    assert [each.line for each in found] == lines
    assert [each.resource_id for each in found] == [UUID(int=n) for n in range(20)]
