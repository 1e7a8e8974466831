"""Match stored cost lines again, against the inventory of today (SPEC 10).

A resource that was seen for the first time after its invoice was ingested is found this way. What an operator
attributed stands beside the lines and stays.
"""

from __future__ import annotations

from dataclasses import dataclass

from arcadia_app.use_cases.cloud.ingest_invoice import ACCOUNT
from arcadia_app.use_cases.cloud.match_lines import match_lines
from arcadia_domain.identity import Principal
from arcadia_domain.ports.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class Rematched:
    """What became of the lines that could match otherwise: how many there are, match now, and changed."""

    lines: int
    matched: int
    changed: int


def rematch_costs(work: Work, by: Principal, *, account: str = ACCOUNT) -> Rematched:
    """Every line that matched nothing, or by name only. A line matched by its id is settled.

    Raises OperatorsOnly.
    """
    by.must_be_operator("match costs")
    stored = work.costs.rematchable(account)
    matches = match_lines(work, account, [line for _, line in stored])
    changed = work.costs.rematch(
        {line_id: match for (line_id, _), match in zip(stored, matches, strict=True)}
    )
    matched = sum(match.resource_id is not None for match in matches)
    return Rematched(lines=len(stored), matched=matched, changed=changed)
