"""The rollup of a month on the wire: asked for, and what it came to (SPEC 9, 18)."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from arcadia_app.use_cases.billing import roll_up_period
from arcadia_app.wire.types import Body, Month, Shape, TenantId


class Rollup(Body):
    """The month, which must be over. `force` makes drafts anew; `tenant_id` is the only tenant, else all."""

    period: Month
    force: bool = False
    tenant_id: TenantId | None = None


class RollupFailure(Shape):
    """A tenant that was not billed, and why."""

    tenant_id: TenantId
    code: str
    detail: str


class RollupConflict(Shape):
    """A day of a kind that was pushed and metered: it was billed as it was pushed."""

    tenant_id: TenantId
    code: str
    detail: str


class RolledUp(Shape):
    """How many drafts were made, made anew, and found as they are."""

    period: Month
    created: int
    rebuilt: int
    unchanged: int
    failures: Annotated[
        list[RollupFailure], Meta(description="Tenants that were not billed; the others were.")
    ]
    conflicts: Annotated[
        list[RollupConflict],
        Meta(description="Days of a kind with two sources. They were billed, by the one that was first."),
    ]

    @classmethod
    def of(cls, rolled_up: roll_up_period.RolledUp) -> RolledUp:
        return cls(
            period=f"{rolled_up.period.start:%Y-%m}",
            created=rolled_up.created,
            rebuilt=rolled_up.rebuilt,
            unchanged=rolled_up.unchanged,
            failures=[
                RollupFailure(tenant_id=one.tenant_id, code=one.code, detail=one.reason)
                for one in rolled_up.failures
            ],
            conflicts=[
                RollupConflict(tenant_id=one.tenant_id, code=one.code, detail=str(one))
                for one in rolled_up.conflicts
            ],
        )
