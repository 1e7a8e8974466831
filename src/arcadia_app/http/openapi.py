"""The OpenAPI document: Litestar's, with the shapes as msgspec enforces them (SPEC 15).

Litestar leaves out what is strict about a shape (unknown fields, patterns of items); a document that promises
more than it holds makes clients that fail. So each shape is told by the library that checks it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec
from litestar import Litestar, MediaType, Request, Response, get
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme
from msgspec import Struct

from arcadia_app.http.bearer import PUBLIC
from arcadia_domain import __version__

PATH: Final = "/api/openapi.json"

_ABOUT: Final = """\
Tenants see their own deployments, usage and invoices; platform admins see all. Money is whole cents with a
currency, quantities are decimal strings, instants are RFC 3339 in UTC. A refusal is a problem (RFC 9457) with
a stable `code`. Send an `Idempotency-Key` with a POST, and send it again as often as you need."""

CONFIG: Final = OpenAPIConfig(
    title="Arcadia Cloud",
    version=__version__,
    description=_ABOUT,
    security=[{"bearer": []}],
    components=Components(
        security_schemes={"bearer": SecurityScheme(type="http", scheme="bearer", bearer_format="JWT")}
    ),
    use_handler_docstrings=True,
    path="/api/docs/litestar",
)

_JSON: Final[dict[str, Any]] = {
    "description": "Any JSON without fractional numbers.",
    "anyOf": [
        {"type": "string"},
        {"type": "integer"},
        {"type": "boolean"},
        {"type": "null"},
        {"type": "array", "items": {"$ref": "#/components/schemas/Json"}},
        {"type": "object", "additionalProperties": {"$ref": "#/components/schemas/Json"}},
    ],
}


@get(PATH, media_type=MediaType.JSON, include_in_schema=False, opt={PUBLIC: True}, sync_to_thread=False)
def read_openapi(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The document that clients are made from."""
    made: bytes = request.app.state.setdefault("openapi", None) or msgspec.json.encode(document(request.app))
    request.app.state["openapi"] = made
    return Response(made, media_type=MediaType.JSON, headers={"Cache-Control": "no-cache"})


def document(app: Litestar) -> dict[str, Any]:
    """The document of an application."""
    made: dict[str, Any] = app.openapi_schema.to_schema()
    for operations in made["paths"].values():
        for operation in operations.values():
            _tell(operation)
    made["components"]["schemas"] = _shapes(made["components"]["schemas"])
    return made


def _tell(operation: dict[str, Any]) -> None:
    """The docstring's first paragraph is the summary."""
    summary, _, more = operation.get("description", "").partition("\n\n")
    operation["summary"] = " ".join(summary.split()).rstrip(".")
    operation["description"] = more or summary


def _shapes(found: dict[str, Any]) -> dict[str, Any]:
    shapes = {shape.__name__: shape for shape in _subclasses(Struct)}
    _, schemas = msgspec.json.schema_components(
        [shapes[name] for name in found if name in shapes],
        ref_template="#/components/schemas/{name}",
    )
    return {**found, **schemas, "Json": _JSON}


def _subclasses(of: type[Struct]) -> Iterator[type[Struct]]:
    for one in of.__subclasses__():
        yield one
        yield from _subclasses(one)
