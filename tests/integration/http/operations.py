"""The operations of the served OpenAPI document: what a test of every route walks over."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.integration.http.conftest import Api

DOCUMENT = "/api/openapi.json"

_METHODS = ("get", "post", "put", "patch", "delete", "head", "options", "trace")


@dataclass(frozen=True)
class Operation:
    """One method on one path. `path` has its parameters in braces."""

    id: str
    method: str
    path: str
    said: Mapping[str, Any]

    def parameters(self, place: str) -> list[str]:
        """The names of its parameters in the path, the query or the header."""
        return [one["name"] for one in self.said.get("parameters", ()) if one["in"] == place]

    @property
    def has_body(self) -> bool:
        return "requestBody" in self.said

    @property
    def is_public(self) -> bool:
        return self.said.get("security") in ([], [{}])

    @property
    def codes(self) -> set[str]:
        """The codes of the refusals that it documents."""
        told = " ".join(one["description"] for one in self.said["responses"].values())
        return set(re.findall(r"`(\w+)`", told))

    @property
    def is_for_operators(self) -> bool:
        return "operators_only" in self.codes

    def url(self, values: Mapping[str, str]) -> str:
        return re.sub(r"\{(\w+)\}", lambda name: values[name[1]], self.path)


def operations(document: Mapping[str, Any]) -> Iterator[Operation]:
    """Every operation of a document, in its order."""
    for path, item in document["paths"].items():
        assert item.keys() <= set(_METHODS), f"{path} holds what this walk does not see: {sorted(item)}"
        for method, said in item.items():
            yield Operation(said["operationId"], method.upper(), path, said)


def served(api: Api) -> list[Operation]:
    """Every operation of the document that a door serves."""
    found = list(operations(api.bare().get(DOCUMENT).json()))
    assert len({one.id for one in found}) == len(found) > 5
    return found
