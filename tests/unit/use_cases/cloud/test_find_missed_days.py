"""The days that metering missed are found, and each is asked for once (SPEC 7, 17)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta

import pytest

from arcadia_app.use_cases.billing.roll_up_period import roll_up_period
from arcadia_app.use_cases.cloud import request_metering
from arcadia_app.use_cases.cloud.find_missed_days import find_missed_days
from arcadia_app.use_cases.cloud.meter_day import meter_day
from arcadia_app.use_cases.cloud.request_metering import request_metering as request_day
from arcadia_app.use_cases.cloud.request_missed_days import request_missed_days
from arcadia_domain.billing.deployments import Deployment
from arcadia_domain.billing.invoicing import InvoiceStatus
from arcadia_domain.period import month_of
from tests.contracts.facts import moved
from tests.fakes.transactions import FakeTransactions
from tests.held import assigned, recorded, resource
from tests.world import BOB, NOW, OLGA, deployed, seeded, subscribed

SINCE = datetime(2026, 3, 1, tzinfo=UTC)
BORN = datetime(2026, 3, 28, tzinfo=UTC)
"""28 March: four days of it, and April."""
TICK = datetime(2026, 5, 3, 1, 10, tzinfo=UTC)


@pytest.fixture
def store() -> FakeTransactions:
    return seeded(FakeTransactions())


@pytest.fixture
def pilot(store: FakeTransactions) -> Deployment:
    """With a droplet since 28 March."""
    pilot = deployed(store, now=SINCE)
    subscribed(store, pilot, now=SINCE)
    web = resource(created_at=BORN)
    recorded(store, web)
    assigned(store, web, pilot)
    return pilot


def days(first: date, end: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((end - first).days)]


def metered(store: FakeTransactions, those: Collection[date]) -> None:
    with store.begin(OLGA) as work:
        for day in those:
            meter_day(work, OLGA, day=day, now=NOW)


def asked(store: FakeTransactions, now: datetime = TICK) -> list[date]:
    with store.begin(OLGA) as work:
        return list(find_missed_days(work, OLGA, now=now, cause="tick missed_days"))


def waiting(store: FakeTransactions) -> list[str]:
    jobs = [stored.asked for stored in store.state.jobs.values()]
    return sorted(job.payload["day"] for job in jobs if job.name == request_metering.JOB)


def test_every_day_that_was_not_metered_is_asked_for_until_yesterday(
    store: FakeTransactions, pilot: Deployment
) -> None:
    missed = days(BORN.date(), TICK.date())
    assert asked(store) == missed
    assert waiting(store) == [str(day) for day in missed]


def test_only_those_that_are_missing_are_and_a_day_that_waits_is_not_asked_for_twice(
    store: FakeTransactions, pilot: Deployment
) -> None:
    all_of_them = days(BORN.date(), TICK.date())
    missing = [date(2026, 3, 30), date(2026, 4, 17), date(2026, 5, 2)]
    metered(store, set(all_of_them) - set(missing))
    with store.begin(OLGA) as work:
        request_day(work, OLGA, day=missing[1], now=TICK, cause="its own tick")
    assert asked(store) == asked(store) == missing
    assert waiting(store) == [str(day) for day in missing]
    metered(store, missing)
    assert asked(store) == []


def test_a_day_whose_job_stopped_is_asked_for_again(store: FakeTransactions, pilot: Deployment) -> None:
    day = date(2026, 5, 2)
    metered(store, days(BORN.date(), day))
    with store.begin(OLGA) as work:
        job_id = request_day(work, OLGA, day=day, now=TICK, cause="its own tick")
        job = work.jobs.claim(job_id, TICK, TICK + timedelta(1), names=[request_metering.JOB], worker="one")
        assert job is not None
        assert work.jobs.fail(job, "internal_error", "each time", TICK, parked=True)
    assert asked(store) == [day]
    assert waiting(store) == [str(day)] * 2


def test_a_month_that_is_closed_is_not_metered_again_for_whom_it_is(
    store: FakeTransactions, pilot: Deployment
) -> None:
    march = month_of(BORN.date())
    assert roll_up_period(store, OLGA, period=march, now=NOW).failures == ()
    with store.begin(OLGA) as work:
        invoice = work.invoices.of_period(pilot.tenant_id, march.start)
    assert invoice is not None
    moved(store, invoice, InvoiceStatus.ISSUED)
    another = deployed(store, BOB, now=SINCE)
    late = resource(number=2, created_at=datetime(2026, 3, 30, 12, tzinfo=UTC))
    recorded(store, late)
    assigned(store, late, another)
    store.state.day_usage.clear()
    assert asked(store) == days(date(2026, 3, 30), TICK.date())  # bob's March, and both their Aprils


def test_older_months_are_an_operators_business(store: FakeTransactions, pilot: Deployment) -> None:
    assert asked(store, datetime(2026, 6, 1, tzinfo=UTC))[0] == date(2026, 4, 1)


def test_on_the_first_midnight_of_what_there_is_nothing_was_missed(store: FakeTransactions) -> None:
    assert asked(store) == []


def test_the_job_that_looks_is_asked_for_once(store: FakeTransactions) -> None:
    with store.begin(OLGA) as work:
        first, second = (request_missed_days(work, OLGA, now=TICK, cause="tick") for _ in range(2))
    assert first == second
