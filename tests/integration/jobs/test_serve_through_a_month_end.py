"""`arcadia serve --sample` over the end of May 2026: nobody calls any act, and all of it is there (SPEC 17).

The process is told when it is; what it does then, the schedule asks for. The test reads, and moves the clock
when the queues are empty.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from arcadia_app.jobs.schedule import TICKS
from tests.by_hand import ticks_of
from tests.integration.http.serve import Served, own_data_dir, serving
from tests.waiting import until

BEGINS = datetime(2026, 5, 20, tzinfo=UTC)
MONTH_END = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)
ENDS = datetime(2026, 6, 2, 2, 23, tzinfo=UTC)
"""May's invoice of DigitalOcean, made on the first, is found."""
FIRST_NIGHT = [datetime(2026, 5, 20, *at, tzinfo=UTC) for at in ((0, 7), (0, 15), (0, 37), (2, 23))]
PATIENCE = 180
HOURS_OF_MAY = 31 * 24


class Operator:
    """Who looks on, and moves the time."""

    def __init__(self, served: Served) -> None:
        self._http = served.admin()
        told = json.loads((served.data_dir / "sandbox.json").read_text())
        self._sandbox = httpx.Client(base_url=told["url"], timeout=PATIENCE)

    def read(self, path: str, **query: object) -> Any:
        return self._http.get(path, params={name: str(value) for name, value in query.items()}).json()

    def every(self, path: str, **query: object) -> list[Any]:
        """All items of a list, over its pages."""
        page = self.read(path, limit=200, **query)
        found: list[Any] = page["items"]
        while page["next_cursor"]:
            page = self.read(path, limit=200, cursor=page["next_cursor"], **query)
            found += page["items"]
        return found

    def move_to(self, at: datetime) -> None:
        """Let it be this instant, and wait until all that is due then is done."""
        self._sandbox.put("/sandbox/clock", json={"at": at.isoformat()}).raise_for_status()
        until(
            lambda: self._all_fired(at) and self._all_done(),
            lambda: self.read("/api/v1/queues"),
            patience=PATIENCE,
        )

    def close(self) -> None:
        self._sandbox.close()

    def _all_fired(self, at: datetime) -> bool:
        ticks = self.read("/api/v1/schedule")["items"]
        return len(ticks) == len(TICKS) and all(
            tick["due_since"] is None and datetime.fromisoformat(tick["next"][0]) > at for tick in ticks
        )

    def _all_done(self) -> bool:
        queues = self.read("/api/v1/queues")["items"]
        return not any(queue["waiting"] or queue["running"] for queue in queues)


def lived(instants: Sequence[datetime]) -> Iterator[tuple[Served, Operator]]:
    """A process that has lived through these."""
    with (
        own_data_dir() as data_dir,
        serving(data_dir, "--sample", ARCADIA_CLOCK=BEGINS.isoformat()) as served,
    ):
        operator = Operator(served)
        try:
            for at in instants:
                operator.move_to(at)
            yield served, operator
        finally:
            operator.close()


@pytest.fixture(scope="module")
def may() -> Iterator[tuple[Served, Operator]]:
    """The first night tick by tick; then twelve days in which the machine was off; then the month end."""
    yield from lived([*FIRST_NIGHT, MONTH_END, ENDS])


@pytest.fixture
def every_tick_of_may() -> Iterator[tuple[Served, Operator]]:
    """Each tick on time, but for those that come every few minutes: they are due at the others' times too."""
    rare = [tick for tick in TICKS if not tick.cron.startswith("*/")]
    due = ticks_of(rare, BEGINS, ENDS)
    yield from lived(sorted({at for each in due.values() for at in each}))


def test_each_job_was_asked_for_by_a_tick_and_succeeded(may: tuple[Served, Operator]) -> None:
    jobs_are_the_schedules(may[1])


def test_the_inventory_is_whole(may: tuple[Served, Operator]) -> None:
    inventory_is_whole(may[1])


def test_every_invoice_of_the_provider_adds_up_and_mays_too(may: tuple[Served, Operator]) -> None:
    costs_are_there(may[1])


