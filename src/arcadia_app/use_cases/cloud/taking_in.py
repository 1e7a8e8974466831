"""Take in what a listing shows while it goes on (SPEC 6).

Owns the second thread of a sync. It stores what was shown while the first one asks for more: the one that has
a transaction asks the provider nothing, the one that asks has no transaction, so none is ever held open by
the provider. At most one lot is being stored while the next is gathered.

Owns the time of a look, too: what is stored together is as old as the instant before it was asked for, so
that of two syncs at once the later answer stands.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from arcadia_app.use_cases.cloud.sync_run import Found, SyncRun
from arcadia_domain.cloud.listing import SeenResource

_AT_ONCE: Final = 1000
"""Resources that are stored together: by single pages, statements come and go more than they do."""


@contextmanager
def taking_in(run: SyncRun, kind: str, at: datetime) -> Iterator[TakingIn]:
    """For a listing that is asked for at `at` or later. At the end of the block nothing is being stored."""
    with ThreadPoolExecutor(1, thread_name_prefix="storing") as thread:  # it starts with the first lot
        yield TakingIn(run, kind, at, thread)


class TakingIn:
    """The pages of one listing, stored in the order in which they came."""

    def __init__(self, run: SyncRun, kind: str, at: datetime, thread: ThreadPoolExecutor) -> None:
        self._run = run
        self._kind = kind
        self._at = at
        self._thread = thread
        self._gathered: list[SeenResource] = []
        self._storing: Future[Found] | None = None
        self._found: Found = Counter()

    def take(self, seen: Sequence[SeenResource]) -> None:
        """Take a page; with it may come the error of storing an earlier one."""
        self._gathered.extend(seen)
        if len(self._gathered) >= _AT_ONCE:
            self._wait()
            lot, self._gathered = self._gathered, []
            self._storing = self._thread.submit(self._run.take_in, self._kind, lot, self._at)
            self._at = self._run.clock.now()

    def found(self) -> Found:
        """How many of each event there were, once the listing has ended and all of it is stored."""
        self._wait()
        if self._gathered:
            self._found.update(self._run.take_in(self._kind, self._gathered, self._at))
        return self._found

    def _wait(self) -> None:
        if self._storing is not None:
            self._found.update(self._storing.result())
            self._storing = None
