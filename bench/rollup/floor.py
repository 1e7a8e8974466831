"""The floor of a month end: one file of psycopg, sets and whole numbers.

Reads the same rows as the product and writes the same ones, into the same tables, as the same role, in the
same
chunks, each a transaction. Knows only the months that `seed` makes: a plan from a day on, addons held since,
kinds that the plan lists. Anything else it refuses, since it would not bill it as the product does.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, LiteralString, NamedTuple

import psycopg

from arcadia_domain.period import Period

CHUNK: Final = 500
MICRO: Final = 1_000_000
AUD: Final = "AUD"
PEAK: Final = "dns_zones"
_ORDER: Final = ("droplet_hours", "spaces_gb_month", "snapshot_gb_month", "bandwidth_gb", PEAK, "llm_tokens")

Connection = psycopg.Connection[tuple[Any, ...]]


class NotForTheFloor(Exception):
    """A month that this floor cannot bill."""


class Item(NamedTuple):
    allowance: int
    unit: str
    factor: int
    price: int


@dataclass(frozen=True, slots=True)
class Version:
    """A plan version, and how it stands in the inputs of an invoice."""

    name: str
    plan_name: str
    plan_code: str
    base: int
    items: Mapping[str, Item]
    json: str


@dataclass(slots=True)
class Month:
    """What one deployment's month is billed from."""

    deployment: str
    version: Version
    first_day: date
    addons: list[tuple[str, str, int, int]] = field(default_factory=list)
    used: dict[str, int] = field(default_factory=dict)
    llm: tuple[int, int] = (0, 0)


@dataclass(slots=True)
class Written:
    """The rows of a chunk as COPY takes them, a line of text each."""

    invoices: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    inputs: list[str] = field(default_factory=list)
    billed: list[str] = field(default_factory=list)


def roll_up_floor(operator_url: str, period: Period, as_of: datetime) -> None:
    """Draft the invoices of all due tenants. Raises NotForTheFloor."""
    with psycopg.connect(operator_url, autocommit=True) as connection:
        bounds = {"start": period.start, "end": period.end, "as_of": as_of, "limit": CHUNK}
        connection.execute(_OPEN_RUN, bounds)
        versions = _versions(connection)
        rate = _rate(connection, bounds)
        for statement in _STAGES:
            connection.execute(statement)
        after = ""
        while after is not None:
            with connection.transaction():
                after = _chunk(connection, {**bounds, "after": after}, versions, rate)
        connection.execute(_CLOSE_RUN, bounds)


def _chunk(
    connection: Connection, bounds: dict[str, Any], versions: Mapping[str, Version], rate: int
) -> str | None:
    """Bill the next tenants; the last one's id, or None when there were none."""
    tenants = [tenant for (tenant,) in connection.execute(_DUE, bounds)]
    if not tenants:
        return None
    months = _months(connection, {**bounds, "tenants": tenants}, versions)
    written = Written()
    for tenant in tenants:
        _bill(tenant, months[tenant], bounds, rate, written)
    _write(connection, written)
    return tenants[-1]
