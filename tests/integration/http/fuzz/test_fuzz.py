"""Calls made up from the document: no 5xx, nothing undocumented, nothing that breaks its schema (issue B).

A short, seeded run always; `./arcadia test --long` makes at least 50,000 calls. Both print the table of what
each operation answered, and fail where a cell is missing.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from itertools import count
from random import Random
from typing import Final

import pytest
import structlog

from arcadia_app.http import openapi
from arcadia_app.http.app import HttpOptions
from arcadia_app.jobs.schedule import TICKS
from arcadia_app.jobs.scheduler import Scheduler
from arcadia_app.use_cases.billing.roll_up_period import roll_up_period
from arcadia_app.use_cases.cloud.ingest_invoice import ACCOUNT
from arcadia_app.use_cases.cloud.sync_inventory import sync_inventory
from arcadia_domain.billing.invoicing import InvoiceStatus
from arcadia_domain.cloud.matching import How, Match
from arcadia_domain.cloud.provider_invoices import CloudInvoice, InvoiceSource
from arcadia_domain.cloud.statements import Balance
from arcadia_domain.cloud.syncing import Speed
from arcadia_domain.period import month_of
from arcadia_domain.ports.doors import Rate
from arcadia_domain.ports.statements import BalanceSnapshot
from tests.april import APRIL, AS_OF, pilots
from tests.contracts.facts import moved
from tests.contracts.test_costs import line, stored
from tests.fakes.cloud_inventory import FakeCloudInventory
from tests.held import recorded, resource
from tests.integration.http.conftest import Api, minted, running
from tests.integration.http.described import JsonObject, Operation, operations_of
from tests.integration.http.fuzz.generated import Plan, fuzz
from tests.integration.http.fuzz.provoked import Caller, Provoker, some_call
from tests.integration.http.fuzz.table import Table
from tests.integration.http.fuzz.world import Call, Judge, World
from tests.integration.servers import Database
from tests.world import OLGA

CALLS: Final = 50_000
"""Of a long run, made up as tenant and as admin."""

SETTLED: Final = "settled"
"""A tenant whose April is invoiced for good."""

LIMITED: Final = HttpOptions(rate=Rate(1, timedelta(hours=1)))


def test_made_up_calls_are_answered_as_documented(
    api_database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    table, faults = _run(api_database, examples=1, calls=0)
    _tell(table, faults, capsys)


@pytest.mark.long
def test_fifty_thousand_made_up_calls_are_answered_as_documented(
    api_database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    table, faults = _run(api_database, examples=100, calls=CALLS)
    _tell(table, faults, capsys)
    assert table.calls >= CALLS


def _tell(table: Table, faults: Sequence[str], capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\n{table}")
    assert faults == [], "\n\n".join([f"{len(faults)} faults", *faults[:20]])


def _run(database: Database, *, examples: int, calls: int) -> tuple[Table, list[str]]:
    """The table of a run with at least so many made-up calls, and everything that was wrong."""
    with running(database) as api, _quiet():
        document = api.bare().get(openapi.PATH).json()
        operations = operations_of(document)
        table, judge, callers = Table(operations), Judge(document), _callers(document)
        _invoice(api)
        _charge(api)
        _sync(api)
        _schedule(api)
        provoker = Provoker(api.url, callers, table, judge)
        provoker.succeed(next(one for one in operations if one.id == "create_deployment"))
        faults: list[str] = []
        for seed in count(1):
            faults += [
                fault
                for name, plan in _plans(operations, seed, examples).items()
                for fault in fuzz(api.url, callers[name].token, callers[name].world, table, plan)
            ]
            if faults or table.calls >= calls:
                break
        _balance(api)  # only now: before, there is none to be told
        _preview(api)
        for one in operations:
            provoker.succeed(one)
        provoker.prepared |= _prepared(provoker, callers)
        for one in operations:
            provoker.provoke(one)
            provoker.send(callers["admin"], one, some_call(callers["admin"], one))
        faults += provoker.faults
        provoker.close()
    with running(database, LIMITED, seed=False) as api, _quiet():
        limited = Provoker(api.url, callers, table, judge)
        for one in operations:
            limited.exhaust(callers["tenant"], one)
        faults += limited.faults
        limited.close()
    return table, faults + table.undocumented() + table.missing()


def _callers(document: JsonObject) -> dict[str, Caller]:
    """Whoever sees what another sees learns what the other learns. Tried in this order."""
    gateway = World(document, Random(3), "sky-ai")
    admin = World(document, Random(2), "sky-ai", also=[gateway])
    tenant = World(document, Random(1), "acme", also=[admin, gateway])
    return {
        "tenant": Caller(minted("acme"), tenant),
        "admin": Caller(minted("sky-ai", "platform_admin", sub="olga"), admin),
        "gateway": Caller(minted("sky-ai", "llm_gateway", sub="gateway"), gateway),
    }


def _plans(operations: Sequence[Operation], seed: int, examples: int) -> Mapping[str, Plan]:
    """In a short run, each kind of value once, as the one who may do most."""
    the_gateways = {one.id for one in operations if "gateway_only" in one.codes(403)}
    return {
        "tenant": Plan(seed, examples, every_kind=examples > 1),
        "admin": Plan(seed, examples),
        "gateway": Plan(seed, examples, every_kind=examples > 1, operations=the_gateways),
    }


def _invoice(api: Api) -> None:
    """A draft of April's, for operations that read or act on one; and of another tenant an issued one."""
    transactions = api.app.transactions
    pilots(transactions, "acme", SETTLED, addon_codes=["storage_50gb"])
    assert roll_up_period(transactions, OLGA, period=APRIL, now=AS_OF).failures == ()
    with transactions.begin(OLGA) as work:
        invoice = work.invoices.of_period(SETTLED, APRIL.start)
    assert invoice is not None
    moved(transactions, invoice, InvoiceStatus.ISSUED)


