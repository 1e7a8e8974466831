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
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
        ran = subprocess.run(
            [sys.executable, "-c", CHILD], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
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
            {"kind": "bandwidth_gb", "from": "2026-05-05T00:00:00+00:00", "unit": "gb", "price_cents": 4},
        ],
    } or in_month(MAY, held, usage, prices).inputs()["prices"] == [
        {"kind": "bandwidth_gb", "from": "2026-04-01T00:00:00+00:00", "unit": "gb", "price_cents": 3},
        {"kind": "bandwidth_gb", "from": "2026-05-05T00:00:00+00:00", "unit": "gb", "price_cents": 4},
    ]
