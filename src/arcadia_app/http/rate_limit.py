"""The rate limit of each tenant, shared by every process (ARCADIA_RATE_LIMIT).

Platform admins and the gateway are ours and are not limited: what the gateway could not record, nobody would
be billed for.
"""

from __future__ import annotations

import math
from typing import Final

from litestar.concurrency import sync_to_thread
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from arcadia_app.arcadia import Arcadia
from arcadia_app.http.refusals import TooManyRequests
from arcadia_domain.identity import Principal
from arcadia_domain.ports.doors import Rate

LIMITED: Final = "limited"


class RateLimitMiddleware(ASGIMiddleware):
    """Counts each request of a tenant; over the rate, 429 with Retry-After."""

    def __init__(self, app: Arcadia, rate: Rate) -> None:
        self._app = app
        self._rate = rate

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        by: Principal | None = scope["state"].get("principal")
        if by is not None and not by.roles:
            wait = await sync_to_thread(self._take, by)
            if wait is not None:
                raise TooManyRequests(seconds=wait, headers={"Retry-After": str(wait)})
        await next_app(scope, receive, send)

    def _take(self, by: Principal) -> int | None:
        """Whole seconds to wait, or None."""
        with self._app.transactions.begin(by) as work:
            wait = work.limits.take(by.tenant_id, self._rate, self._app.clock.now())
        return None if wait is None else max(1, math.ceil(wait.total_seconds()))
