"""Draft a version of a plan, with its items, in one transaction (SPEC 3).
It prices nothing until published.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from arcadia_app.use_cases.catalog.offer import known_plan
from arcadia_domain.identity import Principal
from arcadia_domain.ports.unit_of_work import Work
from arcadia_domain.pricing.catalog import PlanItem, PlanVersion


def draft_version(
    work: Work,
    by: Principal,
    *,
    plan_code: str,
    base_price_cents: int,
    currency: str,
    items: Sequence[PlanItem],
    now: datetime,
) -> PlanVersion:
    """A draft under the plan's next number.

    Raises OperatorsOnly, UnknownPlan, DuplicateItem, InvalidAmount …
    """
    by.must_be_operator("draft a version")
    plan = known_plan(work, plan_code)
    PlanVersion(plan.code, plan.name, 0, base_price_cents, currency, tuple(items))  # refuse before writing
    return work.catalog.add_draft(
        plan,
        version_id=work.new_id(),
        base_price_cents=base_price_cents,
        currency=currency,
        items=items,
        at=now,
    )
