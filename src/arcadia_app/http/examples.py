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

_LIKELIEST: Final = frozenset({"active", "deployment", "draft", "gateway", "plan", "succeeded"})
"""Of a closed list of words, the one that a reader is shown."""

_FIELDS: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "actor": "ann",
        "addons": ["storage_50gb"],
        "created_by": "olga",
        "cursor": "IjAxOTljMWEyLTZmM2UtN2M0MS1iMGE1LTFjMmQzZTRmNWE2YiI=",
        "description": "Studio",
        "details": {},
        "display_name": "Pilot",
        "error": None,
        "finished_at": None,
        "from_state": "active",
        "meta": {},
        "next_cursor": None,
        "number": "INV-000042",
        "overage_unit": "hour",
        "period_end": "2026-06-01",
        "period_start": "2026-05-01",
        "plan_code": "studio",
        "projected_usage": {"spaces_gb_month": "200"},
        "provisioning_state": "none",
        "qty": "1",
        "reason": "Holidays.",
        "reference": "bank 4711",
        "region": "syd1",
        "result": None,
        "template_code": None,
        "template_version": None,
        "to": "paused",
        "to_day": None,
        "to_state": "paused",
        "trial_ends_at": None,
        "unit": "month",
        "unit_price_cents": 5000,
        "AddonToAttach.code": "storage_50gb",
        "AddonToCreate.code": "storage_100gb",
        "AddonToCreate.qty": "100",
        "DeploymentEdit.display_name": "Pilot",
        "Job.name": "rollup",
        "Line.kind": "plan",
        "Line.resource_kind": None,
        "Plan.name": "Studio",
        "PlanDetail.name": "Studio",
        "PlanToCreate.code": "agency",
        "PlanToCreate.name": "Agency",
        "QuoteRequest.starts_on": "2026-05-20",
        "Subscribe.trial_ends_at": ...,
    }
)
"""By name, or by shape and name. `...`: not shown though the name alone would be."""


def example(schema: JsonObject, shapes: Mapping[str, JsonObject], name: str = "") -> Any:
    """A value that the schema allows. `name` is the field that it is for, or the shape and the field."""
    word = _FIELDS.get(name, _FIELDS.get(name.rpartition(".")[2], ...))
    if word is not ... and _fits(word, schema, shapes):
        return word
    if "$ref" in schema:
        return example(_resolved(schema, shapes), shapes, name)
    if schema.get("examples"):
        return schema["examples"][0]
    if "anyOf" in schema:
        return example(schema["anyOf"][0], shapes, name)
    if "enum" in schema:
        return next((one for one in schema["enum"] if one in _LIKELIEST), schema["enum"][0])
    return _of_type(schema, shapes, name)


def _fits(word: Any, schema: JsonObject, shapes: Mapping[str, JsonObject]) -> bool:
    """Whether the field that has this name here is what the word was meant for."""
    for one in (schema, *schema.get("anyOf", ())):
        found = _resolved(one, shapes)
        if "enum" in found:
            if word in found["enum"]:
                return True
        elif found.get("type") == _TYPES[type(word)]:
            item = _resolved(found.get("items", {}), shapes)
            if not isinstance(word, list) or item.get("type") == _TYPES[type(word[0])]:
                return True
    return False


_TYPES: Final[Mapping[type, str]] = MappingProxyType(
    {str: "string", int: "integer", list: "array", dict: "object", type(None): "null"}
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
            return _FORMATS.get(schema.get("format", ""), name.rpartition(".")[2].replace("_", " ") or "text")
        case "integer":
            return max(1, schema.get("minimum", 1))
        case "boolean":
            return False
    return None


def _object(schema: JsonObject, shapes: Mapping[str, JsonObject]) -> JsonObject:
    """What must be there, and of the rest what a word above stands for."""
    shape = schema.get("title", "")
    required = schema.get("required", ())
    shown = {
        name: example(field, shapes, f"{shape}.{name}")
        for name, field in schema.get("properties", {}).items()
        if name in required or _FIELDS.get(f"{shape}.{name}", _FIELDS.get(name)) not in (None, ...)
    }
    extra = schema.get("additionalProperties")
    return shown or ({"key": example(extra, shapes)} if isinstance(extra, dict) else {})
