"""Export what the provider charged for a month as rows of FOCUS 1.2 (SPEC 10)."""

from __future__ import annotations

from collections.abc import Iterator

from arcadia_domain.cloud.focus import focus_rows
from arcadia_domain.identity import Principal
from arcadia_domain.period import Period
from arcadia_domain.ports.charges import ChargesAsked
from arcadia_domain.ports.unit_of_work import Work


def export_focus(work: Work, by: Principal, *, period: Period) -> Iterator[tuple[str | None, ...]]:
    """The rows of every invoice of the month, one line after the other; none where it has none.

    To be read while the transaction is open. Raises OperatorsOnly.
    """
    by.must_be_operator("export what the provider charged")
    return (row for charge in work.charges.each(ChargesAsked(period=period)) for row in focus_rows(charge))
