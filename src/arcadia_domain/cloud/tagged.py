"""Who holds a tagged resource: `arcadia:deployment:<deployment id>` among its tags says so (SPEC 6).

Owns the reading of such tags, and when one makes a change point. A tag says less than a person: what an
operator or provisioning assigned holds from then on, and takes away what tags had said of later.
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
class Naming:
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


def naming_of(tags: Iterable[str]) -> Naming | None:
    """What the tags name; None where they name nothing."""
    names = frozenset(_named(tag[len(TAG) :]) for tag in tags if tag[: len(TAG)].lower() == TAG)
    return Naming(names) if names else None


def namings_of(seen: Iterable[SeenResource]) -> dict[str, Naming]:
    """The namings of a page, by provider id; of those whose tags name something."""
    found = ((one.provider_id, naming_of(one.tags)) for one in seen if one.tags)
    return {provider_id: naming for provider_id, naming in found if naming is not None}


def holder(naming: Naming | None, tenants: Mapping[UUID, str]) -> UUID | None:
    """The deployment that a naming gives the resource to, of those that exist, which `tenants` has."""
    deployment_id = None if naming is None else naming.deployment_id
    return deployment_id if deployment_id in tenants else None


def objection(seen: SeenResource, naming: Naming, tenants: Mapping[UUID, str]) -> str | None:
    """Why a naming gives the resource to nobody, in a sentence; None where it does give it."""
    if holder(naming, tenants) is not None:
        return None
    which = f"The {seen.kind.replace('_', ' ')} {seen.name!r} ({seen.provider_id})"
    named = " and ".join(sorted(naming.names))
    if len(naming.names) > 1:
        return f"{which} is tagged for several deployments, {named}: no tag assigns it."
    return f"{which} is tagged for the deployment {named!r}, which does not exist: no tag assigns it."


def assignment_by_tag(
    resource_id: UUID,
    naming: Naming | None,
    held: Held | None,
    tenants: Mapping[UUID, str],
    *,
    from_at: datetime,
) -> Assignment | None:
    """The change point that the tags make from `from_at` on; None where they make none.

    They make none where the latest assignment is not a tag's, or says the same already.
    """
    deployment_id = holder(naming, tenants)
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
