"""taking_in: what a listing showed is stored while it goes on, in its order, and nothing of it is lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event, current_thread, main_thread
from typing import Any

import pytest

from arcadia_app.use_cases.cloud import taking_in as module
from arcadia_app.use_cases.cloud.sync_run import Found
from arcadia_app.use_cases.cloud.taking_in import TakingIn, taking_in
from arcadia_domain.cloud.changes import EventKind
from arcadia_domain.cloud.listing import SeenResource
from tests.world import NOW

AT_ONCE = 3
PATIENCE = 60


class DiskFull(Exception):
    pass


@dataclass
class Run:
    """What `taking_in` needs of a sync. `before` is called with the number of the lot that is stored next."""

    before: Callable[[int], object] = lambda number: None
    asked: int = 0
    lots: list[tuple[list[str], datetime]] = field(default_factory=list)
    beside: list[bool] = field(default_factory=list)
    """Of each lot, whether another thread than the one that asks has stored it."""

    @property
    def clock(self) -> Run:
        return self

    def now(self) -> datetime:
        self.asked += 1
        return NOW + timedelta(seconds=self.asked)

    def take_in(self, kind: str, seen: Sequence[SeenResource], at: datetime) -> Found:
        self.before(len(self.lots))
        self.beside.append(current_thread() is not main_thread())
        self.lots.append(([one.provider_id for one in seen], at))
        return Counter({(EventKind.APPEARED, None): len(seen)})


@pytest.fixture(autouse=True)
def small_lots(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_AT_ONCE", AT_ONCE)


def begun(run: Any) -> AbstractContextManager[TakingIn]:
    return taking_in(run, "droplet", NOW)


def show(pages: TakingIn, *numbers: int) -> None:
    """A page each."""
    for number in numbers:
        pages.take([SeenResource(kind="droplet", provider_id=str(number), name="web")])


def look(run: Run, count: int, then: Callable[[], object] = lambda: None) -> Found:
    with begun(run) as pages:
        show(pages, *range(count))
        then()
        return pages.found()


def test_all_is_stored_once_and_in_its_order() -> None:
    run = Run()
    found = look(run, 7)
    assert [lot for lot, _ in run.lots] == [["0", "1", "2"], ["3", "4", "5"], ["6"]]
    assert found == {(EventKind.APPEARED, None): 7}


def test_a_lot_is_as_old_as_the_instant_before_its_first_page_was_asked_for() -> None:
    run = Run()
    look(run, 7)
    assert [at for _, at in run.lots] == [NOW, NOW + timedelta(seconds=1), NOW + timedelta(seconds=2)]


def test_the_next_page_is_asked_for_while_a_lot_is_stored() -> None:
    shown = Event()

    def until_more_was_shown(number: int) -> None:
        assert shown.wait(PATIENCE)

    run = Run(until_more_was_shown)
    with begun(run) as pages:
        show(pages, *range(AT_ONCE))
        show(pages, 3, 4)  # the first lot is not stored yet
        assert run.lots == []
        shown.set()
        pages.found()
    assert run.beside == [True, False]


def test_few_resources_need_no_second_thread() -> None:
    run = Run()
    look(run, 2)
    assert run.beside == [False]


def test_nothing_shown_is_nothing_stored() -> None:
    run = Run()
    assert look(run, 0) == {}
    assert run.lots == []


@pytest.mark.parametrize("broken", [0, 1, 2])
def test_what_cannot_be_stored_ends_the_listing_with_the_reason(broken: int) -> None:
    def fail(number: int) -> None:
        if number == broken:
            raise DiskFull

    run = Run(fail)
    with pytest.raises(DiskFull):
        look(run, 7)
    assert len(run.lots) == broken


def test_a_listing_that_breaks_off_leaves_nothing_being_stored() -> None:
    broken_off = Event()
    run = Run(lambda number: broken_off.wait(PATIENCE))

    def interrupt() -> None:
        broken_off.set()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        look(run, 5, interrupt)
    assert [lot for lot, _ in run.lots] == [["0", "1", "2"]]
