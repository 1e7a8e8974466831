"""The OpenAPI document: Litestar's, told as strictly as the door is (SPEC 15).

Litestar leaves out what is strict about a shape or a parameter; a document that promises more than it holds
makes clients that fail. So shapes and parameters are told by the library that checks them. The rest follows
from how things are named (`links`, `answers`, `examples`): a new route is documented by being there.
"""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar import Litestar, MediaType, Request, Response, Router, get
from litestar.connection import ASGIConnection
from litestar.enums import ParamType
from litestar.exceptions import NotFoundException
from litestar.handlers import BaseRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme, Tag
from msgspec import Struct

from arcadia_app.http.answers import HEADERS, refusals_of, shape_of, tell_answers
from arcadia_app.http.examples import example
from arcadia_app.http.links import link
from arcadia_app.http.parameters import Asked, asked_by
from arcadia_domain import __version__

PATH: Final = "/api/openapi.json"

JsonObject = dict[str, Any]

_ABOUT: Final = """\
Tenants see their own deployments, usage and invoices; platform admins see all. Money is whole cents with a
currency, quantities are decimal strings, instants are RFC 3339 in UTC. A refusal is a problem (RFC 9457) with
a stable `code`. Send an `Idempotency-Key` with a POST, and send it again as often as you need."""

TAGS: Final = {
    "Platform": "Whether the service is there, and whether it can work.",
    "Catalogue": "What is sold: plans, their versions and items, addons.",
    "Quotes": "What it would cost: priced by the function that makes the invoice.",
    "Deployments": "The billable unit: one app instance of a tenant, its states and its history.",
    "Subscriptions": "What a deployment is subscribed to, and what it has used and will be billed.",
    "Inventory": "What runs at the provider, and whose it is since when.",
    "Invoices": "What tenants owe, line by line.",
    "Integrations": "What other services tell us: usage, and the charges of the LLM gateway.",
    "Tenants": "Who is billed, and how they are taxed (platform admins).",
    "Dashboard": "What a month brought and cost, and what the current one has come to (platform admins).",
    "Costs": "What the provider charges, and the acts that turn a month into invoices (platform admins).",
    "Jobs": "Long acts that were asked for or are done by the clock, and how they go (platform admins).",
}
"""What operations are grouped by, in the order of the reference page."""

_REFERENCE_CLOSED: Final = "/api/docs/litestar"


def _nobody(_: ASGIConnection[Any, Any, Any, Any], __: BaseRouteHandler) -> None:
    """Litestar serves its own document and its own pages, which ask a CDN for scripts: not to our readers."""
    raise NotFoundException


CONFIG: Final = OpenAPIConfig(
    title="Arcadia Cloud",
    version=__version__,
    description=_ABOUT,
    security=[{"bearer": []}],
    tags=[Tag(name=name, description=description) for name, description in TAGS.items()],
    components=Components(
        security_schemes={
            "bearer": SecurityScheme(
                type="http",
                scheme="bearer",
                bearer_format="JWT",
                description="Issued by Sky AI. Names the tenant, and the roles of whoever holds it.",
            )
        }
    ),
    use_handler_docstrings=True,
    openapi_router=Router(_REFERENCE_CLOSED, route_handlers=[], guards=[_nobody], include_in_schema=False),
)

_SCALARS: Final[list[JsonObject]] = [{"type": word} for word in ("string", "integer", "boolean", "null")]
_NESTED: Final[JsonObject] = {"$ref": "#/components/schemas/Json"}
_JSON: Final[JsonObject] = {
    "title": "Json",
    "description": "An object of any form, without fractional numbers.",
    "type": "object",
    "additionalProperties": {
        "anyOf": [*_SCALARS, _NESTED, {"type": "array", "items": {"anyOf": [*_SCALARS, _NESTED]}}]
    },
}


