"""Two tenants with one of everything there is, made over HTTP, and the wall between them, open or shut.

Owns the world of `test_isolation_over_http`: whoever adds a kind of object gives each tenant one of it here.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import sqlalchemy as sa

from arcadia_adapters.postgres.tables import metadata
from arcadia_adapters.postgres.unit_of_work import PostgresWork
from arcadia_app.jobs.schedule import TICKS
from arcadia_app.jobs.scheduler import Scheduler
from arcadia_app.use_cases.billing.roll_up_period import roll_up_period
from arcadia_app.use_cases.cloud.assign_resource import assign_resource
from arcadia_app.use_cases.cloud.ingest_invoice import ACCOUNT
from arcadia_app.use_cases.cloud.record_inventory import record_inventory
from arcadia_domain.cloud.inventory import CloudResource
from arcadia_domain.cloud.matching import How, Match
from arcadia_domain.cloud.provider_invoices import CloudInvoice, InvoiceSource
from arcadia_domain.cloud.statements import Balance
from arcadia_domain.cloud.syncing import Speed, Synced
from arcadia_domain.identity import Principal
from arcadia_domain.period import month_of
from arcadia_domain.ports.charges import ChargesAsked
from arcadia_domain.ports.statements import BalanceSnapshot
from arcadia_domain.ports.unit_of_work import Transactions, Work
from tests.contracts.test_costs import line
from tests.integration.http.conftest import Api
from tests.world import NOW, OLGA

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
KEY = {"Idempotency-Key": "the-same-key-of-both"}

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass
class Side:
    """One tenant: what it has, by the name of the parameter that asks for it."""

    name: str
    client: httpx.Client
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def tenant_id(self) -> str:
        return f"{self.name}-mining"


@dataclass
class World:
    api: Api
    a: Side
    b: Side
    olga: httpx.Client
    gateway: httpx.Client

    def marks(self) -> frozenset[str]:
        """What only an answer with something of A's in it can hold: its name, and each of its ids."""
        reads = [
            "/api/v1/deployments",
            f"/api/v1/deployments/{self.a.ids['deployment_id']}",
            "/api/v1/invoices",
            f"/api/v1/tenants/{self.a.tenant_id}",
        ]
        seen = "".join(self.a.client.get(path).raise_for_status().text for path in reads)
        everybodys = "".join(self.olga.get(f"/api/v1/catalog/{one}").text for one in ("plans", "addons"))
        ids = set(_UUID.findall(seen)) - set(_UUID.findall(everybodys))
        assert set(self.a.ids.values()) & ids
        return frozenset({self.a.name, *ids, *(v for k, v in self.a.ids.items() if k not in SHARED)})


SHARED = {"plan_code", "version_id", "from_day"}
"""Parameters that name nothing of a tenant's."""


def two_tenants(api: Api) -> World:
    """Alpaca and Bison, with one of everything each, on 20 May 2026."""
    api.clock.at = NOW
    sides = [Side(name, api.client(f"{name}-mining", sub=f"{name}-user")) for name in ("alpaca", "bison")]
    world = World(api, sides[0], sides[1], api.admin(), api.gateway())
    for side in sides:
        _with_terms(world, side)
        _with_deployments(world, side)
        _with_usage(world, side)
        _with_resources(world, side)
        _with_costs(world, side)
        _with_sync(world, side)
    _with_balance(world)
    _with_month_to_date(world)
    Scheduler(api.app, TICKS, api.app.calendar).fire()
    for month in (MARCH, APRIL):
        rolled = roll_up_period(api.app.transactions, OLGA, period=month_of(month), now=NOW)
        assert rolled.failures == ()
    for side in sides:
        side.ids["invoice_id"] = done(side.client.get("/api/v1/invoices"))["items"][0]["id"]
        asked = {"period": "2026-04", "tenant_id": side.tenant_id}
        side.ids["job_id"] = done(world.olga.post("/api/v1/billing/rollups", json=asked))["job_id"]
    return world


def done(answer: httpx.Response) -> dict[str, Any]:
    assert answer.is_success, answer.text
    made: dict[str, Any] = answer.json()
    return made


def _with_terms(world: World, side: Side) -> None:
    path = f"/api/v1/tenants/{side.tenant_id}"
    asked = {"tenant_id": side.tenant_id, "currency": "AUD", "legal_name": f"{side.name.title()} Pty Ltd"}
    done(world.olga.post("/api/v1/tenants", json=asked))
    done(world.olga.patch(path, json={"terms_days": 21}))
    for day in ("2026-01-01", "2026-02-01"):
        exempt = {"country": "AU", "treatment": "standard", "reason": f"{side.name} asked"}
        done(world.olga.put(f"{path}/tax-profiles/{day}", json=exempt))
    side.ids |= {"tenant_id": side.tenant_id, "from_day": "2026-02-01"}


def _with_deployments(world: World, side: Side) -> None:
    path = "/api/v1/deployments"
    for slug in ("first", "second"):
        asked = {
            "slug": f"{side.name}-{slug}",
            "display_name": f"{side.name} {slug}",
            "region": "syd1",
            "tenant_id": side.tenant_id,
        }
        # A tenant's own request, under a key that both tenants use.
        sent = asked if slug == "second" else {k: v for k, v in asked.items() if k != "tenant_id"}
        made = done(side.client.post(path, json=sent, headers=KEY if slug == "first" else {}))
        side.ids["deployment_id"] = made["id"]
    path = f"{path}/{side.ids['deployment_id']}"
    terms = {"plan_code": "studio", "addons": ["storage_50gb"], "starts_on": "2026-03-01"}
    subscription = done(world.olga.post(f"{path}/subscribe", json=terms))
    side.ids |= {
        "subscription_id": subscription["id"],
        "addon_id": subscription["addons"][0]["id"],
        "plan_code": "pro",
    }
    done(side.client.post(f"{path}/transition", json={"to": "paused", "reason": f"{side.name} rests"}))
    done(side.client.post(f"{path}/transition", json={"to": "active"}))
    plans = {one["code"]: one for one in done(world.olga.get("/api/v1/catalog/plans"))["items"]}
    side.ids["version_id"] = plans["pro"]["active_version"]["id"]


