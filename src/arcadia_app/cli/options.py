"""The words that commands share: a month, a day, JSON for machines, and on whose behalf a command acts."""

from __future__ import annotations

from datetime import date, datetime

import click

from arcadia_domain.errors import DomainError
from arcadia_domain.identity import Principal, operator
from arcadia_domain.period import Period, parse_month

ACTOR = "cli"

as_json = click.option("--json", "json_", is_flag=True, help="Print JSON for machines.")
needs_wiring = click.pass_obj


class Month(click.ParamType[Period]):
    """A month as YYYY-MM."""

    name = "YYYY-MM"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Period:
        try:
            return value if isinstance(value, Period) else parse_month(str(value))
        except DomainError as error:
            self.fail(str(error), param, ctx)


class Day(click.ParamType[date]):
    """A day as YYYY-MM-DD."""

    name = "YYYY-MM-DD"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            return value if isinstance(value, date) else datetime.strptime(str(value), "%Y-%m-%d").date()
        except ValueError:
            self.fail(f"{value!r} is not a day: YYYY-MM-DD is expected.", param, ctx)


def operator_here() -> Principal:
    """Whoever may run a command on this machine is an operator."""
    return operator(ACTOR)
