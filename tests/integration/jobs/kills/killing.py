"""Kills at random instants, and the count of those that hit a held lease.

Owns whom to kill and when, all from the seed, and the counting. A kill hits where its victim has a job in its
hands: the row says running, the lease is still on, and the worker is the victim; of the database's kills,
where anybody has.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from threading import Event
from typing import Final, Protocol

from arcadia_domain.errors import DomainError
from tests.integration.jobs.kills.crew import Crew
from tests.integration.jobs.kills.effects import Effects, Held
from tests.integration.jobs.kills.feed import Feed
from tests.waiting import until

WORKER: Final = "worker"
SCHEDULER: Final = "scheduler"
DATABASE: Final = "database"
OF_EACH: Final = 2
"""Workers, and schedulers, at work at a time."""
WAITING: Final = 48
"""Jobs that wait at any time while kills go on."""
_DELAY: Final = 0.6
"""Seconds, at most, from when the victim is seen at work to when it is killed."""
PATIENCE: Final = 120


class Killable(Protocol):
    """What can be killed and comes back."""

    def kill(self) -> None: ...

    def start(self) -> None: ...


@dataclass
class Kills:
    """What was killed, and what that hit."""

    seed: int
    of: Counter[str] = field(default_factory=Counter)
    hits: Counter[str] = field(default_factory=Counter)
    lost: dict[Held, str] = field(default_factory=dict)
    """The tries that ended with their worker, and the worker."""
    cut: set[Held] = field(default_factory=set)
    """The tries that were under way when the database was killed."""

    def __str__(self) -> str:
        told = ", ".join(f"{self.hits[what]} of {count} {what}" for what, count in sorted(self.of.items()))
        total = f"{self.hits.total()} of {self.of.total()} kills hit a held lease"
        return f"seed {self.seed}: {total} ({told}), {len(self.lost)} tries lost"


class Killing:
    """Kills until it is enough, with jobs under way all the time."""

    def __init__(
        self, crew: Crew, feed: Feed, effects: Effects, seed: int, database: Killable | None
    ) -> None:
        self._crew = crew
        self._feed = feed
        self._effects = effects
        self._database = database
        self._rng = Random(seed)
        self.kills = Kills(seed)

    def run(self, count: int) -> Kills:
        """`count` kills at their instants."""
        for _ in range(count):
            self._top_up()
            self._kill()
        return self.kills

    def _top_up(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return self._feed.top_up(WAITING)
            except DomainError:  # the connections of a database that was killed
                assert time.monotonic() < deadline

    def _kill(self) -> None:
        targets = {WORKER: 17, SCHEDULER: 2} | ({} if self._database is None else {DATABASE: 4})
        (target,) = self._rng.choices([*targets], [*targets.values()])
        number, instant = self._rng.randrange(OF_EACH), self._rng.uniform(0, _DELAY)
        self.kills.of[target] += 1
        victim = self._crew.at_work[WORKER if target == DATABASE else target][number]
        assert victim.is_alive, f"{victim.role} {victim.name} ended by itself"
        if target == WORKER:
            self._wait_for(victim.name)
        Event().wait(instant)
        if target == DATABASE:
            self._kill_database()
            return
        victim.kill()
        held = self._effects.held(victim.name)  # nobody else writes these rows until their leases end
        self.kills.lost |= dict.fromkeys(held, victim.name)
        self.kills.hits[target] += bool(held)
        self._crew.replace(target, number)

    def _wait_for(self, worker: str) -> None:
        """Until it is at work: a kill before that would try nothing."""
        until(lambda: self._effects.held(worker), lambda: f"{worker} has no job", patience=PATIENCE)

    def _kill_database(self) -> None:
        assert self._database is not None
        held = self._effects.held()
        self._database.kill()
        self.kills.cut |= held
        self.kills.hits[DATABASE] += bool(held)
        self._database.start()

    def drain(self) -> None:
        """Until no job is left, with nobody killed any more but the schedulers, who make new ones."""
        self._crew.dismiss(SCHEDULER)
        left = self._effects.unfinished
        until(lambda: not left(), lambda: f"{left()} jobs are not done", patience=PATIENCE)

    def must_be_told_of(self) -> None:
        """The history has each try that was lost with its worker, and what became of those cut off."""
        outcomes = self._effects.outcomes()
        assert {held: outcomes.get(held) for held in self.kills.lost} == {
            held: ("lost", worker) for held, worker in self.kills.lost.items()
        }
        rollups = self._effects.rollups()  # one that found it has to wait ended no try
        assert {held for held in self.kills.cut if held[0] not in rollups} <= outcomes.keys()
