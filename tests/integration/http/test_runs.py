"""Billing runs over HTTP: how the month end of each month stands, and that it is not lost (SPEC 9, 18)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from arcadia_app.jobs.acts import ACTS
from arcadia_app.jobs.billing_acts import NET, billing_acts
from arcadia_app.jobs.runner import JobRunner
from tests.april import AS_OF, pilots
from tests.held import assigned, recorded, resource
from tests.integration.http.conftest import Api
from tests.integration.http.test_jobs import ROLLUPS, refusal

RUNS = "/api/v1/billing/runs"
JOBS = "/api/v1/jobs"


class MonthEnds:
    """The door, and a runner of shards of one tenant that runs as many jobs as it is told."""

    def __init__(self, api: Api) -> None:
        api.clock.at = AS_OF
        self.api = api
        self.olga = api.admin()
        self._runner = JobRunner(api.app, acts={**ACTS, **billing_acts(tenants_a_shard=1)})

    def asked(self, period: str = "2026-04", **more: Any) -> UUID:
        answer = self.olga.post(ROLLUPS, json={"period": period, **more})
        assert answer.status_code == 202, answer.text
        return UUID(answer.json()["job_id"])

    def run(self, steps: int = 1000) -> None:
        while steps and self._runner.run_next():
            steps -= 1

    def told(self, period: str = "2026-04") -> dict[str, Any]:
        told: dict[str, Any] = self.olga.get(f"{RUNS}/{period}").raise_for_status().json()
        return told


@pytest.fixture
def ends(api: Api) -> MonthEnds:
    return MonthEnds(api)


def test_a_run_tells_how_far_it_is_and_names_whom_it_could_not_bill(ends: MonthEnds) -> None:
    broken, *_ = pilots(ends.api.app.transactions, "a", "b", "c")
    held = resource(1, created_at=None)
    recorded(ends.api.app.transactions, held)
    assigned(ends.api.app.transactions, held, broken)
    ends.asked()
    ends.run(steps=2)
    amid = ends.told()["run"]
    assert (amid["period"], amid["state"], amid["finished_at"]) == ("2026-04", "running", None)
    assert (amid["tenants"], amid["done"], amid["created"]) == (3, 1, 0)  # the first is the one that fails
    assert amid["shards"] == {"waiting": 2, "stopped": 0, "done": 1, "discarded": 0}
    ends.run()
    told = ends.told()
    assert (told["run"]["state"], told["run"]["created"], told["run"]["failed"]) == ("finished", 2, 1)
    [failure] = told["failures"]
    assert (failure["tenant_id"], failure["code"]) == ("a", "resource_without_created_at")


def test_one_tenant_alone_finishes_nothing_and_opens_nothing_again(ends: MonthEnds) -> None:
    pilots(ends.api.app.transactions, "a", "b")
    for state in ("open", "finished"):
        ends.asked(tenant_id="a", force=True)
        ends.run()
        assert ends.told()["run"]["state"] == state
        ends.asked()
        ends.run()


def test_runs_are_listed_the_latest_month_first_in_pages(ends: MonthEnds) -> None:
    for period in ("2026-03", "2026-01", "2026-04", "2026-02"):
        ends.asked(period)
    ends.run()
    first = ends.olga.get(RUNS, params={"limit": 3}).raise_for_status().json()
    assert [one["period"] for one in first["items"]] == ["2026-04", "2026-03", "2026-02"]
    rest = ends.olga.get(RUNS, params={"cursor": first["next_cursor"]}).raise_for_status().json()
    assert ([one["period"] for one in rest["items"]], rest["next_cursor"]) == (["2026-01"], None)


def test_a_month_without_a_run_is_not_found_and_what_is_no_month_is_refused(ends: MonthEnds) -> None:
    assert refusal(ends.olga.get(f"{RUNS}/2026-04")) == (404, "run_not_found")
    assert refusal(ends.olga.get(f"{RUNS}/April")) == (400, "invalid_parameter")


def test_runs_are_for_operators(ends: MonthEnds) -> None:
    ann = ends.api.client()
    for path in (RUNS, f"{RUNS}/2026-04"):
        assert refusal(ann.get(path)) == (403, "operators_only")


def test_a_month_end_is_discarded_by_its_shards(ends: MonthEnds) -> None:
    pilots(ends.api.app.transactions, "a", "b")
    job_id = ends.asked()
    ends.run(steps=2)
    assert refusal(ends.olga.post(f"{JOBS}/{job_id}/discard")) == (409, "shards_to_be_done")
    waiting = ends.olga.get(JOBS, params={"state": "queued"}).raise_for_status().json()["items"]
    [shard] = [one["id"] for one in waiting if one["name"] == "roll_up_shard"]
    ends.olga.post(f"{JOBS}/{shard}/discard").raise_for_status()
    ends.api.clock.pass_by(NET)
    ends.run()
    told = ends.told()
    assert (told["run"]["state"], told["run"]["shards"]["discarded"]) == ("finished", 1)
    assert [(one["tenant_id"], one["code"]) for one in told["failures"]] == [("b", "shard_discarded")]
