"""An invoice in DigitalOcean's forms: its row in the list, its items as JSON, its CSV, its summary.

Owns these forms, all of the same rows, so that they agree to the cent. Which rows an invoice has is for month
(from what the account holds) and history (made up) to say.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

from arcadia_adapters.digitalocean.sandbox.exchange import Obj

COLUMNS = ("product", "group_description", "description", "hours", "start", "end", "USD", "project_name")
CATEGORY_SINCE = "2020-07"
"""The period from which on rows have a category, as DigitalOcean's do."""
MINUS_FIRST_SINCE = "2018-01"
"""From here on a credit is written -$1.00, before $-1.00: readers must take both."""

TAXES = "Taxes"
OVERAGES = frozenset({"Bandwidth Overage"})
CREDITS = frozenset({"Credits", "Adjustments"})
# strftime would give them in the language of the machine.
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_DOLLARS = re.compile(r"(-?)\$(-?)(\d+)\.(\d\d)", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line. Instants are written as in the CSV: 2026-04-01 00:00:00 +0000; `hours` is empty for taxes."""

    product: str
    group_description: str = ""
    description: str
    hours: str
    start: str
    end: str
    cents: int
    project_name: str = ""
    category: str = ""
    resource_id: str | None = None
    resource_uuid: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """One month's invoice: `period` is 2026-04, `updated_at` RFC 3339."""

    uuid: str
    number: str
    period: str
    rows: Sequence[Row]
    updated_at: str

    @property
    def cents(self) -> int:
        return sum(row.cents for row in self.rows)

    @property
    def has_category(self) -> bool:
        return self.period >= CATEGORY_SINCE

    def listed(self) -> Obj:
        """The invoice as GET /v2/customers/my/invoices lists it."""
        return {
            "invoice_uuid": self.uuid,
            "invoice_id": self.number,
            "amount": dollars(self.cents),
            "invoice_period": self.period,
            "updated_at": self.updated_at,
        }

    def items(self) -> list[Obj]:
        """The rows as JSON: these have the ids of resources, which the CSV has not."""
        return [self._item(row) for row in self.rows]

    def _item(self, row: Row) -> Obj:
        item: Obj = {
            "product": row.product,
            "group_description": row.group_description,
            "description": row.description,
            "amount": dollars(row.cents),
            "duration": row.hours,
            "duration_unit": "Hours",
            "start_time": _rfc3339(row.start),
            "end_time": _rfc3339(row.end),
            "project_name": row.project_name,
        }
        if self.has_category:
            item["category"] = row.category
        if row.resource_id:
            item["resource_id"] = row.resource_id
        if row.resource_uuid:
            item["resource_uuid"] = row.resource_uuid
        return item

    def csv(self) -> bytes:
        """The file: the book of record."""
        file = io.StringIO()
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*COLUMNS, *(["category"] if self.has_category else [])])
        for row in self.rows:
            cells = [row.product, row.group_description, row.description, row.hours, row.start, row.end]
            cells += [self._usd(row.cents), row.project_name]
            writer.writerow([*cells, *([row.category] if self.has_category else [])])
        return file.getvalue().encode()

    def _usd(self, cents: int) -> str:
        if cents >= 0:
            return "$" + dollars(cents)
        return "-$" + dollars(-cents) if self.period >= MINUS_FIRST_SINCE else "$" + dollars(cents)

    def file_name(self) -> str:
        """The name under which the CSV is offered."""
        return f"DigitalOcean Invoice {self.period[:4]} {self._month()[:3]} ({self.number}).csv"

    def in_history(self) -> Obj:
        """The invoice as a row of the billing history."""
        return {
            "description": f"Invoice for {self._month()} {self.period[:4]}",
            "amount": dollars(self.cents),
            "invoice_id": self.number,
            "invoice_uuid": self.uuid,
            "date": self.updated_at,
            "type": "Invoice",
        }

    def _month(self) -> str:
        return _MONTHS[int(self.period[5:]) - 1]

    def summary(self, record: Obj) -> Obj:
        """What the invoice comes to: charges + overages + taxes + credits and adjustments = amount."""
        charges = [row for row in self.rows if _is_charge(row)]
        return {
            "invoice_uuid": self.uuid,
            "invoice_id": self.number,
            "billing_period": self.period,
            "amount": dollars(self.cents),
            "user_name": record["name"],
            "user_billing_address": {
                "address_line1": "1 Sample Street",
                "city": "Sydney",
                "region": "NSW",
                "postal_code": "2000",
                "country_iso2_code": "AU",
                "created_at": "2014-12-01T00:00:00.000+00:00",
                "updated_at": "2014-12-01T00:00:00.000+00:00",
            },
            "user_company": "SAMPLE DATA",
            "user_email": record["email"],
            "product_charges": {
                "name": "Product usage charges",
                "amount": dollars(sum(row.cents for row in charges)),
                "items": [_product(name, charges) for name in dict.fromkeys(row.product for row in charges)],
            },
            "overages": self._total("Overages", OVERAGES),
            "taxes": self._total("Taxes", frozenset({TAXES})),
            "credits_and_adjustments": self._total("Credits & adjustments", CREDITS),
        }

    def _total(self, name: str, products: frozenset[str]) -> Obj:
        return {
            "name": name,
            "amount": dollars(sum(row.cents for row in self.rows if row.product in products)),
        }


def _is_charge(row: Row) -> bool:
    return row.product != TAXES and row.product not in OVERAGES | CREDITS


def _product(name: str, charges: Sequence[Row]) -> Obj:
    own = [row for row in charges if row.product == name]
    return {"name": name, "amount": dollars(sum(row.cents for row in own)), "count": str(len(own))}


def dollars(cents: int) -> str:
    """12.34 or -0.05."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02}"


def rows_of(text: str) -> list[Row]:
    """The rows of a CSV that is written as `csv` writes it."""
    rows = []
    for cells in csv.DictReader(io.StringIO(text)):
        amount = _DOLLARS.fullmatch(cells["USD"])
        if amount is None:
            raise ValueError(f"not an amount: {cells['USD']!r}")
        before, after, whole, hundredths = amount.groups()
        cents = int(whole + hundredths) * (-1 if before or after else 1)
        same = {name: cells[name] for name in COLUMNS if name != "USD"}
        rows.append(Row(**same, cents=cents, category=cells.get("category") or ""))
    return rows


def _rfc3339(written: str) -> str:
    return f"{written[:10]}T{written[11:19]}Z"
