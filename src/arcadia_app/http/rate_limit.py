"""The rate limit of each tenant, shared by every process (ARCADIA_RATE_LIMIT).

Platform admins and the gateway are ours and are not limited: what the gateway could not record, nobody would
be billed for.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from litestar.types import ASGIApp, Receive, Scope, Send

from arcadia_app.arcadia import Arcadia
from arcadia_app.http.refusals import TooManyRequests
from arcadia_app.http.rooms import Rooms
from arcadia_domain.identity import Principal
from arcadia_domain.ports.doors import Rate


def rate_limited(arcadia: Arcadia, rate: Rate, rooms: Rooms) -> Callable[[ASGIApp], ASGIApp]:
    """The middleware: counts each request of a tenant; over the rate, 429 with Retry-After.

    A function, not an object: Litestar copies objects, down to the pools in them.
    """

    def take(by: Principal) -> int | None:
        """Whole seconds to wait, or None."""
        with arcadia.transactions.begin(by) as work:
            wait = work.limits.take(by.tenant_id, rate, arcadia.clock.now())
        return None if wait is None else math.ceil(wait.total_seconds())

    def around(app: ASGIApp) -> ASGIApp:
        async def limited(scope: Scope, receive: Receive, send: Send) -> None:
            by: Principal | None = scope["state"].get("principal")
            if by is not None and not by.roles:
                wait = await rooms.run(by, take, by)
                if wait is not None:
                    raise TooManyRequests(seconds=wait, headers={"Retry-After": str(wait)})
            await app(scope, receive, send)

        return limited

    return around
