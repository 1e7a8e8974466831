from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from bench.paired import Act, Measured, Pair, measure


class Machine:
    """A clock that only the sides move, and a log of what happened."""

    def __init__(self) -> None:
        self.now = 0.0
        self.log: list[str] = []

    def clock(self) -> float:
        return self.now

    def side(self, name: str, seconds: Callable[[], float]) -> Callable[[], AbstractContextManager[Act]]:
        @contextmanager
        def ready() -> Iterator[Act]:
            self.now += 1000  # making ready takes its time
            yield act
            self.now += 1000
            self.log.append(f"{name} cleared")

        def act() -> None:
            self.log.append(name)
            self.now += seconds()

        return ready


def measured(machine: Machine, ours: list[float], floor: list[float], pairs: int) -> Measured:
    """The sides take these seconds, run after run."""
    ours_left, floor_left = iter(ours), iter(floor)
    return measure(
        machine.side("ours", lambda: next(ours_left)),
        machine.side("floor", lambda: next(floor_left)),
        pairs=pairs,
        clock=machine.clock,
    )


def test_the_first_pair_warms_up_and_does_not_count() -> None:
    found = measured(Machine(), [99, 6, 6, 6], [1, 2, 2, 2], 3)
    assert [pair.ratio for pair in found.pairs] == [3, 3, 3]


def test_neither_making_ready_nor_clearing_up_is_timed() -> None:
    assert measured(Machine(), [1, 6], [1, 2], 1).median == Pair(6, 2)


def test_the_sides_take_turns_at_going_first() -> None:
    machine = Machine()
    measured(machine, [1] * 4, [1] * 4, 3)
    runs = [entry for entry in machine.log if not entry.endswith("cleared")]
    assert runs == ["ours", "floor", "ours", "floor", "floor", "ours", "ours", "floor"]


def test_each_run_is_cleared_up_before_the_next_begins() -> None:
    machine = Machine()
    measured(machine, [1, 1], [1, 1], 1)
    assert machine.log[::2] == ["ours", "floor"] * 2
    assert machine.log[1::2] == ["ours cleared", "floor cleared"] * 2


def test_the_median_is_a_pair_that_was_seen_so_its_figures_give_its_ratio() -> None:
    # ratios 4, 1 and 3; the medians of each side alone would be 8 and 2
    found = measured(Machine(), [0, 8, 2, 9], [1, 2, 2, 3], 3)
    assert found.median == Pair(9, 3)
    assert found.median.ratio == 3
    assert found.spread == (1, 4)


@pytest.mark.parametrize("pairs", [-1, 0, 2, 10])
def test_an_even_number_of_pairs_or_none_has_no_median_and_is_refused(pairs: int) -> None:
    with pytest.raises(ValueError, match=f"odd number of pairs is needed, not {pairs}"):
        measured(Machine(), [], [], pairs)


def test_a_side_that_fails_ends_the_measuring_and_is_cleared_up() -> None:
    cleared = []

    @contextmanager
    def failing() -> Iterator[Act]:
        try:
            yield lambda: 1 // 0
        finally:
            cleared.append("yes")

    with pytest.raises(ZeroDivisionError):
        measure(failing, Machine().side("floor", lambda: 1), pairs=1)
    assert cleared == ["yes"]


def test_progress_counts_the_pairs_that_count() -> None:
    machine, seen = Machine(), list[int]()
    side = machine.side("any", lambda: 1)
    measure(side, side, pairs=3, clock=machine.clock, progress=seen.append)
    assert seen == [1, 2, 3]
