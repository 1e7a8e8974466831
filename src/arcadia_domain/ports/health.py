"""Whether the store can serve, asked by whoever sends requests here, and how busy it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from arcadia_domain.ports.jobs import QueueLoad


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must be there to serve. `detail` is for anybody: it names no address and no secret."""

    name: str
    ok: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Look:
    """What was found a moment ago. `jobs` counts the unfinished ones by state, `queues` tells how each queue
    stands that holds any; both are empty where nobody knows.
    """

    checks: Sequence[Check]
    jobs: Mapping[str, int]
    queues: Sequence[QueueLoad] = ()


class Health(Protocol):
    """The state of the store."""

    def look(self) -> Look:
        """What there is to say. At most a second old; never raises."""
        ...

    def connections_in_use(self) -> Mapping[str, int]:
        """How many connections each role is using now."""
        ...


class Unwatched:
    """A store in this process, which is there as long as we are."""

    def look(self) -> Look:
        return Look((), {})

    def connections_in_use(self) -> Mapping[str, int]:
        return {}
