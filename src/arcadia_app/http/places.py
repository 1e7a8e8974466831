"""Where a page of each list ended: what stands in its cursors, and the place in the store that it names."""

from __future__ import annotations

from datetime import date
from typing import Final, TypeVar
from uuid import UUID

from arcadia_app.http.pages import Pages
from arcadia_app.wire.types import Code, Currency, Instant, Kind, LineNumber, Text
from arcadia_domain.ports.billing import InvoicePlace
from arcadia_domain.ports.catalog import PricePlace
from arcadia_domain.ports.charges import ChargePlace, HeaderPlace

W = TypeVar("W")


def _as_written(written: W) -> W:
    return written


def _word(written: tuple[str]) -> str:
    return written[0]


def _invoice(written: tuple[date, str, UUID]) -> InvoicePlace:
    return InvoicePlace(*written)


def _cloud_invoice(written: tuple[date, UUID]) -> HeaderPlace:
    return HeaderPlace(*written)


def _cost_line(written: tuple[UUID, int, UUID]) -> ChargePlace:
    return ChargePlace(*written)


ADDONS: Final = Pages("addons", tuple[Code], _word)
CLOUD_INVOICES: Final = Pages("cloud_invoices", tuple[date, UUID], _cloud_invoice)
COST_LINES: Final = Pages("cost_lines", tuple[UUID, LineNumber, UUID], _cost_line)
DEPLOYMENTS: Final = Pages[UUID]("deployments", UUID, _as_written)
INVENTORY: Final = Pages[UUID]("inventory", UUID, _as_written)
INVOICES: Final = Pages("invoices", tuple[date, Text, UUID], _invoice)
JOBS: Final = Pages[UUID]("jobs", UUID, _as_written)
PLANS: Final = Pages("plans", tuple[Code], _word)
PRICES: Final = Pages[PricePlace]("prices", tuple[Kind, Currency, Instant], _as_written)
RUNS: Final = Pages[date]("billing_runs", date, _as_written)
SYNCS: Final = Pages[UUID]("syncs", UUID, _as_written)
TAX_PROFILES: Final = Pages[date]("tax_profiles", date, _as_written)
TENANTS: Final = Pages("tenants", tuple[Text], _word)
