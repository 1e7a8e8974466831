"""Who holds a tagged resource: `arcadia:deployment:<deployment id>` among its tags says so (SPEC 6).

Owns the reading of such tags, and when one makes a change point. A tag says less than a person: what an
operator or provisioning assigned last stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from arcadia_domain.cloud.assignments import Assignment
from arcadia_domain.cloud.listing import SeenResource

TAG: Final = "arcadia:deployment:"


@dataclass(frozen=True, slots=True)
class Claim:
    """What the tags of one resource say: the deployments that they name, by their ids in one spelling.

    What is no id stands as it is, in small letters.
    """

    names: frozenset[str]

    @property
    def deployment_id(self) -> UUID | None:
        """The one deployment that is named; None where several are, or what is no id."""
        if len(self.names) != 1:
            return None
        return _uuid(next(iter(self.names)))


@dataclass(frozen=True, slots=True)
class Held:
    """The latest assignment of a resource."""

    from_at: datetime
    deployment_id: UUID | None
    by_tag: bool


def claim_of(tags: Iterable[str]) -> Claim | None:
    """What the tags claim; None where they claim nothing."""
    names = frozenset(_named(tag[len(TAG) :]) for tag in tags if tag[: len(TAG)].lower() == TAG)
    return Claim(names) if names else None


def claims_of(seen: Iterable[SeenResource]) -> dict[str, Claim]:
    """The claims of a page, by provider id, of those that make one."""
    found = ((one.provider_id, claim_of(one.tags)) for one in seen if one.tags)
    return {provider_id: claim for provider_id, claim in found if claim is not None}


def holder(claim: Claim | None, tenants: Mapping[UUID, str]) -> UUID | None:
    """The deployment that a claim gives the resource to, of those that exist, which `tenants` has."""
    deployment_id = None if claim is None else claim.deployment_id
    return deployment_id if deployment_id in tenants else None


def objection(seen: SeenResource, claim: Claim, tenants: Mapping[UUID, str]) -> str | None:
    """Why a claim gives the resource to nobody, in a sentence; None where it does give it."""
    if holder(claim, tenants) is not None:
        return None
    which = f"The {seen.kind.replace('_', ' ')} {seen.name!r} ({seen.provider_id})"
    named = " and ".join(sorted(claim.names))
    if len(claim.names) > 1:
        return f"{which} is tagged for several deployments, {named}: no tag assigns it."
    return f"{which} is tagged for the deployment {named!r}, which does not exist: no tag assigns it."


def assignment_by_tag(
    resource_id: UUID,
    claim: Claim | None,
    held: Held | None,
    tenants: Mapping[UUID, str],
    *,
    from_at: datetime,
) -> Assignment | None:
    """The change point that the tags make from `from_at` on; None where they make none.

    They make none where the latest assignment is not a tag's, or says the same already.
    """
    deployment_id = holder(claim, tenants)
    if held is not None and not held.by_tag:
        return None
    if deployment_id == (None if held is None else held.deployment_id):
        return None
    return Assignment(
        resource_id=resource_id,
        from_at=from_at if held is None else max(from_at, held.from_at),
        tenant_id=None if deployment_id is None else tenants[deployment_id],
        deployment_id=deployment_id,
    )


def _named(text: str) -> str:
    deployment_id = _uuid(text)
    return text.lower() if deployment_id is None else str(deployment_id)


def _uuid(name: str) -> UUID | None:
    try:
        return UUID(name)
    except ValueError:
        return None
