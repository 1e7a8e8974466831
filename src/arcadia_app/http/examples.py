"""Examples of the document: put together from the examples of the types, and from the words below.

Owns what a field stands for where its type does not say. A test checks every example against its schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

JsonObject = dict[str, Any]

_FORMATS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "uuid": "0199c1a2-6f3e-7c41-b0a5-1c2d3e4f5a6b",
        "date": "2026-05-20",
        "date-time": "2026-05-20T09:30:00Z",
    }
)

_LIKELIEST: Final = frozenset(
    {"active", "deployment", "gateway", "issued", "ok", "plan_base", "ready", "state", "succeeded", "taxable"}
)
"""Of a closed list of words, the one that a reader is shown."""

_HASH: Final = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

_FIELDS: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "actor": "ann",
        "addons": ["storage_50gb"],
        "amount_cents": 5000,
        "created_by": "olga",
        "current_period_end": "2026-06-01",
        "current_period_start": "2026-05-01",
        "days_billed": 31,
        "days_in_month": 31,
        "description": "Studio",
        "details": {},
        "display_name": "Pilot",
        "due_on": "2026-06-15",
        "error": None,
        "failures": [],
        "from_state": "active",
        "hard_cap_qty": None,
        "hash": _HASH,
        "included_qty": "1488",
        "inputs": {},
        "legal_name": "Acme Pty Ltd",
        "meta": {},
        "next_cursor": None,
        "number": "INV-000042",
        "overage_price_cents": 1,
        "overage_unit": "hour",
        "period_end": "2026-06-01",
        "period_start": "2026-05-01",
        "plan_code": "studio",
        "projected_usage": {"spaces_gb_month": "200"},
        "provisioning_state": "none",
        "qty": "1",
        "quote_hash": _HASH,
        "reason": "Holidays.",
        "reference": "bank 4711",
        "region": "syd1",
        "rejected": [],
        "template_code": None,
        "template_version": None,
        "to": "paused",
        "to_day": None,
        "to_state": "paused",
        "total_cents": 5000,
        "trial_ends_at": None,
        "unit": "month",
        "unit_price_cents": 5000,
    }
)
"""What a field of this name stands for, in every shape that has one."""

_STORAGE: Final = {
    "code": "storage_50gb",
    "name": "Storage 50 GB",
    "resource_kind": "spaces_gb_month",
    "qty": "50",
    "price_cents": 750,
}
_MARGIN: Final = {
    "revenue_cents": 7112,
    "cogs_cents": 3053,
    "cogs_ex_tax_cents": 3053,
    "margin_cents": 4059,
    "margin_pct": "57.1",
}
_INVOICE: Final = {"subtotal_cents": 5000, "tax_cents": 500, "total_cents": 5500}
_BASE: Final = {"resource_kind": None}
_RECONCILED: Final = {
    "account": "digitalocean",
    "invoice_uuid": "22737513-0ea7-4206-8ceb-98a575af7681",
    "invoice_number": "417187728",
    "state": "reconciled",
    "problem": None,
    "amount_cents": 8692,
    "stated_cents": 8692,
    "lines": 33,
    "matched": 6,
    "unattributed_cents": 5639,
}
_RUNS: Final = {"account": "digitalocean", "tags": ["web"], "attrs": {"vcpus": 1}, "deleted_at": None}
_CHARGED: Final = {
    "description": "pilot-web-01 (s-1vcpu-1gb)",
    "group_description": "",
    "start": "2026-04-01T00:00:00Z",
    "end": "2026-05-01T00:00:00Z",
    "amount_cents": 600,
    "project_name": "Pilot",
    "category": "iaas",
    "matched": True,
    "unmatched_reason": None,
    "unattributed_cents": 0,
    "attribution": None,
}
_WHOLE: Final = {
    "region": None,
    "complete": True,
    "seen": 5,
    "total": 5,
    "shortfall": None,
    "detail": None,
    "appeared": 1,
    "changed": 0,
    "returned": 0,
    "disappeared": 0,
    "unconfirmed": 0,
}

_SHAPES: Final[Mapping[str, Mapping[str, Any]]] = MappingProxyType(
    {
        "AccruedDeployment": {"recurring_cents": 5000, "overage_cents": 0, "llm_cents": 0},
        "Addon": _STORAGE,
        "AddonToAttach": {"code": "storage_50gb"},
        "AddonToCreate": {**_STORAGE, "code": "storage_100gb", "name": "Storage 100 GB", "qty": "100"},
        "CloudInvoice": _RECONCILED,
        "CostAttribution": {"reason": "Its first days, before it was assigned."},
        "CostAttributionToPut": {"reason": "Its first days, before it was assigned."},
        "CostLine": _CHARGED,
        "CostShare": {"amount_cents": 600},
        "DeploymentMargin": _MARGIN,
        "ExchangeRate": {"rate": "1", "source": "none", "assumed": True},
        "InventorySync": {"actor": "olga", "complete": True, "assigned": 0, "warnings": []},
        "Invoice": _INVOICE,
        "InvoiceLine": _BASE,
        "Job": {"name": "rollup", "result": None},
        "Line": _BASE,
        "LlmUsageVerdicts": {"accepted": 2, "duplicates": 1, "conflicts": []},
        "MarginFigures": _MARGIN,
        "Plan": {"name": "Studio"},
        "PlanDetail": {"name": "Studio"},
        "PlanToCreate": {"code": "agency", "name": "Agency"},
        "Quote": {"overage": {"lines": [], "total_cents": 0}, "all_in_monthly_cents": 5000},
        "QuoteRequest": {"starts_on": "2026-05-20"},
        "Ready": {"checks": []},
        "Resource": _RUNS,
        "ResourceDetail": _RUNS,
        "SubscriptionAddon": _STORAGE,
        "SyncScope": _WHOLE,
        "SyncToRequest": {"speed": "full"},
        "TaxProfile": {"reason": "A registered charity."},
        "TaxProfileToSet": {"reason": "A registered charity."},
        "TenantEdit": {"terms_days": 30},
        "TenantMargin": _MARGIN,
        "UpcomingInvoice": {**_INVOICE, "status": "draft", "invoice_id": None},
        "UpcomingInvoiceLine": _BASE,
        "UsageItem": {"qty": "2160", "unit": "hour", "allowance": "1488", "overage_qty": "672"},
        "UsageToRecord": {"qty": "720"},
        "UsageVerdicts": {"accepted": 2, "duplicates": 1, "conflicts": []},
    }
)
"""What a field stands for in one shape."""


def example(schema: JsonObject, shapes: Mapping[str, JsonObject], name: str = "", shape: str = "") -> Any:
    """A value that the schema allows. `name` is the field that it is for, and `shape` has that field."""
    words = _words(name, shape)
    if words and _fits(words[0], schema, shapes):
        return words[0]
    if "$ref" in schema:
        return example(_resolved(schema, shapes), shapes, name)
    if schema.get("examples"):
        return schema["examples"][0]
    if "anyOf" in schema:
        return example(schema["anyOf"][0], shapes, name)
    if "enum" in schema:
        return next((one for one in schema["enum"] if one in _LIKELIEST), schema["enum"][0])
    return _of_type(schema, shapes, name)


def _words(name: str, shape: str) -> list[Any]:
    """What is said of a field, nearest first."""
    return [table[name] for table in (_SHAPES.get(shape, {}), _FIELDS) if name in table]


def _fits(word: Any, schema: JsonObject, shapes: Mapping[str, JsonObject]) -> bool:
    """Whether the field that has this name here is what the word was meant for."""
    for one in (schema, *schema.get("anyOf", ())):
        found = _resolved(one, shapes)
        if "enum" in found:
            if word in found["enum"]:
                return True
        elif found.get("type") == _TYPES[type(word)]:
            item = _resolved(found.get("items", {}), shapes)
            if not isinstance(word, list) or not word or item.get("type") == _TYPES[type(word[0])]:
                return True
    return False


_TYPES: Final[Mapping[type, str]] = MappingProxyType(
    {
        str: "string",
        int: "integer",
        bool: "boolean",
        list: "array",
        dict: "object",
        type(None): "null",
    }
)


def _resolved(schema: JsonObject, shapes: Mapping[str, JsonObject]) -> JsonObject:
    return shapes[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


def _of_type(schema: JsonObject, shapes: Mapping[str, JsonObject], name: str) -> Any:
    match schema.get("type"):
        case "object":
            return _object(schema, shapes)
        case "array":
            return [example(schema["items"], shapes)]
        case "string":
            return _FORMATS.get(schema.get("format", ""), name.replace("_", " ") or "text")
        case "integer":
            return max(1, schema.get("minimum", 1))
        case "boolean":
            return schema.get("default", False)
    return None


def _object(schema: JsonObject, shapes: Mapping[str, JsonObject]) -> JsonObject:
    """What must be there, and of the rest what its own shape says, or a word other than null."""
    shape = schema.get("title", "")
    required, own = schema.get("required", ()), _SHAPES.get(shape, {})
    return {
        name: example(field, shapes, name, shape)
        for name, field in schema.get("properties", {}).items()
        if name in required or name in own or _FIELDS.get(name) is not None
    }
