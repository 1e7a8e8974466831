"""Who pays for a line of a provider invoice: whoever held the resource while the line ran (SPEC 14).

Owns the split. Sum of shares + unattributed = the amount of the line, always.
Which resource it is for is matching's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from uuid import UUID

from arcadia_domain.cloud.assignments import Assignment, Tenure, tenures
from arcadia_domain.cloud.costs import CostLine
from arcadia_domain.cloud.inventory import CloudResource
from arcadia_domain.cloud.spans import micros
from arcadia_domain.money import allocate

_NO_TENANTS: Mapping[UUID, str] = MappingProxyType({})
_Holder = tuple[str, UUID | None]


@dataclass(frozen=True, slots=True)
class Share:
    """What one tenant bears of a line, in cents; deployment None: the resource stood alone."""

    tenant_id: str
    deployment_id: UUID | None
    amount_cents: int


@dataclass(frozen=True, slots=True)
class Attribution:
    """A line's amount: the shares, in order of tenant and deployment, and what nobody held."""

    shares: tuple[Share, ...]
    unattributed_cents: int


def attribute(
    line: CostLine,
    resource: CloudResource,
    assignments: Iterable[Assignment],
    deployment_tenants: Mapping[UUID, str] = _NO_TENANTS,
) -> Attribution:
    """Split the line over the tenures of `resource`, by the microseconds each ran beside the line.

    All tenures of one holder are one weight, so that cutting a tenure changes nothing; time in which nobody
    held the resource stays unattributed. A credit takes back exactly what an equal charge would have given.
    Raises TwoAssignmentsAtOnce, DeploymentWithoutTenant.
    """
    start = micros(line.start)
    end = max(micros(line.end), start + 1)
    held = _held(tenures(resource, assignments, deployment_tenants), start, end)
    holders = sorted(held, key=lambda holder: (holder[0], str(holder[1] or "")))
    weights = [held[holder] for holder in holders]
    weights.append(end - start - sum(weights))
    sign = -1 if line.amount_cents < 0 else 1
    *cents, rest = (sign * part for part in allocate(sign * line.amount_cents, weights))
    return Attribution(
        tuple(Share(*holder, part) for holder, part in zip(holders, cents, strict=True)),
        unattributed_cents=rest,
    )


def _held(held: Iterable[Tenure], start: int, end: int) -> dict[_Holder, int]:
    time: dict[_Holder, int] = defaultdict(int)
    for tenure in held:
        begin, stop = tenure.span.bounds
        overlap = min(stop, end) - max(begin, start)
        if overlap > 0:
            time[tenure.tenant_id, tenure.deployment_id] += overlap
    return time
