"""Times quote() beside its floor, after both have given the same lines for every case."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext

from arcadia_domain import Line, Quote, quote
from arcadia_domain.pricing.kinds import KINDS
from bench.paired import measure
from bench.quote.cases import Case, random_cases, timed_cases
from bench.quote.floor import MICRO, Row, quote_floor
from bench.results import Goal, NotEqualWork, Result, microseconds

GOAL = Goal(6)
PAIRS = 51
CASES = 500
"""Quotes in one run: long enough for the clock, short enough for many runs."""
PROVEN = 1000
"""Random quotes that are compared before anything is timed."""
LINES = 10


def measure_quote(say: Callable[[str], None]) -> Result:
    """Microseconds a quote of ten lines. Raises NotEqualWork."""
    cases = timed_cases(CASES)
    for timed in cases:
        if (lines := sum(map(len, prove_equal(timed)))) != LINES:
            raise NotEqualWork(f"a timed quote has {lines} lines, not {LINES}")
    for untimed in random_cases(PROVEN):
        prove_equal(untimed)
    say(f"equal lines for {CASES} timed and {PROVEN} random quotes; timing {PAIRS} pairs of {CASES}")
    measured = measure(
        lambda: nullcontext(lambda: _ours(cases)), lambda: nullcontext(lambda: _floor(cases)), pairs=PAIRS
    )
    low, high = measured.spread
    say(f"ours ÷ floor from {low:.2f} to {high:.2f}")
    return microseconds("quote", measured.median, CASES, GOAL)


def _ours(cases: Sequence[Case]) -> None:
    for c in cases:
        quote(c.version, c.addons, c.usage, c.starts_on)


def _floor(cases: Sequence[Case]) -> None:
    for c in cases:
        quote_floor(c.terms, c.used)


def prove_equal(one: Case) -> tuple[list[Row], list[Row], list[Row]]:
    """The rows of a case, which both sides agree on: kinds, quantities, units, prices, amounts, order.

    Raises NotEqualWork.
    """
    quoted = quote(one.version, one.addons, one.usage, one.starts_on, prices=one.prices)
    floor = quote_floor(one.terms, one.used)
    ours = tuple([_row(line) for line in part] for part in _parts(quoted))
    if ours != floor:
        raise NotEqualWork(
            f"from {one.starts_on} with usage {one.usage}, quote() gives {ours} and the floor {floor}"
        )
    totals = tuple(sum(row[-1] for row in part) for part in floor)
    if (quoted.recurring_cents, quoted.first_invoice_cents, quoted.overage_cents) != totals:
        raise NotEqualWork(f"from {one.starts_on}, the floor's totals are {totals}, those of quote() are not")
    return floor


def _parts(quoted: Quote) -> tuple[Sequence[Line], ...]:
    return quoted.recurring, quoted.first_invoice, quoted.overage


def _row(line: Line) -> Row:
    """A line of ours as the floor would give it."""
    factor = KINDS[line.resource_kind].units.get(line.unit, 1) if line.resource_kind else 1
    assert line.unit_price_cents is not None  # only the gateway's charges have none
    return (
        line.kind.value,
        line.resource_kind,
        int(line.qty * factor * MICRO),
        line.unit,
        line.unit_price_cents,
        line.amount_cents,
    )
