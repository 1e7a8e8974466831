"""The billing routes: balance, history, invoices, their items, CSV and summary, and the running month's.

Owns what is answered on /v2/customers/my. "preview" stands for an invoice's uuid where the month that runs is
meant, which DigitalOcean does beside its document.
"""

from __future__ import annotations

from arcadia_adapters.digitalocean.sandbox.account import Account
from arcadia_adapters.digitalocean.sandbox.billing.invoice import Invoice, dollars
from arcadia_adapters.digitalocean.sandbox.billing.month import preview, preview_uuid
from arcadia_adapters.digitalocean.sandbox.exchange import Answer, Request, not_found
from arcadia_adapters.digitalocean.sandbox.pages import page
from arcadia_adapters.digitalocean.sandbox.router import Route

_MY = "/v2/customers/my"
_INVOICE = f"{_MY}/invoices/{{uuid}}"
PREVIEW = "preview"


def _balance(account: Account, request: Request) -> Answer:
    usage = preview(account).cents
    owed = sum(int(row["amount"].replace(".", "")) for row in account.billing_history)
    body = {
        "month_to_date_balance": dollars(owed + usage),
        "account_balance": dollars(owed),
        "month_to_date_usage": dollars(usage),
        "generated_at": account.stamp(),
    }
    return Answer(200, body)


def _history(account: Account, request: Request) -> Answer:
    return Answer(200, page(request, "billing_history", account.billing_history[::-1]))


def _invoices(account: Account, request: Request) -> Answer:
    listed = [invoice.listed() for invoice in account.invoices[::-1]]
    return Answer(200, {**page(request, "invoices", listed), "invoice_preview": preview(account).listed()})


def _items(account: Account, request: Request) -> Answer:
    return Answer(200, page(request, "invoice_items", _found(account, request).items()))


def _summary(account: Account, request: Request) -> Answer:
    return Answer(200, _found(account, request).summary(account.record))


def _csv(account: Account, request: Request) -> Answer:
    invoice = _found(account, request)
    offered = {"content-disposition": f'attachment; filename="{invoice.file_name()}"'}
    return Answer(200, invoice.csv(), offered, content_type="text/csv")


def _found(account: Account, request: Request) -> Invoice:
    uuid = request.ids["uuid"]
    if uuid in (PREVIEW, preview_uuid(account)):
        return preview(account)
    for invoice in account.invoices:
        if invoice.uuid == uuid:
            return invoice
    raise not_found()


ROUTES = (
    Route("GET", f"{_MY}/balance", _balance),
    Route("GET", f"{_MY}/billing_history", _history),
    Route("GET", f"{_MY}/invoices", _invoices),
    Route("GET", _INVOICE, _items),
    Route("GET", f"{_INVOICE}/summary", _summary),
    Route("GET", f"{_INVOICE}/csv", _csv),
)
