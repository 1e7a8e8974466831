"""DigitalOcean's own OpenAPI document, where it is there: its operations, schemas and examples.

Owns the only reading of it. It is not part of this project: where it is not found, tests of it are skipped.
Judging by it is judge's.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

DOCUMENT = Path(__file__).parents[3] / "shared" / "data" / "DigitalOcean-public.v2.bundled.yaml"

needs_document = pytest.mark.skipif(
    not DOCUMENT.is_file(), reason=f"{DOCUMENT.name} is not beside this checkout"
)

_DEEPEST = 12

Schema = dict[str, Any]


@cache
def document() -> dict[str, Any]:
    """The whole of it. Reading it takes seconds: once a process."""
    loaded: dict[str, Any] = yaml.load(DOCUMENT.read_bytes(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return loaded


def resolved(node: Any) -> Any:
    """A node, or what it refers to."""
    while isinstance(node, dict) and "$ref" in node:
        target: Any = document()
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step.replace("~1", "/").replace("~0", "~")]
        node = target
    return node


def operation(method: str, path: str) -> dict[str, Any]:
    """An operation by its path with {} for each parameter. Raises KeyError."""
    return _by_shape()[path][method.lower()]  # type: ignore[no-any-return]


@cache
def _by_shape() -> dict[str, Any]:
    """Paths by their shape; a path without parameters is before one that has some."""
    shapes: dict[str, Any] = {}
    for path, node in document()["paths"].items():
        shape = "/".join("{}" if step.startswith("{") else step for step in path.split("/"))
        shapes.setdefault(shape, {}).update(node)
    return shapes


def query_names(method: str, path: str) -> set[str]:
    """The names of an operation's query parameters."""
    parameters = [resolved(node) for node in operation(method, path).get("parameters", [])]
    return {parameter["name"] for parameter in parameters if parameter["in"] == "query"}


def examples(method: str, path: str) -> Iterator[Any]:
    """Every example of the good answer; one made of the examples of its parts where there is none."""
    responses = operation(method, path)["responses"]
    good = resolved(next(node for status, node in responses.items() if str(status).startswith("2")))
    media = good["content"]["application/json"]
    if "example" in media:
        yield media["example"]
    for example in media.get("examples", {}).values():
        yield resolved(example)["value"]
    if "example" not in media and not media.get("examples"):
        yield sample(media["schema"])


def sample(schema: Any, depth: int = 0) -> Any:
    """A value of a schema, made of its examples."""
    schema = resolved(schema)
    if "example" in schema or depth > _DEEPEST:
        return schema.get("example")
    merged: dict[str, Any] = {}
    for part in schema.get("allOf", []):
        value = sample(part, depth + 1)
        if not isinstance(value, dict):
            return value
        merged |= value
    for choice in ("oneOf", "anyOf"):
        if choice in schema:
            return sample(schema[choice][0], depth + 1)
    if schema.get("type") == "array":
        return [sample(schema["items"], depth + 1)]
    merged |= {name: sample(node, depth + 1) for name, node in schema.get("properties", {}).items()}
    return merged or None


def properties(schema: Any) -> set[str]:
    """The names of a schema's properties, of all its parts."""
    schema = resolved(schema)
    names = set(schema.get("properties", {}))
    for choice in ("allOf", "oneOf", "anyOf"):
        for part in schema.get(choice, []):
            names |= properties(part)
    return names


def answer_schema(method: str, path: str, root: str) -> Any:
    """The schema of what stands under `root` in the good answer; of one of them where it is a list."""
    responses = operation(method, path)["responses"]
    good = resolved(next(node for status, node in responses.items() if str(status).startswith("2")))
    found = _member(good["content"]["application/json"]["schema"], root)
    assert found is not None, f"{method} {path} has no {root}"
    return found["items"] if found.get("type") == "array" else found


def body_properties(method: str, path: str) -> set[str]:
    """The names of the fields that a request's body may have."""
    body = resolved(operation(method, path)["requestBody"])
    return properties(body["content"]["application/json"]["schema"])


def _member(schema: Any, root: str) -> Any:
    schema = resolved(schema)
    if root in schema.get("properties", {}):
        return resolved(schema["properties"][root])
    for choice in ("allOf", "oneOf", "anyOf"):
        for part in schema.get(choice, []):
            found = _member(part, root)
            if found is not None:
                return found
    return None
