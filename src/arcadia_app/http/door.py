"""What a handler asks for by name: who asks, and the application. Provided by `app`. And who may ask at all.

Guards are coroutines though they wait for nothing: Litestar runs any other function in a thread.
"""

from __future__ import annotations

from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import SkipValidation

from arcadia_app.arcadia import Arcadia
from arcadia_app.http.refusals import GatewayForbidden
from arcadia_domain.billing.ingest import must_be_gateway
from arcadia_domain.identity import Principal, Role

By = NamedDependency[SkipValidation[Principal]]
"""Who asks."""

App = NamedDependency[SkipValidation[Arcadia]]
"""The wired application."""


async def provide_by(request: Request[Any, Any, Any]) -> Principal:
    principal: Principal = request.user
    return principal


async def operators_only(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """A guard: before the body is read. The use case asks again: it is the wall, this is the sign."""
    by: Principal = connection.user
    by.must_be_operator(handler.opt.get("act", "do this"))


async def gateway_only(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """A guard: the gateway's operations are its own, and operators'."""
    must_be_gateway(connection.user)


async def not_the_gateway(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """A guard of every operation: the gateway's token opens what `gateway_only` guards, and nothing else.

    Its role in the database sees the deployments of every tenant, and little else of any.
    """
    by: Principal | None = connection.scope.get("user")
    if by is None or by.is_operator or Role.LLM_GATEWAY not in by.roles:
        return
    if not any(gateway_only in (layer.guards or ()) for layer in handler.ownership_layers):
        raise GatewayForbidden()
