"""The floor of a month end: one file of psycopg, sets and whole numbers.

Reads the same rows as the product and writes the same ones, into the same tables, as the same role, in
chunks of the same size, each a transaction. Knows only months like those of `seed`: one plan from a day on,
addons held since, kinds that the plan lists and does not cap. Anything else it refuses, since it would not
bill it as the product does.
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
_ORDER: Final = (
    "droplet_hours",
    "spaces_gb_month",
    "snapshot_gb_month",
    "bandwidth_gb",
    "dns_zones",
    "llm_tokens",
)
_UNITS: Final = {"1k_tokens": 1000}

Connection = psycopg.Connection[tuple[Any, ...]]


class NotForTheFloor(Exception):
    """A month that this floor does not know how to bill."""


class Item(NamedTuple):
    """What a plan says of a kind. `in_unit` is millionths of a base unit in one unit."""

    kind: str
    allowance: int
    unit: str
    in_unit: int
    price: int


class Version(NamedTuple):
    """A plan version; `json` is how it stands in the inputs of an invoice."""

    label: str
    plan_code: str
    plan_name: str
    base: int
    items: Mapping[str, Item]
    json: str


class Run(NamedTuple):
    """What all invoices of a run share. `rate` is the tax in millionths."""

    period: Period
    as_of: datetime
    versions: Mapping[str, Version]
    rate: int


class Addon(NamedTuple):
    """An addon that is held; `json` is how it stands in the inputs of an invoice."""

    code: str
    kind: str
    qty: int
    price: int
    json: str


@dataclass(slots=True)
class Month:
    """What one deployment's month is billed from. `llm` is a sum of charges, as text, and their number."""

    deployment: str
    version: Version
    first_day: date
    addons: list[Addon] = field(default_factory=list)
    used: dict[str, int] = field(default_factory=dict)
    llm: tuple[str, int] | None = None


class Line(NamedTuple):
    kind: str
    deployment: str | None
    resource_kind: str | None
    description: str
    qty: str
    unit: str
    price: int | None
    amount: int
    meta: str


@dataclass(slots=True)
class Rows:
    """The rows of a chunk as COPY takes them, a line of text each."""

    invoices: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    inputs: list[str] = field(default_factory=list)
    billed: list[str] = field(default_factory=list)


def roll_up_floor(connection: Connection, period: Period, as_of: datetime) -> None:
    """Draft the invoices of all due tenants, on an autocommitting connection. Raises NotForTheFloor."""
    bounds = {"start": period.start, "end": period.end, "as_of": as_of, "limit": CHUNK}
    with connection.transaction():
        connection.execute(_OPEN_RUN, bounds)
        run = Run(period, as_of, _versions(connection), _rate(connection, bounds))
        for temp, like in _STAGED:
            connection.execute(f"CREATE TEMP TABLE {temp} ({like}) ON COMMIT DELETE ROWS")
    after: str | None = ""
    while after is not None:
        with connection.transaction():
            after = _chunk(connection, {**bounds, "after": after}, run)
    connection.execute(_CLOSE_RUN, bounds)


def _chunk(connection: Connection, bounds: Mapping[str, Any], run: Run) -> str | None:
    """Bill the next tenants; the last one's id, or None when there were none."""
    tenants = [tenant for (tenant,) in connection.execute(_DUE, bounds)]
    if not tenants:
        return None
    months = _months(connection, {**bounds, "first": tenants[0], "last": tenants[-1]}, run.versions)
    rows = Rows()
    for tenant in tenants:
        _bill(tenant, months[tenant], run, rows)
    _write(connection, rows)
    last: str = tenants[-1]
    return last


# Reading

