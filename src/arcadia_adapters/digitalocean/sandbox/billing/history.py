"""SAMPLE DATA, made up: what the sample account was charged from December 2014 on, 137 invoices.

Owns a small company's fictitious eleven years at DigitalOcean: what it ran from when to when (FLEET), the
short-lived droplets of each month, taxes, credits, overages and payments. The 137th invoice is the sample's
own of April 2026, as it is. It is the same in every run; an invoice's items, CSV and summary are made of the
same rows, so they agree.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache

from arcadia_adapters.digitalocean.sample.account import (
    sample_droplets,
    sample_invoice_csv,
)
from arcadia_adapters.digitalocean.sandbox.billing.invoice import Invoice, Row, dollars, rows_of
from arcadia_adapters.digitalocean.sandbox.billing.month import charge, gst, stamp
from arcadia_adapters.digitalocean.sandbox.clock import written
from arcadia_adapters.digitalocean.sandbox.exchange import Obj
from arcadia_domain.period import Period, midnight, month_of

FIRST_MONTH = date(2014, 12, 1)
INVOICES = 137
TAXED_SINCE = date(2017, 7, 1)
"""Since when Australia taxes such services."""

_WITHOUT_ID = frozenset({"Taxes", "Spaces Subscription", "Container Registry"})
_SAMPLE = uuid.uuid5(uuid.NAMESPACE_DNS, "sample.arcadia.example")


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that ran: what its line says, its monthly price in cents, and its first and last day.

    `as_days` says that its end is written as 23:59:59, as for what is not a droplet.
    """

    product: str
    description: str
    cents: int
    first: str
    last: str = "2026-04-30"
    project: str = ""
    group: str = ""
    as_days: bool = True


FLEET = (
    Thing("Droplets", "www (512mb)", 500, "2014-12-03", "2017-03-14", as_days=False),
    Thing("Droplets", "db (1gb)", 1000, "2014-12-03", "2018-02-09", as_days=False),
    Thing("Backups", "db (1gb)", 200, "2015-04-01", "2018-02-09", as_days=False),
    Thing("Droplets", "mail.example.com (512mb)", 500, "2015-06-20", "2019-11-02", as_days=False),
    Thing("Droplets", "shop (old, do not touch) (2gb)", 2000, "2016-01-11", "2018-06-30", as_days=False),
    Thing("Snapshots", "shop-before-move (8.11 GB)", 41, "2016-02-01", "2020-01-31"),
    Thing("Volumes", "volume-nyc1-01 (nyc1) 100GB", 1000, "2016-08-15", "2021-05-03"),
    Thing("Floating IPs", "Unused Floating IP - 198.51.100.7", 500, "2016-09-01", "2016-09-19"),
    Thing("Droplets", "www (s-1vcpu-1gb)", 500, "2017-03-14", "2022-06-30", as_days=False),
    Thing("Load Balancers", "lb-nyc1-01 (nyc1)", 2000, "2017-04-02", "2020-12-31", as_days=False),
    Thing("Spaces Subscription", "Spaces ($5/mo 250GB storage & 1TB bandwidth)", 500, "2017-11-06"),
    Thing("Droplets", "db (s-2vcpu-4gb)", 2000, "2018-02-09", "2022-06-30", as_days=False),
    Thing("Kubernetes Clusters", "a56e086a317d8410c8b4cfd1f4dc9f82", 3000, "2019-02-18", "2020-08-09",
          group="my-doks-cluster"),
    Thing("Database Clusters", "db-postgresql-syd1-01 (db-s-1vcpu-1gb)", 1500, "2019-06-03", "2024-02-29"),
    Thing("Container Registry", "Basic", 500, "2020-07-01"),
    Thing("App Platform", "marketing-site", 500, "2021-02-10", "2023-09-12", "Website"),
    Thing("Volumes", "pg-data-old (syd1) 5GB", 50, "2021-03-22"),
    Thing("Droplets", "wordpress-legacy (s-1vcpu-1gb)", 600, "2022-07-01", "2026-04-06", "Legacy",
          as_days=False),
    Thing("Volumes", "volume-syd1-02 (syd1) 10GB", 100, "2022-07-01", project="Legacy"),
    Thing("Load Balancers", "lb-syd1-legacy (syd1)", 1200, "2022-09-14", project="Legacy", as_days=False),
    Thing("Reserved IPs", "Unused Reserved IP - 198.51.100.31", 500, "2023-01-09", "2023-03-02"),
    Thing("Droplets", "bastion-old (s-1vcpu-512mb-10gb)", 400, "2023-05-05", "2026-04-20", "Arcadia",
          as_days=False),
    Thing("Backups", "bastion-old (s-1vcpu-512mb-10gb)", 80, "2023-05-05", "2026-04-20", "Arcadia",
          as_days=False),
    Thing("Droplets", "staging-db (s-2vcpu-2gb)", 1800, "2025-01-20", "2026-04-05", "Staging", as_days=False),
    Thing("Volumes", "volume-syd1-01 (syd1) 20GB", 200, "2025-06-02", project="Arcadia"),
    Thing("Snapshots", "wordpress-legacy-2025-12-01 (6.83 GB)", 41, "2025-12-01"),
)  # fmt: skip
"""What the company ran for long. Names with brackets and commas in them are there on purpose."""


