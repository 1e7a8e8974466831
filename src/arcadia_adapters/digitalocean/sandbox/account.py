"""The state of one DigitalOcean account: what it holds, what is under way, and what it has been charged.

Owns the collections, the ids, the time and what happens when it has passed. It knows no kind by name: what is
special about each stands in kinds/.
"""

from __future__ import annotations

import heapq
import random
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING

from arcadia_adapters.digitalocean.sandbox.clock import SandboxClock, written
from arcadia_adapters.digitalocean.sandbox.exchange import Obj, not_found
from arcadia_adapters.digitalocean.sandbox.kind import Charge, Kind

if TYPE_CHECKING:
    from arcadia_adapters.digitalocean.sandbox.billing.invoice import Invoice

Key = tuple[str, str]
"""What a thing is known by in the account: the name of its kind, and its id."""

FIRST_NUMBER = 500_000_001
"""Ids that are numbers (droplets, actions, images, records) are counted from here."""


@dataclass(frozen=True, slots=True)
class Span:
    """Something was charged for like this from `start` to `end`; it still is where there is no end."""

    key: Key
    charge: Charge
    project: str
    start: datetime
    end: datetime | None = None


@dataclass(slots=True)
class Pace:
    """How long things take: `action_seconds` until what was asked for is done, `lag_seconds` until a new
    object is seen by lists and by its id.
    """

    action_seconds: int = 20
    lag_seconds: int = 0


