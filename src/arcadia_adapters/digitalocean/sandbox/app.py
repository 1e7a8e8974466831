"""The sandbox as an ASGI app: DigitalOcean's API under /v2, the sandbox's own door under /sandbox.

Owns the way of a request: read it, check its token, count it, let a fault fall on it or answer it, send the
answer with DigitalOcean's headers. What is answered stands in kinds/, billing/ and control.
"""

from __future__ import annotations

import uuid
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl

from arcadia_adapters.digitalocean.sandbox import kinds
from arcadia_adapters.digitalocean.sandbox.account import Account
from arcadia_adapters.digitalocean.sandbox.billing import routes as billing
from arcadia_adapters.digitalocean.sandbox.control import Control
from arcadia_adapters.digitalocean.sandbox.exchange import Answer, Obj, Refused, Request
from arcadia_adapters.digitalocean.sandbox.faults import Fault, Faults, spoiled
from arcadia_adapters.digitalocean.sandbox.limits import Limits
from arcadia_adapters.digitalocean.sandbox.offers import ROUTES as OFFERS
from arcadia_adapters.digitalocean.sandbox.router import Router

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]

CUT = "sandbox.cut"
"""Where a server puts what closes the connection (see serving), in the scope's state."""
FAULT = "sandbox.fault"
"""Where the scope says afterwards which fault fell on the request: for who watches, never for the caller."""
_KEPT_REQUESTS = 10_000


class Sandbox:
    """A local, stateful DigitalOcean. All of it is in memory and gone with the process."""

    def __init__(self, account: Account, limits: Limits) -> None:
        self.account = account
        self.limits = limits
        self.faults = Faults()
        self.met: deque[Obj] = deque(maxlen=_KEPT_REQUESTS)
        self._router = Router([*kinds.routes(), *billing.ROUTES, *OFFERS, *Control(self).routes()])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _live(receive, send)
            return
        request = await _read(scope, receive)
        fault, answer = self._answer_or_fault(request)
        if fault:
            scope[FAULT] = fault
        if fault and fault.fault in {"close", "silence"}:
            await _say_nothing(scope, receive, close=fault.fault == "close")
        else:
            await self._send(answer, scope, receive, send, cut=bool(fault and fault.fault == "truncate"))

    def answer(self, request: Request) -> Answer:
        """The answer to a request, its refusals too."""
        try:
            handler, request = self._router.find(request)
            return handler(self.account, request)
        except Refused as refusal:
            return Answer(refusal.status, dict(refusal.body))

    def _answer_or_fault(self, request: Request) -> tuple[Fault | None, Answer]:
        if request.path.startswith("/sandbox"):
            return None, self.answer(request)
        self.account.settle()
        now, token, fault = self.account.now(), _token(request), None
        is_api = request.path.startswith("/v2")  # the rest is S3, which has neither tokens nor these limits
        if is_api and token is None:
            answer = Answer(401, {"id": "unauthorized", "message": "Unable to authenticate you."})
        elif is_api and (refusal := self.limits.take(token or "", request.path, now)):
            answer = refusal
        else:
            fault = self.faults.fall_on(request)
            answer = spoiled(fault, request, self.answer) if fault else self.answer(request)
        if is_api:
            answer.headers |= self.limits.headers(token or "", now)
        self._sign(request, answer, fault)
        return fault, answer

    def _sign(self, request: Request, answer: Answer, fault: Fault | None) -> None:
        """Give the answer a request id, and note what was met."""
        request_id = str(uuid.uuid4())
        answer.headers["x-request-id"] = request_id
        if answer.status >= 400 and isinstance(answer.body, dict) and "id" in answer.body:
            answer.body.setdefault("request_id", request_id)
        self.met.append(
            {
                "method": request.method,
                "path": request.path,
                "query": dict(request.query),
                "status": answer.status,
                "fault": fault.fault if fault else None,
            }
        )

    async def _send(self, answer: Answer, scope: Scope, receive: Receive, send: Send, *, cut: bool) -> None:
        content = answer.content()
        headers = {**answer.headers, "date": format_datetime(self.account.now(), usegmt=True)}
        if content:
            headers["content-type"] = answer.content_type
        if answer.status != 204:
            headers["content-length"] = str(len(content))
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": answer.status, "headers": raw})
        if cut:
            await send(
                {"type": "http.response.body", "body": content[: len(content) // 2], "more_body": True}
            )
            await _say_nothing(scope, receive, close=True)
        else:
            await send({"type": "http.response.body", "body": content})


async def _read(scope: Scope, receive: Receive) -> Request:
    parts, more = [], True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    return Request(
        method=scope["method"],
        path=scope.get("raw_path", scope["path"].encode()).decode("latin-1").partition("?")[0],
        query=dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)),
        headers=headers,
        body=b"".join(parts),
        base=f"{scope.get('scheme', 'http')}://{headers.get('host', 'localhost')}",
    )


def _token(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


async def _say_nothing(scope: Scope, receive: Receive, *, close: bool) -> None:
    """Send no more. To close, the server must have said how; else wait until the caller has had enough."""
    if close:
        cut = scope.get("state", {}).get(CUT)
        if cut is None:
            raise ConnectionResetError(
                "the sandbox cannot close this connection: serve it with serving.config"
            )
        cut()
    while (await receive())["type"] != "http.disconnect":
        pass


async def _live(receive: Receive, send: Send) -> None:
    """A server asks whether we are ready: always."""
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
