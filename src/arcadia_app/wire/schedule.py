"""The schedule on the wire: what is done when, and what was done last (SPEC 17, 18)."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from msgspec import Meta

from arcadia_app.use_cases.platform.read_schedule import Planned
from arcadia_app.wire.types import Instant, Shape


class ScheduledTick(Shape):
    """What is asked for at each tick of a cron expression, in UTC."""

    name: Annotated[str, Meta(examples=["metering"])]
    cron: Annotated[str, Meta(examples=["30 0 * * *"])]
    known: Annotated[
        bool,
        Meta(
            description="False: this version has no such tick. It is left to a scheduler of another version "
            "that may still run."
        ),
    ]
    next: Annotated[
        list[Instant],
        Meta(description="The next ticks; none while it is paused, and none where it is not known."),
    ]
    due_since: Annotated[
        Instant | None,
        Meta(
            description="The first tick that was due and was not fired: for long, no scheduler runs. Null "
            "where it is not known."
        ),
    ]
    last_at: Annotated[Instant | None, Meta(description="The last tick that was fired or passed over.")]
    last_job_id: Annotated[UUID | None, Meta(description="The last job that a tick asked for.")]
    paused: bool

    @classmethod
    def of(cls, planned: Planned) -> ScheduledTick:
        row = planned.row
        return cls(
            name=row.name,
            cron=row.cron,
            known=planned.known,
            next=list(planned.next),
            due_since=planned.due_since,
            last_at=row.last_at,
            last_job_id=row.last_job_id,
            paused=row.paused,
        )


class Schedule(Shape):
    """Every tick, by name. Empty before a scheduler has run."""

    items: list[ScheduledTick]
