from __future__ import annotations

import json
from typing import cast

import click
import pytest

from arcadia_app.arcadia import Wiring
from bench.results import Goal, NotEqualWork, Result
from bench.run import BENCHES, Bench, Say, run_benches

NOTHING = cast("Wiring", None)


def bench_of(result: Result) -> Bench:
    return lambda wiring, size, say: result


def unequal(wiring: Wiring, size: int | None, say: Say) -> Result:
    raise NotEqualWork("7 lines against 8")


FAST = Result("fast", 10.0, 2.0, "µs", Goal(6))
SLOW = Result("slow", 100.0, 1000.0, "things/s", Goal(0.6, at_least=True))


def run(*names: str, json_: bool = False, **benches: Bench) -> int:
    return run_benches(NOTHING, names, json_=json_, size=None, benches=benches)


def test_the_benches_are_those_of_the_spec_that_can_be_measured_yet() -> None:
    assert list(BENCHES) == ["quote", "rollup", "sync", "sync-first"]


def test_a_name_that_is_no_bench_is_refused_with_the_names_that_are() -> None:
    with pytest.raises(click.UsageError, match=r"no benchmark 'quoet'; there are quote, rollup, sync"):
        run_benches(NOTHING, ["quoet"], json_=False, size=None)


def test_a_wrong_name_is_refused_before_anything_runs() -> None:
    with pytest.raises(click.UsageError):
        run("bad", "other", bad=unequal)


def test_json_has_the_shape_of_the_spec(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(json_=True, fast=bench_of(FAST), slow=bench_of(SLOW)) == 0
    assert json.loads(capsys.readouterr().out) == {"results": [FAST.as_json(), SLOW.as_json()]}


def test_a_goal_that_is_not_met_is_said_and_is_no_failure(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(fast=bench_of(FAST), slow=bench_of(SLOW)) == 0
    fast, slow = (line for line in capsys.readouterr().out.splitlines() if "=" in line)
    assert fast.split() == ["fast", "µs", "10", "2", "5", "<=", "6", "yes"]
    assert slow.split() == ["slow", "things/s", "100", "1,000", "0.1", ">=", "0.6", "not", "yet"]


def test_work_that_is_not_equal_gives_no_ratio_and_an_exit_status(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(json_=True, bad=unequal, fast=bench_of(FAST)) == 1
    shown = capsys.readouterr()
    assert [result["name"] for result in json.loads(shown.out)["results"]] == ["fast"]
    assert shown.err == "bad: no ratio: the two sides did not do equal work: 7 lines against 8\n"


def test_where_nothing_is_proven_no_table_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(bad=unequal) == 1
    assert capsys.readouterr().out == ""


def test_only_what_is_named_runs_and_only_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("fast", "fast", json_=True, bad=unequal, fast=bench_of(FAST)) == 0
    assert json.loads(capsys.readouterr().out)["results"] == [FAST.as_json()]


def test_size_and_wiring_reach_the_bench_and_what_it_says_goes_to_stderr(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def telling(wiring: Wiring, size: int | None, say: Say) -> Result:
        say(f"making {size} for {wiring}")
        return FAST

    run_benches(cast("Wiring", "me"), [], json_=True, size=12, benches={"fast": telling})
    shown = capsys.readouterr()
    assert shown.err == "fast: making 12 for me\n"
    assert "making" not in shown.out
