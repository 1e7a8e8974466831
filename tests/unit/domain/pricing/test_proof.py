"""Proof: the kept inputs give the same lines and the same hash again, anywhere, and hold nothing else."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal, localcontext
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arcadia_domain.pricing import proof
from arcadia_domain.pricing.catalog import PlanVersion, ResourcePrice, VersionStatus
from arcadia_domain.pricing.line import Line, LineKind
from arcadia_domain.pricing.quoting import Pricing, price, quote, replay
from arcadia_domain.pricing.stretch import Status, Stretch
from tests.unit.domain.catalogue import (
    APRIL,
    MAY,
    STARTER,
    STORAGE_50GB,
    STUDIO,
    attached,
    crooked_may,
    fallback,
    in_month,
    may,
    on,
    pilot_april,
)
from tests.unit.domain.examples import examples
from tests.unit.domain.strategies import Month, any_month, versions

ROOT = Path(__file__).parents[4]
CHILD = """
import decimal
decimal.getcontext().prec = 6
decimal.getcontext().rounding = decimal.ROUND_UP
decimal.getcontext().capitals = 0
from arcadia_domain.pricing.proof import canonical
from tests.unit.domain.catalogue import crooked_may, pilot_april
for pricing in (crooked_may(), pilot_april()):
    print(pricing.hash())
    print(canonical(pricing.inputs()))
    print(canonical([line.as_json() for line in pricing.lines]))
    print(pricing.lines)
