"""Who pays for a line: whoever held the resource while it ran, and no cent is lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from arcadia_domain.cloud.assignments import Assignment
from arcadia_domain.cloud.attribution import Attribution, Share, attribute
from tests.unit.domain.cloud.resources import APRIL, MAY, OTHER, PILOT, WEB, instants, line, resource

TENANTS = {PILOT: "pilot", OTHER: "other"}


def held(from_at: datetime, deployment: UUID | None = None, tenant: str | None = None) -> Assignment:
    return Assignment(
        resource_id=WEB,
        from_at=from_at,
        deployment_id=deployment,
        tenant_id=tenant,
    )


def test_held_all_the_while_it_is_all_the_holders() -> None:
    found = attribute(line(amount_cents=600), resource(), [held(APRIL, PILOT)], TENANTS)
    assert found == Attribution((Share("pilot", PILOT, 600),), 0)


def test_two_holders_share_by_the_time_they_held_it() -> None:
    moved = [held(APRIL - timedelta(days=9), PILOT), held(APRIL + timedelta(days=20), OTHER)]
    found = attribute(line(amount_cents=600), resource(), moved, TENANTS)
    assert found == Attribution((Share("other", OTHER, 200), Share("pilot", PILOT, 400)), 0)


def test_time_in_which_nobody_held_it_stays_unattributed() -> None:
    late = [held(APRIL + timedelta(days=10), PILOT), held(APRIL + timedelta(days=25))]
    assert attribute(line(amount_cents=600), resource(), late, TENANTS) == Attribution(
        (Share("pilot", PILOT, 300),), 300
    )
    assert attribute(line(amount_cents=600), resource(), []) == Attribution((), 600)


def test_what_stands_alone_is_its_tenants() -> None:
    alone = attribute(line(), resource(tenant_id="own"), [])
    assert alone == Attribution((Share("own", None, 600),), 0)
    assigned = attribute(line(), resource(), [held(APRIL, None, "own")])
    assert assigned == alone


def test_a_line_that_ends_as_it_starts_is_the_holders_of_that_instant() -> None:
    moved = [held(APRIL, PILOT), held(MAY, OTHER)]
    found = attribute(line(start=MAY, end=MAY, amount_cents=1), resource(), moved, TENANTS)
    assert found == Attribution((Share("other", OTHER, 1),), 0)


@st.composite
def histories(draw: st.DrawFn) -> list[Assignment]:
    span = instants(APRIL - timedelta(days=2), MAY + timedelta(days=2))
    found = []
    for at in draw(st.lists(span, max_size=6, unique=True)):
        deployment = draw(st.sampled_from([PILOT, OTHER, None]))
        tenant = draw(st.sampled_from(["own", None])) if deployment is None else None
        found.append(held(at, deployment, tenant))
    return found


@given(histories(), st.integers(-(10**9), 10**9))
def test_shares_and_rest_are_the_amount_always(history: list[Assignment], amount: int) -> None:
    found = attribute(line(amount_cents=amount), resource(), history, TENANTS)
    assert sum(share.amount_cents for share in found.shares) + found.unattributed_cents == amount
    assert all(share.amount_cents * amount >= 0 for share in found.shares)
    assert found.unattributed_cents * amount >= 0


@given(histories(), st.integers(0, 10**9))
def test_a_credit_takes_back_exactly_what_the_charge_gave(history: list[Assignment], amount: int) -> None:
    charge = attribute(line(amount_cents=amount), resource(), history, TENANTS)
    credit = attribute(line(amount_cents=-amount), resource(), history, TENANTS)
    assert [(s.tenant_id, s.deployment_id, -s.amount_cents) for s in credit.shares] == [
        (s.tenant_id, s.deployment_id, s.amount_cents) for s in charge.shares
    ]
    assert credit.unattributed_cents == -charge.unattributed_cents


@given(histories(), instants(), st.integers(0, 10**6), st.randoms())
def test_neither_a_cut_of_a_tenure_nor_the_order_changes_a_share(
    history: list[Assignment], at: datetime, amount: int, random: Random
) -> None:
    whole = attribute(line(amount_cents=amount), resource(), history, TENANTS)
    cut = list(history)
    last = max((one for one in history if one.from_at < at), key=lambda one: one.from_at, default=None)
    if last is not None and at not in [one.from_at for one in history]:
        cut.append(replace(last, from_at=at))
    random.shuffle(cut)
    assert attribute(line(amount_cents=amount), resource(), cut, TENANTS) == whole


@given(histories())
def test_each_share_is_within_a_cent_of_its_part_of_the_time(history: list[Assignment]) -> None:
    cents = attribute(line(amount_cents=10**6), resource(), history, TENANTS)
    fine = attribute(line(amount_cents=10**12), resource(), history, TENANTS)
    for rough, exact in zip(cents.shares, fine.shares, strict=True):
        assert abs(rough.amount_cents * 10**6 - exact.amount_cents) <= 10**6