@get(PATH, media_type=MediaType.JSON, include_in_schema=False, sync_to_thread=False)
def read_openapi(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The document that clients are made from."""
    body = msgspec.json.encode(made(request.app))
    return Response(body, media_type=MediaType.JSON, headers={"Cache-Control": "no-cache"})


def made(app: Litestar) -> JsonObject:
    """The document of an application, made once."""
    if "openapi" not in app.state:
        app.state["openapi"] = document(app)
    found: JsonObject = app.state["openapi"]
    return found


def document(app: Litestar) -> JsonObject:
    """The document of an application."""
    whole: JsonObject = msgspec.json.decode(msgspec.json.encode(app.openapi_schema.to_schema()))
    handlers = {
        str(handler.operation_id): handler
        for route in app.routes
        for handler in getattr(route, "route_handlers", ())
        if getattr(handler, "operation_id", None)
    }
    operations = [one for methods in whole["paths"].values() for one in methods.values()]
    shapes = _shapes(whole["components"]["schemas"])
    for operation in operations:
        _tell(operation, handlers[operation["operationId"]], shapes)
    whole["components"] |= {"schemas": shapes, "headers": HEADERS, "examples": refusals_of(operations)}
    link(whole)
    _tell_all_answers(whole["paths"], shapes)
    _as_ecma(whole["paths"])
    used = {tag for operation in operations for tag in operation["tags"]}
    whole["tags"] = [tag for tag in whole["tags"] if tag["name"] in used]
    return whole


def _tell(operation: JsonObject, handler: BaseRouteHandler, shapes: JsonObject) -> None:
    """The docstring's first paragraph is the summary; parameters and body as the door checks them."""
    summary, _, more = operation.get("description", "").partition("\n\n")
    operation["summary"] = " ".join(summary.split()).rstrip(".")
    operation["description"] = more or summary
    if operation.get("security") == [{}]:
        operation["security"] = []
    _open(operation)
    operation["parameters"] = [_parameter(one, shapes) for one in asked_by(handler)]
    for told in operation.get("requestBody", {}).get("content", {}).values():
        told.setdefault("example", example(told["schema"], shapes))


def _parameter(one: Asked, shapes: JsonObject) -> JsonObject:
    (schema,), found = msgspec.json.schema_components([one.shape], ref_template="#/components/schemas/{name}")
    shapes.update((name, _strict(shape)) for name, shape in found.items() if name not in shapes)
    if one.default is not None:
        schema = {**schema, "default": msgspec.to_builtins(one.default)}
    told: JsonObject = {"name": one.name, "in": one.place.value, "required": one.required, "schema": schema}
    if one.description or schema.get("description"):
        told["description"] = one.description or schema.get("description")
    if one.place is ParamType.PATH or one.required:
        told["example"] = example(schema, shapes, one.name)
    return told


def _tell_all_answers(paths: JsonObject, shapes: JsonObject) -> None:
    read_below = {path.rpartition("/{")[0] for path, methods in paths.items() if "get" in methods}
    revisioned = {
        shape_of(answer)
        for methods in paths.values()
        for operation in methods.values()
        if any(one["name"] == "If-Match" for one in operation["parameters"])
        for status, answer in operation["responses"].items()
        if status.startswith("2")
    }
    for path, methods in paths.items():
        for operation in methods.values():
            for status, answer in operation["responses"].items():
                if status.startswith("2"):
                    shape = shapes.get(shape_of(answer), {})
                    answer["description"] = shape.get("description", HTTPStatus.OK.phrase)
            tell_answers(operation, path in read_below, revisioned - {""}, shapes)


def _shapes(found: JsonObject) -> JsonObject:
    shapes = {shape.__name__: shape for shape in _subclasses(Struct)}
    _, schemas = msgspec.json.schema_components(
        [shapes[name] for name in found if name in shapes],
        ref_template="#/components/schemas/{name}",
    )
    return {**{name: _strict(shape) for name, shape in {**found, **schemas}.items()}, "Json": _JSON}


def _open(operation: JsonObject) -> None:
    """What has several shapes is any of them: shapes are open, and one may look like another."""
    for part in (operation.get("requestBody", {}), *operation["responses"].values()):
        for told in part.get("content", {}).values():
            if "oneOf" in told.get("schema", {}):
                told["schema"]["anyOf"] = told["schema"].pop("oneOf")


def _strict(shape: JsonObject) -> JsonObject:
    """An enum of words is text; patterns as ECMA writes them."""
    if "enum" in shape and all(isinstance(word, str) for word in shape["enum"]):
        shape = {"type": "string", **shape}
    _as_ecma(shape)
    return shape


def _as_ecma(told: Any) -> None:
    """JSON Schema's patterns are ECMA's, where the end is `$` and never before a line break."""
    if isinstance(told, dict):
        if isinstance(pattern := told.get("pattern"), str):
            told["pattern"] = pattern.replace(r"\Z", "$")
        for one in told.values():
            _as_ecma(one)
    elif isinstance(told, list):
        for one in told:
            _as_ecma(one)


def _subclasses(of: type[Struct]) -> Iterator[type[Struct]]:
    for one in of.__subclasses__():
        yield one
        yield from _subclasses(one)
