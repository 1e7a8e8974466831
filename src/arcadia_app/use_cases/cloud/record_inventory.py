"""Record what an account holds:
resources as they were just seen, and what changed since the last look (SPEC 6).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from arcadia_domain.cloud.changes import ResourceEvent, changes
from arcadia_domain.cloud.inventory import CloudResource
from arcadia_domain.identity import Principal
from arcadia_domain.ports.unit_of_work import Work


def record_inventory(
    work: Work, by: Principal, *, account: str, seen: Sequence[CloudResource], now: datetime
) -> list[ResourceEvent]:
    """What the look found out: appeared, changed, returned. Raises OperatorsOnly.

    Nothing disappears here: whether a listing was whole is known to a sync only. Looking again at the same
    changes nothing but the time of the last look.
    """
    by.must_be_operator("record the inventory")
    known = {resource.key: resource for resource in work.inventory.of_account(account)}
    as_seen = [
        replace(
            resource,
            id=known[resource.key].id,
            first_seen=known[resource.key].first_seen,
            tenant_id=known[resource.key].tenant_id,
            deployment_id=known[resource.key].deployment_id,
            last_seen=now,
        )
        if resource.key in known
        else replace(
            resource,
            id=work.new_id(),
            first_seen=now,
            last_seen=now,
            tenant_id=None,  # who holds it is said by assignments, which are dated
            deployment_id=None,
        )
        for resource in seen
    ]
    events = changes([known[r.key] for r in as_seen if r.key in known], as_seen)
    work.inventory.record(as_seen, events, now)
    return events