_OPEN_RUN: Final = """
INSERT INTO billing_runs (id, period, kind, as_of, rules_version, state, started_at)
VALUES (gen_random_uuid(), %(start)s, 'month_end', %(as_of)s, 1, 'running', %(as_of)s)
"""
_CLOSE_RUN: Final = """
UPDATE billing_runs SET state = 'finished', finished_at = %(as_of)s
WHERE period = %(start)s AND kind = 'month_end'
"""
_RATE: Final = """
SELECT CAST(rate * 1000000 AS bigint) FROM tax_rates
WHERE country = 'AU' AND code = 'GST' AND from_day < %(end)s ORDER BY from_day DESC LIMIT 1
"""
_VERSIONS: Final = """
SELECT CAST(version.id AS text), code, name, version, base_price_cents, currency,
       array_agg(ARRAY[resource_kind, CAST(trim_scale(included_qty) AS text), overage_unit,
                       CAST(overage_price_cents AS text), CAST(hard_cap_qty AS text)]
                 ORDER BY resource_kind COLLATE "C")
FROM plan_versions AS version
JOIN plans ON plans.id = plan_id
JOIN plan_items ON plan_items.version_id = version.id
GROUP BY version.id, plans.id
"""
_DUE: Final = """
SELECT tenant_id FROM tenants
WHERE tenant_id > %(after)s
  AND NOT EXISTS (
      SELECT FROM tenant_invoices AS invoice
      WHERE invoice.tenant_id = tenants.tenant_id AND period_start = %(start)s)
  AND (EXISTS (
           SELECT FROM subscription_changes AS point
           WHERE point.tenant_id = tenants.tenant_id AND from_day < %(end)s
             AND status IN ('active', 'trial'))
       OR EXISTS (
           SELECT FROM usage_daily AS used
           WHERE used.tenant_id = tenants.tenant_id AND day >= %(start)s AND day < %(end)s)
       OR EXISTS (
           SELECT FROM llm_usage_events AS event
           WHERE event.tenant_id = tenants.tenant_id AND llm_mode = 'gateway'
             AND occurred_day >= %(start)s AND occurred_day < %(end)s))
ORDER BY tenant_id LIMIT %(limit)s
"""
_PROFILES: Final = "SELECT count(*) FROM tenant_tax_profiles WHERE tenant_id BETWEEN %(first)s AND %(last)s"
_SUBSCRIPTIONS: Final = """
SELECT deployment.tenant_id, CAST(deployment.id AS text), CAST(point.plan_version_id AS text),
       point.from_day, point.status, count(*) OVER (PARTITION BY deployment.tenant_id, deployment.id)
FROM cloud_deployments AS deployment
LEFT JOIN subscriptions AS held
    ON held.tenant_id = deployment.tenant_id AND held.deployment_id = deployment.id
LEFT JOIN subscription_changes AS point
    ON point.tenant_id = held.tenant_id AND point.subscription_id = held.id
WHERE deployment.tenant_id BETWEEN %(first)s AND %(last)s
ORDER BY deployment.tenant_id, slug COLLATE "C"
"""
_ADDONS: Final = """
SELECT CAST(held.deployment_id AS text), code, resource_kind,
       CAST(qty * 1000000 AS bigint), price_cents, from_day, to_day
FROM subscription_addons AS addon
JOIN subscriptions AS held USING (tenant_id)
WHERE tenant_id BETWEEN %(first)s AND %(last)s AND subscription_id = held.id
ORDER BY from_day, attached_at, addon.id
"""
# A chunk is read as a range of tenants, and only the peak kind by the day: half the time of an array and of
# one query for all kinds.
_RECORDED: Final = """
(SELECT tenant_id, deployment_id, kind, day, qty FROM usage_daily
 WHERE tenant_id BETWEEN %(first)s AND %(last)s AND day >= %(start)s AND day < %(end)s
 UNION ALL
 SELECT tenant_id, deployment_id, kind, day, qty FROM usage_deltas
 WHERE tenant_id BETWEEN %(first)s AND %(last)s AND day >= %(start)s AND day < %(end)s) AS recorded
"""
_SUMS: Final = f"""
SELECT CAST(deployment_id AS text), kind, CAST(sum(qty) * 1000000 AS bigint) FROM {_RECORDED}
WHERE kind <> 'dns_zones' GROUP BY tenant_id, deployment_id, kind
"""
_PEAKS: Final = f"""
SELECT CAST(deployment_id AS text), kind, CAST(max(qty) * 1000000 AS bigint)
FROM (SELECT tenant_id, deployment_id, kind, day, sum(qty) AS qty FROM {_RECORDED}
      WHERE kind = 'dns_zones' GROUP BY tenant_id, deployment_id, kind, day) AS of_days
GROUP BY tenant_id, deployment_id, kind
"""
_CHARGES: Final = """
SELECT CAST(deployment_id AS text), CAST(sum(charge) AS text), count(*),
       bool_and(currency = 'AUD')
FROM llm_usage_events
WHERE tenant_id BETWEEN %(first)s AND %(last)s AND llm_mode = 'gateway'
  AND occurred_day >= %(start)s AND occurred_day < %(end)s
GROUP BY tenant_id, deployment_id
"""


