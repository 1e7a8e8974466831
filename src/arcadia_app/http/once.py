"""Idempotency-Key: a POST that is sent again is answered again, and not done again (SPEC 15).

Owns the protocol. The answer is kept in the transaction of the act, so there is never one without the other;
refusals are not kept, for nothing was done. Of twins at once one runs; the others wait without a database
connection and without a thread, and are answered as it was.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Any, Final, ParamSpec, TypeVar
from weakref import WeakValueDictionary

import msgspec
from litestar import MediaType, Request, Response
from litestar.di import NamedDependency
from litestar.params import HeaderParameter, SkipValidation

from arcadia_app.arcadia import Arcadia
from arcadia_app.http.door import App
from arcadia_app.http.refusals import IdempotencyKeyReused, InProgress, InvalidParameter
from arcadia_app.http.rooms import Rooms
from arcadia_app.wire.problem import FieldError
from arcadia_domain.identity import Principal
from arcadia_domain.ports.doors import AnswerKey, KeptAnswer
from arcadia_domain.ports.unit_of_work import Work

P = ParamSpec("P")
T = TypeVar("T")

KEPT_FOR: Final = timedelta(hours=24)
WAIT: Final = 5.0
"""Seconds that a twin waits for the one that runs."""

_FIRST_PAUSE: Final = 0.05
_LONGEST_PAUSE: Final = 0.5
_HEADER: Final = "Idempotency-Key"

Key = Annotated[
    str | None,
    HeaderParameter(
        name=_HEADER,
        min_length=1,
        max_length=255,
        pattern=r"^[!-~]+\Z",
        description="Send the same key with a request that you send again: it is answered as the first was.",
    ),
]


@dataclass(frozen=True, slots=True)
class Made:
    """What an act came to: a shape, and what its answer says beside it."""

    shape: Any
    headers: Mapping[str, str] = field(default_factory=dict)


Act = Callable[[Work], Any]
"""Runs in one open transaction; gives a shape, or Made."""


class Running:
    """The keys that are being worked on in this process."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[AnswerKey, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def alone(self, key: AnswerKey, until: float) -> AsyncIterator[None]:
        """One at a time; who has waited until that time of the loop gives up. Raises InProgress."""
        lock = self._locks.setdefault(key, asyncio.Lock())
        try:
            async with asyncio.timeout_at(until):
                await lock.acquire()
        except TimeoutError:
            raise _in_progress() from None
        try:
            yield
        finally:
            lock.release()


@dataclass(frozen=True, slots=True)
class OnceOnly:
    """One request's way to be done once."""

    app: Arcadia
    by: Principal
    running: Running
    rooms: Rooms
    key: AnswerKey | None
    body_sha256: bytes

    async def answer(self, act: Act, status: int = 200) -> Response[Any]:
        """What the act came to, committed; or what it came to before. Raises IdempotencyKeyReused, InProgress
        and what the act raises.
        """
        if self.key is None:
            return _response(await self.in_thread(self._act, act, status), replayed=False)
        until = asyncio.get_running_loop().time() + WAIT
        async with self.running.alone(self.key, until):
            return await self._keyed(self.key, act, status, until)

    async def in_thread(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What the work comes to, in a thread, when there is room. Raises DatabaseBusy, and as it does."""
        return await self.rooms.run(self.by, work, *args, **kwargs)

    async def _keyed(self, key: AnswerKey, act: Act, status: int, until: float) -> Response[Any]:
        """Asks again while another process works on it. Raises InProgress after `until`."""
        clock = asyncio.get_running_loop().time
        pause = _FIRST_PAUSE
        while (done := await self.in_thread(self._try, key, act, status)) is None:
            left = until - clock()
            if left <= 0:
                raise _in_progress()
            await asyncio.sleep(min(pause, left))
            pause = min(pause * 2, _LONGEST_PAUSE)
        return _response(*done)

    def _act(self, act: Act, status: int) -> KeptAnswer:
        with self.app.transactions.begin(self.by) as work:
            return self._kept(act(work), status)

    def _try(self, key: AnswerKey, act: Act, status: int) -> tuple[KeptAnswer, bool] | None:
        """The answer, and whether it was there before; None while another transaction works on it."""
        now = self.app.clock.now()
        with self.app.transactions.begin(self.by) as work:
            if not work.answers.claim(key):
                return None
            before = work.answers.find(key, now)
            if before is not None:
                if before.body_sha256 != self.body_sha256:
                    raise IdempotencyKeyReused()
                return before, True
            kept = self._kept(act(work), status)
            work.answers.keep(key, kept, now + KEPT_FOR)
            return kept, False

    def _kept(self, made: Any, status: int) -> KeptAnswer:
        shape, headers = (made.shape, made.headers) if isinstance(made, Made) else (made, {})
        return KeptAnswer(self.body_sha256, status, headers, msgspec.json.encode(shape))


Once = NamedDependency[SkipValidation[OnceOnly]]


def once_provider(rooms: Rooms) -> Callable[..., Awaitable[OnceOnly]]:
    """What gives the handlers of one application their `once`."""
    running = Running()

    async def provide_once(
        request: Request[Any, Any, Any], app: App, idempotency_key: Key = None
    ) -> OnceOnly:
        """Reads the header and the body. Raises InvalidParameter, BodyTooLarge."""
        if len(request.headers.getall(_HEADER, [])) > 1:
            raise InvalidParameter([FieldError(field=_HEADER, message="is sent twice")])
        by: Principal = request.user
        key = None
        if idempotency_key is not None:
            key = AnswerKey(by.tenant_id, _principal(by), _route(request), idempotency_key)
        return OnceOnly(app, by, running, rooms, key, hashlib.sha256(await request.body()).digest())

    return provide_once


def _principal(by: Principal) -> str:
    """Who asks, and as what: an answer is kept for the rights that it was given by.

    No role holds a colon: nobody's name reads as another's roles.
    """
    return f"{' '.join(sorted(by.roles))}:{by.subject}"


def _route(request: Request[Any, Any, Any]) -> str:
    """What is asked for, as it was sent: hashed, for it may be of any length and hold any byte."""
    scope = request.scope
    sent = scope["raw_path"] + b"?" + scope["query_string"]
    return f"{request.method} {scope['path_template']} {hashlib.sha256(sent).hexdigest()}"


def _in_progress() -> InProgress:
    return InProgress(headers={"Retry-After": "1"})


def _response(kept: KeptAnswer, replayed: bool) -> Response[Any]:
    headers = dict(kept.headers)
    if replayed:
        headers["Idempotency-Replayed"] = "true"
    return Response(kept.response, status_code=kept.status, media_type=MediaType.JSON, headers=headers)
