"""The short way from a provider's bills to stored ones, for tests of the acts about costs."""

from __future__ import annotations

from arcadia_adapters.digitalocean import invoice_csv
from arcadia_app.arcadia import InvoiceFile
from arcadia_app.use_cases.cloud.discover_invoices import Discovered, discover_invoices
from arcadia_app.use_cases.cloud.ingest_invoice import ACCOUNT
from arcadia_app.use_cases.cloud.ingest_provider_invoice import (
    IngestedFromProvider,
    ingest_provider_invoice,
)
from arcadia_domain.cloud.provider_invoices import InvoiceHeader
from arcadia_domain.ports.unit_of_work import Transactions
from tests.fakes.cloud_billing import FakeCloudBilling
from tests.world import NOW, OLGA


def read(file: bytes, /, *, may_be_empty: bool = False) -> InvoiceFile:
    parsed = invoice_csv.parse(file, may_be_empty=may_be_empty)
    return InvoiceFile(parsed.lines, [warning.sentence for warning in parsed.warnings])


def discovered(store: Transactions, provider: FakeCloudBilling) -> Discovered:
    return discover_invoices(store, provider, OLGA, now=NOW)


def headers(store: Transactions) -> list[InvoiceHeader]:
    with store.begin(OLGA) as work:
        return list(work.costs.headers(ACCOUNT))


def ingested(store: Transactions, provider: FakeCloudBilling, uuid: str) -> IngestedFromProvider:
    """Of a discovered one."""
    [header] = [one for one in headers(store) if one.invoice_uuid == uuid]
    return ingest_provider_invoice(store, provider, OLGA, invoice_id=header.id, read=read, now=NOW)
