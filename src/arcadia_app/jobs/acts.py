"""Every job there is, from the rooms that have the acts: `billing_acts`, `cost_acts` and their like."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from arcadia_app.jobs.act import Act
from arcadia_app.jobs.billing_acts import billing_acts
from arcadia_app.jobs.cost_acts import COST_ACTS
from arcadia_app.jobs.sync_acts import SYNC_ACTS
from arcadia_app.jobs.upkeep_acts import UPKEEP_ACTS
from arcadia_app.jobs.usage_acts import USAGE_ACTS

ACTS: Final[Mapping[str, Act]] = MappingProxyType(
    {
        **billing_acts(),
        **COST_ACTS,
        **SYNC_ACTS,
        **UPKEEP_ACTS,
        **USAGE_ACTS,
    }
)
"""Every job there is, by its name."""
