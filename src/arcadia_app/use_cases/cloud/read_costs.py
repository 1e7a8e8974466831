"""Read what the provider charged, line by line, with who bears it (SPEC 10, 14)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from arcadia_domain.cloud.charges import PlacedCharge
from arcadia_domain.errors import DomainError
from arcadia_domain.identity import Principal
from arcadia_domain.ports.charges import ChargePlace, ChargesAsked
from arcadia_domain.ports.unit_of_work import Work


class CostLineNotFound(DomainError):
    code = "cost_line_not_found"
    sentence = "There is no cost line {line_id}, or its month has no invoice yet."
    field = "line_id"


def list_cost_lines(
    work: Work, by: Principal, *, asked: ChargesAsked, after: ChargePlace | None, limit: int
) -> Sequence[PlacedCharge]:
    """Lines as they are written, invoice by invoice. Raises OperatorsOnly."""
    by.must_be_operator("read what the provider charged")
    return work.charges.page(asked, after=after, limit=limit)


def unattributed_lines(work: Work, by: Principal, *, asked: ChargesAsked) -> list[PlacedCharge]:
    """Every line of which some amount is nobody's. Raises OperatorsOnly."""
    by.must_be_operator("read what the provider charged")
    return [charge for charge in work.charges.each(asked) if charge.attribution.unattributed_cents]


def found_line(work: Work, line_id: UUID) -> PlacedCharge:
    """A line of an invoice, for an operator. Raises CostLineNotFound, also for one of a month to date."""
    charge = work.charges.get(line_id)
    if charge is None:
        raise CostLineNotFound(line_id=line_id)
    return charge
