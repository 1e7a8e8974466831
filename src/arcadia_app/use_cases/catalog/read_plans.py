"""Read plans: what is offered to everybody, and a plan's whole history for operators (SPEC 3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from arcadia_app.use_cases.catalog.offer import known_plan
from arcadia_domain.identity import Principal
from arcadia_domain.ports.unit_of_work import Work
from arcadia_domain.pricing.catalog import Plan, PlanVersion


@dataclass(frozen=True, slots=True)
class PlanOffer:
    """A plan, and what a new sign-up to it gets (None: nothing is published yet)."""

    plan: Plan
    active_version: PlanVersion | None


@dataclass(frozen=True, slots=True)
class PlanHistory:
    """A plan with every version it has had, oldest first."""

    plan: Plan
    versions: Sequence[PlanVersion]


def list_plans(work: Work, by: Principal, *, after: str | None, limit: int) -> list[PlanOffer]:
    """Plans by code. One without an active version is shown to operators only. Two statements."""
    plans = work.catalog.plans(after=after, limit=limit, offered=not by.is_operator)
    active = work.catalog.active_versions([plan.code for plan in plans])
    return [PlanOffer(plan, active.get(plan.code)) for plan in plans]


def read_plan(work: Work, by: Principal, *, plan_code: str) -> PlanHistory:
    """One plan with its drafts and retired versions. Raises OperatorsOnly, UnknownPlan."""
    by.must_be_operator("read a plan's versions")
    return PlanHistory(known_plan(work, plan_code), work.catalog.versions_of(plan_code))
