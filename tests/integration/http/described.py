"""What the OpenAPI document says, for tests that go through every operation of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

JsonObject = dict[str, Any]


@dataclass(frozen=True)
class Operation:
    """One operation as the document tells it."""

    path: str
    method: str
    told: JsonObject

    @property
    def id(self) -> str:
        return str(self.told["operationId"])

    @property
    def secured(self) -> bool:
        return self.told.get("security") != []

    @property
    def statuses(self) -> list[int]:
        return [int(status) for status in self.told["responses"]]

    @property
    def body(self) -> tuple[str, JsonObject] | None:
        """The media type of its body, and what is told of it."""
        for media_type, told in self.told.get("requestBody", {}).get("content", {}).items():
            return media_type, told
        return None

    def parameters(self, place: str) -> list[JsonObject]:
        """Those that stand in the path, the query or the headers."""
        return [one for one in self.told["parameters"] if one["in"] == place]

    def takes(self, name: str) -> bool:
        return any(one["name"] == name for one in self.told["parameters"])

    def codes(self, status: int) -> list[str]:
        """The codes that a refusal of this status may have."""
        content = self.told["responses"].get(str(status), {}).get("content", {})
        told = content.get("application/problem+json", {}).get("schema", {})
        return sorted(told.get("properties", {}).get("code", {}).get("enum", ()))

    def links(self) -> Mapping[str, Mapping[str, str]]:
        """The operations that its answer gives the parameters of, with where it tells each."""
        return {
            link["operationId"]: link["parameters"]
            for status, answer in self.told["responses"].items()
            if status.startswith("2")
            for link in answer.get("links", {}).values()
        }

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path}"


def operations_of(document: JsonObject) -> list[Operation]:
    """Every operation of a document, in its order."""
    return list(_operations(document))


def operation_of(document: JsonObject, name: str) -> Operation:
    """The operation of that id."""
    (found,) = [one for one in operations_of(document) if one.id == name]
    return found


def _operations(document: JsonObject) -> Iterator[Operation]:
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            yield Operation(path, method, told)
