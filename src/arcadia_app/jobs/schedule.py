"""What is done when: the ticks of SPEC 17, all in UTC, and the job that each makes.

Owns the list. When a tick is due and how often it is fired is `fire_ticks`'s; what a job does is its act's.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from arcadia_domain.period import month_of


def _nothing(at: datetime) -> Mapping[str, Any]:
    return {}


def _day_before(at: datetime) -> Mapping[str, Any]:
    return {"day": (at.date() - timedelta(days=1)).isoformat()}


def _month_before(at: datetime) -> Mapping[str, Any]:
    month = month_of(at.date().replace(day=1) - timedelta(days=1))
    return {"period": f"{month.start:%Y-%m}", "force": False, "tenant_id": None}


TICKS: Final = ()
