"""Tags that name a deployment: which one, and when that makes a change point."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arcadia_domain.cloud.listing import SeenResource
from arcadia_domain.cloud.tagged import (
    Held,
    Naming,
    assignment_by_tag,
    holder,
    naming_of,
    namings_of,
    objection,
)

PILOT, OTHER, NOBODY = UUID(int=0xAB), UUID(int=0xCD), UUID(int=0xEF)
TENANTS = {PILOT: "acme", OTHER: "bobs-burgers"}
RESOURCE = UUID(int=7)
AT = datetime(2026, 5, 3, tzinfo=UTC)


def tag(deployment_id: object) -> str:
    return f"arcadia:deployment:{deployment_id}"


@pytest.mark.parametrize("tags", [(), ("web",), ("arcadia:deployment",), ("x" + tag(PILOT),)])
def test_other_tags_name_nothing(tags: tuple[str, ...]) -> None:
    assert naming_of(tags) is None


@pytest.mark.parametrize(
    "tags", [(tag(PILOT),), (tag(PILOT).upper(), "web"), (tag(PILOT), tag(PILOT.hex), tag(PILOT).title())]
)
def test_one_deployment_is_named_in_whatever_spelling(tags: tuple[str, ...]) -> None:
    naming = naming_of(tags)
    assert holder(naming, TENANTS) == PILOT
    assert namings_of([seen(tags)]) == {"7": naming}


def seen(tags: tuple[str, ...]) -> SeenResource:
    return SeenResource(kind="load_balancer", provider_id="7", name="lb", tags=tags)


@pytest.mark.parametrize(
    ("tags", "said"),
    [
        ((tag(NOBODY),), "for the deployment '00000000-0000-0000-0000-0000000000ef', which does not exist"),
        ((tag("Pilot"),), "for the deployment 'pilot', which does not exist"),
        ((tag(PILOT), tag("")), "for several deployments,  and 00000000-0000-0000-0000-0000000000ab"),
        ((tag(PILOT), tag(OTHER)), "for several deployments"),
    ],
)
def test_what_no_deployment_can_be_found_by_is_objected_to(tags: tuple[str, ...], said: str) -> None:
    naming = naming_of(tags)
    assert naming is not None
    assert holder(naming, TENANTS) is None
    objected = objection(seen(tags), naming, TENANTS)
    assert objected is not None
    assert objected.startswith(f"The load balancer 'lb' (7) is tagged {said}")


def test_nothing_is_objected_to_where_the_deployment_is_there() -> None:
    naming = naming_of([tag(PILOT)])
    assert naming is not None
    assert objection(seen((tag(PILOT),)), naming, TENANTS) is None


namings = st.sampled_from([None, *(Naming(frozenset({str(one)})) for one in (PILOT, OTHER, NOBODY))])
holders = st.one_of(
    st.none(),
    st.builds(
        Held,
        st.sampled_from([AT - timedelta(days=1), AT, AT + timedelta(days=1)]),
        st.sampled_from([None, PILOT, OTHER]),
        st.booleans(),
    ),
)


@given(namings, holders)
def test_a_tag_overrules_tags_alone_and_says_nothing_twice(naming: Naming | None, held: Held | None) -> None:
    made = assignment_by_tag(RESOURCE, naming, held, TENANTS, from_at=AT)
    meant = holder(naming, TENANTS)
    now = None if held is None else held.deployment_id
    assert (made is None) is ((held is not None and not held.by_tag) or meant == now)
    if made is not None:
        assert (made.resource_id, made.deployment_id) == (RESOURCE, meant)
        assert made.tenant_id == (None if meant is None else TENANTS[meant])
        assert made.from_at >= AT
        assert held is None or made.from_at >= held.from_at  # it is the latest
        again = Held(made.from_at, made.deployment_id, by_tag=True)
        assert assignment_by_tag(RESOURCE, naming, again, TENANTS, from_at=AT) is None
