"""What a report says of a month that has no invoice: nothing was charged in it, so all would look clean."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from arcadia_app.cli.options import operator_here
from arcadia_domain.period import Period

if TYPE_CHECKING:
    from arcadia_domain.ports.unit_of_work import Work


def say_whether_invoiced(work: Work, period: Period) -> None:
    """A line on stderr where no invoice of the month is ingested."""
    from arcadia_app.use_cases.cloud.read_headers import has_invoice

    if not has_invoice(work, operator_here(), period=period):
        month = f"{period.start:%B %Y}"
        click.echo(f"No invoice of {month} is here: 'arcadia costs discover' looks for it.", err=True)
