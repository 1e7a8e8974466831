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
from arcadia_app.http import openapi, parameters, problems, reference
from arcadia_app.http.bearer import BearerMiddleware
from arcadia_app.http.billing.dashboard import DashboardController
from arcadia_app.http.billing.deployments import DeploymentController
from arcadia_app.http.billing.ingest import IntegrationController
from arcadia_app.http.billing.invoices import InvoiceController
from arcadia_app.http.billing.quotes import QuoteController
from arcadia_app.http.billing.rollups import RollupController
from arcadia_app.http.billing.runs import BillingRunController
from arcadia_app.http.billing.subscriptions import SubscriptionController
from arcadia_app.http.billing.tenants import TenantController
from arcadia_app.http.billing.usage import UsageController
from arcadia_app.http.catalog.addons import AddonController
from arcadia_app.http.catalog.plans import PlanController, VersionController
from arcadia_app.http.catalog.prices import PriceController
from arcadia_app.http.cloud.cloud_invoices import CloudInvoiceController
from arcadia_app.http.cloud.costs import CostController
from arcadia_app.http.cloud.discoveries import DiscoveryController
from arcadia_app.http.cloud.focus import FocusController
from arcadia_app.http.cloud.inventory import InventoryController
from arcadia_app.http.cloud.syncs import SyncController
from arcadia_app.http.door import not_the_gateway, provide_by
from arcadia_app.http.methods import Methods
from arcadia_app.http.once import once_provider
from arcadia_app.http.platform import health
from arcadia_app.http.platform.jobs import JobController
from arcadia_app.http.platform.queues import QueueController
from arcadia_app.http.platform.schedule import ScheduleController
from arcadia_app.http.rate_limit import rate_limited
from arcadia_app.http.rooms import RoomOptions, Rooms, in_room
from arcadia_app.http.strict import StrictRequest
from arcadia_app.http.surroundings import Surroundings
from arcadia_domain.ports.doors import Rate
from arcadia_domain.ports.tokens import TokenVerifier

CONTROLLERS: Final = (
    AddonController,
    BillingRunController,
    CloudInvoiceController,
    CostController,
    DashboardController,
    DeploymentController,
    DiscoveryController,
    FocusController,
    IntegrationController,
    InventoryController,
    InvoiceController,
    JobController,
    PlanController,
    PriceController,
    QueueController,
    QuoteController,
    RollupController,
    ScheduleController,
    SubscriptionController,
    SyncController,
    TenantController,
    UsageController,
    VersionController,
)

LARGEST_BODY: Final = 1024 * 1024
"""Bytes, where an operation does not say otherwise."""

Lifespan = Callable[[Litestar], AbstractAsyncContextManager[None]]


_ROOMS: Final = RoomOptions()


@frozen(kw_only=True)
class HttpOptions:
    """What may be set about the door. `rate` None: no limit. `origins`: whose pages may call us (CORS)."""

    rate: Rate | None = None
    origins: Sequence[str] = ()
    rooms: RoomOptions = _ROOMS


def application(
    app: Arcadia, verifier: TokenVerifier, options: HttpOptions, lifespan: Sequence[Lifespan] = ()
) -> ASGIApp:
    """The ASGI application. `lifespan` is what runs beside it, as long as it is up."""
    return Surroundings(litestar(app, verifier, options, lifespan))


def litestar(
    app: Arcadia, verifier: TokenVerifier, options: HttpOptions, lifespan: Sequence[Lifespan] = ()
) -> Litestar:
    """The routes with their checks, without what surrounds every answer."""
    rooms = Rooms(options.rooms)
    middleware: list[Any] = [Methods(), DefineMiddleware(BearerMiddleware, verifier=verifier)]
    if options.rate is not None:
        middleware.append(rate_limited(app, options.rate, rooms))
    middleware.append(in_room(rooms))

    async def provide_app() -> Arcadia:
        return app

    return Litestar(
        route_handlers=[
            Router(
                "/",
                route_handlers=list(CONTROLLERS),
                middleware=middleware,
                guards=[not_the_gateway],
                before_request=parameters.check,
            ),
            *health.HANDLERS,
            openapi.read_openapi,
            reference.read_reference,
        ],
        dependencies={
            "app": Provide(provide_app),
            "by": Provide(provide_by),
            "once": Provide(once_provider(rooms)),
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
