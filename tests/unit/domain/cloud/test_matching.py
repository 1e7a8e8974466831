"""Which resource a line is for: one of that kind and name that lived then, or none and why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arcadia_domain.cloud.costs import CostLine
from arcadia_domain.cloud.inventory import CloudResource
from arcadia_domain.cloud.matching import How, Match, Unmatched, match
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
        (line(product="Backups"), [resource()], Unmatched.PRODUCT_OF_NO_KIND),
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


def test_a_name_used_twice_in_a_month_is_told_apart_by_time() -> None:
    first = resource(number=1, deleted_at=MID)
    second = resource(number=2, created_at=MID)
    assert matched(line(end=MID), first, second).resource_id == UUID(int=1)
    assert matched(line(start=MID), first, second).resource_id == UUID(int=2)
    assert matched(line(), first, second).reason is Unmatched.SEVERAL


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
def test_it_is_matched_exactly_where_one_lifetime_overlaps(
    resources: list[CloudResource], one: datetime, two: datetime
) -> None:
    start, end = min(one, two), max(one, two) + timedelta(microseconds=1)
    never = datetime(2100, 1, 1, tzinfo=UTC)
    overlapping = [
        each.id
        for each in resources
        if each.created_at is not None and each.created_at < end and (each.deleted_at or never) > start
    ]
    found = matched(line(start=start, end=end), *resources)
    assert found.resource_id == (overlapping[0] if len(overlapping) == 1 else None)
    assert (found.reason is Unmatched.SEVERAL) == (len(overlapping) > 1)


def test_the_lines_keep_their_order() -> None:
    lines = [line(f"web-{n} (s-1vcpu-1gb)") for n in range(20)]
    found = match(lines, [resource(f"web-{n}", number=n) for n in reversed(range(20))])
    assert [each.line for each in found] == lines
    assert [each.resource_id for each in found] == [UUID(int=n) for n in range(20)]
