from __future__ import annotations

import pytest

from bench.paired import Pair
from bench.results import Goal, Result, microseconds, throughput


@pytest.mark.parametrize(
    ("goal", "text", "met", "missed"),
    [
        (Goal(6), "<= 6", [5.9, 6], [6.0001, 88]),
        (Goal(1.5), "<= 1.5", [1, 1.5], [1.51]),
        (Goal(0.6, at_least=True), ">= 0.6", [0.6, 2], [0.5999, 0]),
    ],
)
def test_a_goal_is_read_as_it_is_met(goal: Goal, text: str, met: list[float], missed: list[float]) -> None:
    assert str(goal) == text
    assert all(goal.met_by(ratio) for ratio in met)
    assert not any(goal.met_by(ratio) for ratio in missed)


def test_a_result_has_the_shape_of_the_spec() -> None:
    assert Result("quote", 18.0, 2.0, "µs", Goal(6)).as_json() == {
        "name": "quote",
        "ours": 18.0,
        "floor": 2.0,
        "unit": "µs",
        "ratio": 9.0,
        "goal": "<= 6",
        "met": False,
    }


def test_of_time_less_is_better() -> None:
    result = microseconds("quote", Pair(ours=0.012, floor=0.002), 1000, Goal(6))
    assert (result.ours, result.floor) == pytest.approx((12, 2))
    assert result.ratio == pytest.approx(6)


def test_of_throughput_more_is_better() -> None:
    result = throughput("rollup", Pair(ours=2, floor=1), 1000, "subscriptions/s", Goal(0.6, at_least=True))
    assert (result.ours, result.floor, result.ratio) == (500, 1000, 0.5)
    assert not result.met