@dataclass(slots=True)
class Account:
    """One account. Objects are kept as DigitalOcean shows them, in the order in which they were made.

    `homes` says in which project a urn is and since when, `residents` the same by project. `busy` holds the
    action under way for a thing; `targets` which thing an action is about. `outcomes` are the ends that the
    next actions shall have instead of success (see actions). `addresses` counts those given out.
    """

    clock: SandboxClock
    kinds: Mapping[str, Kind]
    record: Obj
    pace: Pace = field(default_factory=Pace)
    default_vpcs: dict[str, str] = field(default_factory=dict)
    homes: dict[str, str] = field(default_factory=dict)
    residents: dict[str, dict[str, str]] = field(default_factory=dict)
    busy: dict[Key, int] = field(default_factory=dict)
    targets: dict[str, Key] = field(default_factory=dict)
    outcomes: list[Obj] = field(default_factory=list)
    invoices: list[Invoice] = field(default_factory=list)
    billing_history: list[Obj] = field(default_factory=list)
    _things: dict[tuple[str, str], dict[str, Obj]] = field(default_factory=dict)
    _charged_since: dict[Key, datetime] = field(default_factory=dict)
    _ended: list[Span] = field(default_factory=list)
    _unseen_until: dict[Key, datetime] = field(default_factory=dict)
    _coming: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    addresses: Iterator[int] = field(default_factory=lambda: count(16))
    _done_at: datetime | None = None
    _turns: Iterator[int] = field(default_factory=count)
    _numbers: Iterator[int] = field(default_factory=lambda: count(FIRST_NUMBER))
    _random: random.Random = field(default_factory=lambda: random.Random(2026))

    # -- time and identity

    def now(self) -> datetime:
        """This instant; while something late is being done, the instant at which it was due."""
        return self._done_at or self.clock.now()

    def stamp(self) -> str:
        """This instant as DigitalOcean writes it."""
        return written(self.now())

    def number(self) -> int:
        """A number that nothing in this account had before."""
        return next(self._numbers)

    def uuid(self) -> str:
        """A random-looking UUID, the same in every run."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def later(self, effect: Callable[[], None]) -> None:
        """Do this when the time an action takes is up."""
        due = self.now() + timedelta(seconds=self.pace.action_seconds)
        heapq.heappush(self._coming, (due, self.number(), effect))

    def on(self, due: datetime, effect: Callable[[], None]) -> None:
        """Do this once it is `due`."""
        heapq.heappush(self._coming, (due, next(self._turns), effect))

    def settle(self) -> None:
        """Do all whose time is up, each as of when it was due."""
        now = self.clock.now()
        while self._coming and self._coming[0][0] <= now:
            self._done_at, _, effect = heapq.heappop(self._coming)
            try:
                effect()
            finally:
                self._done_at = None

    # -- things

    def all(self, kind: str, parent: str = "") -> dict[str, Obj]:
        """Every object of the kind by its id, in the order of creation, seen or not."""
        return self._things.setdefault((kind, parent), {})

    def every(self, kind: str) -> Iterator[Obj]:
        """Every object of the kind, within whatever parent."""
        for (name, _), things in self._things.items():
            if name == kind:
                yield from things.values()

    def seen(self, kind: Kind, parent: str = "") -> list[Obj]:
        """The objects that a list shows now."""
        things = self.all(kind.name, parent)
        if not self._unseen_until:
            return list(things.values())
        return [obj for id, obj in things.items() if self._is_seen((kind.name, id))]

    def get(self, kind: Kind | str, id: object, parent: str = "") -> Obj:
        """The object; raises Refused (404) where there is none or it is not seen yet."""
        kind = self.kinds[kind] if isinstance(kind, str) else kind
        own_id = kind.id_in(str(id))
        obj = self.all(kind.name, parent).get(own_id)
        if obj is None or not self._is_seen((kind.name, own_id)):
            raise not_found()
        return obj

    def add(self, kind: Kind, obj: Obj, parent: str = "", *, project_id: str | None = None) -> None:
        """Take an object in: it is listed, charged for from now on, and in a project."""
        id = kind.id_of(obj)
        self.all(kind.name, parent)[id] = obj
        if self.pace.lag_seconds:
            self._unseen_until[kind.name, id] = self.now() + timedelta(seconds=self.pace.lag_seconds)
        if kind.charged:
            created = obj.get("created_at")
            self._charged_since[kind.name, id] = datetime.fromisoformat(created) if created else self.now()
        if kind.urn:
            self.move(kind.urn_of(obj), project_id or self.default_project_id())
        if kind.name != "tag":
            self.note_tags(obj.get("tags") or ())
        if kind.added:
            kind.added(self, obj)

    def remove(self, kind: Kind, id: str, parent: str = "") -> Obj:
        """Take an object out; raises Refused (404)."""
        obj = self.get(kind, id, parent)
        id = kind.id_of(obj)
        span = self._span(kind, obj, self.now())
        if span:
            self._end(span)
        del self.all(kind.name, parent)[id]
        self._charged_since.pop((kind.name, id), None)
        self._unseen_until.pop((kind.name, id), None)
        self.busy.pop((kind.name, id), None)
        if kind.urn:
            self.residents[self.homes.pop(kind.urn_of(obj))].pop(kind.urn_of(obj))
        if kind.gone:
            kind.gone(self, obj)
        return obj

    def _is_seen(self, key: Key) -> bool:
        until = self._unseen_until.get(key)
        return until is None or until <= self.now()

    # -- tags and projects

    def note_tags(self, tags: Iterable[str]) -> None:
        """Make the tags that are named and not there yet."""
        known = self.all("tag")
        for tag in tags:
            known.setdefault(tag.casefold(), {"name": tag})

    def default_project_id(self) -> str:
        """The project into which new things go."""
        return next(id for id, project in self.all("project").items() if project["is_default"])

    def move(self, urn: str, project_id: str) -> None:
        """Put a thing into a project, out of the one it was in."""
        if urn in self.homes:
            self.residents[self.homes[urn]].pop(urn)
        self.homes[urn] = project_id
        self.residents.setdefault(project_id, {})[urn] = self.stamp()

    def _project_of(self, kind: Kind, obj: Obj) -> str:
        home = self.homes.get(kind.urn_of(obj)) if kind.urn else None
        return str(self.all("project")[home]["name"]) if home else ""

    # -- charges

    @contextmanager
    def changing(self, kind: Kind, obj: Obj) -> Iterator[None]:
        """Within this an object may change: what it was charged until now stands, if that is not the same."""
        before = self._span(kind, obj, self.now())
        yield
        if before and before.charge != (kind.charged(obj) if kind.charged else None):
            self._end(before)

    def _end(self, span: Span) -> None:
        self._ended.append(span)
        self._charged_since[span.key] = self.now()

    def spans(self) -> Iterator[Span]:
        """All that was and is charged for, as far as this account has seen it happen."""
        yield from self._ended
        for kind in self.kinds.values():
            if kind.charged:
                for obj in self.every(kind.name):
                    span = self._span(kind, obj, None)
                    if span:
                        yield span

    def _span(self, kind: Kind, obj: Obj, end: datetime | None) -> Span | None:
        key = kind.name, kind.id_of(obj)
        charge = kind.charged(obj) if kind.charged else None
        if charge is None:
            return None
        return Span(key, charge, self._project_of(kind, obj), self._charged_since[key], end)