"""


def priced(drawn: Month) -> Pricing:
    return price(drawn.stretches, drawn.usage, drawn.prices, month=drawn.month, currency="AUD")


def through_json(inputs: Mapping[str, Any]) -> dict[str, Any]:
    back = json.loads(json.dumps(inputs))
    assert isinstance(back, dict)
    return back


@examples(600)
@given(any_month())
def test_a_replay_of_the_kept_inputs_gives_the_same_lines_and_hash(drawn: Month) -> None:
    kept = priced(drawn)
    again = replay(through_json(kept.inputs()))

    assert [line.as_json() for line in again.lines] == [line.as_json() for line in kept.lines]
    assert again.hash() == kept.hash()
    assert again.inputs() == kept.inputs()
    assert again.total_cents == kept.total_cents


@examples(200)
@given(any_month())
def test_inputs_are_plain_json_that_comes_back_as_it_was(drawn: Month) -> None:
    inputs = priced(drawn).inputs()

    assert through_json(inputs) == inputs
    assert proof.canonical(through_json(inputs)) == proof.canonical(inputs)


@examples(200)
@given(any_month(), st.randoms(use_true_random=False))
def test_the_order_in_which_facts_are_told_moves_no_byte(drawn: Month, random: Any) -> None:
    usage = [(kind, list(by_day.items())) for kind, by_day in drawn.usage.items()]
    random.shuffle(usage)
    for _, by_day in usage:
        random.shuffle(by_day)
    prices = list(drawn.prices)
    random.shuffle(prices)
    told = replace(drawn, usage={kind: dict(by_day) for kind, by_day in usage}, prices=tuple(prices))

    assert priced(told).hash() == priced(drawn).hash()
    assert proof.canonical(priced(told).inputs()) == proof.canonical(priced(drawn).inputs())


def test_another_process_with_another_seed_and_context_gives_the_same_bytes() -> None:
    outputs = set()
    for seed in ("0", "1", "4242"):
        environment = {
            **os.environ,
            "PYTHONHASHSEED": seed,
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
        }
        ran = subprocess.run(
            [sys.executable, "-c", CHILD],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        outputs.add(ran.stdout)

    (printed,) = outputs
    hashes = [line for line in printed.splitlines() if len(line) == 64]
    assert hashes == [crooked_may().hash(), pilot_april().hash()]


def test_the_callers_decimal_context_changes_nothing() -> None:
    calm = crooked_may()
    with localcontext() as context:
        context.prec = 6
        assert crooked_may().hash() == calm.hash()
        assert crooked_may().lines == calm.lines
        assert replay(calm.inputs()).hash() == calm.hash()


def test_the_hash_is_sha256_of_the_canonical_json_of_inputs_lines_and_rules() -> None:
    pricing = pilot_april()
    content = {"inputs": pricing.inputs(), "lines": [line.as_json() for line in pricing.lines], "rules": 1}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    assert proof.RULES_VERSION == 1
    assert pricing.hash() == hashlib.sha256(text.encode()).hexdigest()
    assert proof.content_hash(pricing.inputs(), pricing.lines) == pricing.hash()


def test_canonical_json_has_one_spelling() -> None:
    assert proof.canonical({"b": [1, None, True], "a": "Zoë"}) == '{"a":"Zoë","b":[1,null,true]}'


def test_the_inputs_of_a_month_are_exactly_these() -> None:
    held = [
        Stretch(may(3, 11), STARTER, status=Status.TRIAL),
        Stretch(may(11, 32), STARTER, (attached(STORAGE_50GB, 4),)),
    ]
    usage = {
        **on(date(2026, 5, 12), llm_tokens=5000, dns_zones=3),
        "bandwidth_gb": {
            date(2026, 5, 4): Decimal("1.50"),
            date(2026, 5, 9): Decimal("1"),
            date(2026, 5, 12): Decimal(7),
            date(2026, 5, 13): Decimal(0),
        },
    }
    prices = [
        fallback("bandwidth_gb", date(2026, 4, 1), 3, "gb"),
        fallback("bandwidth_gb", date(2026, 5, 5), 4, "gb"),
        fallback("snapshot_gb_month", date(2026, 4, 1), 9, "gb_month"),
    ]

    assert in_month(MAY, held, usage, prices).inputs() == {
        "currency": "AUD",
        "month": "2026-05-01",
        "versions": [
            {
                "plan": "starter",
                "name": "Starter",
                "version": 1,
                "base_price_cents": 2000,
                "currency": "AUD",
                "items": [
                    {
                        "resource_kind": "dns_zones",
                        "included_qty": "1",
                        "overage_unit": "zone",
                        "overage_price_cents": 50,
                        "hard_cap_qty": None,
                    },
                    {
                        "resource_kind": "droplet_hours",
                        "included_qty": "744",
                        "overage_unit": "hour",
                        "overage_price_cents": 1,
                        "hard_cap_qty": None,
                    },
                    {
                        "resource_kind": "spaces_gb_month",
                        "included_qty": "25",
                        "overage_unit": "gb_month",
                        "overage_price_cents": 2,
                        "hard_cap_qty": None,
                    },
                ],
            }
        ],
        "addons": [
            {"code": "storage_50gb", "resource_kind": "spaces_gb_month", "qty": "50", "price_cents": 750}
        ],
        "stretches": [
            {"from": "2026-05-03", "to": "2026-05-11", "status": "trial", "version": 0, "addons": []},
            {"from": "2026-05-11", "to": "2026-06-01", "status": "active", "version": 0, "addons": [0]},
        ],
        "usage": {
            "bandwidth_gb": {"2026-05-01": "1.5", "2026-05-05": "1", "2026-05-11": "7"},
            "dns_zones": {"2026-05-11": "3"},
            "llm_tokens": {"2026-05-11": "5000"},
        },
        "prices": [
            {"kind": "bandwidth_gb", "from": "2026-04-01T00:00:00+00:00", "unit": "gb", "price_cents": 3},
            {"kind": "bandwidth_gb", "from": "2026-05-05T00:00:00+00:00", "unit": "gb", "price_cents": 4},
        ],
    }


def test_of_a_peak_kind_the_proof_keeps_the_peak_alone() -> None:
    held = [Stretch(may(1, 11), STARTER), Stretch(may(11, 21), STUDIO), Stretch(may(21, 32), STARTER)]
    levels = {date(2026, 5, 4): 3, date(2026, 5, 14): 9, date(2026, 5, 24): 9, date(2026, 5, 28): 4}
    pricing = in_month(MAY, held, {"dns_zones": {day: Decimal(q) for day, q in levels.items()}})

    assert pricing.inputs()["usage"] == {"dns_zones": {"2026-05-11": "9"}}


def test_a_price_that_no_used_day_took_stays_in_the_proof_while_it_shapes_a_line() -> None:
    # The same price again from the 20th: the line says so, hence so must the inputs, though unused then.
    held = [Stretch(MAY, STARTER)]
    prices = [
        fallback("bandwidth_gb", date(2026, 1, 1), 5, "gb"),
        fallback("bandwidth_gb", date(2026, 5, 10), 7, "gb"),
        fallback("bandwidth_gb", date(2026, 5, 20), 5, "gb"),
    ]
    for used_on in (date(2026, 5, 2), date(2026, 5, 12), date(2026, 5, 22)):
        kept = in_month(MAY, held, on(used_on, bandwidth_gb=10), prices)
        again = replay(through_json(kept.inputs()))
        assert [line.as_json() for line in again.lines] == [line.as_json() for line in kept.lines]
        assert again.hash() == kept.hash()


def test_one_instant_in_two_time_zones_is_one_price_and_one_hash() -> None:
    sydney = timezone(timedelta(hours=10))
    utc = ResourcePrice("bandwidth_gb", "AUD", datetime(2026, 4, 30, 14, tzinfo=UTC), "gb", 3)
    local = ResourcePrice("bandwidth_gb", "AUD", datetime(2026, 5, 1, tzinfo=sydney), "gb", 3)
    used = on(date(2026, 5, 2), bandwidth_gb=10)

    assert utc == local
    one, other = (in_month(MAY, [Stretch(MAY, STARTER)], used, [price_]) for price_ in (utc, local))
    assert one.lines == other.lines
    assert one.hash() == other.hash()


def test_the_hash_ignores_a_price_that_has_nothing_to_do_with_the_month() -> None:
    held, used = [Stretch(MAY, STARTER)], on(date(2026, 5, 2), bandwidth_gb=10)
    needed = fallback("bandwidth_gb", date(2026, 4, 1), 3, "gb")
    alone = in_month(MAY, held, used, [needed])
    unrelated = [
        fallback("snapshot_gb_month", date(2026, 4, 1), 9, "gb_month"),  # not used
        fallback("droplet_hours", date(2026, 4, 1), 9, "hour"),  # the plan's own terms hold
        fallback("bandwidth_gb", date(2026, 3, 1), 8, "gb"),  # over before the month
        fallback("bandwidth_gb", date(2026, 6, 1), 8, "gb"),  # not begun
    ]

    for other in unrelated:
        assert in_month(MAY, held, used, [needed, other]).hash() == alone.hash()
    assert in_month(MAY, held, used, [*unrelated, needed]).hash() == alone.hash()


def test_the_hash_ignores_what_decides_no_cent() -> None:
    plain = in_month(MAY, [Stretch(MAY, STUDIO)], on(date(2026, 5, 2), droplet_hours=2000))
    stored = replace(STUDIO, id=UUID(int=9), status=VersionStatus.ACTIVE, items=tuple(reversed(STUDIO.items)))
    same = in_month(
        MAY,
        [Stretch(MAY, stored)],
        {
            "droplet_hours": {date(2026, 5, 9): Decimal("2E+3"), date(2026, 5, 10): Decimal("0.00")},
            "dns_zones": {},
        },
    )

    assert same.hash() == plain.hash()


@pytest.mark.parametrize(
    "other",
    [
        replace(STUDIO, base_price_cents=5001),
        replace(STUDIO, version=2),
        replace(STUDIO, plan_name="Atelier"),
        replace(STUDIO, plan_code="atelier"),
        replace(STUDIO, items=STUDIO.items[:-1]),
        replace(STUDIO, items=(replace(STUDIO.items[0], overage_price_cents=9), *STUDIO.items[1:])),
        replace(STUDIO, items=(replace(STUDIO.items[0], hard_cap_qty=Decimal(9)), *STUDIO.items[1:])),
        replace(STUDIO, items=(replace(STUDIO.items[0], included_qty=Decimal(9)), *STUDIO.items[1:])),
    ],
)
def test_whatever_decides_a_cent_or_a_word_changes_the_hash(other: PlanVersion) -> None:
    assert in_month(MAY, [Stretch(MAY, other)]).hash() != in_month(MAY, [Stretch(MAY, STUDIO)]).hash()


@examples(300)
@given(
    plan_version=versions(),
    start=st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    used=st.dictionaries(
        st.sampled_from(["droplet_hours", "llm_tokens", "dns_zones"]),
        st.dictionaries(st.integers(1, 31), st.integers(0, 2_000_000), max_size=4),
    ),
)
def test_a_quote_has_the_hash_of_the_invoice_on_the_same_usage_by_days(
    plan_version: PlanVersion, start: date, used: dict[str, dict[int, int]]
) -> None:
    by_day = {
        kind: {start.replace(day=min(day, 28)): Decimal(q) for day, q in days.items()}
        for kind, days in used.items()
    }
    in_sum = {
        kind: max(days.values(), default=Decimal(0)) if kind == "dns_zones" else Decimal(sum(days.values()))
        for kind, days in by_day.items()
    }
    promised = quote(plan_version, [STORAGE_50GB], in_sum, start)
    month = promised.first_month.month
    whole = Stretch(type(month)(start, month.end), plan_version, (attached(STORAGE_50GB),))
    invoiced = price([whole], by_day, month=month, currency="AUD")

    assert promised.hash() == invoiced.hash()
    assert promised.first_month.inputs() == invoiced.inputs()
    assert promised.first_invoice + promised.overage == invoiced.lines


def test_the_hash_covers_the_lines_too() -> None:
    pricing = pilot_april()
    line = pricing.lines[0]
    forged = Line(
        kind=LineKind.PLAN_BASE,
        resource_kind=line.resource_kind,
        description=line.description,
        qty=line.qty,
        unit=line.unit,
        unit_price_cents=line.unit_price_cents,
        amount_cents=line.amount_cents - 1,
        meta=line.meta,
    )

    assert proof.content_hash(pricing.inputs(), [forged, *pricing.lines[1:]]) != pricing.hash()


def test_a_month_of_nothing_has_its_inputs_too() -> None:
    empty = in_month(APRIL, [])

    assert empty.inputs() == {
        "currency": "AUD",
        "month": "2026-04-01",
        "versions": [],
        "addons": [],
        "stretches": [],
        "usage": {},
        "prices": [],
    }
    assert replay(empty.inputs()).hash() == empty.hash()
