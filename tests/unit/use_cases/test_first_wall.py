"""The first wall alone: with the store open to everybody, no act shows or changes what another tenant has.

Every public function of `use_cases` that is told who asks (`by`) is called by a tenant with another one's
ids, on transactions that see every row. A new act is called by itself; a parameter of a new name fails the
test until `values` says what another tenant's is.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any, Final

import pytest

import arcadia_app.use_cases
from arcadia_adapters.clock import SystemClock
from arcadia_adapters.cron import CronCalendar
from arcadia_app.use_cases.billing.billing_run.meter_month import MonthMetered
from arcadia_app.use_cases.billing.roll_up_period import roll_up_period
from arcadia_domain.billing.deployments import LlmMode, State
from arcadia_domain.billing.tax import TaxProfile
from arcadia_domain.billing.tenants import Tenant
from arcadia_domain.cloud.matching import How, Match
from arcadia_domain.cloud.provider_invoices import InvoiceSource
from arcadia_domain.cloud.syncing import Speed
from arcadia_domain.errors import DomainError
from arcadia_domain.identity import Principal
from arcadia_domain.ports.charges import ChargesAsked
from arcadia_domain.ports.cloud import ResourcesAsked
from arcadia_domain.ports.month_end import Asking, BillingRun
from arcadia_domain.ports.upkeep import Retention
from tests.april import APRIL, AS_OF, pilots
from tests.contracts.test_costs import line, stored
from tests.fakes.cloud_billing import FakeCloudBilling
from tests.fakes.cloud_inventory import FakeCloudInventory
from tests.fakes.costs import line_id
from tests.fakes.transactions import FakeTransactions, FakeWork
from tests.held import assigned, recorded, resource
from tests.world import BOB, NOBODYS, OLGA, seeded

TENANT = "alpaca"
TODAY = AS_OF.date()


class OpenStore(FakeTransactions):
    """Everybody sees and writes every row."""

    @contextmanager
    def begin(self, principal: Principal) -> Iterator[FakeWork]:
        with super().begin(OLGA) as work:
            yield work


@pytest.fixture(scope="module")
def filled() -> FakeTransactions:
    """Alpaca on Studio with its addon through April, and invoiced; its droplet is charged for."""
    store = seeded(FakeTransactions())
    [deployment] = pilots(store, TENANT, addon_codes=["storage_50gb"])
    web = resource(created_at=AS_OF)
    recorded(store, web)
    assigned(store, web, deployment)
    stored(store, [Match(line(1), web.id, How.NAME)])
    assert roll_up_period(store, OLGA, period=APRIL, now=AS_OF).failures == ()
    return store


def values(store: FakeTransactions) -> Mapping[str, Any]:
    """What an act is asked with, by the name of its parameter."""
    state = store.state
    (deployment,) = state.deployments.values()
    (subscription,) = state.subscriptions.values()
    (invoice,) = state.invoices.values()
    (resource_id,) = state.resources
    ((cloud_invoice_id, [match]),) = state.cost_lines.items()
    return {
        "addon_id": subscription.addons[0].id,
        "deployment_id": deployment.id,
        "invoice_id": invoice.id,
        "line_id": line_id(cloud_invoice_id, match.line),
        "resource_id": resource_id,
        "tenant_id": TENANT,
        "tenant": Tenant(TENANT),
        "version_id": next(iter(state.versions)),
        "work": None,
        "transactions": None,
        "by": BOB,
        "now": AS_OF,
        **ANYTHING,
    }


ANYTHING: Final[Mapping[str, Any]] = {
    "identity": "a team",
    "account": "digitalocean",
    "addon_codes": ("storage_50gb",),
    "after": None,
    "as_of": AS_OF,
    "asked": TODAY,
    "base_price_cents": 1,
    "before": lambda found: None,
    "calendar": CronCalendar(),
    "billing_action_suspended": True,
    "cause": "test",
    "changes": {},
    "code": "storage_50gb",
    "currency": "AUD",
    "day": date(2026, 4, 2),
    "display_name": "Taken",
    "droplets": (),
    "events": (),
    "file": b"",
    "force": True,
    "from_at": AS_OF,
    "from_day": None,
    "invoice_uuid": None,
    "items": (),
    "job_id": NOBODYS,
    "kind": "bandwidth_gb",
    "known": (),
    "limit": 100,
    "lines": (),
    "llm_mode": LlmMode.PLAN,
    "month": APRIL,
    "must_hold": lambda work: None,
    "name": "Probe",
    "period": APRIL,
    "paused": True,
    "plan_code": "pro",
    "price_cents": 1,
    "profile": TaxProfile(date(2026, 4, 1)),
    "progress": lambda tenants: None,
    "qty": Decimal(1),
    "queue": None,
    "reason": "probe",
    "region": "syd1",
    "resource_kind": "bandwidth_gb",
    "seen": (),
    "slug": "probe",
    "source": InvoiceSource.FILE,
    "starts_on": None,
    "state": State.ACTIVE,
    "status": None,
    "ticks": (),
    "to": State.PAUSED,
    "to_day": None,
    "today": TODAY,
    "trial_ends_at": None,
    "unit": "gb",
    "what": "The day",
}

_RESOURCES: Final = {"asked": ResourcesAsked(tenant_id=TENANT)}
_CHARGES: Final = {"asked": ChargesAsked(tenant_id=TENANT)}
_BILLING: Final = {
    "provider": FakeCloudBilling(),
    "clock": SystemClock(),
    "invoices": (),
    "read": lambda file: None,
}

_ASKING: Final = Asking(NOBODYS, BillingRun(NOBODYS, APRIL, AS_OF), tenant_id=TENANT)
_SHARDS: Final = {
    "asking": _ASKING,
    "asking_id": NOBODYS,
    "days": lambda done, total: None,
    "first": 0,
    "metered": MonthMetered(),
    "number": 0,
    "size": 500,
}

OTHERWISE: Final[Mapping[str, Mapping[str, Any]]] = {
    "bill_whoever_is_left": _SHARDS,
    "close_run": _SHARDS,
    "look_at_shards": _SHARDS,
    "meter_month": _SHARDS,
    "plan_shards": _SHARDS,
    "roll_up_in_shards": {**_SHARDS, "progress": lambda done, total: None},
    "roll_up_shard": _SHARDS,
    "discover_invoices": _BILLING,
    "ingest_discovered": _BILLING,
    "ingest_listed": _BILLING,
    "ingest_provider_invoice": _BILLING,
    "list_cost_lines": _CHARGES,
    "list_inventory": _RESOURCES,
    "list_tenants": {"after": ""},
    "preview_costs": _BILLING,
    "read_sync": {"sync_id": NOBODYS},
    "request_provider_ingests": _BILLING,
    "request_sync": {"speed": Speed.FAST},
    "same_account": _BILLING,
    "sync_inventory": {
        "provider": FakeCloudInventory(),
        "speed": Speed.FAST,
        "clock": SystemClock(),
        "progress": lambda kind, done, total: None,
    },
    "take_balance": _BILLING,
    "retain": {"policy": Retention()},
    "unattributed_lines": _CHARGES,
    "whole_inventory": _RESOURCES,
}
"""Where a name means something else, by act."""

INNER = {
    "begin_april": "a step of load_sample, which is operators' only: its tenant is the sample's",
    "effective_day": "asks for a day of a tenant that its caller has seen",
    "plan_change": "is handed a deployment that its caller has seen",
    "record_events": "the common part of record_usage and record_llm_usage",
    "record_plan": "is handed a deployment that its caller has seen",
    "touched": "is handed a deployment that its caller has seen",
}
"""Functions that other acts call behind the wall, each with what it is."""

WALLS = {
    "deployment_not_found",
    "gateway_only",
    "invoice_not_found",
    "operators_only",
    "other_tenant",
    "resource_not_found",
    "tenant_not_found",
}
"""What the first wall says."""


def acts() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every public function of the use cases that is told who asks."""
    package = arcadia_app.use_cases
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        module = importlib.import_module(found.name)
        for name, function in vars(module).items():
            if (
                inspect.isfunction(function)
                and function.__module__ == found.name
                and not name.startswith("_")
                and "by" in inspect.signature(function).parameters
            ):
                yield name, function


