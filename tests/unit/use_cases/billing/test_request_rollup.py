"""request_rollup: what can be known to come to nothing is refused at once; the rest is a job."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from arcadia_app.use_cases.billing.billing_run.check_rollup import MonthNotOver, UnknownTenant
from arcadia_app.use_cases.billing.request_rollup import request_rollup
from arcadia_domain.identity import OperatorsOnly, Principal
from arcadia_domain.period import month_of
from tests.april import APRIL, AS_OF, pilots
from tests.fakes.transactions import FakeTransactions
from tests.world import ANN, OLGA


def asked(store: FakeTransactions, by: Principal = OLGA, **told: Any) -> UUID:
    with store.begin(by) as work:
        return request_rollup(work, by, **{"period": APRIL, "now": AS_OF, "cause": "request-1", **told})


def test_the_job_says_what_is_asked_for_by_whom_and_why(store: FakeTransactions) -> None:
    job_id = asked(store, force=True)
    job = store.state.jobs[job_id].asked
    assert (job.name, job.queue) == ("roll_up_period", "cloud_billing")
    assert job.payload == {"period": "2026-04", "force": True, "tenant_id": None}
    assert (job.created_by, job.cause) == ("olga", "request-1")


def test_the_same_asked_for_twice_is_one_job_and_anything_else_is_another(shop: FakeTransactions) -> None:
    pilots(shop, "acme")
    march = month_of(date(2026, 3, 1))
    jobs = [asked(shop, **told) for told in ({}, {"force": True}, {"tenant_id": "acme"}, {"period": march})]
    assert len(set(jobs)) == 4
    assert asked(shop) == jobs[0]
    assert asked(shop, tenant_id="acme") == jobs[2]


def test_rollups_of_one_month_take_turns(store: FakeTransactions) -> None:
    plain, forced = asked(store), asked(store, force=True)
    keys = {store.state.jobs[job].asked.ordering_key for job in (plain, forced)}
    assert keys == {"rollup:2026-04"}


@pytest.mark.parametrize(
    ("told", "refusal"),
    [
        ({"by": ANN}, OperatorsOnly),
        ({"now": datetime(2026, 4, 30, 23, 59, 59, tzinfo=UTC)}, MonthNotOver),
        ({"tenant_id": "nobody"}, UnknownTenant),
    ],
)
def test_what_cannot_come_to_anything_is_refused_and_no_job_is_made(
    store: FakeTransactions, told: dict[str, Any], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        asked(store, **told)
    assert store.state.jobs == {}