@cache
def invoices() -> tuple[Invoice, ...]:
    """All 137, the oldest first."""
    months = list(_months())
    made = [_invoice(n, month, _rows(month)) for n, month in enumerate(months[:-1])]
    return (*made, _invoice(INVOICES - 1, months[-1], _april()))


def billing_history() -> list[Obj]:
    """The rows of GET /v2/customers/my/billing_history, the oldest first; no ids, and some are equal."""
    rows = [
        _entry("Goodwill credit", -500, date(2016, 3, 7), "Credit"),
        _entry("Expired credit", 500, date(2017, 3, 7), "CreditExpiration"),
    ]
    for invoice in invoices():
        rows.append(invoice.in_history())
        due = date.fromisoformat(invoice.updated_at[:10])
        rows += _payments(invoice.cents, due)
    return sorted(rows, key=lambda row: str(row["date"]))


def _months() -> Iterator[Period]:
    month = month_of(FIRST_MONTH)
    for _ in range(INVOICES):
        yield month
        month = month_of(month.end)


def _invoice(n: int, month: Period, rows: list[Row]) -> Invoice:
    period = f"{month.start:%Y-%m}"
    return Invoice(
        uuid=str(uuid.uuid5(_SAMPLE, f"invoice {period}")),
        number=str(417_000_000 + 1373 * n),
        period=period,
        rows=rows,
        updated_at=written(midnight(month.end) + timedelta(hours=8, minutes=44, seconds=38)),
    )


def _april() -> list[Row]:
    """The sample's own rows, with the ids that DigitalOcean gives in JSON only."""
    return [_identified(row) for row in rows_of(sample_invoice_csv().decode())]


def _identified(row: Row) -> Row:
    name = _name(row.description)
    long_lived = any(_name(thing.description) == name for thing in (*FLEET, *_pilots()))
    id = _id(row.product, name if long_lived else f"{name} {row.start}")
    return replace(row, resource_id=id.get("resource_id"), resource_uuid=id.get("resource_uuid"))


def _id(product: str, key: str) -> dict[str, str]:
    """What JSON names a row's resource by: a number for droplets, a UUID for others, nothing for the rest."""
    if product in _WITHOUT_ID:
        return {}
    if product not in {"Droplets", "Backups"}:
        return {"resource_uuid": str(uuid.uuid5(_SAMPLE, f"{product} {key}"))}
    pilots = {droplet["name"]: str(droplet["id"]) for droplet in sample_droplets()}
    return {"resource_id": pilots.get(key) or str(3_164_444 + _pick(90_000_000, key))}


def _name(description: str) -> str:
    return description.rpartition(" (")[0] or description


def _rows(month: Period) -> list[Row]:
    rows = [row for thing in (*FLEET, *_pilots()) if (row := _row(thing, month))]
    rows += _short_lived(month)
    rows += _extras(month, sum(row.cents for row in rows))
    if month.start >= TAXED_SINCE:
        rows.append(gst(sum(row.cents for row in rows), midnight(month.start), midnight(month.end)))
    return rows


def _pilots() -> Iterator[Thing]:
    """The sample's five droplets before April, when the last of them was resized."""
    for droplet in sample_droplets():
        size, cents = droplet["size_slug"], droplet["size"]["price_monthly"] * 100
        if droplet["name"] == "pilot-db-01":
            size, cents = "s-1vcpu-1gb", 600
        name = f"{droplet['name']} ({size})"
        yield Thing("Droplets", name, cents, droplet["created_at"][:10], project="Arcadia", as_days=False)


