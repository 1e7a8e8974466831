"""transition: the map, who may move what, the history, and the subscription that follows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from arcadia_app.use_cases.billing.roll_up_period import roll_up_period
from arcadia_app.use_cases.billing.scope import DeploymentNotFound
from arcadia_app.use_cases.billing.subscribe import subscribe
from arcadia_app.use_cases.billing.transition import transition
from arcadia_domain.billing.deployments import (
    TENANT_MOVES,
    TRANSITIONS,
    Deployment,
    EventKind,
    InvalidTransition,
    InvoiceOverdue,
    State,
    TransitionForbidden,
)
from arcadia_domain.billing.invoicing import InvoiceStatus
from arcadia_domain.billing.subscriptions import ChangePoint
from arcadia_domain.identity import Principal
from arcadia_domain.period import month_of
from arcadia_domain.pricing.stretch import Status
from tests.fakes.transactions import FakeTransactions
from tests.unit.use_cases.billing.invoiced import invoiced
from tests.unit.use_cases.refusing import refusal
from tests.world import ANN, BOB, NOBODYS, NOW, OLGA, TODAY, at, deployed, subscribed

APRIL = date(2026, 4, 1)
APRIL_DAYS = month_of(APRIL)
EVERY_MOVE = [(start, end) for start in State for end in State]


def in_state(store: FakeTransactions, state: State) -> Deployment:
    """A deployment that stands in a state, however it came there."""
    made = replace(deployed(store), state=state)
    store.state.deployments[made.id] = made
    return made


def moved(
    store: FakeTransactions,
    deployment: Deployment,
    to: State,
    by: Principal = ANN,
    *,
    on: date = TODAY,
    reason: str | None = None,
) -> Deployment:
    with store.begin(by) as work:
        return transition(work, by, deployment_id=deployment.id, to=to, now=at(on), reason=reason)


def points(store: FakeTransactions, deployment: Deployment) -> list[tuple[date, Status]]:
    with store.begin(ANN) as work:
        subscription = work.subscriptions.of_deployment(deployment.id)
    assert subscription is not None
    return [(point.from_day, point.status) for point in subscription.timeline.points]


def test_golden_7_a_pause_is_logged_with_its_actor_and_archiving_what_is_paused_is_refused(
    store: FakeTransactions,
) -> None:
    deployment = deployed(store)
    paused = moved(store, deployment, State.PAUSED, reason="holidays")
    with store.begin(ANN) as work:
        assert work.deployments.get(deployment.id) == paused
        event = work.deployments.events(deployment.id)[-1]
    assert paused == replace(deployment, state=State.PAUSED, revision=2)
    assert (event.kind, event.from_state, event.to_state) == (
        EventKind.STATE,
        State.ACTIVE,
        State.PAUSED,
    )
    assert (event.actor, event.reason, event.at) == ("ann", "holidays", at(TODAY))
    with refusal(store, OLGA, InvalidTransition) as work:
        transition(work, OLGA, deployment_id=deployment.id, to=State.ARCHIVED, now=NOW)


@pytest.mark.parametrize(("start", "end"), EVERY_MOVE)
def test_an_operator_makes_every_move_of_the_map_and_no_other(
    store: FakeTransactions, start: State, end: State
) -> None:
    deployment = in_state(store, start)
    if end in TRANSITIONS[start]:
        assert moved(store, deployment, end, OLGA).state is end
        assert store.state.events[deployment.id][-1].actor == "olga"
    else:
        with refusal(store, OLGA, InvalidTransition) as work:
            transition(work, OLGA, deployment_id=deployment.id, to=end, now=NOW)


@pytest.mark.parametrize(("start", "end"), EVERY_MOVE)
def test_a_tenant_makes_its_own_moves_only_and_the_map_comes_first(
    store: FakeTransactions, start: State, end: State
) -> None:
    deployment = in_state(store, start)
    if (start, end) in TENANT_MOVES:
        assert moved(store, deployment, end).state is end
        return
    error = TransitionForbidden if end in TRANSITIONS[start] else InvalidTransition
    with refusal(store, ANN, error) as work:
        transition(work, ANN, deployment_id=deployment.id, to=end, now=NOW)


def test_what_a_tenant_may_do_alone_is_what_the_spec_names() -> None:
    assert {(start.value, end.value) for start, end in TENANT_MOVES} == {
        ("active", "paused"),
        ("paused", "active"),
        ("trial", "cancelled"),
        ("active", "cancelled"),
        ("paused", "cancelled"),
    }


@pytest.mark.parametrize("by", [BOB, OLGA])
def test_a_deployment_that_one_cannot_see_is_not_there(store: FakeTransactions, by: Principal) -> None:
    deployment_id = deployed(store).id if by is BOB else NOBODYS
    with refusal(store, by, DeploymentNotFound) as work:
        transition(work, by, deployment_id=deployment_id, to=State.PAUSED, now=NOW)


def test_the_history_keeps_every_move_of_a_day(store: FakeTransactions) -> None:
    deployment = deployed(store)
    for to in (State.PAUSED, State.ACTIVE, State.PAUSED):
        moved(store, deployment, to)
    events = store.state.events[deployment.id]
    assert [event.to_state for event in events] == [
        State.ACTIVE,
        State.PAUSED,
        State.ACTIVE,
        State.PAUSED,
    ]


@pytest.mark.parametrize(
    ("due_on", "status", "overdue"),
    [
        (TODAY - timedelta(days=1), InvoiceStatus.ISSUED, True),
        (TODAY, InvoiceStatus.ISSUED, False),
        (TODAY - timedelta(days=1), InvoiceStatus.PAID, False),
    ],
)
def test_a_paused_deployment_does_not_resume_while_an_invoice_is_overdue(
    store: FakeTransactions, due_on: date, status: InvoiceStatus, overdue: bool
) -> None:
    deployment = in_state(store, State.PAUSED)
    invoiced(store, APRIL, due_on=due_on, status=status)
    if not overdue:
        assert moved(store, deployment, State.ACTIVE).state is State.ACTIVE
        return
    for by in (ANN, OLGA):
        with refusal(store, by, InvoiceOverdue) as work:
            transition(work, by, deployment_id=deployment.id, to=State.ACTIVE, now=NOW)


def test_an_overdue_invoice_hinders_no_other_move_and_no_other_tenant(store: FakeTransactions) -> None:
    invoiced(store, APRIL, due_on=TODAY - timedelta(days=1))
    mine, bobs = in_state(store, State.PAUSED), deployed(store, BOB)
    moved(store, bobs, State.PAUSED, BOB)
    assert moved(store, bobs, State.ACTIVE, BOB).state is State.ACTIVE
    assert moved(store, mine, State.CANCELLED).state is State.CANCELLED


def test_a_pause_and_a_return_are_points_of_the_subscriptions_timeline(shop: FakeTransactions) -> None:
    deployment = deployed(shop, now=at(date(2026, 4, 1)))
    subscribed(shop, deployment, now=at(date(2026, 4, 1)))
    moved(shop, deployment, State.PAUSED, on=date(2026, 4, 11))
    moved(shop, deployment, State.ACTIVE, on=date(2026, 4, 21))
    assert points(shop, deployment) == [
        (date(2026, 4, 1), Status.ACTIVE),
        (date(2026, 4, 11), Status.PAUSED),
        (date(2026, 4, 21), Status.ACTIVE),
    ]


def test_a_pause_and_a_return_on_one_day_leave_no_point(shop: FakeTransactions) -> None:
    deployment = deployed(shop)
    subscribed(shop, deployment)
    moved(shop, deployment, State.PAUSED, on=date(2026, 5, 25))
    moved(shop, deployment, State.ACTIVE, on=date(2026, 5, 25))
    assert points(shop, deployment) == [(TODAY, Status.ACTIVE)]


def at_work(store: FakeTransactions, day: date, *moves: tuple[int, State]) -> None:
    """The pilot's moves of a day: at which hour, to what."""
    [deployment] = store.state.deployments.values()
    for hour, to in moves:
        with store.begin(OLGA) as work:
            transition(work, OLGA, deployment_id=deployment.id, to=to, now=at(day, hour))


