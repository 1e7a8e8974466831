"""The metering of a day on the wire (SPEC 7)."""

from __future__ import annotations

from datetime import date

from arcadia_app.use_cases.cloud.meter_day import DayMetered
from arcadia_app.wire.types import Shape, TenantId


class MeteringConflict(Shape):
    """A deployment's kind on a day that had its usage from another source."""

    code: str
    detail: str


class MeteringFailure(Shape):
    """A tenant that could not be metered, and why."""

    tenant_id: TenantId
    code: str
    detail: str


class MeteredDay(Shape):
    """What metering a day came to. `changed`: how many sums are other than before."""

    day: date
    changed: int
    conflicts: list[MeteringConflict]
    failures: list[MeteringFailure]

    @classmethod
    def of(cls, metered: DayMetered) -> MeteredDay:
        return cls(
            day=metered.day,
            changed=metered.changed,
            conflicts=[MeteringConflict(code=one.code, detail=str(one)) for one in metered.conflicts],
            failures=[
                MeteringFailure(tenant_id=one.tenant_id, code=one.error.code, detail=str(one.error))
                for one in metered.failures
            ],
        )
