"""A provider on a real socket, the client set on it, and the store that its invoices go to."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace

from arcadia_adapters.clock import SystemClock
from arcadia_adapters.digitalocean import invoice_csv
from arcadia_adapters.digitalocean.client import DigitalOceanClient
from arcadia_adapters.digitalocean.sandbox.billing.invoice import Invoice
from arcadia_app.arcadia import Arcadia, InvoiceFile
from arcadia_app.bootstrap.application import wire_on
from arcadia_app.use_cases.cloud.discover_invoices import Discovered, discover_invoices
from arcadia_app.use_cases.cloud.ingest_discovered import IngestedInTurn, ingest_discovered
from arcadia_app.use_cases.cloud.ingest_invoice import ACCOUNT
from arcadia_app.use_cases.cloud.ingest_provider_invoice import (
    IngestedFromProvider,
    ingest_provider_invoice,
)
from arcadia_domain.cloud.charges import PlacedCharge
from arcadia_domain.cloud.provider_invoices import InvoiceHeader
from arcadia_domain.period import Period
from arcadia_domain.ports.charges import ChargesAsked
from arcadia_domain.ports.cloud_provider import CloudProvider
from arcadia_domain.ports.unit_of_work import Transactions
from tests.clouds.connected import Cloud
from tests.clouds.running import NOW
from tests.world import OLGA


def read(file: bytes, /, *, may_be_empty: bool = False) -> InvoiceFile:
    parsed = invoice_csv.parse(file, may_be_empty=may_be_empty)
    return InvoiceFile(parsed.lines, [warning.sentence for warning in parsed.warnings])


@dataclass
class Books:
    """What the provider charges, and what we have of it."""

    cloud: Cloud
    store: Transactions

    @property
    def app(self) -> Arcadia:
        return wire_on(self.store, self.cloud.account.clock, cloud=Connected(self.cloud.client))

    def discover(self) -> Discovered:
        return discover_invoices(self.store, self.cloud.client, OLGA, now=NOW)

    def ingest_all(self, found: Discovered) -> IngestedInTurn:
        return ingest_discovered(
            self.store, self.cloud.client, OLGA, invoices=found.to_ingest, read=read, clock=SystemClock()
        )

    def ingest(self, month: str) -> IngestedFromProvider:
        return ingest_provider_invoice(
            self.store, self.cloud.client, OLGA, invoice_id=self.header(month).id, read=read, now=NOW
        )

    def header(self, month: str) -> InvoiceHeader:
        [header] = [one for one in self.headers() if f"{one.month:%Y-%m}" == month]
        return header

    def headers(self) -> list[InvoiceHeader]:
        with self.store.begin(OLGA) as work:
            return list(work.costs.headers(ACCOUNT))

    def charges(self, period: Period | None = None) -> list[PlacedCharge]:
        with self.store.begin(OLGA) as work:
            return list(work.charges.each(ChargesAsked(period=period)))

    def billed(self, month: str) -> Invoice:
        """The provider's own."""
        [invoice] = [one for one in self.cloud.account.invoices if one.period == month]
        return invoice

    def rebilled(self, month: str, change: Callable[[Invoice], Invoice]) -> None:
        """The provider tells an invoice otherwise from now on."""
        invoices = self.cloud.account.invoices
        invoices[invoices.index(self.billed(month))] = change(self.billed(month))


def without_its_last_row(invoice: Invoice) -> Invoice:
    return replace(invoice, rows=invoice.rows[:-1])


@dataclass
class Connected:
    """The cloud of an application: the client of these books."""

    client: DigitalOceanClient

    def __call__(self) -> AbstractContextManager[CloudProvider]:
        return nullcontext(self.client)

    def budget(self) -> None:
        return None


@dataclass
class OnBooks:
    """The part of a wiring that the commands about costs use."""

    app: Arcadia

    def open(self) -> AbstractContextManager[Arcadia]:
        return nullcontext(self.app)