IN, OUT = (0, State.ACTIVE), (23, State.PAUSED)


def test_who_resumes_after_midnight_and_pauses_before_the_next_pays_the_whole_month(
    shop: FakeTransactions,
) -> None:
    start = date(2026, 3, 30)
    subscribed(shop, deployed(shop, now=at(start)), now=at(start))
    at_work(shop, date(2026, 3, 31), OUT)
    for day in APRIL_DAYS:
        at_work(shop, day, IN, OUT)
    assert roll_up_period(shop, OLGA, period=APRIL_DAYS, now=at(date(2026, 5, 1))).created == 1
    [invoice] = shop.state.invoices.values()
    assert invoice.subtotal_cents == 5000
    [deployment] = shop.state.deployments.values()
    assert points(shop, deployment) == [
        (start, Status.ACTIVE),
        (date(2026, 3, 31), Status.PAUSED),
        (APRIL, Status.ACTIVE),
        (date(2026, 5, 1), Status.PAUSED),
    ]


def test_a_day_resumed_is_a_day_in_service_and_the_pause_holds_from_the_next(shop: FakeTransactions) -> None:
    deployment = deployed(shop)
    subscribed(shop, deployment)
    at_work(shop, date(2026, 5, 22), OUT)
    at_work(shop, date(2026, 5, 25), IN, (9, State.PAUSED), (10, State.ACTIVE), OUT)
    expected = [
        (TODAY, Status.ACTIVE),
        (date(2026, 5, 22), Status.PAUSED),
        (date(2026, 5, 25), Status.ACTIVE),
        (date(2026, 5, 26), Status.PAUSED),
    ]
    assert points(shop, deployment) == expected
    at_work(shop, date(2026, 5, 25), (23, State.ACTIVE))
    assert points(shop, deployment) == expected[:-1]


