"""Close a billing run, and say what an asking came to: all of it stands in the run's rows (SPEC 9)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from arcadia_domain.billing.usage import SourceConflict
from arcadia_domain.identity import Principal
from arcadia_domain.period import Period
from arcadia_domain.ports.month_end import Asking, Failure, Written
from arcadia_domain.ports.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class RolledUp:
    """What a rollup came to. A tenant in `failures` was not billed, for the reason given; with `force` it
    keeps the draft it had. A tenant in `conflicts` was billed, for that day by the source that had it first.
    """

    period: Period
    created: int
    rebuilt: int
    unchanged: int
    failures: tuple[Failure, ...]
    conflicts: tuple[SourceConflict, ...] = ()


def close_run(
    work: Work,
    by: Principal,
    *,
    asking: Asking,
    now: datetime,
    must_hold: Callable[[Work], object] = lambda _: None,
) -> RolledUp:
    """Call it once all who are due were billed. An asking for one tenant leaves the run as it is for the
    others: it closes nothing. `must_hold` is the last word. Raises OperatorsOnly.
    """
    by.must_be_operator("close a billing run")
    run = asking.run
    if asking.tenant_id is None:
        work.month_end.close_run(run, now)
    written = sum((one.written for one in work.month_end.shards(asking)), Written())
    came_to = RolledUp(
        run.period,
        written.created,
        written.rebuilt,
        written.unchanged,
        tuple(work.month_end.failures(run, asking.tenant_id)),
        tuple(work.month_end.conflicts(run, asking.tenant_id)),
    )
    must_hold(work)
    return came_to
