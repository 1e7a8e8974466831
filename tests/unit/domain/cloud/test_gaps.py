"""Gaps: what comes back after a tombstone is the same thing, or another of its name."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from arcadia_domain.cloud.assignments import Assignment
from arcadia_domain.cloud.gaps import Gap, ended_by, ending, gap_before
from arcadia_domain.cloud.inventory import BORN_WHEN_SEEN, RESOURCE_KINDS
from arcadia_domain.cloud.listing import SeenResource
from tests.held import LONG_AGO, april, resource

DIED, BACK = april(5), april(20)
PILOT, OTHER = UUID(int=1), UUID(int=2)
GAP = Gap(DIED, BACK)


def gap(kind: str, born: datetime | None, seen_born: datetime | None, died: datetime | None) -> Gap | None:
    known = resource(kind=kind, created_at=born, deleted_at=died)
    return gap_before(SeenResource(kind=kind, provider_id="1", name="1", created_at=seen_born), known, BACK)


@pytest.mark.parametrize("kind", RESOURCE_KINDS)
def test_of_a_kind_without_a_date_of_creation_a_tombstone_is_a_gap_until_the_look(kind: str) -> None:
    assert gap(kind, None, None, DIED) == (GAP if kind in BORN_WHEN_SEEN else None)
    assert gap(kind, None, None, None) is None


@pytest.mark.parametrize(
    ("born", "seen_born", "found"),
    [
        (LONG_AGO, LONG_AGO, None),  # the tombstone was a mistake
        (LONG_AGO, None, None),
        (LONG_AGO, april(4), None),  # before the end: the provider put its date right
        (LONG_AGO, DIED, Gap(DIED, DIED)),
        (LONG_AGO, april(10), Gap(DIED, april(10))),
        (None, april(10), Gap(DIED, april(10))),
        (april(6), april(6), None),  # a tombstone from before its birth
    ],
)
def test_a_later_date_of_creation_after_the_end_is_of_another(
    born: datetime | None, seen_born: datetime | None, found: Gap | None
) -> None:
    assert gap("registry", born, seen_born, DIED) == found
    assert gap("registry", born, seen_born, None) is None


def held(from_at: datetime, tenant_id: str | None, deployment_id: UUID | None) -> Assignment:
    return Assignment(
        resource_id=UUID(int=9), from_at=from_at, tenant_id=tenant_id, deployment_id=deployment_id
    )


@pytest.mark.parametrize(
    ("latest", "by_tag", "tagged_for", "ends"),
    [
        (held(LONG_AGO, "acme", PILOT), False, None, True),
        (held(LONG_AGO, "acme", None), False, None, True),
        (held(LONG_AGO, "acme", PILOT), False, PILOT, True),
        (held(LONG_AGO, "acme", PILOT), True, PILOT, False),
        (held(LONG_AGO, "acme", PILOT), True, OTHER, True),
        (held(LONG_AGO, "acme", PILOT), True, None, True),
        (held(LONG_AGO, None, None), False, PILOT, False),
        (held(DIED, "acme", PILOT), False, None, False),
        (held(DIED - timedelta(microseconds=1), "acme", PILOT), False, None, True),
    ],
)
def test_who_held_what_is_gone_holds_it_no_more_but_by_a_tag_that_is_there(
    latest: Assignment, by_tag: bool, tagged_for: UUID | None, ends: bool
) -> None:
    found = ended_by(GAP, latest, by_tag=by_tag, tagged_for=tagged_for)
    assert found == (held(DIED, None, None) if ends else None)


def test_an_ending_names_the_resource_and_the_gap() -> None:
    said = ending(resource(kind="reserved_ip", name="198.51.100.7", provider_id="198.51.100.7"), GAP)
    assert said == (
        "The reserved ip '198.51.100.7' (198.51.100.7) was gone from 2026-04-05T00:00:00+00:00 and is there "
        "again since 2026-04-20T00:00:00+00:00, perhaps another: its assignment ended when it went."
    )