def _versions(connection: Connection) -> dict[str, Version]:
    return {key: _version(*facts, items=items) for key, *facts, items in connection.execute(_VERSIONS)}


def _version(
    code: str, name: str, number: int, base: int, currency: str, *, items: Sequence[Sequence[str]]
) -> Version:
    if currency != AUD or any(cap is not None for *_, cap in items):
        raise NotForTheFloor("a plan in another currency, or with a cap")
    stated = [
        {
            "hard_cap_qty": None,
            "included_qty": included,
            "overage_price_cents": int(price),
            "overage_unit": unit,
            "resource_kind": kind,
        }
        for kind, included, unit, price, _ in items
    ]
    facts = {"base_price_cents": base, "currency": currency, "items": stated, "name": name, "plan": code}
    return Version(
        label=f"{code} v{number}",
        plan_code=code,
        plan_name=name,
        base=base,
        items={
            kind: Item(kind, _micro(included), unit, MICRO * _UNITS.get(unit, 1), int(price))
            for kind, included, unit, price, _ in items
        },
        json=_json({**facts, "version": number}),
    )


def _rate(connection: Connection, bounds: Mapping[str, Any]) -> int:
    row = connection.execute(_RATE, bounds).fetchone()
    assert row is not None  # the seeded catalogue has one
    rate: int = row[0]
    return rate


def _months(
    connection: Connection, bounds: Mapping[str, Any], versions: Mapping[str, Version]
) -> dict[str, list[Month]]:
    """The months of each tenant's deployments, by slug."""
    if connection.execute(_PROFILES, bounds).fetchone() != (0,):
        raise NotForTheFloor("a tenant with a tax profile of its own")
    by_tenant: dict[str, list[Month]] = {}
    by_deployment: dict[str, Month] = {}
    for tenant, deployment, version, from_day, status, points in connection.execute(_SUBSCRIPTIONS, bounds):
        if status != "active" or points != 1:
            raise NotForTheFloor("a subscription that changed, or none")
        month = Month(deployment, versions[version], max(from_day, bounds["start"]))
        by_tenant.setdefault(tenant, []).append(month)
        by_deployment[deployment] = month
    for deployment, code, kind, qty, price, from_day, to_day in connection.execute(_ADDONS, bounds):
        if to_day is not None or from_day > by_deployment[deployment].first_day:
            raise NotForTheFloor("an addon that is not held all the time")
        stated = {"code": code, "price_cents": price, "qty": _digits(qty), "resource_kind": kind}
        by_deployment[deployment].addons.append(Addon(code, kind, qty, price, _json(stated)))
    for statement in (_SUMS, _PEAKS):
        for deployment, kind, used in connection.execute(statement, bounds):
            if used:
                by_deployment[deployment].used[kind] = used
    for deployment, charged, events, in_aud in connection.execute(_CHARGES, bounds):
        if not in_aud:
            raise NotForTheFloor("a charge in another currency")
        by_deployment[deployment].llm = (charged, events)
    return by_tenant


# Billing


