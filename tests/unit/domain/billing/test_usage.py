"""Recorded usage: the conflict of two sources tells everything that is in dispute."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from arcadia_domain.billing.usage import Source, SourceConflict


def test_a_conflict_names_kind_deployment_day_and_both_sources() -> None:
    facts = {
        "tenant_id": "acme",
        "kind": "bandwidth_gb",
        "deployment_id": UUID(int=7),
        "day": date(2026, 5, 4),
        "first": Source.METERED,
        "second": Source.PUSHED,
    }
    conflict = SourceConflict(**facts)

    assert conflict.facts == facts
    assert conflict.tenant_id == "acme"
    assert conflict.code == "usage_source_conflict"
    assert str(conflict) == (
        f"Usage of bandwidth_gb by deployment {UUID(int=7)} on 2026-05-04 is already metered: "
        "it cannot be pushed as well."
    )
