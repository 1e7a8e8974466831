"""What surrounds every answer, a refusal too: the request id, security headers, the log line, the metrics.

The outermost layer. Logs no body, no header of the client's and no query: they may hold what is a tenant's.
"""

from __future__ import annotations

import re
import time
from typing import Any, Final
from uuid import uuid4

import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from arcadia_app.http.metrics import FINISHED, RUNNING

REQUEST_ID: Final = b"x-request-id"

_GOOD_ID: Final = re.compile(rb"[A-Za-z0-9._:-]{1,128}")
_SECURITY: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_NO_CONTENT: Final = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
_NOT_STORED: Final = (b"cache-control", b"no-store")


class Surroundings:
    """Wraps the application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._log = structlog.get_logger("arcadia.http")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        state: dict[str, Any] = scope.setdefault("state", {})
        state["request_id"] = request_id
        status = 500
        began = time.perf_counter()

        async def answered(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = _surrounded(list(message.get("headers", [])), request_id)
            await send(message)

        RUNNING.inc()
        with bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, answered)
            finally:
                RUNNING.dec()
                self._tell(scope, status, time.perf_counter() - began)

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        state: dict[str, Any] = scope["state"]
        route = str(scope.get("path_template") or "unknown")
        FINISHED.labels(scope["method"], route, str(status)).observe(seconds)  # type: ignore[typeddict-item]
        by = state.get("principal")
        self._log.info(
            "request",
            method=scope["method"],  # type: ignore[typeddict-item]
            route=route,
            status=status,
            ms=round(seconds * 1000, 1),
            **({"tenant": by.tenant_id, "by": by.subject} if by is not None else {}),
            **({"problem": state["problem"]} if "problem" in state else {}),
        )


def _request_id(scope: Scope) -> str:
    """The caller's, where it is one; else a new one."""
    for name, value in scope["headers"]:
        if name == REQUEST_ID and _GOOD_ID.fullmatch(value):
            return str(value.decode())
    return str(uuid4())


def _surrounded(headers: list[tuple[bytes, bytes]], request_id: str) -> list[tuple[bytes, bytes]]:
    names = {name.lower() for name, _ in headers}
    mine = [(REQUEST_ID, request_id.encode()), *_SECURITY]
    mine += [one for one in (_NO_CONTENT, _NOT_STORED) if one[0] not in names]
    return headers + mine
