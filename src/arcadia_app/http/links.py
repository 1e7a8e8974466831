"""Links of the document: where an answer names what another operation asks for (OpenAPI's Link Object).

Found by the way paths and shapes are named, so that a new route is linked by itself: a parameter of a path is
told by the caller's own path, by a field of its name (`job_id`), by the collection that it picks from
(`POST /deployments` and `/deployments/{deployment_id}`), or by a list in the answer (`addons`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

JsonObject = dict[str, Any]

_PARAMETER: Final = re.compile(r"/(?P<collection>[^/{}]+)/\{(?P<name>[^}]+)\}")


@dataclass(frozen=True, slots=True)
class _Operation:
    id: str
    path: str
    answers: Mapping[str, JsonObject]

    @property
    def asks(self) -> dict[str, str]:
        """Each parameter of the path, and the collection that it picks from."""
        return {found["name"]: found["collection"] for found in _PARAMETER.finditer(self.path)}

    @property
    def collection(self) -> str:
        """The last word of the path."""
        return [word for word in self.path.split("/") if word and not word.startswith("{")][-1]


def link(document: JsonObject) -> None:
    """Write the links into the answers of every operation."""
    shapes: JsonObject = document["components"]["schemas"]
    operations = [
        _Operation(operation["operationId"], path, operation["responses"])
        for path, methods in document["paths"].items()
        for operation in methods.values()
    ]
    for one in operations:
        for status, answer in one.answers.items():
            if status.startswith("2") and (links := _links(one, answer, operations, shapes)):
                answer["links"] = links


def _links(
    one: _Operation, answer: JsonObject, operations: list[_Operation], shapes: JsonObject
) -> JsonObject:
    shape = _shape(answer, shapes)
    links: JsonObject = {}
    for other in operations:
        found = {name: _told(one, shape, name, collection, shapes) for name, collection in other.asks.items()}
        told = {name: place for name, place in found.items() if place is not None}
        if told == found and any(place.startswith("$response") for place in told.values()):
            links[other.id] = {"operationId": other.id, "parameters": told}
    return links


def _told(one: _Operation, shape: JsonObject, name: str, collection: str, shapes: JsonObject) -> str | None:
    """Where this answer, or its request, tells a parameter."""
    if name in one.asks:
        return f"$request.path.{name}"
    found = next(_places(one, shape.get("properties", {}), name, collection, shapes), None)
    return None if found is None else f"$response.body#/{found}"


def _places(
    one: _Operation, fields: JsonObject, name: str, collection: str, shapes: JsonObject
) -> Iterator[str]:
    """A `deployment_id` is what others tell under that name, and a deployment under `id`."""
    for key in (name, name.rpartition("_")[2]):
        if key in _fields_of_items(fields, collection, shapes):
            yield f"{collection}/0/{key}"
        if one.collection == collection and key in _fields_of_items(fields, "items", shapes):
            yield f"items/0/{key}"
        if key in fields and (key == name or one.collection == collection):
            yield key


def _fields_of_items(fields: JsonObject, name: str, shapes: JsonObject) -> JsonObject:
    found: JsonObject = _resolved(fields.get(name, {}).get("items", {}), shapes).get("properties", {})
    return found


def _shape(answer: JsonObject, shapes: JsonObject) -> JsonObject:
    return _resolved(answer.get("content", {}).get("application/json", {}).get("schema", {}), shapes)


def _resolved(schema: JsonObject, shapes: JsonObject) -> JsonObject:
    found: JsonObject = shapes[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    return found
