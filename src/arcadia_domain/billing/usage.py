"""Recorded usage: deltas per deployment, kind and day, and the one source of each (SPEC 7).

Owns the rule that a day of a kind has one source: the first.
How a month's usage is priced is pricing's business.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from arcadia_domain.errors import DomainError


class Source(StrEnum):
    """Whose word counts for a day: our metering, pushed usage, or the tokens that the LLM gateway counts."""

    METERED = "metered"
    PUSHED = "pushed"
    GATEWAY = "gateway"


class SourceConflict(DomainError):
    code = "usage_source_conflict"
    sentence = (
        "Usage of {kind} by deployment {deployment_id} on {day} is already {first}: "
        "it cannot be {second} as well."
    )

    @property
    def tenant_id(self) -> str:
        """Whose usage it is."""
        return str(self.facts["tenant_id"])


@dataclass(frozen=True, slots=True)
class DayOfKind:
    """One kind of a deployment on one day: what has one source, and one sum."""

    tenant_id: str
    deployment_id: UUID
    kind: str
    day: date


@dataclass(frozen=True, slots=True)
class DayUsage:
    """What one deployment used of one kind on one day, in base units."""

    tenant_id: str
    deployment_id: UUID
    kind: str
    day: date
    qty: Decimal


@dataclass(frozen=True, slots=True)
class Folded:
    """What a batch of folding came to: `deltas` were added to the sums of `days`.

    `last` is where the next batch goes on; None where this one was the last.
    """

    days: int
    deltas: int
    last: DayOfKind | None


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of usage that was handed over: rows that changed, and days that another source holds."""

    changed: int
    conflicts: tuple[SourceConflict, ...]