def _with_usage(world: World, side: Side) -> None:
    deployment_id = side.ids["deployment_id"]
    for month in (3, 4):
        at = datetime(2026, month, 10, tzinfo=UTC).isoformat()
        used = {"resource_kind": "bandwidth_gb", "qty": "2100", "occurred_at": at}
        event = {"event_id": f"{side.name}-{month}", "deployment_id": deployment_id, **used}
        done(world.gateway.post("/api/v1/integrations/usage", json=event))
        charged = {"model": f"{side.name}-model", "input_tokens": 1, "output_tokens": 2, "charge": "1.5"}
        call = {"gateway_request_id": f"{side.name}-{month}", "deployment_id": deployment_id, **charged}
        done(
            world.gateway.post(
                "/api/v1/integrations/llm-usage", json={**call, "currency": "AUD", "occurred_at": at}
            )
        )


def _with_resources(world: World, side: Side) -> None:
    for number in (1, 2):
        seen = CloudResource(
            id=UUID(int=0),
            account=f"{side.name}-account",
            provider_id=f"{side.name}-{number}",
            kind="droplet",
            name=f"{side.name}-droplet-{number}",
            region="syd1",
            size_slug="s-1vcpu-1gb",
            status="active",
            first_seen=NOW,
            last_seen=NOW,
            created_at=NOW - timedelta(days=90),
        )
        with world.api.app.transactions.begin(OLGA) as work:
            record_inventory(work, OLGA, account=seen.account, seen=[seen], now=NOW)
            found = work.inventory.of_account(seen.account)[-1]
            assign_resource(
                work,
                OLGA,
                resource_id=found.id,
                deployment_id=UUID(side.ids["deployment_id"]),
                from_at=NOW - timedelta(days=80),
                now=NOW,
            )
        side.ids |= {"resource_id": str(found.id), "resource_name": found.name}


def _with_costs(world: World, side: Side) -> None:
    """An invoice of an account of its own, with a line of the tenant's resource."""
    resource = UUID(side.ids["resource_id"])
    charged = line(1, description=f"{side.ids['resource_name']} (s-1vcpu-1gb)")
    invoice = CloudInvoice(
        f"{side.name}-account", month_of(APRIL), charged.amount_cents, "USD", InvoiceSource.FILE
    )
    with world.api.app.transactions.begin(OLGA) as work:
        stored = work.costs.store(invoice, [Match(charged, resource, How.NAME)], work.new_id(), NOW)
        [charge] = work.charges.each(ChargesAsked(invoice_ids=[stored.invoice_id]))
    side.ids |= {"cloud_invoice_id": str(stored.invoice_id), "line_id": str(charge.id)}


def _with_sync(world: World, side: Side) -> None:
    with world.api.app.transactions.begin(OLGA) as work:
        synced = Synced(
            sync_id=work.new_id(),
            account=f"{side.name}-account",
            speed=Speed.FULL,
            actor="olga",
            started_at=NOW,
        )
        work.syncs.begin(synced)
    side.ids["sync_id"] = str(synced.sync_id)


def _with_balance(world: World) -> None:
    balance = Balance(
        month_to_date_usage=Decimal(1),
        month_to_date_balance=Decimal(1),
        account_balance=Decimal(0),
        generated_at=NOW,
    )
    with world.api.app.transactions.begin(OLGA) as work:
        work.statements.put_balance(BalanceSnapshot(ACCOUNT, balance, NOW), work.new_id())


def _with_month_to_date(world: World) -> None:
    month = month_of(NOW.date())
    preview = CloudInvoice(
        account=ACCOUNT,
        period=month,
        amount_cents=0,
        currency="USD",
        source=InvoiceSource.PREVIEW,
        invoice_uuid=f"preview-{month.start:%Y-%m}",
        stated_cents=0,
    )
    with world.api.app.transactions.begin(OLGA) as work:
        work.costs.store_preview(preview, [], work.new_id(), NOW)


def rows_of(world: World, side: Side) -> dict[str, str]:
    """A hash of every row that is this tenant's or nobody's, by table: what another one must not change."""
    found = {}
    with world.api.app.transactions.begin(OLGA) as work:
        assert isinstance(work, PostgresWork)
        for table in metadata.sorted_tables:
            theirs = sa.select(sa.cast(sa.literal_column(f'"{table.name}"'), sa.Text)).select_from(table)
            if "tenant_id" in table.columns:
                own = (table.c.tenant_id == side.tenant_id) | table.c.tenant_id.is_(None)
                theirs = theirs.where(own)
            rows = sorted(work.connection.scalars(theirs))
            found[table.name] = f"{len(rows)} {hashlib.sha256(repr(rows).encode()).hexdigest()}"
    return found


class OpenWall:
    """Transactions that see every tenant whoever asks: as if the database had no second wall."""

    def __init__(self, inner: Transactions) -> None:
        self._inner = inner

    @contextmanager
    def begin(self, principal: Principal) -> Iterator[Work]:
        with self._inner.begin(OLGA) as work:
            yield work
