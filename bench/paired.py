"""Paired runs: two sides of one piece of work, timed in turns, so that a machine's moods hit both.

Owns the timing and what is made of it. Knows nothing of what is timed.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

Act = Callable[[], object]
"""One run of one side."""

Side = Callable[[], AbstractContextManager[Act]]
"""Makes one run ready, and clears up behind it; neither is timed."""

Clock = Callable[[], float]
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Pair:
    """Seconds of two runs that stood next to each other."""

    ours: float
    floor: float

    @property
    def ratio(self) -> float:
        return self.ours / self.floor


@dataclass(frozen=True, slots=True)
class Measured:
    """An odd number of pairs, by their ratios."""

    pairs: tuple[Pair, ...]

    @property
    def median(self) -> Pair:
        """The pair whose ratio is the median: a pair that was seen, so its figures give its ratio."""
        return self.pairs[len(self.pairs) // 2]

    @property
    def spread(self) -> tuple[float, float]:
        """The lowest and the highest ratio."""
        return self.pairs[0].ratio, self.pairs[-1].ratio


def measure(
    ours: Side,
    floor: Side,
    *,
    pairs: int,
    clock: Clock = time.perf_counter,
    progress: Progress = lambda done: None,
) -> Measured:
    """Time `pairs` pairs (odd), after one pair that warms up and does not count.

    Which side goes first alternates. The cyclic garbage collector is on for both sides, as in service, and it
    has just run when a run begins: neither side pays for what the other left behind.
    """
    if pairs < 1 or pairs % 2 == 0:
        raise ValueError(f"an odd number of pairs is needed, not {pairs}")
    _pair(ours, floor, 0, clock)
    timed = []
    for turn in range(pairs):
        timed.append(_pair(ours, floor, turn, clock))
        progress(turn + 1)
    return Measured(tuple(sorted(timed, key=lambda pair: pair.ratio)))


def _pair(ours: Side, floor: Side, turn: int, clock: Clock) -> Pair:
    if turn % 2:
        seconds_floor, seconds_ours = _timed([floor, ours], clock)
    else:
        seconds_ours, seconds_floor = _timed([ours, floor], clock)
    return Pair(seconds_ours, seconds_floor)


def _timed(sides: Sequence[Side], clock: Clock) -> list[float]:
    seconds = []
    for side in sides:
        with side() as act:
            gc.collect()
            start = clock()
            act()
            seconds.append(clock() - start)
    return seconds