def test_a_pause_and_a_return_within_a_day_leave_the_next_pause_of_it_as_it_was(
    shop: FakeTransactions,
) -> None:
    deployment = deployed(shop)
    subscribed(shop, deployment)
    at_work(shop, date(2026, 5, 25), (9, State.PAUSED), (10, State.ACTIVE), OUT)
    assert points(shop, deployment) == [(TODAY, Status.ACTIVE), (date(2026, 5, 25), Status.PAUSED)]


def test_a_suspension_of_the_day_of_the_return_holds_from_the_next_and_ending_it_keeps_the_trial(
    shop: FakeTransactions,
) -> None:
    deployment = deployed(shop)
    with shop.begin(OLGA) as work:
        subscribe(
            work,
            OLGA,
            deployment_id=deployment.id,
            plan_code="studio",
            now=NOW,
            trial_ends_at=at(date(2026, 6, 9)),
        )
    at_work(shop, date(2026, 5, 22), (9, State.SUSPENDED))
    at_work(shop, date(2026, 5, 25), IN, (9, State.SUSPENDED))
    assert points(shop, deployment)[-2:] == [
        (date(2026, 5, 25), Status.TRIAL),
        (date(2026, 5, 26), Status.PAUSED),
    ]
    at_work(shop, date(2026, 5, 25), (10, State.ACTIVE))
    assert points(shop, deployment)[-2:] == [
        (date(2026, 5, 25), Status.TRIAL),
        (date(2026, 6, 9), Status.ACTIVE),
    ]


def test_a_subscription_of_today_that_is_paused_today_costs_nothing(shop: FakeTransactions) -> None:
    deployment = deployed(shop, now=at(date(2026, 5, 18)))
    at_work(shop, date(2026, 5, 19), OUT)
    at_work(shop, TODAY, IN)
    subscribed(shop, deployment)
    at_work(shop, TODAY, OUT)
    assert points(shop, deployment) == [(TODAY, Status.PAUSED)]


def test_a_move_that_changes_nothing_for_the_subscription_leaves_it_as_it_is(shop: FakeTransactions) -> None:
    deployment = deployed(shop)
    before = subscribed(shop, deployment)
    moved(shop, deployment, State.PAST_DUE, OLGA, on=date(2026, 5, 25))
    assert shop.state.subscriptions == {before.id: before}


def test_cancelling_ends_the_subscription_on_that_day(shop: FakeTransactions) -> None:
    deployment = deployed(shop)
    subscribed(shop, deployment)
    moved(shop, deployment, State.CANCELLED, on=date(2026, 5, 25))
    moved(shop, deployment, State.ARCHIVED, OLGA, on=date(2026, 5, 26))
    assert points(shop, deployment) == [
        (TODAY, Status.ACTIVE),
        (date(2026, 5, 25), Status.CANCELLED),
    ]


def test_a_move_before_the_subscription_starts_holds_from_its_start(shop: FakeTransactions) -> None:
    deployment = deployed(shop)
    june = date(2026, 6, 1)
    subscription = subscribed(shop, deployment, starts_on=june)
    moved(shop, deployment, State.PAUSED)
    assert points(shop, deployment) == [(june, Status.PAUSED)]
    stored = shop.state.subscriptions[subscription.id]
    assert stored.timeline.points == (ChangePoint(june, subscription.version_on(june), Status.PAUSED),)
