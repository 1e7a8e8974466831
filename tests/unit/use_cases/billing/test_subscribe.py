"""subscribe: bound to the active version, addons snapshotted, standing as the deployment stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from arcadia_app.use_cases.billing.effective_day import DayInThePast, PeriodInvoiced
from arcadia_app.use_cases.billing.scope import DeploymentNotFound
from arcadia_app.use_cases.billing.subscribe import (
    AlreadySubscribed,
    DeploymentEnded,
    NoTrialOutOfService,
    subscribe,
)
from arcadia_app.use_cases.billing.transition import transition
from arcadia_app.use_cases.catalog.create_plan import create_plan
from arcadia_app.use_cases.catalog.offer import NoActiveVersion, UnknownAddon, UnknownPlan
from arcadia_domain.billing.deployments import STATUS_OF, EventKind, State
from arcadia_domain.billing.invoicing import InvoiceStatus
from arcadia_domain.billing.subscriptions import ChangePoint, Subscription, TrialEndsBeforeStart
from arcadia_domain.errors import DomainError
from arcadia_domain.identity import OperatorsOnly, Principal
from arcadia_domain.money import MixedCurrencies
from arcadia_domain.period import DateOutOfRange, Period
from arcadia_domain.ports.unit_of_work import Work
from arcadia_domain.pricing.stretch import Status
from tests.fakes.transactions import FakeTransactions
from tests.unit.use_cases.billing.invoiced import invoiced
from tests.unit.use_cases.refusing import refusal
from tests.world import ANN, BOB, NOBODYS, NOW, OLGA, TODAY, active, at, deployed, subscribed

JUNE = date(2026, 6, 1)
APRIL = date(2026, 4, 1)


def ask(work: Work, by: Principal, deployment_id: UUID, **given: object) -> Subscription:
    asked: dict[str, object] = {"plan_code": "studio", "now": NOW, **given}
    return subscribe(work, by, deployment_id=deployment_id, **asked)  # type: ignore[arg-type]  # bad ones too


def test_golden_7_studio_with_storage_snapshots_the_addons_price_and_quantity(shop: FakeTransactions) -> None:
    deployment = deployed(shop)
    subscription = subscribed(shop, deployment, addon_codes=("storage_50gb",))
    (addon,) = subscription.addons
    assert (addon.code, addon.price_cents, addon.qty, addon.currency) == (
        "storage_50gb",
        750,
        Decimal(50),
        "AUD",
    )
    assert (addon.resource_kind, addon.attached_at, addon.from_day, addon.to_day) == (
        "spaces_gb_month",
        NOW,
        TODAY,
        None,
    )
    repriced = replace(shop.state.addons["storage_50gb"], price_cents=900, qty=Decimal(10))
    shop.state.addons["storage_50gb"] = repriced
    with shop.begin(ANN) as work:
        assert work.subscriptions.of_deployment(deployment.id) == subscription


def test_it_holds_from_today_in_the_current_month_on_the_active_version(shop: FakeTransactions) -> None:
    deployment = deployed(shop)
    subscription = subscribed(shop, deployment)
    assert subscription.timeline.points == (ChangePoint(TODAY, active(shop, "studio"), Status.ACTIVE),)
    assert subscription.current_period == Period(date(2026, 5, 1), JUNE)
    assert (subscription.tenant_id, subscription.deployment_id, subscription.created_at) == (
        "acme",
        deployment.id,
        NOW,
    )
    assert (subscription.addons, subscription.trial_ends_at) == ((), None)


def test_today_is_the_day_in_utc(shop: FakeTransactions) -> None:
    in_sydney = datetime.fromisoformat("2026-05-21T08:00:00+10:00")
    subscription = subscribed(shop, deployed(shop), now=in_sydney, starts_on=TODAY)
    assert subscription.timeline.start == TODAY


def test_the_history_says_which_version_from_when_and_who(shop: FakeTransactions) -> None:
    deployment = deployed(shop)
    subscribed(shop, deployment, starts_on=JUNE)
    event = shop.state.events[deployment.id][-1]
    assert (event.kind, event.actor, event.at) == (EventKind.PLAN_CHANGE, "ann", NOW)
    assert event.details == {"plan": "studio", "version": 1, "from_day": "2026-06-01"}
    assert (event.from_state, event.to_state) == (State.ACTIVE, State.ACTIVE)


def test_the_same_addon_twice_is_two_addons(shop: FakeTransactions) -> None:
    subscription = subscribed(shop, deployed(shop), addon_codes=("storage_50gb",) * 2)
    assert [addon.code for addon in subscription.addons] == ["storage_50gb"] * 2
    assert len({addon.id for addon in subscription.addons}) == 2


def test_a_second_subscription_is_refused(shop: FakeTransactions) -> None:
    deployment = deployed(shop)
    subscribed(shop, deployment)
    for by in (ANN, OLGA):
        with refusal(shop, by, AlreadySubscribed) as work:
            ask(work, by, deployment.id, plan_code="pro")


@pytest.mark.parametrize("state", sorted(State))
def test_it_stands_as_its_deployment_stands(shop: FakeTransactions, state: State) -> None:
    deployment = deployed(shop, OLGA, tenant_id="acme")
    way = {
        State.ARCHIVED: (State.CANCELLED, State.ARCHIVED),
        State.ACTIVE: (),
        State.TRIAL: (),
    }.get(state, (state,))
    if state is State.TRIAL:
        deployment = deployed(shop, OLGA, tenant_id="acme", slug="trial", state=State.TRIAL)
    for to in way:
        with shop.begin(OLGA) as work:
            transition(work, OLGA, deployment_id=deployment.id, to=to, now=NOW)
    if STATUS_OF[state] is Status.CANCELLED:
        with refusal(shop, OLGA, DeploymentEnded) as work:
            ask(work, OLGA, deployment.id)
    else:
        assert subscribed(shop, deployment, OLGA).status_on(TODAY) is STATUS_OF[state]


def test_a_past_start_follows_what_happened_since(shop: FakeTransactions) -> None:
    deployment = deployed(shop, now=at(date(2026, 5, 2)))
    for day, to in ((4, State.PAUSED), (6, State.ACTIVE), (9, State.PAUSED), (12, State.ACTIVE)):
        with shop.begin(ANN) as work:
            transition(work, ANN, deployment_id=deployment.id, to=to, now=at(date(2026, 5, day)))
    subscription = subscribed(shop, deployment, OLGA, starts_on=date(2026, 5, 5))
    assert [(point.from_day.day, point.status) for point in subscription.timeline.points] == [
        (5, Status.PAUSED),
        (6, Status.ACTIVE),
        (9, Status.PAUSED),
        (12, Status.ACTIVE),
    ]


def test_an_operator_may_name_a_day_before_the_deployment_was_made(shop: FakeTransactions) -> None:
    deployment = deployed(shop)
    subscription = subscribed(shop, deployment, OLGA, starts_on=APRIL)
    assert subscription.timeline.points == (ChangePoint(APRIL, active(shop, "studio"), Status.ACTIVE),)
    assert subscription.current_period == Period(APRIL, date(2026, 5, 1))


def test_a_tenants_earliest_day_is_today(shop: FakeTransactions) -> None:
    deployment = deployed(shop)
    with refusal(shop, ANN, DayInThePast) as work:
        ask(work, ANN, deployment.id, starts_on=TODAY - timedelta(days=1))
    assert subscribed(shop, deployment, starts_on=TODAY).timeline.start == TODAY


@pytest.mark.parametrize("status", [InvoiceStatus.ISSUED, InvoiceStatus.PAID])
def test_a_month_that_is_invoiced_is_closed(shop: FakeTransactions, status: InvoiceStatus) -> None:
    deployment = deployed(shop)
    invoiced(shop, APRIL, due_on=JUNE, status=status)
    with refusal(shop, OLGA, PeriodInvoiced) as work:
        ask(work, OLGA, deployment.id, starts_on=date(2026, 4, 30))
    subscription = subscribed(shop, deployment, OLGA, starts_on=date(2026, 5, 1))
    assert subscription.timeline.start == date(2026, 5, 1)


@pytest.mark.parametrize("status", [InvoiceStatus.DRAFT, InvoiceStatus.VOID])
def test_a_month_whose_invoice_is_not_issued_is_open(shop: FakeTransactions, status: InvoiceStatus) -> None:
    deployment = deployed(shop)
    invoiced(shop, APRIL, due_on=JUNE, status=status)
    assert subscribed(shop, deployment, OLGA, starts_on=APRIL).timeline.start == APRIL


def test_a_trial_is_an_operators_to_grant(shop: FakeTransactions) -> None:
    deployment = deployed(shop)
    with refusal(shop, ANN, OperatorsOnly) as work:
        ask(work, ANN, deployment.id, trial_ends_at=at(JUNE))
    with shop.begin(OLGA) as work:
        subscription = ask(work, OLGA, deployment.id, trial_ends_at=at(JUNE))
    assert [(point.from_day, point.status) for point in subscription.timeline.points] == [
        (TODAY, Status.TRIAL),
        (JUNE, Status.ACTIVE),
    ]
    assert subscription.trial_ends_at == at(JUNE)


def test_a_trial_from_before_the_deployment_was_made_ends_when_it_was_to_end(shop: FakeTransactions) -> None:
    deployment = deployed(shop)
    with shop.begin(OLGA) as work:
        subscription = ask(work, OLGA, deployment.id, starts_on=APRIL, trial_ends_at=at(JUNE))
    assert [(point.from_day, point.status) for point in subscription.timeline.points] == [
        (APRIL, Status.TRIAL),
        (JUNE, Status.ACTIVE),
    ]


def test_a_trial_from_a_past_day_goes_on_after_the_pauses_since(shop: FakeTransactions) -> None:
    deployment = deployed(shop, now=at(date(2026, 5, 2)))
    for day, to in ((4, State.PAUSED), (6, State.ACTIVE)):
        with shop.begin(ANN) as work:
            transition(work, ANN, deployment_id=deployment.id, to=to, now=at(date(2026, 5, day)))
    with shop.begin(OLGA) as work:
        subscription = ask(work, OLGA, deployment.id, starts_on=date(2026, 5, 2), trial_ends_at=at(JUNE))
    assert [(point.from_day, point.status) for point in subscription.timeline.points] == [
        (date(2026, 5, 2), Status.TRIAL),
        (date(2026, 5, 4), Status.PAUSED),
        (date(2026, 5, 6), Status.TRIAL),
        (JUNE, Status.ACTIVE),
    ]
    assert subscription.revision == 1


def test_a_past_start_comes_to_the_timeline_of_one_that_was_there(shop: FakeTransactions) -> None:
    start = date(2026, 5, 2)
    there, later = deployed(shop, now=at(start)), deployed(shop, slug="later", now=at(start))
    first = subscribed(shop, there, OLGA, now=at(start))
    moves = ((3, 22, State.PAUSED), (4, 1, State.ACTIVE), (4, 22, State.PAUSED), (5, 1, State.ACTIVE))
    for day, hour, to in (*moves, (5, 9, State.PAST_DUE), (5, 22, State.SUSPENDED)):
        for one in (there, later):
            with shop.begin(OLGA) as work:
                transition(work, OLGA, deployment_id=one.id, to=to, now=at(date(2026, 5, day), hour))
    replayed = subscribed(shop, later, OLGA, starts_on=start)
    assert replayed.timeline == shop.state.subscriptions[first.id].timeline


def test_the_end_of_a_trial_is_kept_in_utc(shop: FakeTransactions) -> None:
    deployment = deployed(shop)
    in_sydney = datetime.fromisoformat("2026-06-01T08:00:00+10:00")
    with shop.begin(OLGA) as work:
        subscription = ask(work, OLGA, deployment.id, trial_ends_at=in_sydney)
    assert subscription.trial_ends_at == in_sydney
    assert subscription.trial_ends_at.utcoffset() == timedelta(0)
    assert subscription.timeline.points[-1].from_day == date(2026, 5, 31)


def test_a_paused_deployment_cannot_start_a_trial(shop: FakeTransactions) -> None:
    deployment = deployed(shop)
    with shop.begin(ANN) as work:
        transition(work, ANN, deployment_id=deployment.id, to=State.PAUSED, now=NOW)
    with refusal(shop, OLGA, NoTrialOutOfService) as work:
        ask(work, OLGA, deployment.id, trial_ends_at=at(JUNE))


def test_each_change_of_the_timeline_is_a_revision(shop: FakeTransactions) -> None:
    deployment = deployed(shop)
    assert subscribed(shop, deployment).revision == 1
    with shop.begin(ANN) as work:
        transition(work, ANN, deployment_id=deployment.id, to=State.PAUSED, now=NOW)
        paused = work.subscriptions.of_deployment(deployment.id)
    assert paused is not None
    assert paused.revision == 2


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        ({"plan_code": "nothing"}, UnknownPlan),
        ({"addon_codes": ["storage_50gb", "nothing"]}, UnknownAddon),
        ({"starts_on": date(1999, 12, 31)}, DateOutOfRange),
        ({"starts_on": date(2100, 1, 1)}, DateOutOfRange),
        ({"trial_ends_at": NOW}, TrialEndsBeforeStart),
    ],
)
def test_bad_input_changes_nothing(
    shop: FakeTransactions, bad: dict[str, object], error: type[DomainError]
) -> None:
    deployment = deployed(shop)
    with refusal(shop, OLGA, error) as work:
        ask(work, OLGA, deployment.id, **bad)


def test_a_plan_that_never_was_published_has_no_subscribers(shop: FakeTransactions) -> None:
    deployment = deployed(shop)
    with shop.begin(OLGA) as work:
        create_plan(work, OLGA, code="mini", name="Mini", now=NOW)
    with refusal(shop, ANN, NoActiveVersion) as work:
        ask(work, ANN, deployment.id, plan_code="mini")


def test_currencies_are_not_mixed(shop: FakeTransactions) -> None:
    deployment = deployed(shop)
    dollars = replace(shop.state.addons["storage_50gb"], currency="USD")
    shop.state.addons["storage_50gb"] = dollars
    with refusal(shop, ANN, MixedCurrencies) as work:
        ask(work, ANN, deployment.id, addon_codes=["storage_50gb"])
    shop.state.tenants["acme"] = replace(shop.state.tenants["acme"], currency="USD")
    with refusal(shop, ANN, MixedCurrencies) as work:
        ask(work, ANN, deployment.id)


@pytest.mark.parametrize("by", [BOB, OLGA])
def test_a_deployment_that_one_cannot_see_is_not_there(shop: FakeTransactions, by: Principal) -> None:
    deployment_id = deployed(shop).id if by is BOB else NOBODYS
    with refusal(shop, by, DeploymentNotFound) as work:
        ask(work, by, deployment_id)
