"""What runs at a provider, in memory: listed two at a time, with whatever is wrong said by the test."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from arcadia_domain.cloud.actions import Action
from arcadia_domain.cloud.listing import Listing, SeenResource, Shortfall
from arcadia_domain.cloud.orders import ProjectMember
from arcadia_domain.cloud.provider_errors import ProviderError
from arcadia_domain.ports.cloud_provider import Take


@dataclass
class FakeCloudInventory:
    """`there` is what runs; what of it is `hidden` is in no list. The others say what goes wrong."""

    there: list[SeenResource] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)
    """Provider ids."""
    members: dict[str, list[ProjectMember]] = field(default_factory=dict)
    """By project."""
    actions: list[Action] | ProviderError = field(default_factory=list)
    short: dict[str, Shortfall] = field(default_factory=dict)
    """By kind, or by project for what is in it: why its list is not whole."""
    unlisted: dict[str, ProviderError] = field(default_factory=dict)
    """By kind: what listing it raises, once its first page was shown."""
    unfound: dict[str, ProviderError] = field(default_factory=dict)
    """By provider id: what looking it up raises."""
    looked_up: list[str] = field(default_factory=list)
    asked_since: list[datetime] = field(default_factory=list)
    """What was asked of the actions."""
    identity: str = "team-1"

    def account_identity(self) -> str:
        return self.identity

    def list_resources(self, kind: str, take: Take) -> Sequence[Listing]:
        listed = [one for one in self.there if one.kind == kind and one.provider_id not in self.hidden]
        for start in range(0, len(listed), 2):
            take(listed[start : start + 2])
            if kind in self.unlisted:
                raise self.unlisted[kind]
        return [self._verdict(kind, kind, len(listed))]

    def look_up(self, kind: str, provider_id: str) -> SeenResource | None:
        self.looked_up.append(provider_id)
        if provider_id in self.unfound:
            raise self.unfound[provider_id]
        own = (one for one in self.there if (one.kind, one.provider_id) == (kind, provider_id))
        return next(own, None)

    def list_members(self, project_id: str, take: Callable[[Sequence[ProjectMember]], object]) -> Listing:
        members = self.members.get(project_id, [])
        for start in range(0, len(members), 2):
            take(members[start : start + 2])
        return self._verdict("project", project_id, len(members))

    def recent_actions(self, since: datetime) -> Sequence[Action]:
        self.asked_since.append(since)
        if isinstance(self.actions, ProviderError):
            raise self.actions
        return self.actions

    def _verdict(self, kind: str, of: str, seen: int) -> Listing:
        shortfall = self.short.get(of)
        detail = None if shortfall is None else f"{of} fell short"
        return Listing(kind=kind, seen=seen, total=seen, shortfall=shortfall, detail=detail)