def test_the_tenant_sees_its_usage_and_its_invoice_of_may(may: tuple[Served, Operator]) -> None:
    tenant_is_billed(may[0])


def test_the_margin_of_may_has_revenue_and_cost(may: tuple[Served, Operator]) -> None:
    margin_is_there(may[1])


def test_the_commands_beside_it_say_the_same(may: tuple[Served, Operator]) -> None:
    said = may[0].command("margin", "2026-05", "--json")
    assert said.returncode == 0, said.stderr
    assert (
        json.loads(said.stdout)["overall"]
        == may[1].read("/api/v1/dashboard/margin", period="2026-05-01")["overall"]
    )


@pytest.mark.long
def test_all_of_it_is_there_where_each_tick_came_in_time(
    every_tick_of_may: tuple[Served, Operator],
) -> None:
    served, operator = every_tick_of_may
    jobs_are_the_schedules(operator)
    inventory_is_whole(operator)
    costs_are_there(operator)
    tenant_is_billed(served)
    margin_is_there(operator)


def jobs_are_the_schedules(operator: Operator) -> None:
    jobs = operator.every("/api/v1/jobs")
    assert Counter(job["state"] for job in jobs) == {"succeeded": len(jobs)}
    assert {job["created_by"] for job in jobs} == {"scheduler"}
    assert {job["cause"].split()[0] for job in jobs} == {"tick"}
    assert {job["cause"].split()[1] for job in jobs} == {tick.name for tick in TICKS}


def inventory_is_whole(operator: Operator) -> None:
    kinds = Counter(one["kind"] for one in operator.every("/api/v1/inventory"))
    assert kinds == {"droplet": 5, "project": 1, "vpc": 1}
    syncs = operator.every("/api/v1/inventory/syncs")
    assert {one["speed"] for one in syncs} == {"fast", "full", "slow"}
    short = {(scope["kind"], scope["shortfall"]) for one in syncs for scope in one["scopes"]}
    # Without keys of Spaces nobody can ask for buckets; everything else was listed whole each time.
    assert {kind for kind, shortfall in short if shortfall} <= {"space"}


def costs_are_there(operator: Operator) -> None:
    invoices = operator.every("/api/v1/billing/cloud-invoices")
    assert Counter(one["state"] for one in invoices) == {"reconciled": 138}
    [of_may] = operator.every("/api/v1/billing/cloud-invoices", period="2026-05")
    lines = operator.every("/api/v1/billing/cost-lines", period="2026-05-01")
    assert of_may["amount_cents"] == sum(line["amount_cents"] for line in lines) == 3740
    droplets = [line for line in lines if line["product"] == "Droplets"]
    assert len(droplets) == 5
    assert all(line["matched"] for line in droplets)
    assert operator.read("/api/v1/billing/balance")["captured_at"][:19] >= "2026-05-20T00:07:00"


def tenant_is_billed(served: Served) -> None:
    tenant = served.client("pilot", subject="pia")
    [deployment] = tenant.get("/api/v1/deployments").json()["items"]
    usage = tenant.get(f"/api/v1/deployments/{deployment['id']}/usage", params={"period": "2026-05"}).json()
    used = {one["resource_kind"]: one["qty"] for one in usage["items"]}
    assert used["droplet_hours"] == str(3 * HOURS_OF_MAY)
    [invoice] = tenant.get("/api/v1/invoices", params={"period": "2026-05"}).json()["items"]
    # Studio, 50 GB more, and the hours of one droplet above the two that the plan includes.
    assert invoice["subtotal_cents"] == 5000 + 750 + HOURS_OF_MAY
    assert invoice["tenant_id"] == "pilot"


def margin_is_there(operator: Operator) -> None:
    margin = operator.read("/api/v1/dashboard/margin", period="2026-05-01")
    pilot = next(row for row in margin["by_tenant"] if row["tenant_id"] == "pilot")
    assert (pilot["revenue_cents"], pilot["cogs_cents"]) == (5000 + 750 + HOURS_OF_MAY, 1800)
    assert margin["overall"]["cogs_cents"] == 3740
    assert {row["tenant_id"] for row in margin["by_tenant"]} == {"pilot", "corner-shop"}
