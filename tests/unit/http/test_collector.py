"""Group commit: who comes while a group is recorded makes the next one, and everybody is answered."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

import pytest

from arcadia_app.http.billing.collector import Collector
from arcadia_app.http.rooms import Rooms
from arcadia_domain.errors import DomainError
from arcadia_domain.identity import Principal
from arcadia_domain.ports.unit_of_work import DatabaseBusy
from tests.world import BOB, GATEWAY


class Bad(DomainError):
    code = "bad"
    sentence = "{event} cannot be recorded."


class Unreachable(DomainError):
    code = "database_unreachable"
    sentence = "The database is away."


class Store:
    """Records groups in a thread, when `gate` is open. An event of "bad…" fails its group."""

    def __init__(self) -> None:
        self.groups: list[tuple[str, list[str]]] = []
        self.committed: list[str] = []
        self.entered = threading.Semaphore(0)
        self.gate = threading.Event()
        self.gate.set()
        self.error: Exception | None = None

    def record(self, by: Principal, events: Sequence[str]) -> list[str]:
        self.groups.append((by.subject, list(events)))
        self.entered.release()
        assert self.gate.wait(10)
        if self.error is not None:
            raise self.error
        for event in events:
            if event.startswith("bad"):
                raise Bad(event=event)
        self.committed += events
        return [f"recorded {event}" for event in events]

    @property
    def sizes(self) -> list[int]:
        return [len(events) for _, events in self.groups]


def run(act: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(asyncio.wait_for(act(), 20))


async def behind(store: Store, first: Awaitable[Any]) -> asyncio.Task[Any]:
    """The first one's task, once its group is being recorded behind the closed gate."""
    store.gate.clear()
    task = asyncio.ensure_future(first)
    await asyncio.sleep(0)
    await asyncio.to_thread(store.entered.acquire)
    return task


def test_events_one_after_the_other_are_each_answered() -> None:
    async def act() -> None:
        store = Store()
        collector = Collector(store.record, Rooms())
        for n in range(50):
            assert await collector.record(GATEWAY, f"e{n}") == f"recorded e{n}"
        assert store.sizes == [1] * 50

    run(act)


def test_who_comes_while_a_group_is_recorded_makes_the_next_group() -> None:
    async def act() -> None:
        store = Store()
        collector = Collector(store.record, Rooms(), largest=20)
        first = await behind(store, collector.record(GATEWAY, "first"))
        rest = [asyncio.ensure_future(collector.record(GATEWAY, f"e{n}")) for n in range(30)]
        await asyncio.sleep(0)
        store.gate.set()
        assert await first == "recorded first"
        assert await asyncio.gather(*rest) == [f"recorded e{n}" for n in range(30)]
        assert store.sizes == [1, 20, 10]

    run(act)


def test_a_bad_event_never_fails_its_neighbours() -> None:
    async def act() -> None:
        store = Store()
        collector = Collector(store.record, Rooms())
        first = await behind(store, collector.record(GATEWAY, "first"))
        events = ["a", "bad1", "b", "c", "bad2", "d", "e"]
        rest = [asyncio.ensure_future(collector.record(GATEWAY, event)) for event in events]
        await asyncio.sleep(0)
        store.gate.set()
        await first
        told = await asyncio.gather(*rest, return_exceptions=True)
        assert [str(one) for one in told] == [
            f"{event} cannot be recorded." if event.startswith("bad") else f"recorded {event}"
            for event in events
        ]
        assert sorted(store.committed) == ["a", "b", "c", "d", "e", "first"]

    run(act)


def test_a_store_that_is_away_is_not_asked_again_by_halves() -> None:
    async def act() -> None:
        store = Store()
        collector = Collector(store.record, Rooms())
        first = await behind(store, collector.record(GATEWAY, "first"))
        rest = [asyncio.ensure_future(collector.record(GATEWAY, f"e{n}")) for n in range(8)]
        await asyncio.sleep(0)
        store.error = Unreachable()
        store.gate.set()
        told = await asyncio.gather(first, *rest, return_exceptions=True)
        assert {type(one) for one in told} == {Unreachable}
        assert store.sizes == [1, 8]
        store.error = None
        assert await collector.record(GATEWAY, "later") == "recorded later"

    run(act)


def test_nobody_is_recorded_in_another_principals_name() -> None:
    async def act() -> None:
        store = Store()
        collector = Collector(store.record, Rooms())
        first = await behind(store, collector.record(GATEWAY, "first"))
        rest = [
            asyncio.ensure_future(collector.record(by, event))
            for by, event in ((GATEWAY, "a"), (GATEWAY, "b"), (BOB, "c"), (GATEWAY, "d"))
        ]
        await asyncio.sleep(0)
        store.gate.set()
        await asyncio.gather(first, *rest)
        assert store.groups[1:] == [("gateway", ["a", "b"]), ("bob", ["c"]), ("gateway", ["d"])]

    run(act)


def test_a_full_room_asks_to_come_again() -> None:
    async def act() -> None:
        store = Store()
        collector = Collector(store.record, Rooms(), room=2)
        first = await behind(store, collector.record(GATEWAY, "first"))
        rest = [asyncio.ensure_future(collector.record(GATEWAY, f"e{n}")) for n in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(DatabaseBusy):
            await collector.record(GATEWAY, "one too many")
        store.gate.set()
        await asyncio.gather(first, *rest)
        assert sorted(store.committed) == ["e0", "e1", "first"]

    run(act)


def test_who_goes_away_while_waiting_disturbs_nobody_and_is_recorded() -> None:
    async def act() -> None:
        store = Store()
        collector = Collector(store.record, Rooms())
        first = await behind(store, collector.record(GATEWAY, "first"))
        gone = asyncio.ensure_future(collector.record(GATEWAY, "gone"))
        stays = asyncio.ensure_future(collector.record(GATEWAY, "stays"))
        await asyncio.sleep(0)
        gone.cancel()
        first.cancel()
        store.gate.set()
        assert await stays == "recorded stays"
        assert store.committed == ["first", "gone", "stays"]

    run(act)
