"""What a month comes to so far: rows from what the account holds and held.

Owns the rule: the 672nd part of the monthly price for each whole hour, the whole price from 672 hours on, and
10 % GST on it all. (Since 2026 DigitalOcean counts seconds; how its rows then look could not be verified.)
"""

from __future__ import annotations

from datetime import datetime, timedelta

from arcadia_adapters.digitalocean.sandbox.account import Account, Span
from arcadia_adapters.digitalocean.sandbox.billing.invoice import TAXES, Invoice, Row
from arcadia_adapters.digitalocean.sandbox.clock import written
from arcadia_adapters.digitalocean.sandbox.exchange import Refused
from arcadia_domain.money import half_up
from arcadia_domain.period import midnight, month_of, parse_month

HOURS_OF_A_MONTH = 672
BILLED = timedelta(hours=8, minutes=44, seconds=38)
"""The time of day of the first at which a month that is over is billed."""
_PLATFORM = frozenset({"App Platform", "Container Registry"})


def preview(account: Account) -> Invoice:
    """The invoice of the month that runs, as it stands now."""
    now = account.now()
    period = month_of(now.date())
    return Invoice(
        uuid=preview_uuid(account),
        number=str(600_000_000 + 100 * period.start.year + period.start.month),
        period=f"{period.start:%Y-%m}",
        rows=_rows(account, midnight(period.start), now),
        updated_at=account.stamp(),
    )


def preview_uuid(account: Account) -> str:
    """The uuid of the running month's invoice, which is another when it is billed."""
    return f"00000000-0000-4000-8000-{account.now():%Y%m}000000"


def close(account: Account, month: str) -> Invoice:
    """Bill a month that is over for what the account held in it. Raises Refused (422) if it has a bill."""
    period = parse_month(month)
    end = midnight(period.end)
    if any(invoice.period == month for invoice in account.invoices) or account.now() < end:
        raise Refused(422, "unprocessable_entity", f"{month} has an invoice already, or is not over.")
    invoice = Invoice(
        uuid=account.uuid(),
        number=str(account.number()),
        period=month,
        rows=_rows(account, midnight(period.start), end),
        updated_at=written(end),
    )
    account.invoices.append(invoice)
    account.billing_history.append(invoice.in_history())
    return invoice


def bill_each(account: Account) -> None:
    """Bill each month that ends from now on, in the morning after it, as DigitalOcean does. A month that was
    billed before, by whoever asked for it, keeps its bill.
    """
    period = month_of(account.now().date())
    month = f"{period.start:%Y-%m}"

    def bill() -> None:
        if all(invoice.period != month for invoice in account.invoices):
            close(account, month)
        bill_each(account)

    account.on(midnight(period.end) + BILLED, bill)


def _rows(account: Account, start: datetime, end: datetime) -> list[Row]:
    rows = [row for span in account.spans() if (row := _row(span, start, end))]
    rows.sort(key=lambda row: (row.product, row.description, row.start))
    total = sum(row.cents for row in rows)
    return [*rows, gst(total, start, end)] if total else rows


def _row(span: Span, start: datetime, end: datetime) -> Row | None:
    began, ended = max(span.start, start), min(span.end or end, end)
    if began >= ended:
        return None
    hours = (ended - began) // timedelta(hours=1)
    _, id = span.key
    named = {"resource_id": id} if id.isdigit() else {"resource_uuid": id} if len(id) == 36 else {}
    return Row(
        product=span.charge.product,
        group_description=span.charge.group_description,
        description=span.charge.description,
        hours=str(hours),
        start=stamp(began),
        end=stamp(ended),
        cents=charge(span.charge.monthly_cents, hours),
        project_name=span.project,
        category="paas" if span.charge.product in _PLATFORM else "iaas",
        **named,
    )


def charge(monthly_cents: int, hours: int) -> int:
    """What so many hours cost at this monthly price, in cents."""
    return half_up(min(hours, HOURS_OF_A_MONTH) * monthly_cents, HOURS_OF_A_MONTH)


def gst(cents: int, start: datetime, end: datetime) -> Row:
    """The tax on so many cents."""
    return Row(
        product=TAXES,
        description="GST (10%)",
        hours="",
        start=stamp(start),
        end=stamp(end - timedelta(seconds=1)),
        cents=half_up(cents, 10),
        category="iaas",
    )


def stamp(at: datetime) -> str:
    """An instant as invoices write it."""
    return f"{at:%Y-%m-%d %H:%M:%S} +0000"
