"""create_deployment: active by default, and the tenant's row with the first one."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from arcadia_app.use_cases.billing.create_deployment import (
    MOST_DEPLOYMENTS,
    InvalidFirstState,
    OtherTenant,
    SlugTaken,
    TenantRequired,
    TooManyDeployments,
    create_deployment,
)
from arcadia_domain.billing.deployments import Deployment, EventKind, InvalidSlug, LlmMode, State
from arcadia_domain.billing.tenants import InvalidTenant, Tenant
from arcadia_domain.errors import DomainError
from arcadia_domain.identity import PLATFORM, Principal, Role, tenant
from arcadia_domain.ports.unit_of_work import Work
from arcadia_domain.pricing.catalog import EmptyName
from tests.fakes.transactions import FakeTransactions
from tests.unit.use_cases.refusing import refusal
from tests.world import ANN, BOB, NOW, OLGA, deployed


def create(work: Work, by: Principal = ANN, **given: object) -> Deployment:
    asked: dict[str, object] = {"slug": "pilot", "display_name": "Pilot", "region": "syd1", **given}
    return create_deployment(work, by, now=NOW, **asked)  # type: ignore[arg-type]  # tests give bad ones too


def test_a_deployment_is_active_and_its_history_begins_with_its_maker(store: FakeTransactions) -> None:
    with store.begin(ANN) as work:
        made = create(work)
        (event,) = work.deployments.events(made.id)
    assert (made.state, made.llm_mode, made.tenant_id, made.created_at) == (
        State.ACTIVE,
        LlmMode.GATEWAY,
        "acme",
        NOW,
    )
    assert store.state.deployments == {made.id: made}
    assert (event.kind, event.from_state, event.to_state) == (EventKind.STATE, None, State.ACTIVE)
    assert (event.actor, event.reason, event.at) == ("ann", None, NOW)


def test_the_first_deployment_makes_the_tenants_row_and_the_next_leave_it(store: FakeTransactions) -> None:
    deployed(store)
    assert store.state.tenants == {"acme": Tenant("acme", currency="AUD", country="AU", terms_days=14)}
    store.state.tenants["acme"] = known = Tenant("acme", currency="NZD", terms_days=30)
    deployed(store, slug="second")
    assert store.state.tenants == {"acme": known}


def test_the_llm_mode_that_was_asked_for_is_kept(store: FakeTransactions) -> None:
    with store.begin(ANN) as work:
        assert create(work, llm_mode=LlmMode.BYOK).llm_mode is LlmMode.BYOK


def test_a_slug_is_unique_in_its_tenant_only(store: FakeTransactions) -> None:
    first = deployed(store)
    assert deployed(store, BOB).slug == first.slug
    with refusal(store, ANN, SlugTaken) as work:
        create(work)
    with refusal(store, OLGA, SlugTaken) as work:
        create(work, OLGA, tenant_id="acme")


def test_a_tenant_has_a_thousand_deployments_that_are_not_archived_and_an_operator_makes_it_more(
    store: FakeTransactions,
) -> None:
    first = deployed(store)
    others = [replace(first, id=UUID(int=0xD000 + n), slug=f"d{n}") for n in range(MOST_DEPLOYMENTS - 1)]
    store.state.deployments |= {one.id: one for one in others}
    assert (MOST_DEPLOYMENTS, len(store.state.deployments)) == (1000, 1000)
    with refusal(store, ANN, TooManyDeployments) as work:
        create(work, slug="next")
    assert deployed(store, BOB).tenant_id == BOB.tenant_id
    more = deployed(store, OLGA, slug="more", tenant_id="acme")
    for archived in (first, more):
        store.state.deployments[archived.id] = replace(archived, state=State.ARCHIVED)
    assert deployed(store, slug="next").tenant_id == "acme"


def test_a_tenant_names_itself_or_nobody(store: FakeTransactions) -> None:
    with store.begin(ANN) as work:
        assert create(work, tenant_id="acme").tenant_id == "acme"
    with refusal(store, ANN, OtherTenant) as work:
        create(work, slug="planted", tenant_id=BOB.tenant_id)


def test_an_operator_says_for_whom(store: FakeTransactions) -> None:
    with store.begin(OLGA) as work:
        made = create(work, OLGA, tenant_id="acme")
        assert work.deployments.events(made.id)[0].actor == "olga"
    with store.begin(ANN) as work:
        assert work.deployments.get(made.id) == made
    with refusal(store, OLGA, TenantRequired) as work:
        create(work, OLGA, slug="nobodys")


def test_an_operator_with_a_tenant_of_their_own_creates_for_it(store: FakeTransactions) -> None:
    admin = Principal("ada", "acme", frozenset({Role.PLATFORM_ADMIN}))
    with store.begin(admin) as work:
        assert create(work, admin).tenant_id == "acme"
        assert create(work, admin, tenant_id=BOB.tenant_id).tenant_id == BOB.tenant_id


def test_a_trial_is_an_operators_to_give(store: FakeTransactions) -> None:
    with store.begin(OLGA) as work:
        made = create(work, OLGA, tenant_id="acme", state=State.TRIAL)
        assert work.deployments.events(made.id)[0].to_state is State.TRIAL
    assert made.state is State.TRIAL
    with refusal(store, ANN, InvalidFirstState) as work:
        create(work, slug="second", state=State.TRIAL)


@pytest.mark.parametrize("state", sorted(set(State) - {State.ACTIVE, State.TRIAL}))
def test_no_deployment_begins_in_another_state(store: FakeTransactions, state: State) -> None:
    with refusal(store, OLGA, InvalidFirstState) as work:
        create(work, OLGA, tenant_id="acme", state=state)


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        ({"slug": "Pilot"}, InvalidSlug),
        ({"slug": ""}, InvalidSlug),
        ({"slug": "-pilot"}, InvalidSlug),
        ({"slug": "p" * 64}, InvalidSlug),
        ({"slug": "pilot\n"}, InvalidSlug),
        ({"display_name": " "}, EmptyName),
        ({"region": ""}, EmptyName),
    ],
)
def test_bad_names_are_refused(
    store: FakeTransactions, bad: dict[str, object], error: type[DomainError]
) -> None:
    with refusal(store, ANN, error) as work:
        create(work, ANN, **bad)


@pytest.mark.parametrize("name", [PLATFORM, "_other", "t" * 201])
def test_nobody_deploys_for_a_tenant_that_cannot_be(store: FakeTransactions, name: str) -> None:
    with refusal(store, OLGA, InvalidTenant) as work:
        create(work, OLGA, tenant_id=name)
    with refusal(store, tenant("eve", name), InvalidTenant) as work:
        create(work, tenant("eve", name))
