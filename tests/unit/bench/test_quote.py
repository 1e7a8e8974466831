from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from bench.quote import measure
from bench.quote.cases import Case, random_cases, timed_cases
from bench.quote.floor import Row, Terms, quote_floor
from bench.quote.measure import measure_quote, prove_equal
from bench.results import NotEqualWork


def test_the_floor_agrees_with_quote_on_quotes_of_any_shape() -> None:
    for case in random_cases(300):
        prove_equal(case)


def test_the_random_quotes_meet_caps_fallback_prices_and_nothing_in_force() -> None:
    cases = random_cases(300)
    rows = [(case, row) for case in cases for row in prove_equal(case)[2]]
    listed = {id(case): {item.resource_kind: item for item in case.version.items} for case in cases}
    assert any(row[2] == _cap(case, row) for case, row in rows), "a cap that is reached"
    unlisted = [(case, row) for case, row in rows if row[1] not in listed[id(case)]]
    assert any(row[4] for _, row in unlisted), "a fallback price"
    assert any(not case.prices for case, _ in unlisted), "no price in force"
    assert any(case.starts_on.day > 1 and case.addons for case in cases), "a start in the middle of a month"


def _cap(case: Case, row: Row) -> int | None:
    return next((item[2] for item in case.terms.items if item[0] == row[1]), None)


def test_the_timed_quotes_have_ten_lines_and_differ_from_each_other() -> None:
    cases = timed_cases(50)
    assert {tuple(len(part) for part in prove_equal(case)) for case in cases} == {(3, 3, 4)}
    assert len({tuple(case.used.values()) for case in cases}) == 50


@pytest.mark.parametrize("part", [0, 1, 2])
@pytest.mark.parametrize("field", range(6))
def test_a_floor_that_differs_in_any_field_of_any_part_is_no_equal_work(
    part: int, field: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def off(terms: Terms, used: dict[str, int]) -> tuple[list[Row], ...]:
        rows = quote_floor(terms, used)
        first: list[object] = list(rows[part][0])
        found = first[field]
        first[field] = found + 1 if isinstance(found, int) else "other"
        rows[part][0] = tuple(first)  # type: ignore[assignment]
        return rows

    monkeypatch.setattr(measure, "quote_floor", off)
    with pytest.raises(NotEqualWork, match="quote"):
        prove_equal(timed_cases(1)[0])


def test_a_floor_that_leaves_a_line_out_is_no_equal_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure, "quote_floor", lambda terms, used: (*quote_floor(terms, used)[:2], []))
    with pytest.raises(NotEqualWork):
        measure_quote(lambda text: None)


def test_a_quote_that_is_smaller_than_it_should_be_is_not_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    one = timed_cases(1)[0]
    smaller = replace(one, usage={"llm_tokens": Decimal(0)}, used={})
    monkeypatch.setattr(measure, "timed_cases", lambda count: [smaller])
    with pytest.raises(NotEqualWork, match="has 6 lines, not 10"):
        measure_quote(lambda text: None)


def test_the_bench_gives_microseconds_and_its_goal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"PAIRS": 1, "CASES": 20, "PROVEN": 5}.items():
        monkeypatch.setattr(measure, name, value)
    said: list[str] = []
    result = measure_quote(said.append)
    assert (result.name, result.unit, str(result.goal)) == ("quote", "µs", "<= 6")
    assert 0.1 < result.floor < result.ours
    assert said[0] == "equal lines for 20 timed and 5 random quotes; timing 1 pairs of 20"
