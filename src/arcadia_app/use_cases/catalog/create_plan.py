"""Create a plan: the stable thing that priced versions belong to (SPEC 3)."""

from __future__ import annotations

from datetime import datetime

from arcadia_domain.errors import DomainError
from arcadia_domain.identity import Principal
from arcadia_domain.ports.unit_of_work import Work
from arcadia_domain.pricing.catalog import Plan


class PlanCodeTaken(DomainError):
    code = "plan_code_taken"
    sentence = "There is a plan {plan_code!r} already."
    field = "code"


def create_plan(work: Work, by: Principal, *, code: str, name: str, now: datetime) -> Plan:
    """A new plan without versions. Raises OperatorsOnly, PlanCodeTaken, EmptyName."""
    by.must_be_operator("create a plan")
    plan = Plan(work.new_id(), code, name)
    if not work.catalog.add_plan(plan, now):
        raise PlanCodeTaken(plan_code=code)
    return plan
