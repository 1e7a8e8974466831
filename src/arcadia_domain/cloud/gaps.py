"""What comes back after a tombstone: the same thing, or another of its name (SPEC 6).

Owns that question, and what the answer means for who held it. A droplet's id is given once: its tombstone was
a mistake. A registry, a Space, a domain or an address goes by a name, which another may have by then.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from arcadia_domain.cloud.assignments import Assignment
from arcadia_domain.cloud.inventory import BORN_WHEN_SEEN, CloudResource
from arcadia_domain.cloud.listing import SeenResource


@dataclass(frozen=True, slots=True)
class Gap:
    """From `start`, when a resource ended, to `end`, when another of its name began; it may be empty."""

    start: datetime
    end: datetime


def gap_before(seen: SeenResource, known: CloudResource, at: datetime) -> Gap | None:
    """The gap after which `known` is seen again at `at`; None where it lives, or never was gone.

    Another was created later, when the one before had ended. Of kinds without a date of creation nobody can
    tell, and what was not seen was gone.
    """
    died = known.deleted_at
    if died is None:
        return None
    if seen.created_at is None:
        return Gap(died, max(died, at)) if known.kind in BORN_WHEN_SEEN else None
    is_later = known.created_at is None or known.created_at < seen.created_at
    return Gap(died, seen.created_at) if is_later and died <= seen.created_at else None


def ended_by(gap: Gap, latest: Assignment, *, by_tag: bool, tagged_for: UUID | None) -> Assignment | None:
    """What ends the latest assignment of a resource where the gap begins; None where it goes on.

    It goes on where a tag that is still there made it, and where it was made of what came after the end.
    `tagged_for`: the deployment to which the tags give what is there now.
    """
    is_nobodys = latest.tenant_id is None and latest.deployment_id is None
    goes_on = by_tag and latest.deployment_id == tagged_for
    if is_nobodys or goes_on or latest.from_at >= gap.start:
        return None
    return Assignment(resource_id=latest.resource_id, from_at=gap.start)


def ending(known: CloudResource, gap: Gap) -> str:
    """That whoever held the resource holds it no more, in a sentence."""
    which = f"The {known.kind.replace('_', ' ')} {known.name!r} ({known.provider_id})"
    return (
        f"{which} was gone from {gap.start.isoformat()} and is there again since {gap.end.isoformat()}, "
        "perhaps another: its assignment ended when it went."
    )
