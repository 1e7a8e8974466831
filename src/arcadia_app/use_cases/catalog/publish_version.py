"""Publish a version: in one transaction the prior active one retires
and the draft becomes active (SPEC 3).
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from arcadia_domain.errors import DomainError
from arcadia_domain.identity import Principal
from arcadia_domain.ports.unit_of_work import Work
from arcadia_domain.pricing.catalog import PlanVersion, publish


class UnknownVersion(DomainError):
    code = "unknown_version"
    sentence = "There is no plan version {version_id}."
    field = "version_id"


def publish_version(work: Work, by: Principal, *, version_id: UUID, now: datetime) -> PlanVersion:
    """The version, active. Existing subscriptions stay on theirs.

    Raises OperatorsOnly, UnknownVersion, VersionFrozen.
    """
    by.must_be_operator("publish a version")
    draft = work.catalog.version_for_publishing(version_id)
    if draft is None:
        raise UnknownVersion(version_id=version_id)
    active, retired = publish(draft, work.catalog.active_version(draft.plan_code))
    if retired is not None:
        work.catalog.set_status(retired, now)
    work.catalog.set_status(active, now)
    return active