def _row(thing: Thing, month: Period) -> Row | None:
    first, after = date.fromisoformat(thing.first), date.fromisoformat(thing.last) + timedelta(days=1)
    start = max(_in_the_day(first, thing.description), midnight(month.start))
    end = min(midnight(after), midnight(month.end))
    if start >= end:
        return None
    hours = (end - start) // timedelta(hours=1)
    return Row(
        product=thing.product,
        group_description=thing.group,
        description=thing.description,
        hours=str(hours),
        start=stamp(start),
        end=stamp(end - timedelta(seconds=1) if thing.as_days else end),
        cents=charge(thing.cents, hours),
        project_name=thing.project,
        category="paas" if thing.product in {"Container Registry", "App Platform"} else "iaas",
        **_id(thing.product, _name(thing.description)),
    )


def _in_the_day(day: date, name: str) -> datetime:
    """Some second of the day, always the same for this name."""
    return midnight(day) + timedelta(seconds=_pick(80_000, name))


def _short_lived(month: Period) -> list[Row]:
    """A few droplets that ran for some hours; in some months one name was used twice."""
    rows = []
    for n in range(2 + _pick(5, month.start.isoformat())):
        key = f"{month.start} {n}"
        start = midnight(month.start) + timedelta(seconds=_pick(24 * 86400, key))
        seconds = 1800 + _pick(3 * 86400, key + " long")
        size, cents = _SIZES_OF_RUNNERS[month.start >= date(2018, 1, 1)]
        name, hours = f"ci-runner-{_pick(6, key + ' name')}", seconds // 3600
        rows.append(
            Row(
                product="Droplets",
                description=f"{name} ({size})",
                hours=str(hours),
                start=stamp(start),
                end=stamp(start + timedelta(seconds=seconds)),
                cents=max(charge(cents, hours), 1),
                project_name="CI" if month.start >= date(2018, 10, 1) else "",
                category="iaas",
                **_id("Droplets", f"{name} {start}"),
            )
        )
    return rows


_SIZES_OF_RUNNERS = {False: ("2gb", 2000), True: ("s-2vcpu-4gb", 2000)}


def _extras(month: Period, cents: int) -> list[Row]:
    """Now and then more traffic than is included, a correction, or the credit of the first months."""
    whole = {
        "hours": "",
        "start": stamp(midnight(month.start)),
        "end": stamp(midnight(month.end) - timedelta(seconds=1)),
        "category": "iaas",
    }
    rows = []
    if _pick(9, f"{month.start} overage") == 0:
        over = 1 + _pick(400, f"{month.start} traffic")
        rows.append(
            Row(product="Bandwidth Overage", description=f"{over} GB over the pool", cents=over, **whole)
        )
    if month.start < date(2015, 3, 1):
        rows.append(
            Row(product="Credits", description="Promo code SAMPLE10", cents=-min(cents, 333), **whole)
        )
    if _pick(17, f"{month.start} correction") == 0:
        rows.append(Row(product="Adjustments", description='Correction, "as agreed"', cents=-75, **whole))
    return rows


def _payments(cents: int, due: date) -> list[Obj]:
    """How the invoice was paid: mostly at once, sometimes in two equal halves, once at the second try."""
    if cents <= 0:
        return []
    card = f"Payment (MC {due.year})"
    if cents % 2 == 0 and _pick(12, f"{due} halves") == 0:
        return [_entry(card, -cents // 2, due, "Payment") for _ in range(2)]
    rows = [_entry(card, -cents, due, "Payment")]
    if _pick(40, f"{due} failed") == 0:
        rows.insert(0, _entry(card, 0, due, "AttemptFailed"))
    return rows


def _entry(description: str, cents: int, day: date, type: str) -> Obj:
    at = datetime(day.year, day.month, day.day, 8, 44, 38, tzinfo=UTC) + timedelta(days=1)
    return {"description": description, "amount": dollars(cents), "date": written(at), "type": type}


def _pick(below: int, *key: str) -> int:
    """A number that looks random and is the same for the same key on every machine."""
    return int.from_bytes(hashlib.sha256(" ".join(key).encode()).digest()[:8], "big") % below
