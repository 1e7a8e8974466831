"""Deployments: the whole transition map, who may move what, and what a deployment must say of itself."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from uuid import UUID

import pytest

from arcadia_domain.billing.deployments import (
    STATUS_OF,
    TENANT_MOVES,
    TRANSITIONS,
    Deployment,
    DeploymentEvent,
    EventKind,
    InvalidSlug,
    InvalidTransition,
    InvoiceOverdue,
    LlmMode,
    State,
    TransitionForbidden,
)
from arcadia_domain.identity import operator, tenant
from arcadia_domain.pricing.catalog import EmptyName
from arcadia_domain.pricing.stretch import Status
from tests.unit.domain.catalogue import NOON

OPERATOR = operator("ops")
TENANT = tenant("ann", "acme")

# SPEC 5 by hand: the map, and what of it a tenant may do.
ALLOWED = {
    "trial": {"active", "suspended", "cancelled"},
    "active": {"past_due", "paused", "suspended", "cancelled"},
    "past_due": {"active", "suspended", "cancelled"},
    "paused": {"active", "suspended", "cancelled"},
    "suspended": {"active", "cancelled"},
    "cancelled": {"archived"},
    "archived": set(),
}
BY_TENANT = {
    ("active", "paused"),
    ("paused", "active"),
    ("trial", "cancelled"),
    ("active", "cancelled"),
    ("paused", "cancelled"),
}
DEPLOYMENT = Deployment(
    id=UUID(int=7), tenant_id="acme", slug="pilot", display_name="Pilot", region="syd1", created_at=NOON
)


def in_state(state: str) -> Deployment:
    return replace(DEPLOYMENT, state=State(state))


@pytest.mark.parametrize(("here", "there"), list(product(ALLOWED, ALLOWED)))
def test_no_operator_moves_outside_the_map(here: str, there: str) -> None:
    deployment = in_state(here)
    if there in ALLOWED[here]:
        moved = deployment.moved_to(State(there), OPERATOR, invoice_overdue=False)
        assert moved == replace(deployment, state=State(there), revision=2)
        return
    with pytest.raises(InvalidTransition) as refused:
        deployment.moved_to(State(there), OPERATOR, invoice_overdue=False)
    allowed = ", ".join(sorted(ALLOWED[here])) or "nothing"
    assert refused.value.facts == {"from_state": here, "to_state": there, "allowed": allowed}
    assert str(refused.value) == (
        f"A deployment that is {here} cannot become {there}; from there it may become: {allowed}."
    )
    assert (refused.value.code, refused.value.field) == ("invalid_transition", "to")


@pytest.mark.parametrize(("here", "there"), list(product(ALLOWED, ALLOWED)))
def test_a_tenant_moves_only_where_the_map_and_its_rights_agree(here: str, there: str) -> None:
    deployment = in_state(here)
    if there not in ALLOWED[here]:
        with pytest.raises(InvalidTransition):
            deployment.moved_to(State(there), TENANT, invoice_overdue=False)
    elif (here, there) in BY_TENANT:
        assert deployment.moved_to(State(there), TENANT, invoice_overdue=False).state == there
    else:
        with pytest.raises(TransitionForbidden) as refused:
            deployment.moved_to(State(there), TENANT, invoice_overdue=False)
        assert refused.value.facts == {"from_state": here, "to_state": there}
        assert str(refused.value) == f"Only a platform admin may move a deployment from {here} to {there}."
        assert refused.value.code == "transition_forbidden"


def test_golden_7_active_to_paused_yes_paused_to_archived_no() -> None:
    paused = DEPLOYMENT.moved_to(State.PAUSED, TENANT, invoice_overdue=False)

    assert (paused.state, paused.revision) == (State.PAUSED, 2)
    assert DEPLOYMENT.state is State.ACTIVE
    for who in (TENANT, OPERATOR):
        with pytest.raises(InvalidTransition):
            paused.moved_to(State.ARCHIVED, who, invoice_overdue=False)


@pytest.mark.parametrize("who", [TENANT, OPERATOR])
def test_an_overdue_invoice_holds_back_the_return_from_a_pause_and_nothing_else(who: object) -> None:
    with pytest.raises(InvoiceOverdue) as refused:
        in_state("paused").moved_to(State.ACTIVE, who, invoice_overdue=True)  # type: ignore[arg-type]
    assert refused.value.code == "invoice_overdue"
    assert "pay it first" in str(refused.value)

    paused = in_state("active").moved_to(State.PAUSED, TENANT, invoice_overdue=True)
    assert paused.state is State.PAUSED
    assert in_state("paused").moved_to(State.CANCELLED, TENANT, invoice_overdue=True).state is State.CANCELLED
    assert in_state("past_due").moved_to(State.ACTIVE, OPERATOR, invoice_overdue=True).state is State.ACTIVE


def test_the_map_comes_before_the_rights_and_the_rights_before_the_invoice() -> None:
    with pytest.raises(InvalidTransition):
        in_state("archived").moved_to(State.ACTIVE, TENANT, invoice_overdue=True)
    with pytest.raises(TransitionForbidden):
        in_state("suspended").moved_to(State.ACTIVE, TENANT, invoice_overdue=True)


def test_the_map_covers_every_state_and_cannot_be_changed() -> None:
    assert set(TRANSITIONS) == set(STATUS_OF) == set(State)
    assert {(a.value, b.value) for a, b in TENANT_MOVES} == BY_TENANT
    with pytest.raises(TypeError):
        TRANSITIONS[State.ARCHIVED] = frozenset({State.ACTIVE})  # type: ignore[index]


def test_the_subscription_follows_the_state() -> None:
    in_service = {State.TRIAL, State.ACTIVE, State.PAST_DUE}

    assert {state for state, status in STATUS_OF.items() if status.in_service} == in_service
    assert STATUS_OF[State.TRIAL] is Status.TRIAL
    assert STATUS_OF[State.PAUSED] is STATUS_OF[State.SUSPENDED] is Status.PAUSED
    assert STATUS_OF[State.CANCELLED] is STATUS_OF[State.ARCHIVED] is Status.CANCELLED


def test_a_deployment_is_made_active_on_the_gateway() -> None:
    assert (DEPLOYMENT.state, DEPLOYMENT.llm_mode, DEPLOYMENT.billing_action_suspended) == (
        State.ACTIVE,
        LlmMode.GATEWAY,
        False,
    )


@pytest.mark.parametrize("slug", ["a", "7", "pilot", "my-app-2", "a" * 63, "0" + "-" * 61 + "z"])
def test_lower_case_letters_digits_and_hyphens_are_a_slug(slug: str) -> None:
    assert replace(DEPLOYMENT, slug=slug).slug == slug


@pytest.mark.parametrize("slug", ["", "-a", "a-", "A", "a b", "a_b", "a" * 64, "ä", "a\n", "٣"])
def test_anything_else_is_refused_as_a_slug(slug: str) -> None:
    with pytest.raises(InvalidSlug) as refused:
        replace(DEPLOYMENT, slug=slug)

    assert refused.value.facts == {"slug": slug}
    assert repr(slug) in str(refused.value)
    assert (refused.value.code, refused.value.field) == ("invalid_slug", "slug")


@pytest.mark.parametrize(
    ("field", "what"),
    [
        ("tenant_id", "A deployment's tenant"),
        ("display_name", "A deployment's display name"),
        ("region", "A deployment's region"),
    ],
)
def test_a_deployment_without_a_name_of_its_parts_is_refused(field: str, what: str) -> None:
    with pytest.raises(EmptyName, match=what):
        replace(DEPLOYMENT, **{field: " "})  # type: ignore[arg-type]


def test_an_event_tells_what_became_of_a_deployment_and_by_whom() -> None:
    before, by = in_state("active"), tenant("ann", "acme")
    after = before.moved_to(State.PAUSED, by, invoice_overdue=False)
    made = DeploymentEvent.of(EventKind.STATE, before, by, NOON, id=UUID(int=1), before=None)
    moved = DeploymentEvent.of(
        EventKind.STATE, after, by, NOON, id=UUID(int=2), before=before, reason="rest", details={"a": 1}
    )
    assert (made.from_state, made.to_state, made.reason, made.details) == (None, State.ACTIVE, None, None)
    assert moved == DeploymentEvent(
        id=UUID(int=2),
        deployment_id=before.id,
        tenant_id=before.tenant_id,
        kind=EventKind.STATE,
        from_state=State.ACTIVE,
        to_state=State.PAUSED,
        actor="ann",
        reason="rest",
        at=NOON,
        details={"a": 1},
    )


def test_what_is_touched_differs_in_its_revision_alone() -> None:
    before = in_state("active")
    assert before.touched() == replace(before, revision=before.revision + 1)
