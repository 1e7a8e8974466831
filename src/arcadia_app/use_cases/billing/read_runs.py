"""Read billing runs: how the month end of each month stands (SPEC 9). Operators only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from arcadia_domain.errors import DomainError
from arcadia_domain.identity import Principal
from arcadia_domain.period import Period
from arcadia_domain.ports.month_end import Failure, RunStanding
from arcadia_domain.ports.unit_of_work import Work


class RunNotFound(DomainError):
    code = "run_not_found"
    sentence = "There is no billing run of {period}."
    field = "period"


def read_run(work: Work, by: Principal, *, period: Period) -> tuple[RunStanding, Sequence[Failure]]:
    """The run of a month as it stands, and whom it could not bill. Raises OperatorsOnly, RunNotFound."""
    by.must_be_operator("read billing runs")
    standing = work.month_end.run_of(period)
    if standing is None:
        raise RunNotFound(period=f"{period.start:%Y-%m}")
    return standing, work.month_end.failures(standing.run)


def list_runs(work: Work, by: Principal, *, after: date | None, limit: int) -> Sequence[RunStanding]:
    """Runs, the latest month first, from the one that follows that of `after`. Raises OperatorsOnly."""
    by.must_be_operator("read billing runs")
    return work.month_end.runs(after=after, limit=limit)
