"""Group commit: events that come one by one are recorded together, and each is answered after the commit.

Owns the waiting room. One group is recorded at a time, and meanwhile the next one gathers: nobody waits for a
clock, and the busier it is, the larger the groups. Runs in the event loop; a group is recorded in a thread.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextvars import Context
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, Generic, TypeVar

from arcadia_app.http.problems import STATUS
from arcadia_app.http.rooms import Rooms
from arcadia_domain.errors import DomainError
from arcadia_domain.identity import Principal
from arcadia_domain.ports.unit_of_work import DatabaseBusy

LARGEST_GROUP: Final = 500
ROOM: Final = 5000
"""Events that may wait; whoever comes then is asked to come again."""

E = TypeVar("E")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class _Waiting(Generic[E, V]):
    by: Principal
    event: E
    answer: asyncio.Future[V]


class Collector(Generic[E, V]):
    """Records events in groups. `record` takes a group of one principal, and commits."""

    def __init__(
        self,
        record: Callable[[Principal, Sequence[E]], Sequence[V]],
        rooms: Rooms,
        *,
        largest: int = LARGEST_GROUP,
        room: int = ROOM,
    ) -> None:
        self._record = record
        self._rooms = rooms
        self._largest = largest
        self._room = room
        self._waiting: deque[_Waiting[E, V]] = deque()
        self._task: asyncio.Task[None] | None = None

    async def record(self, by: Principal, event: E) -> V:
        """What became of the event, committed. Raises DatabaseBusy, and what recording it alone would raise.

        Who goes away while waiting is not answered; the event is recorded all the same.
        """
        if len(self._waiting) >= self._room:
            raise DatabaseBusy()
        loop = asyncio.get_running_loop()
        one: _Waiting[E, V] = _Waiting(by, event, loop.create_future())
        self._waiting.append(one)
        if self._task is None:
            # A context of its own: a group is nobody's request.
            self._task = loop.create_task(self._work(), context=Context())
        return await one.answer

    async def _work(self) -> None:
        """Until nobody waits. Nothing is awaited from that look to leaving: nobody comes in between."""
        try:
            while self._waiting:
                await self._commit(self._gathered())
        finally:
            self._task = None

    def _gathered(self) -> list[_Waiting[E, V]]:
        """The next group: those of one principal, as they came."""
        group = [self._waiting.popleft()]
        while self._waiting and len(group) < self._largest and self._waiting[0].by == group[0].by:
            group.append(self._waiting.popleft())
        return group

    async def _commit(self, group: list[_Waiting[E, V]]) -> None:
        """Record and answer. A group that fails is halved, until what makes it fail stands alone."""
        by = group[0].by
        try:
            verdicts = await self._rooms.run(by, self._record, by, [one.event for one in group])
            answers = list(zip(group, verdicts, strict=True))
        except Exception as error:
            if len(group) == 1 or _is_everybodys(error):
                for one in group:
                    if not one.answer.done():
                        one.answer.set_exception(error)
            else:
                middle = len(group) // 2
                await self._commit(group[:middle])
                await self._commit(group[middle:])
        else:
            for one, verdict in answers:
                if not one.answer.done():
                    one.answer.set_result(verdict)


def _is_everybodys(error: Exception) -> bool:
    """Whether it is about the database, and not about an event: trying by halves would only add to it."""
    return isinstance(error, DomainError) and STATUS.get(error.code) == HTTPStatus.SERVICE_UNAVAILABLE