def _bill(tenant: str, months: Sequence[Month], run: Run, rows: Rows) -> None:
    """Append a tenant's invoice with all that belongs to it."""
    period, as_of = run.period, run.as_of
    start = period.start.isoformat()
    key = hashlib.sha1(f"{start}/0/{tenant}".encode())
    invoice = key.hexdigest()[:32]
    lines: list[Line] = []
    hashes = ""
    for position, month in enumerate(months):
        priced = _price(month, period)
        inputs = _inputs(month, period)
        proof = hashlib.sha256(f'{{"inputs":{inputs},"lines":[{_lines_json(priced)}],"rules":1}}'.encode())
        hashes += f"{proof.hexdigest()}\n"
        rows.inputs.append(
            f"{tenant}\t{invoice}\t{position}\t{month.deployment}\t{inputs}\t{proof.hexdigest()}\n"
        )
        lines += priced
        for kind, used in month.used.items():
            rows.billed.append(f"{tenant}\t{invoice}\t{month.deployment}\t{start}\t{kind}\t{_digits(used)}\n")
        if month.llm:
            lines.append(_llm_line(month.deployment, *month.llm))
            rows.billed.append(
                f"{tenant}\t{invoice}\t{month.deployment}\t{start}\tllm_charge\t{month.llm[0]}\n"
            )
    subtotal = sum(line.amount for line in lines)
    tax = _half_up(subtotal * run.rate, MICRO)
    lines.append(_tax_line(subtotal, tax, run.rate))
    for number, line in enumerate(lines, start=1):
        line_key = key.copy()
        line_key.update(b"/%d" % number)
        deployment = line.deployment or "\\N"
        resource_kind = line.resource_kind or "\\N"
        price = "\\N" if line.price is None else line.price
        rows.lines.append(
            f"{tenant}\t{invoice}\t{number}\t{line_key.hexdigest()[:32]}\t{line.kind}\t{deployment}"
            f"\t{resource_kind}\t{line.description}\t{line.qty}\t{line.unit}\t{price}\t{line.amount}"
            f"\t{line.meta}\n"
        )
    quote_hash = hashlib.sha256(hashes.encode()).hexdigest()
    rows.invoices.append(
        f"{tenant}\t{invoice}\t{start}\t{period.end}\t0\tdraft\t{AUD}\t{subtotal}\t{tax}\t{subtotal + tax}"
        f"\t1\t{quote_hash}\t{as_of}\t{as_of}\n"
    )


def _price(month: Month, period: Period) -> list[Line]:
    """Base and addons by the day, then what was used beyond the allowance."""
    version, deployment = month.version, month.deployment
    days, in_month = (period.end - month.first_day).days, period.days
    billed = f'"days_billed":{days},"days_in_month":{in_month}'
    lines = [
        Line(
            "plan_base",
            deployment,
            None,
            f"Plan: {version.plan_name}",
            "1",
            "month",
            version.base,
            _half_up(version.base * days, in_month),
            f'{{{billed},"plan":"{version.plan_code}","versions":["{version.label}"]}}',
        )
    ]
    lines += [
        Line(
            "addon",
            deployment,
            addon.kind,
            f"Addon: {addon.code}",
            "1",
            "month",
            addon.price,
            _half_up(addon.price * days, in_month),
            f'{{"addon":"{addon.code}",{billed},"lifts_by":"{_digits(addon.qty)}"}}',
        )
        for addon in month.addons
    ]
    for kind in _ORDER:
        used = month.used.get(kind, 0)
        lifts = [addon for addon in month.addons if addon.kind == kind]
        item = version.items.get(kind)
        if item is None:
            if used:
                raise NotForTheFloor("usage of a kind that the plan does not list")
            continue
        overage = used - item.allowance - sum(addon.qty for addon in lifts)
        if overage > 0:
            lines.append(_overage_line(month, item, overage, lifts, days))
    return lines


def _overage_line(month: Month, item: Item, overage: int, lifts: Sequence[Addon], days: int) -> Line:
    kind, used = item.kind, month.used[item.kind]
    stated_used, included = _digits(used), _digits(item.allowance)
    lifted = ",".join(f'{{"addon":"{addon.code}","qty":"{_digits(addon.qty)}"}}' for addon in lifts)
    return Line(
        "overage",
        month.deployment,
        kind,
        f"Overage: {kind}",
        _digits(overage, item.in_unit),
        item.unit,
        item.price,
        _half_up(overage * item.price, item.in_unit),
        f'{{"allowance":"{_digits(used - overage)}","days_in_service":{days},"days_in_span":{days}'
        f',"included":"{included}","included_for_these_days":"{included}","lifted_by":[{lifted}]'
        f',"overage":"{_digits(overage)}","used":"{stated_used}","used_in_these_days":"{stated_used}"'
        f',"versions":["{month.version.label}"]}}',
    )


def _llm_line(deployment: str, charged: str, events: int) -> Line:
    """`charged` has eight decimals: without the point it counts hundred-millionths."""
    amount = _half_up(int(charged.replace(".", "")), 1_000_000)
    return Line(
        "llm_usage", deployment, None, "LLM usage", charged, AUD, None, amount, f'{{"events":{events}}}'
    )


