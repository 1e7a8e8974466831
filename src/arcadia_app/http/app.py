"""The HTTP door, put together: controllers, and what every request passes through on its way to them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Final

from attrs import frozen
from litestar import Litestar, Router
from litestar.config.cors import CORSConfig
from litestar.di import Provide
from litestar.middleware import DefineMiddleware
from litestar.types import ASGIApp

from arcadia_app.arcadia import Arcadia
from arcadia_app.http import openapi, problems
from arcadia_app.http.bearer import BearerMiddleware
from arcadia_app.http.billing.deployments import DeploymentController
from arcadia_app.http.door import provide_by
from arcadia_app.http.once import provide_once
from arcadia_app.http.rate_limit import RateLimitMiddleware
from arcadia_app.http.strict import StrictRequest
from arcadia_app.http.surroundings import Surroundings
from arcadia_domain.ports.doors import Rate
from arcadia_domain.ports.tokens import TokenVerifier

CONTROLLERS: Final = (DeploymentController,)

LARGEST_BODY: Final = 1024 * 1024
"""Bytes, where an operation does not say otherwise."""

Lifespan = Callable[[Litestar], AbstractAsyncContextManager[None]]


@frozen(kw_only=True)
class HttpOptions:
    """What may be set about the door. `rate` None: no limit. `origins`: whose pages may call us (CORS)."""

    rate: Rate | None = None
    origins: Sequence[str] = ()


def application(
    app: Arcadia, verifier: TokenVerifier, options: HttpOptions, lifespan: Sequence[Lifespan] = ()
) -> ASGIApp:
    """The ASGI application. `lifespan` is what runs beside it, as long as it is up."""
    return Surroundings(litestar(app, verifier, options, lifespan))


def litestar(
    app: Arcadia, verifier: TokenVerifier, options: HttpOptions, lifespan: Sequence[Lifespan] = ()
) -> Litestar:
    """The routes with their checks, without what surrounds every answer."""
    middleware: list[Any] = [DefineMiddleware(BearerMiddleware, verifier=verifier)]
    if options.rate is not None:
        middleware.append(RateLimitMiddleware(app, options.rate))

    async def provide_app() -> Arcadia:
        return app

    return Litestar(
        route_handlers=[
            Router("/", route_handlers=list(CONTROLLERS), middleware=middleware),
            openapi.read_openapi,
        ],
        dependencies={
            "app": Provide(provide_app),
            "by": Provide(provide_by),
            "once": Provide(provide_once),
        },
        exception_handlers={Exception: problems.answer},
        request_class=StrictRequest,
        request_max_body_size=LARGEST_BODY,
        cors_config=_cors(options.origins),
        lifespan=list(lifespan),
        openapi_config=openapi.CONFIG,
        logging_config=None,  # the process says how it logs, not the door
    )


def _cors(origins: Sequence[str]) -> CORSConfig | None:
    if not origins:
        return None
    return CORSConfig(
        allow_origins=list(origins),
        allow_methods=["GET", "POST", "PATCH", "PUT", "DELETE"],
        allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "If-Match", "X-Request-Id"],
        expose_headers=["ETag", "Idempotency-Replayed", "Location", "Retry-After", "X-Request-Id"],
    )
