"""Read addons: what is offered beside the plans (SPEC 3)."""

from __future__ import annotations

from collections.abc import Sequence

from arcadia_domain.ports.unit_of_work import Work
from arcadia_domain.pricing.catalog import Addon


def list_addons(work: Work, *, after: str | None, limit: int) -> Sequence[Addon]:
    """Addons by code: everybody sees them all."""
    return work.catalog.addons(after=after, limit=limit)