def _tax_line(subtotal: int, tax: int, rate: int) -> Line:
    meta = f'{{"country":"AU","rate":"{_digits(rate)}","taxable_cents":{subtotal},"treatment":"standard"}}'
    return Line("tax", None, None, f"GST {_digits(100 * rate)} %", "1", "invoice", tax, tax, meta)


def _inputs(month: Month, period: Period) -> str:
    """What the month was priced from, as canonical JSON."""
    addons = ",".join(addon.json for addon in month.addons)
    places = ",".join(map(str, range(len(month.addons))))
    used = ",".join(
        f'"{kind}":{{"{month.first_day}":"{_digits(qty)}"}}' for kind, qty in sorted(month.used.items())
    )
    return (
        f'{{"addons":[{addons}],"currency":"{AUD}","month":"{period.start}","prices":[]'
        f',"stretches":[{{"addons":[{places}],"from":"{month.first_day}","status":"active"'
        f',"to":"{period.end}","version":0}}],"usage":{{{used}}},"versions":[{month.version.json}]}}'
    )


def _lines_json(lines: Iterable[Line]) -> str:
    """The lines as they are hashed."""
    return ",".join(
        f'{{"amount_cents":{line.amount},"description":"{line.description}","kind":"{line.kind}"'
        f',"meta":{line.meta},"qty":"{line.qty}"'
        f',"resource_kind":{f"{chr(34)}{line.resource_kind}{chr(34)}" if line.resource_kind else "null"}'
        f',"unit":"{line.unit}","unit_price_cents":{line.price}}}'
        for line in lines
    )


def _half_up(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)


def _digits(micro: int, in_unit: int = MICRO) -> str:
    """A count of units, of which one is a power of ten of millionths, as digits without trailing zeros."""
    whole, rest = divmod(micro, in_unit)
    return f"{whole}.{rest:0{len(str(in_unit)) - 1}d}".rstrip("0") if rest else str(whole)


def _micro(digits: str) -> int:
    whole, _, decimals = digits.partition(".")
    return int(whole) * MICRO + int(decimals.ljust(6, "0") or 0)


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


# Writing

_INVOICES: Final = (
    "tenant_id, id, period_start, period_end, generation, status, currency, subtotal_cents, tax_cents,"
    " total_cents, rules_version, quote_hash, as_of, created_at"
)
_LINES: Final = (
    "tenant_id, invoice_id, line_no, id, kind, deployment_id, resource_kind, description, qty, unit,"
    " unit_price_cents, amount_cents, meta"
)
_INPUTS: Final = "tenant_id, invoice_id, position, deployment_id, inputs, hash"
_BILLED: Final = "tenant_id, invoice_id, deployment_id, service_month, kind, qty"

_STAGED: Final[Sequence[tuple[LiteralString, LiteralString]]] = (
    ("temp_floor_invoices", "LIKE tenant_invoices"),
    ("temp_floor_lines", "LIKE tenant_invoice_lines"),
    ("temp_floor_inputs", "LIKE invoice_inputs"),
    ("temp_floor_billed", "LIKE billed_usage"),
)


def _write(connection: Connection, rows: Rows) -> None:
    """Stage, then insert where the walls, keys and guards are. A second run at the same time is refused."""
    _copy(connection, f"COPY temp_floor_invoices ({_INVOICES}) FROM STDIN", rows.invoices)
    _copy(connection, f"COPY temp_floor_lines ({_LINES}) FROM STDIN", rows.lines)
    _copy(connection, f"COPY temp_floor_inputs ({_INPUTS}) FROM STDIN", rows.inputs)
    _copy(connection, f"COPY temp_floor_billed ({_BILLED}) FROM STDIN", rows.billed)
    created = connection.execute(
        f"INSERT INTO tenant_invoices ({_INVOICES}) SELECT {_INVOICES} FROM temp_floor_invoices"
        " ON CONFLICT DO NOTHING"
    )
    if created.rowcount != len(rows.invoices):
        raise NotForTheFloor("two runs at the same time")
    for table, temp, columns in (
        ("tenant_invoice_lines", "temp_floor_lines", _LINES),
        ("invoice_inputs", "temp_floor_inputs", _INPUTS),
        ("billed_usage", "temp_floor_billed", _BILLED),
    ):
        connection.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {temp}")


def _copy(connection: Connection, statement: LiteralString, rows: Sequence[str]) -> None:
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write("".join(rows))
