"""One valid row for each table and tenant: the cases that the tests of the walls run through.

A table that joins the definitions without a case here fails `test_isolation`. Rows of one tenant
refer to each other; `variant` makes another row with another key.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from arcadia_adapters.postgres.tables import metadata

Row = dict[str, Any]
Case = Callable[[str, int], Row]

AT = datetime(2026, 4, 10, 12, tzinfo=UTC)
DAY = date(2026, 4, 10)
MONTH = date(2026, 4, 1)
NEXT_MONTH = date(2026, 5, 1)


def id_of(table: str, owner: str, variant: int = 1) -> uuid.UUID:
    """The id that the row of this table, tenant and variant has."""
    return uuid.uuid5(uuid.NAMESPACE_OID, f"{table}/{owner}/{variant}")


def _tenants(t: str, n: int) -> Row:
    return {
        "tenant_id": t if n == 1 else f"{t}-{n}",
        "currency": "AUD",
        "shard": 0,
        "created_at": AT,
    }


def _tenant_tax_profiles(t: str, n: int) -> Row:
    day = DAY.replace(day=n)
    return {"tenant_id": t, "from_day": day, "country": "AU", "treatment": "standard"}


def _issuers(t: str, n: int) -> Row:
    return {
        "id": id_of("issuers", t, n),
        "legal_name": "An Issuer",
        "country": "AU",
        "time_zone": "UTC",
        "currency": "AUD",
        "placeholder": True,
    }


def _number_counters(t: str, n: int) -> Row:
    return {"issuer_id": id_of("issuers", t), "series": f"INV{n}", "next_number": 1}


def _tax_rates(t: str, n: int) -> Row:
    rate = Decimal("0.1")
    return {"country": "AU", "code": f"gst-{t}", "from_day": DAY.replace(day=n), "rate": rate}


def _fx_rates(t: str, n: int) -> Row:
    key = {"base": "USD", "quote": "AUD", "from_day": DAY.replace(day=n), "source": t}
    return {**key, "rate": Decimal("1.5")}


def _plans(t: str, n: int) -> Row:
    return {"id": id_of("plans", t, n), "code": f"plan-{t}-{n}", "name": "P", "created_at": AT}


def _plan_versions(t: str, n: int) -> Row:
    return {
        "id": id_of("plan_versions", t, n),
        "plan_id": id_of("plans", t),
        "version": n,
        "status": "draft",
        "base_price_cents": 5000,
        "currency": "AUD",
        "created_at": AT,
    }


def _plan_items(t: str, n: int) -> Row:
    return {
        "version_id": id_of("plan_versions", t),
        "resource_kind": f"kind-{n}",
        "included_qty": Decimal(1488),
        "overage_unit": "hour",
        "overage_price_cents": 1,
    }


def _addons(t: str, n: int) -> Row:
    return {
        "id": id_of("addons", t, n),
        "code": f"addon-{t}-{n}",
        "name": "A",
        "resource_kind": "spaces_gb_month",
        "qty": Decimal(50),
        "price_cents": 750,
        "currency": "AUD",
    }


def _resource_prices(t: str, n: int) -> Row:
    key = {"kind": f"kind-{t}", "currency": "AUD", "from_at": AT.replace(day=n)}
    return {**key, "unit": "gb", "price_cents": 2}


def _cloud_deployments(t: str, n: int) -> Row:
    return {
        "tenant_id": t,
        "id": id_of("cloud_deployments", t, n),
        "slug": f"pilot-{n}",
        "display_name": "Pilot",
        "region": "syd1",
        "state": "active",
        "llm_mode": "gateway",
        "created_at": AT,
    }


def _llm_modes(t: str, n: int) -> Row:
    return {**_of_deployment(t), "from_at": AT.replace(day=n), "llm_mode": "plan"}


def _of_deployment(t: str) -> Row:
    return {"tenant_id": t, "deployment_id": id_of("cloud_deployments", t)}


def _cloud_deployment_events(t: str, n: int) -> Row:
    event = id_of("cloud_deployment_events", t, n)
    return {**_of_deployment(t), "seq": n, "id": event, "kind": "state", "actor": "test", "at": AT}


def _subscriptions(t: str, n: int) -> Row:
    return {
        **_of_deployment(t),
        "id": id_of("subscriptions", t, n),
        "plan_version_id": id_of("plan_versions", t),
        "status": "active" if n == 1 else "cancelled",
        "current_period_start": MONTH,
        "current_period_end": NEXT_MONTH,
        "created_at": AT,
    }


def _subscription_changes(t: str, n: int) -> Row:
    return {
        "tenant_id": t,
        "subscription_id": id_of("subscriptions", t),
        "from_day": MONTH.replace(day=n),
        "plan_version_id": id_of("plan_versions", t),
        "status": "active",
    }


def _subscription_addons(t: str, n: int) -> Row:
    return {
        "tenant_id": t,
        "id": id_of("subscription_addons", t, n),
        "subscription_id": id_of("subscriptions", t),
        "addon_id": id_of("addons", t),
        "code": "storage_50gb",
        "resource_kind": "spaces_gb_month",
        "qty": Decimal(50),
        "price_cents": 750,
        "currency": "AUD",
        "attached_at": AT,
        "from_day": DAY,
    }


def _ingest_keys(t: str, n: int) -> Row:
    key = {"source": "llm", "key": f"{t}-{n}"}
    return {**key, "payload_sha256": b"\x00" * 32, "tenant_id": t, "at": AT}


def _llm_usage_events(t: str, n: int) -> Row:
    return {
        **_of_deployment(t),
        "occurred_day": DAY,
        "gateway_request_id": f"r-{n}",
        "model": "m",
        "input_tokens": 1,
        "output_tokens": 2,
        "charge": Decimal("0.00000001"),
        "currency": "AUD",
        "occurred_at": AT,
        "llm_mode": "gateway",
        "recorded_at": AT,
    }


def _usage_events(t: str, n: int) -> Row:
    return {
        **_of_deployment(t),
        "occurred_day": DAY,
        "event_id": f"e-{n}",
        "resource_kind": "bandwidth_gb",
        "qty": Decimal("1.5"),
        "occurred_at": AT,
        "recorded_at": AT,
    }


def _usage_daily(t: str, n: int) -> Row:
    key = {**_of_deployment(t), "kind": "bandwidth_gb", "day": MONTH.replace(day=n)}
    return {**key, "source": "pushed"}


def _usage_deltas(t: str, n: int) -> Row:
    key = {**_of_deployment(t), "kind": "bandwidth_gb", "day": MONTH}
    return {**key, "batch_id": id_of("batch", t, n), "qty": Decimal("1.5"), "at": AT}


def _billing_runs(t: str, n: int) -> Row:
    return {
        "id": id_of("billing_runs", t, n),
        "period": MONTH.replace(month=n),
        "kind": f"month-end-{t}",
        "as_of": AT,
        "rules_version": 1,
        "state": "running",
        "started_at": AT,
    }


def _billing_run_failures(t: str, n: int) -> Row:
    key = {"run_id": id_of("billing_runs", t, n), "tenant_id": t}
    return {**key, "code": "unmetered", "reason": "a day is missing", "at": AT}


def _billing_run_conflicts(t: str, n: int) -> Row:
    key = {**_of_deployment(t), "run_id": id_of("billing_runs", t, 1), "day": MONTH.replace(day=n)}
    return {**key, "kind": "droplet_hours", "first": "pushed", "second": "metered"}


def _billing_run_shards(t: str, n: int) -> Row:
    key = {"run_id": id_of("billing_runs", t, n), "asking_id": id_of("jobs", t, n), "shard": 0}
    return {**key, "after": "", "tenants": 1, "state": "waiting"}


def _tenant_invoices(t: str, n: int) -> Row:
    return {
        "tenant_id": t,
        "id": id_of("tenant_invoices", t, n),
        "period_start": MONTH.replace(month=3 + n),
        "period_end": MONTH.replace(month=4 + n),
        "status": "draft",
        "currency": "AUD",
        "subtotal_cents": 6422,
        "tax_cents": 642,
        "total_cents": 7064,
        "rules_version": 1,
        "quote_hash": "00",
        "as_of": AT,
        "created_at": AT,
    }


def _of_invoice(t: str) -> Row:
    return {**_of_deployment(t), "invoice_id": id_of("tenant_invoices", t)}


def _tenant_invoice_lines(t: str, n: int) -> Row:
    return {
        **_of_invoice(t),
        "line_no": n,
        "id": id_of("tenant_invoice_lines", t, n),
        "kind": "plan_base",
        "description": "Studio",
        "qty": Decimal(1),
        "unit": "month",
        "unit_price_cents": 6422,
        "amount_cents": 6422,
        "meta": {},
    }


def _invoice_inputs(t: str, n: int) -> Row:
    return {**_of_invoice(t), "position": n, "inputs": {"b": 1, "a": 2}, "hash": "00"}


def _billed_usage(t: str, n: int) -> Row:
    kind = f"kind-{n}"
    return {**_of_invoice(t), "service_month": MONTH, "kind": kind, "qty": Decimal("2160")}


def _cloud_accounts(t: str, n: int) -> Row:
    return {"account": t if n == 1 else f"{t}-{n}", "identity": f"team-{n}", "since": AT}


def _cloud_projects(t: str, n: int) -> Row:
    project = {"id": id_of("cloud_projects", t, n), "account": t, "provider_id": f"p-{n}"}
    return {**project, "name": "Project", "is_default": False}


def _cloud_resources(t: str, n: int) -> Row:
    return {
        **_of_deployment(t),
        "id": id_of("cloud_resources", t, n),
        "account": t,
        "kind": "droplet",
        "provider_id": str(n),
        "name": f"{t}-web-{n}",
        "first_seen": AT,
        "last_seen": AT,
    }


def _resource_assignments(t: str, n: int) -> Row:
    key = {"resource_id": id_of("cloud_resources", t), "from_at": AT.replace(day=n)}
    return {**key, **_of_deployment(t), "by": "operator", "actor": "test"}


def _cloud_resource_events(t: str, n: int) -> Row:
    event = {"id": id_of("cloud_resource_events", t, n), "kind": "appeared", "at": AT}
    return {**event, "resource_id": id_of("cloud_resources", t)}


def _resource_meters(t: str, n: int) -> Row:
    rates = {"droplet_hours:s-1vcpu-1gb": "1"}
    return {"resource_id": id_of("cloud_resources", t), "from_at": AT.replace(day=n), "rates": rates}


def _sync_runs(t: str, n: int) -> Row:
    run = {"id": id_of("sync_runs", t, n), "account": t, "speed": "full", "started_at": AT}
    return {**run, "finished_at": AT, "complete": True, "actor": "test"}


def _sync_scopes(t: str, n: int) -> Row:
    scope = {"sync_id": id_of("sync_runs", t), "kind": "droplet" if n == 1 else "volume", "region": ""}
    found = dict.fromkeys(("appeared", "changed", "returned", "disappeared", "unconfirmed"), 0)
    return {**scope, "complete": True, "seen": 1, "total": 1, **found}


def _cloud_balance_snapshots(t: str, n: int) -> Row:
    amounts = dict.fromkeys(("month_to_date_usage", "month_to_date_balance", "account_balance"), Decimal(1))
    at = AT.replace(day=n)
    snapshot = {"id": id_of("cloud_balance_snapshots", t, n), "account": t, **amounts}
    return {**snapshot, "generated_at": at, "captured_at": at}


def _cloud_billing_entries(t: str, n: int) -> Row:
    entry = {"account": t, "row_sha256": b"\x02" * 32, "ordinal": n, "type": "Payment"}
    return {**entry, "description": "Payment", "amount": Decimal(-1), "at": AT, "first_seen": AT}


def _cloud_invoices(t: str, n: int) -> Row:
    return {
        "id": id_of("cloud_invoices", t, n),
        "account": t,
        "invoice_uuid": f"u-{n}",
        "period": MONTH,
        "amount_cents": 8692,
        "currency": "USD",
        "source": "file",
        "lines": 33,
    }


def _of_cost_line(t: str, n: int) -> Row:
    return {"invoice_id": id_of("cloud_invoices", t), "row_sha256": b"\x01" * 32, "ordinal": n}


def _cloud_cost_lines(t: str, n: int) -> Row:
    return {
        **_of_cost_line(t, n),
        "id": id_of("cloud_cost_lines", t, n),
        "line_no": n,
        "product": "Droplets",
        "group_description": "",
        "description": "web-1 (s-1vcpu-1gb)",
        "start_at": AT,
        "end_at": AT,
        "amount_cents": 600,
        "currency": "USD",
        "project_name": "",
        "extra": {},
        "is_tax": False,
        "match": "none",
    }


def _cost_attributions(t: str, n: int) -> Row:
    choice = {"actor": "test", "reason": "known to be theirs", "at": AT}
    return {**_of_cost_line(t, n), **_of_deployment(t), **choice}


def _idempotency_keys(t: str, n: int) -> Row:
    return {
        "tenant_id": t,
        "principal": "ann",
        "route": "POST /api/v1/deployments",
        "key": f"k-{n}",
        "body_sha256": b"\x00" * 32,
        "status": 201,
        "headers": {},
        "response": b"{}",
        "expires_at": AT,
    }


def _rate_limits(t: str, n: int) -> Row:
    return {"tenant_id": t if n == 1 else f"{t}-{n}", "free_at": AT}


def _jobs(t: str, n: int) -> Row:
    return {
        "id": id_of("jobs", t, n),
        "name": "roll_up_period",
        "queue": "cloud_billing",
        "payload": {"period": "2026-04"},
        "run_after": AT,
        "cause": "request-1",
        "created_by": "olga",
        "created_at": AT,
    }


def _job_history(t: str, n: int) -> Row:
    told = {"attempt": n, "name": "roll_up_period", "queue": "cloud_billing", "outcome": "succeeded"}
    key = {"ended_day": DAY, "job_id": id_of("jobs", t), "fence": n}
    return {**key, **told, "worker": "test", "cause": "test", "began_at": AT, "ended_at": AT}


def _schedule(t: str, n: int) -> Row:
    return {"name": f"{t}-{n}", "cron": "7 * * * *", "next_at": AT}


CASES: dict[str, Case] = {
    "tenants": _tenants,
    "tenant_tax_profiles": _tenant_tax_profiles,
    "issuers": _issuers,
    "number_counters": _number_counters,
    "tax_rates": _tax_rates,
    "fx_rates": _fx_rates,
    "plans": _plans,
    "plan_versions": _plan_versions,
    "plan_items": _plan_items,
    "addons": _addons,
    "resource_prices": _resource_prices,
    "cloud_deployments": _cloud_deployments,
    "cloud_deployment_events": _cloud_deployment_events,
    "llm_modes": _llm_modes,
    "subscriptions": _subscriptions,
    "subscription_changes": _subscription_changes,
    "subscription_addons": _subscription_addons,
    "ingest_keys": _ingest_keys,
    "llm_usage_events": _llm_usage_events,
    "usage_events": _usage_events,
    "usage_daily": _usage_daily,
    "usage_deltas": _usage_deltas,
    "billing_runs": _billing_runs,
    "billing_run_failures": _billing_run_failures,
    "billing_run_conflicts": _billing_run_conflicts,
    "billing_run_shards": _billing_run_shards,
    "tenant_invoices": _tenant_invoices,
    "tenant_invoice_lines": _tenant_invoice_lines,
    "invoice_inputs": _invoice_inputs,
    "billed_usage": _billed_usage,
    "cloud_accounts": _cloud_accounts,
    "cloud_projects": _cloud_projects,
    "cloud_resources": _cloud_resources,
    "resource_assignments": _resource_assignments,
    "cloud_resource_events": _cloud_resource_events,
    "resource_meters": _resource_meters,
    "sync_runs": _sync_runs,
    "sync_scopes": _sync_scopes,
    "cloud_balance_snapshots": _cloud_balance_snapshots,
    "cloud_billing_entries": _cloud_billing_entries,
    "cloud_invoices": _cloud_invoices,
    "cloud_cost_lines": _cloud_cost_lines,
    "cost_attributions": _cost_attributions,
    "idempotency_keys": _idempotency_keys,
    "rate_limits": _rate_limits,
    "jobs": _jobs,
    "job_history": _job_history,
    "schedule": _schedule,
}


def row_of(table: str, tenant: str, variant: int = 1) -> Row:
    """The row of this table that belongs to `tenant` (or, where none does, is named after it)."""
    return CASES[table](tenant, variant)


def insert_rows(connection: sa.Connection, tenant: str, *tables: str) -> None:
    """Insert the tenant's row of every table, or of the named ones, parents first."""
    for table in metadata.sorted_tables:
        if not tables or table.name in tables:
            connection.execute(table.insert(), row_of(table.name, tenant))
