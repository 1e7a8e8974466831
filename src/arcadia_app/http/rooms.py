"""Room in the threads, by role: one role's requests that wait for the database leave the others theirs.

Owns who may go into a thread. A role has as many of its requests in threads as its pool has connections, so
none waits in the pool, and the gateway's usage is recorded however busy a tenant is (SPEC 16).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final, ParamSpec, TypeVar

from attrs import frozen
from litestar.concurrency import sync_to_thread
from litestar.types import ASGIApp, HTTPReceiveMessage, Message, Receive, Scope, Send, WebSocketReceiveMessage

from arcadia_domain.identity import Principal, Role
from arcadia_domain.ports.unit_of_work import DatabaseBusy

P = ParamSpec("P")
T = TypeVar("T")

_BODIES: Final = frozenset({"PATCH", "PUT"})


@frozen(kw_only=True)
class RoomOptions:
    """`size`: requests of a role in threads at a time. `wait`: seconds until one gives up."""

    size: int = 5
    wait: float = 4.0


class Rooms:
    """The rooms of one application."""

    def __init__(self, options: RoomOptions = RoomOptions()) -> None:
        self._wait = options.wait
        self._tenant = asyncio.Semaphore(options.size)
        self._operator = asyncio.Semaphore(options.size)
        self._gateway = asyncio.Semaphore(options.size)

    @asynccontextmanager
    async def of(self, by: Principal) -> AsyncIterator[None]:
        """Hold a place in the room of their role: first come, first served. Raises DatabaseBusy."""
        room = self._room(by)
        try:
            async with asyncio.timeout(self._wait):
                await room.acquire()
        except TimeoutError:
            raise DatabaseBusy() from None
        try:
            yield
        finally:
            room.release()

    async def run(self, by: Principal, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What the work comes to, in a thread. Raises DatabaseBusy, and what the work raises."""
        async with self.of(by):
            return await sync_to_thread(work, *args, **kwargs)

    def _room(self, by: Principal) -> asyncio.Semaphore:
        """As the transactions choose the pool."""
        if by.is_operator:
            return self._operator
        return self._gateway if Role.LLM_GATEWAY in by.roles else self._tenant


def in_room(rooms: Rooms) -> Callable[[ASGIApp], ASGIApp]:
    """The middleware around handlers that Litestar runs in a thread, which are all but the POSTs.

    Held from when the request is here as a whole until its answer begins: no slow client keeps a place.
    A function, not an object: Litestar copies objects.
    """

    def around(app: ASGIApp) -> ASGIApp:
        async def roomed(scope: Scope, receive: Receive, send: Send) -> None:
            by: Principal | None = scope["state"].get("principal")
            method = scope.get("method")
            if by is None or method == "POST":
                await app(scope, receive, send)
                return
            async with AsyncExitStack() as room:

                async def received() -> HTTPReceiveMessage | WebSocketReceiveMessage:
                    message = await receive()
                    if method in _BODIES and not message.get("more_body"):
                        await room.enter_async_context(rooms.of(by))
                    return message

                async def answered(message: Message) -> None:
                    await room.aclose()
                    await send(message)

                if method not in _BODIES:
                    await room.enter_async_context(rooms.of(by))
                await app(scope, received, answered)

        return roomed

    return around
