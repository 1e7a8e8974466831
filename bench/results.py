"""What a bench says: its figure, the floor's, their ratio, and the goal. And that the work was not equal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bench.paired import Pair


class NotEqualWork(Exception):
    """The two sides did not do the same: there is no ratio, and no result."""

    def __init__(self, difference: str) -> None:
        super().__init__(difference)
        self.difference = difference


@dataclass(frozen=True, slots=True)
class Goal:
    """What the ratio ours ÷ floor is to be: at most `limit`, or at least it."""

    limit: float
    at_least: bool = False

    def __str__(self) -> str:
        return f"{'>=' if self.at_least else '<='} {self.limit:g}"

    def met_by(self, ratio: float) -> bool:
        return ratio >= self.limit if self.at_least else ratio <= self.limit


@dataclass(frozen=True, slots=True)
class Result:
    """One line of `arcadia bench`: both figures in `unit`, of one pair of runs; `ratio` is ours ÷ floor."""

    name: str
    ours: float
    floor: float
    unit: str
    goal: Goal

    @property
    def ratio(self) -> float:
        return self.ours / self.floor

    @property
    def met(self) -> bool:
        return self.goal.met_by(self.ratio)

    def as_json(self) -> dict[str, Any]:
        """The shape of SPEC 18. Nothing is cut off: `met` can be checked against `ratio`."""
        return {
            "name": self.name,
            "ours": self.ours,
            "floor": self.floor,
            "unit": self.unit,
            "ratio": self.ratio,
            "goal": str(self.goal),
            "met": self.met,
        }


def microseconds(name: str, pair: Pair, times: int, goal: Goal) -> Result:
    """Time of one of the `times` that each run did it: less is better."""
    micro = 1_000_000 / times
    return Result(name, pair.ours * micro, pair.floor * micro, "µs", goal)


def throughput(name: str, pair: Pair, things: int, unit: str, goal: Goal) -> Result:
    """Things a second: more is better."""
    return Result(name, things / pair.ours, things / pair.floor, unit, goal)