def _charge(api: Api) -> None:
    """Two droplets, and what the provider charges for them in April."""
    transactions, droplets = api.app.transactions, [resource(1), resource(2)]
    recorded(transactions, *droplets)
    stored(transactions, [Match(line(n), one.id, How.NAME) for n, one in enumerate(droplets, start=1)])


def _sync(api: Api) -> None:
    """A sync of an account that holds nothing."""
    sync_inventory(
        api.app.transactions,
        FakeCloudInventory(),
        OLGA,
        account=ACCOUNT,
        speed=Speed.FULL,
        clock=api.app.clock,
    )


def _schedule(api: Api) -> None:
    """One that a scheduler has put, so that there are ticks to pause."""
    Scheduler(api.app, TICKS, api.app.calendar).fire()


def _balance(api: Api) -> None:
    at = api.app.clock.now()
    balance = Balance(
        month_to_date_usage=Decimal("23.4"),
        month_to_date_balance=Decimal("23.4"),
        account_balance=Decimal(0),
        generated_at=at,
    )
    with api.app.transactions.begin(OLGA) as work:
        work.statements.put_balance(BalanceSnapshot(ACCOUNT, balance, at), work.new_id())


def _preview(api: Api) -> None:
    """What the month that runs has come to."""
    month = month_of(api.app.clock.now().date())
    preview = CloudInvoice(
        account=ACCOUNT,
        period=month,
        amount_cents=600,
        currency="USD",
        source=InvoiceSource.PREVIEW,
        invoice_uuid=f"preview-{month.start:%Y-%m}",
        stated_cents=600,
    )
    with api.app.transactions.begin(OLGA) as work:
        work.costs.store_preview(preview, [], work.new_id(), api.app.clock.now())


def _prepared(provoker: Provoker, callers: Mapping[str, Caller]) -> dict[tuple[str, int], Call]:
    """A tax profile in a month that is invoiced; a deployment whose usage is more than a quantity holds.

    Which no other operation may stumble over.
    """
    gateway = callers["gateway"].world
    overfull = gateway.place("read_deployment")
    assert overfull is not None
    event = {**gateway.body("record_usage"), **overfull, "qty": "9999999999", "resource_kind": "bandwidth_gb"}
    for _ in range(3):
        events = [{**event, "event_id": gateway.new("e")} for _ in range(5000)]
        pushed = Call({}, {}, {"events": events})
        assert provoker.send(callers["gateway"], gateway.operations["record_usage"], pushed).status == 200
    return {
        ("set_tax_profile", 409): Call(
            {"tenant_id": SETTLED, "from_day": "2026-04-10"},
            {},
            callers["admin"].world.body("set_tax_profile"),
        ),
        ("read_usage", 422): Call(overfull, {}, None),
        ("read_upcoming_invoice", 422): Call(overfull, {}, None),
    }


@contextmanager
def _quiet() -> Iterator[None]:
    """A line for each of so many requests would hide the table."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        yield
    finally:
        structlog.configure(**before)
