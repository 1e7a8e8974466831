"""OPTIONS: which methods a path takes. Told to anybody, for the document tells it too."""

from __future__ import annotations

from litestar.middleware import ASGIMiddleware
from litestar.response.base import ASGIResponse
from litestar.routes import HTTPRoute
from litestar.types import ASGIApp, Receive, Scope, Send


class Methods(ASGIMiddleware):
    """Answers OPTIONS before a token is asked for. Litestar's own answer knows one handler of a path only."""

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        if scope.get("method") != "OPTIONS":
            await next_app(scope, receive, send)
            return
        taken = {
            method
            for route in scope["litestar_app"].routes
            if isinstance(route, HTTPRoute) and route.path_format == scope["path_template"]
            for method in route.methods
        }
        answer = ASGIResponse(status_code=204, headers={"Allow": ", ".join(sorted(taken))})
        await answer(scope, receive, send)
