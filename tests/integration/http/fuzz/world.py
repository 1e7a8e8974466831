"""What is there to be named while calls are made up: places, codes, days.

Places (the parameters of paths) are learnt from answers by the links of the document, so that an id that one
operation made reaches every other one. Bodies are the document's examples, with what must be new made new.
"""

from __future__ import annotations

import json
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final

import jsonschema_rs

from tests.integration.http.described import JsonObject, Operation, operations_of

Place = dict[str, str]

ADDONS: Final = ("storage_50gb", "llm_1m_tokens")


@dataclass(frozen=True)
class Call:
    """A call that ought to be accepted."""

    place: Place
    query: Mapping[str, Any]
    body: Any


@dataclass
class World:
    """What one caller can name. `also` are worlds of callers who see the same."""

    document: JsonObject
    random: Random
    tenant_id: str
    also: Sequence[World] = ()
    places: dict[str, deque[Place]] = field(default_factory=lambda: defaultdict(lambda: deque(maxlen=40)))

    def __post_init__(self) -> None:
        self.operations = {one.id: one for one in operations_of(self.document)}
        self.shapes: JsonObject = self.document["components"]["schemas"]

    def learn(self, operation: str, place: Mapping[str, Any], answer: Any) -> None:
        """Take over what an answer names."""
        for linked, parameters in self.operations[operation].links().items():
            found = {name: _evaluated(where, place, answer) for name, where in parameters.items()}
            if None not in found.values():
                for world in (self, *self.also):
                    world.places[linked].append({name: str(value) for name, value in found.items()})

    def place(self, operation: str) -> Place | None:
        """A place that this operation can be asked at: rather one that was learnt lately."""
        known = self.places[operation]
        if known:
            return known[-1 - min(int(self.random.expovariate(0.5)), len(known) - 1)]
        put_together: Place = {}
        for one in self.operations[operation].parameters("path"):
            name = one["name"]
            if name in WORDS:
                put_together[name] = str(WORDS[name](self))
            elif others := [places[-1] for places in self.places.values() if places and name in places[-1]]:
                put_together[name] = self.random.choice(others)[name]
            else:
                return None
        return put_together

    def call(self, operation: str, place: Place | None = None) -> Call | None:
        """A call that ought to be accepted; None where no place is known."""
        asked = self.operations[operation]
        where = place if place is not None else self.place(operation)
        if where is None:
            return None
        query = {
            one["name"]: self._worded(operation, one["name"], one["example"])
            for one in asked.parameters("query")
            if one["required"]
        }
        return Call(where, query, self.body(operation))

    def body(self, operation: str) -> Any:
        """The example of its body, made new."""
        told = self.operations[operation].body
        return None if told is None else self.filled(told[1]["example"], told[1]["schema"])

    def filled(self, value: Any, schema: JsonObject) -> Any:
        """A body with names that mean something here, where there are any."""
        schema = self._resolved(schema)
        if isinstance(value, dict):
            fields, shape = schema.get("properties", {}), schema.get("title", "")
            return {
                name: self._worded(shape, name, self.filled(one, fields.get(name, {})))
                for name, one in value.items()
            }
        if isinstance(value, list):
            return [self.filled(one, schema.get("items", {})) for one in value]
        return value

    def _resolved(self, schema: JsonObject) -> JsonObject:
        for one in schema.get("anyOf", ()):
            if one.get("type") != "null":
                return self._resolved(one)
        return self.shapes[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema

    def _worded(self, shape: str, name: str, value: Any) -> Any:
        word = WORDS.get(f"{shape}.{name}", WORDS.get(name))
        made = word(self) if word is not None else value
        return made if type(made) is type(value) else value

    def id_of(self, operation: str, name: str) -> str:
        """A parameter of a place, for a body that names it; else an id that nothing has."""
        place = self.place(operation) or {}
        return place.get(name, "00000000-0000-0000-0000-00000000dead")

    def new(self, prefix: str) -> str:
        return f"{prefix}-{self.random.getrandbits(48):012x}"

    def instant(self, days_ago: float) -> str:
        at = datetime.now(UTC) - timedelta(days=self.random.uniform(0, days_ago))
        return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def day(self, first: int, last: int) -> str:
        """Within these many days from today."""
        return (datetime.now(UTC) + timedelta(days=self.random.randint(first, last))).date().isoformat()


WORDS: Final[Mapping[str, Callable[[World], Any]]] = {
    "slug": lambda world: world.new("d"),
    "PlanToCreate.code": lambda world: world.new("p"),
    "AddonToCreate.code": lambda world: world.new("a"),
    "AddonToAttach.code": lambda world: world.random.choice(ADDONS),
    "plan_code": lambda world: world.random.choice(("starter", "studio", "pro")),
    "addons": lambda world: list(ADDONS[: world.random.randint(0, 2)]),
    "currency": lambda _: "AUD",
    "deployment_id": lambda world: world.id_of("read_deployment", "deployment_id"),
    "gateway_request_id": lambda world: world.new("r"),
    "event_id": lambda world: world.new("e"),
    "occurred_at": lambda world: world.instant(days_ago=2),
    "from_at": lambda world: world.instant(days_ago=3000),
    "from_day": lambda world: world.day(0, 60),
    "to_day": lambda world: world.day(0, 20),
    "starts_on": lambda world: world.day(-10, 60),
    "period": lambda world: world.day(-200, 0)[:7],
    "read_leakage.period": lambda world: world.day(-200, 0),
    "read_margin.period": lambda world: world.day(-200, 0),
    "export_focus.period": lambda _: "2026-04-17",
    "list_cost_lines.period": lambda _: "2026-04-17",
    "upload_cloud_invoice.period": lambda _: "2026-04",
    "TenantToCreate.tenant_id": lambda world: world.new("t"),
}
"""What a field stands for in this world, by its name, or by its shape (or operation) and name."""


def _evaluated(where: str, place: Mapping[str, Any], answer: Any) -> Any:
    """A runtime expression of a link (OpenAPI)."""
    kind, _, pointer = where.partition("#")
    if kind.startswith("$request.path."):
        return place.get(kind.removeprefix("$request.path."))
    found = answer
    for word in pointer.strip("/").split("/"):
        try:
            found = found[int(word)] if isinstance(found, list) else found[word]
        except (KeyError, IndexError, TypeError):
            return None
    return found


class Judge:
    """Says whether an answer is what the document promises."""

    def __init__(self, document: JsonObject) -> None:
        self._components = document["components"]
        self._validators: dict[str, jsonschema_rs.Draft202012Validator] = {}

    def faults(self, operation: Operation, status: int, headers: Mapping[str, str], text: str) -> list[str]:
        """What is wrong with an answer, a sentence each."""
        where = f"{operation.id} {status}"
        told = operation.told["responses"].get(str(status))
        if told is None:
            return [f"{where} is not documented: {text[:300]}"]
        missing = [
            f"{where} has no header {name}"
            for name in told["headers"]
            if self._components["headers"][name].get("required") and name not in headers
        ]
        media_type = headers.get("Content-Type", "").partition(";")[0]
        if not told.get("content"):
            return missing + ([f"{where} has a body that is not told of"] if text else [])
        if media_type not in told["content"]:
            return [*missing, f"{where} is {media_type}"]
        validator = self._validator(told["content"][media_type]["schema"])
        body = json.loads(text) if "json" in media_type else text
        return missing + [f"{where}: {error}" for error in validator.iter_errors(body)]

    def _validator(self, schema: JsonObject) -> jsonschema_rs.Draft202012Validator:
        key = json.dumps(schema, sort_keys=True)
        if key not in self._validators:
            whole = {**schema, "components": self._components}
            self._validators[key] = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
        return self._validators[key]
