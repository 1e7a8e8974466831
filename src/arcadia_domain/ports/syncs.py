"""What a sync asks of the store: looks taken in page by page, absences, and the report (SPEC 6)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from arcadia_domain.cloud.listing import SeenResource
from arcadia_domain.cloud.looks import Grave, Look, Looked, MissingResource
from arcadia_domain.cloud.syncing import Synced

Member = tuple[str, str]
"""A kind and a provider id; of a Space its name, which is all that a project tells of it."""


class Syncs(Protocol):
    """Syncs of the inventory. Looks may come from several syncs at once: the newest one stands."""

    def begin(self, synced: Synced) -> None:
        """Store that a sync has begun. Earlier ones of its account and speed that never ended and began
        DEAD_AFTER ago are closed as incomplete: NEVER_ENDED. One that does end later says so all the same.
        """
        ...

    def look(self, look: Look, seen: Sequence[SeenResource], new_id: Callable[[], UUID]) -> Looked:
        """Take in one page: resources of the look's kind, each once.

        What is new gets a row, what changed is written over, what was tombstoned is alive again in the same
        row; each with its event and the change points of its meters. All of them were seen at `look.at`: one
        that is known from a newer look stays as it is. Tags that name a deployment assign (see tagged). What
        comes back after a gap counts for nothing in it, and whoever held it then holds it no more (see gaps).
        """
        ...

    def looked_since(self, account: str, kinds: Collection[str]) -> datetime | None:
        """The oldest last look at what lives of these kinds; None where nothing does.

        No older than LOOK_BACK before the newest: what cannot be looked at for days pins nothing.
        """
        ...

    def ahead(
        self, account: str, kinds: Collection[str], at: datetime
    ) -> Mapping[tuple[str, str | None], int]:
        """How many resources of these kinds, gone or not, were last seen after `at`, by kind and region.

        Every look until then passes them over: a sync that ended at `at` has to say so.
        """
        ...

    def regions(self, account: str, kind: str) -> Collection[str]:
        """The regions of what lives of a kind."""
        ...

    def missing(self, look: Look, *, region: str | None, since: datetime) -> Sequence[MissingResource]:
        """What lives of a kind (of a region, unless None) and was not seen since `since`, nor by this sync.

        The listing that began at `since` must have been whole. Each is missing from `look.at` on, or from
        when it was first missing. Longest missing first.
        """
        ...

    def bury(self, look: Look, graves: Sequence[Grave]) -> int:
        """Tombstone what the provider knows no more, each with its event; how many.

        One that was seen after it was looked up, or is tombstoned already, stays as it is. When each ended is
        bound by our looks (Grave.end_of). Nothing that lives stays in a project that is gone.
        """
        ...

    def place(self, account: str, project_id: str, members: Collection[Member]) -> None:
        """Put what the inventory has of these into a project, named by its provider id, unless it is gone.

        A Space of whose name there are several is put nowhere.
        """
        ...

    def displace(self, account: str, project_id: str, members: Collection[Member]) -> None:
        """Take out of a project all that are not `members`: the list of them must have been whole."""
        ...

    def finish(self, synced: Synced) -> None:
        """Store what a sync came to."""
        ...

    def get(self, sync_id: UUID) -> Synced | None:
        """A sync with its scopes, by kind and region."""
        ...

    def page(self, *, after: UUID | None, limit: int) -> list[Synced]:
        """Syncs, newest first, from the one that follows `after`."""
        ...
