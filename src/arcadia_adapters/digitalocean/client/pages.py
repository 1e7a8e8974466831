"""Walking a paged list, and the verdict whether it was seen whole.

Owns the rule, whatever the list is of and however a page is had. The pages are counted here, 1, 2, 3 …: an
address that the provider names for the next page is never followed, only taken as a word that there is one.

The walk ends when as many objects were served as the provider says there are and it names no next page; when
a page is empty; when two pages in a row show nothing new; or at the cap.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar

from attrs import define, field, frozen

from arcadia_domain.cloud.listing import Shortfall
from arcadia_domain.cloud.provider_errors import ProviderError, ProviderUnauthorized

T = TypeVar("T")

PER_PAGE = 200
"""The most that DigitalOcean serves at once."""
PAGES_AT_MOST = 1000
"""An account of 200,000 objects of one kind; beyond that something is wrong."""
_BARREN_AT_MOST = 2


@frozen
class Page(Generic[T]):
    """One page. `total` None: it does not say. `more`: it names a next page. `unread`: objects on it that
    could not be read, and of the first the `reason`.
    """

    rows: Sequence[T]
    total: int | None = None
    more: bool = False
    unread: int = 0
    reason: str | None = None


@frozen
class Walked:
    """What a walk saw. `error` is why a page could not be had, where that was the shortfall."""

    seen: int
    total: int | None
    shortfall: Shortfall | None
    detail: str | None = None
    error: ProviderError | None = None


@define
class Walk(Generic[T]):
    """One walk. `key` tells objects apart; None where equal ones are different all the same (rows without an
    id), then a page that comes twice is still told. `known` holds the keys that were seen before.

    `paged` False: the list is known to come on one page; should it name more, it is not whole.
    `must_total` False: the list may come without a total.
    """

    read: Callable[[int], Page[T]]
    take: Callable[[Sequence[T]], object]
    key: Callable[[T], Hashable] | None
    known: set[Hashable] = field(factory=set)
    paged: bool = True
    must_total: bool = True
    cap: int = PAGES_AT_MOST
    _seen: int = field(default=0, init=False)
    _served: int = field(default=0, init=False)
    _barren: int = field(default=0, init=False)
    _total: int | None = field(default=None, init=False)
    _last: Page[T] | None = field(default=None, init=False)
    _shortfall: Shortfall | None = field(default=None, init=False)
    _detail: str | None = field(default=None, init=False)

    def run(self) -> Walked:
        """Walk to the end. Raises ProviderUnauthorized: then no list can be had."""
        for number in range(1, (self.cap if self.paged else 1) + 1):
            try:
                page = self.read(number)
            except ProviderUnauthorized:
                raise
            except ProviderError as error:
                self._falls_short(Shortfall.FAILED, str(error))
                return self._verdict(error)
            self._take_in(page, number)
            if self._ended(page):
                self._count(page)
                return self._verdict()
        self._falls_short(Shortfall.TOO_LONG, f"there is more after page {self.cap if self.paged else 1}")
        return self._verdict()

    def _take_in(self, page: Page[T], number: int) -> None:
        if number == 1:
            self._total = page.total
        elif page.total != self._total:
            self._falls_short(
                Shortfall.TOTAL_CHANGED, f"page 1 says {self._total}, page {number} says {page.total}"
            )
        fresh = self._fresh(page)
        if len(fresh) < len(page.rows):
            self._falls_short(
                Shortfall.REPEATED, f"page {number} holds {len(page.rows) - len(fresh)} that were seen before"
            )
        if page.unread:
            self._falls_short(
                Shortfall.UNREADABLE, f"{page.unread} on page {number} cannot be read: {page.reason}"
            )
        self._seen += len(fresh)
        self._served += len(page.rows) + page.unread
        self._barren = 0 if fresh else self._barren + 1
        self._last = page
        if fresh:
            self.take(fresh)

    def _fresh(self, page: Page[T]) -> Sequence[T]:
        if self.key is None:
            again = self._last is not None and page.rows == self._last.rows
            return [] if again else page.rows
        fresh = []
        for row in page.rows:
            key = self.key(row)
            if key not in self.known:
                self.known.add(key)
                fresh.append(row)
        return fresh

    def _ended(self, page: Page[T]) -> bool:
        if not page.rows and not page.unread:
            return True
        if self._barren >= _BARREN_AT_MOST:
            return True
        return not page.more and (page.total is None or self._served >= page.total)

    def _count(self, page: Page[T]) -> None:
        """Compare what was seen with what there should be, once the list has ended."""
        if page.total is None:
            if page.more or (self.must_total and self.paged):
                self._falls_short(Shortfall.NO_TOTAL, "the provider does not say how many there are")
        elif self._seen < page.total:
            self._falls_short(Shortfall.TOO_FEW, f"{self._seen} seen of {page.total}")
        elif self._seen > page.total:
            self._falls_short(Shortfall.TOO_MANY, f"{self._seen} seen of {page.total}")

    def _falls_short(self, shortfall: Shortfall, detail: str) -> None:
        """The first reason stands: those that follow may be its consequences."""
        if self._shortfall is None:
            self._shortfall, self._detail = shortfall, detail

    def _verdict(self, error: ProviderError | None = None) -> Walked:
        return Walked(self._seen, self._total, self._shortfall, self._detail, error)