ACTS = dict(acts())


def called(function: Callable[..., Any], store: FakeTransactions, **asked: Any) -> Any:
    """What the act comes to, with every parameter that it has a value for."""
    parameters = inspect.signature(function).parameters
    unknown = [name for name in parameters if name not in asked]
    assert unknown == [], f"say in `values` what {unknown} of {function.__name__} is"
    with store.begin(OLGA) as work:
        told = {**asked, "work": work, "transactions": store}
        return function(
            *(told[name] for name, one in parameters.items() if one.kind is not one.KEYWORD_ONLY),
            **{name: told[name] for name, one in parameters.items() if one.kind is one.KEYWORD_ONLY},
        )


def outcome(name: str, store: FakeTransactions, **told: Any) -> Any:
    """What an act comes to, or the refusal that it raises."""
    try:
        return called(ACTS[name], store, **{**values(store), **OTHERWISE.get(name, {}), **told})
    except DomainError as refused:
        return refused


@pytest.mark.parametrize("name", sorted(ACTS.keys() - INNER.keys()))
def test_an_act_shows_and_changes_nothing_of_another_tenant(filled: FakeTransactions, name: str) -> None:
    store = OpenStore(filled.state.copy())
    before = remembered(store)
    came_to = outcome(name, store)
    if isinstance(came_to, DomainError):
        assert came_to.code in WALLS, came_to
    else:
        assert TENANT not in repr(came_to), came_to
    assert remembered(store) == before


SHARED = {"list_plans": "the catalogue is everybody's"}
"""Acts that show a tenant what is everybody's."""


@pytest.mark.parametrize("name", sorted(ACTS.keys() - INNER.keys() - SHARED.keys()))
def test_for_an_operator_the_same_words_get_past_the_wall(filled: FakeTransactions, name: str) -> None:
    store = OpenStore(filled.state.copy())
    came_to = outcome(name, store, by=OLGA)
    assert not isinstance(came_to, DomainError) or came_to.code not in WALLS, came_to


def test_no_exception_outlives_its_function() -> None:
    assert INNER.keys() <= ACTS.keys()
    assert len(ACTS) > 40


def remembered(store: FakeTransactions) -> dict[str, str]:
    """Everything that the store holds of Alpaca, as text; of others, nothing is there before."""
    return {
        one.name: repr(getattr(store.state, one.name))
        for one in fields(store.state)
        if one.name not in ("plans", "versions", "addons")
    }
