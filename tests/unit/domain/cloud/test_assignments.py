"""Who held a resource when."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arcadia_domain.cloud.assignments import (
    Assignment,
    DeploymentWithoutTenant,
    Tenure,
    TwoAssignmentsAtOnce,
    spans,
    tenures,
)
from arcadia_domain.cloud.spans import Span
from tests.unit.domain.cloud.resources import APRIL, OTHER, PILOT, WEB, instants, resource

MID = APRIL + timedelta(days=14)


def test_an_assignment_holds_until_the_next_one() -> None:
    given_, moved = (
        Assignment(resource_id=WEB, from_at=APRIL, tenant_id="a"),
        Assignment(resource_id=WEB, from_at=MID, tenant_id="b"),
    )
    assert tenures(resource(), [moved, given_]) == [
        Tenure(Span(APRIL, MID), "a", None),
        Tenure(Span(MID), "b", None),
    ]


def test_released_it_is_held_by_nobody_though_its_row_still_names_a_tenant() -> None:
    assignments = [
        Assignment(resource_id=WEB, from_at=APRIL, tenant_id="a"),
        Assignment(resource_id=WEB, from_at=MID),
    ]
    assert tenures(resource(tenant_id="a"), assignments) == [Tenure(Span(APRIL, MID), "a", None)]


def test_in_a_deployment_it_belongs_to_the_tenant_of_the_deployment() -> None:
    assignments = [Assignment(resource_id=WEB, from_at=APRIL, tenant_id="stale", deployment_id=PILOT)]
    [tenure] = tenures(resource(tenant_id="own"), assignments, {PILOT: "pilot"})
    assert (tenure.tenant_id, tenure.deployment_id) == ("pilot", PILOT)


def test_a_tenant_that_the_deployment_does_not_tell_is_the_assignments_then_the_resources() -> None:
    named = Assignment(resource_id=WEB, from_at=APRIL, tenant_id="assigned", deployment_id=PILOT)
    unnamed = Assignment(resource_id=WEB, from_at=APRIL, deployment_id=PILOT)
    assert tenures(resource(tenant_id="own"), [named])[0].tenant_id == "assigned"
    assert tenures(resource(tenant_id="own"), [unnamed])[0].tenant_id == "own"


def test_a_deployment_of_nobody_is_an_error_and_not_free_of_charge() -> None:
    with pytest.raises(DeploymentWithoutTenant):
        tenures(resource(), [Assignment(resource_id=WEB, from_at=APRIL, deployment_id=PILOT)])


def test_never_assigned_it_is_held_all_the_time_by_whom_its_row_names() -> None:
    [tenure] = tenures(resource(tenant_id="own", deployment_id=OTHER), [], {OTHER: "other"})
    assert (tenure.tenant_id, tenure.deployment_id) == ("other", OTHER)
    assert tenure.span.start < APRIL
    assert tenure.span.end is None
    assert tenures(resource(), []) == []


def test_assignments_of_other_resources_are_passed_over() -> None:
    assert tenures(resource(), [Assignment(resource_id=OTHER, from_at=APRIL, tenant_id="b")]) == []


def test_two_assignments_at_one_instant_are_refused() -> None:
    twice = [Assignment(resource_id=WEB, from_at=APRIL, tenant_id=tenant) for tenant in ("a", "b")]
    with pytest.raises(TwoAssignmentsAtOnce):
        spans(twice)


@given(st.lists(instants(), unique=True))
def test_the_spans_follow_each_other_without_gap_or_overlap(starts: list[datetime]) -> None:
    assignments = [Assignment(resource_id=WEB, from_at=at) for at in starts]
    found = [span for span, _ in spans(assignments)]
    assert [span.start for span in found] == sorted(starts)
    assert all(earlier.end == later.start for earlier, later in pairwise(found))
    assert not found or found[-1].end is None


def test_no_assignment_has_no_span() -> None:
    assert spans([]) == []
